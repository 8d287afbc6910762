//! Lists the files of `avro-schemas/` as a table of `(full name, text)`, so that a new event needs no entry anywhere.

use std::path::Path;
use std::{env, fs};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../avro-schemas");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut rows = Vec::new();
    for context in fs::read_dir(&root).expect("the schemas are in the repository").flatten() {
        if !context.path().is_dir() {
            continue;
        }
        println!("cargo::rerun-if-changed={}", context.path().display());
        for file in fs::read_dir(context.path()).expect("it is a folder").flatten() {
            if file.path().extension().is_some_and(|extension| extension == "avsc") {
                let path = file.path();
                let name = path.file_stem().expect("it has an extension").to_string_lossy().into_owned();
                let context = context.file_name().to_string_lossy().into_owned();
                rows.push(format!("(\"inklog.{context}.{name}\", include_str!({path:?})),\n"));
            }
        }
    }
    rows.sort();
    let table = format!("&[\n{}]", rows.concat());
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("schemas.rs");
    fs::write(out, table).expect("the output folder can be written");
}
