//! Lays out what is served as it is: the viewer of `/docs`, out of the archive that a crate of its own brings, so that
//! nothing is downloaded; and the same and `openapi.json` compressed, for compressing them takes longer than sending.
//! And compiles the contract of gRPC, without an installed `protoc`: to descriptors, and to code what the gateway says
//! itself.

use std::borrow::Cow;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// What a browser is given of Swagger UI: its other files are the same for other tools, or for logging in elsewhere.
const VIEWER: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

const PROTO: &str = "../proto";
/// What the gateway answers itself, and how it says no.
const OWN: [&str; 4] = [
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=openapi.json");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo says where to write")?);
    let mut archive = zip::ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for name in VIEWER {
        let end = format!("/dist/{name}");
        let is_it = |path: &Cow<'_, str>| path.matches('/').count() == 2 && path.ends_with(&end);
        let path = archive.file_names().filter_map(Result::ok).find(is_it).map(Cow::into_owned);
        let mut bytes = Vec::new();
        archive.by_name(&path.ok_or_else(|| format!("Swagger UI has no {end}"))?)?.read_to_end(&mut bytes)?;
        write(&out, name, &bytes)?;
    }
    write(&out, "openapi.json", &fs::read("openapi.json")?)?;
    contract(&out)
}

fn contract(out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={PROTO}");
    let mut compiler = protox::Compiler::new([PROTO])?;
    compiler.include_source_info(false).include_imports(true);
    for entry in fs::read_dir(Path::new(PROTO).join("inklog/v1"))? {
        compiler.open_file(entry?.path())?;
    }
    compiler.open_files(OWN.map(|file| Path::new(PROTO).join(file)))?;
    fs::write(out.join("contract.binpb"), compiler.encode_file_descriptor_set())?;
    let mut own = compiler.file_descriptor_set();
    // What they import has to be known, and is the library's own code.
    own.file.retain(|file| OWN.contains(&file.name()) || file.name().starts_with("google/protobuf/"));
    prost_build::Config::new().enable_type_names().out_dir(out).compile_fds(own)?;
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    fs::write(folder.join(name), bytes)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    fs::write(folder.join(format!("{name}.gz")), encoder.finish()?)?;
    Ok(())
}
