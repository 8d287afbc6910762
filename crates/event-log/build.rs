//! Lists the files of `avro-schemas/` as two tables of `(full name, text)`, so that a new event needs no entry
//! anywhere:
//! `<Name>.avsc` is how an event is written today, `<Name>.v<n>.avsc` how it was written before.

use std::path::Path;
use std::{env, fs};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../avro-schemas");
    println!("cargo::rerun-if-changed={}", root.display());
    let (mut present, mut former) = (Vec::new(), Vec::new());
    for context in fs::read_dir(&root).expect("the schemas are in the repository").flatten() {
        if !context.path().is_dir() {
            continue;
        }
        println!("cargo::rerun-if-changed={}", context.path().display());
        for file in fs::read_dir(context.path()).expect("it is a folder").flatten() {
            if file.path().extension().is_some_and(|extension| extension == "avsc") {
                let path = file.path();
                let stem = path.file_stem().expect("it has an extension").to_string_lossy().into_owned();
                let context = context.file_name().to_string_lossy().into_owned();
                let (table, name) = match stem.split_once('.') {
                    None => (&mut present, stem.as_str()),
                    Some((name, _version)) => (&mut former, name),
                };
                table.push(format!("(\"inklog.{context}.{name}\", include_str!({path:?})),\n"));
            }
        }
    }
    let out = env::var("OUT_DIR").expect("cargo sets it");
    for (file, mut rows) in [("schemas.rs", present), ("former_schemas.rs", former)] {
        rows.sort();
        fs::write(Path::new(&out).join(file), format!("&[\n{}]", rows.concat())).expect("the output can be written");
    }
}
