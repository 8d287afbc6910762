use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use super::merging::{METHODS, merged, parameters_of, shape};

const GOLDEN: &str = "openapi.json";

/// The services' documents, merged now.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let read = |package: &str| -> Value {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join(GOLDEN);
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    };
    merged(&[&read("command-services"), &read("query-api")]).unwrap()
});

/// Each operation with its path and method.
fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

#[test]
fn the_merged_document_is_the_golden_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    let text = format!("{}\n", serde_json::to_string_pretty(&*DOCUMENT).unwrap());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(golden == text, "the services' documents changed: if on purpose, run with UPDATE_GOLDEN=1");
}

#[test]
fn every_reference_leads_somewhere() {
    fn look(value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(DOCUMENT.pointer(pointer).is_some(), "{reference}");
                }
                members.values().for_each(look);
            }
            Value::Array(items) => items.iter().for_each(look),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    look(&DOCUMENT);
}

#[test]
fn each_operation_has_an_id_of_its_own() {
    let ids: Vec<&str> = operations().map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(ids.len() > 150, "{} operations", ids.len());
}

#[test]
fn paths_are_told_apart_and_declare_their_parameters() {
    let mut shapes = BTreeMap::new();
    for (path, method, operation) in operations() {
        assert!(METHODS.contains(&method), "{method} {path}");
        let other = shapes.insert(shape(path), path);
        assert!(other.is_none_or(|other| other == path), "{path} and {other:?} cannot be told apart");
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_path = parameters.filter(|parameter| parameter["in"] == "path");
        let declared: BTreeSet<&str> = in_path.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(declared, parameters_of(path).collect(), "{method} {path}");
    }
}

#[test]
fn every_operation_says_how_the_gateway_says_no() {
    for (path, method, operation) in operations() {
        for status in ["401", "413", "429", "431", "502", "503", "504"] {
            let mut response = &operation["responses"][status];
            if let Some(reference) = response["$ref"].as_str() {
                response = DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap();
            }
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/ProblemDetails", "{method} {path} {status}");
        }
    }
}

#[test]
fn each_way_of_authentication_that_is_asked_for_is_described() {
    let known = DOCUMENT["components"]["securitySchemes"].as_object().unwrap();
    for (path, method, operation) in operations() {
        for required in operation["security"].as_array().into_iter().flatten() {
            let unknown: Vec<_> =
                required.as_object().unwrap().keys().filter(|name| !known.contains_key(*name)).collect();
            assert!(unknown.is_empty(), "{method} {path}: {unknown:?}");
        }
    }
}
