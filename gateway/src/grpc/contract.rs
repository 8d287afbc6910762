//! Makes the contract of gRPC, `proto/inklog/v1`, of the OpenAPI document: a service for each tag, an rpc for each
//! operation, a message for each schema. What was made before keeps its numbers. The files are committed, so it is only
//! compiled for tests.

mod numbers;
mod print;
mod services;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use numbers::Numbers;
use print::{Field, Message};

/// The package of all that is made, and the folder.
const PACKAGE: &str = "inklog.v1";
const FOLDER: &str = "inklog/v1";

/// Why there is no contract of a document. Each is something that the document has for the first time.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub(super) struct Unknown {
    place: String,
    what: String,
}

impl Unknown {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// A document that is read.
struct Document<'a> {
    schemas: &'a Map<String, Value>,
    paths: &'a Map<String, Value>,
    tags: &'a [Value],
}

/// The files of the contract by their names, with the numbers of those that are there.
///
/// # Errors
/// The document has what protobuf has no words for, or what this does not know yet.
pub(super) fn files(document: &Value, present: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Unknown> {
    let part = |pointer: &str| {
        let part = document.pointer(pointer).and_then(Value::as_object);
        part.ok_or_else(|| Unknown::new(pointer, "it is not there"))
    };
    let tags = document["tags"].as_array().map_or(&[][..], Vec::as_slice);
    let document = Document { schemas: part("/components/schemas")?, paths: part("/paths")?, tags };
    let numbers = Numbers::of(present.values().map(String::as_str));
    let services = services::all(&document)?;
    let types = types::of(&document, &services)?;
    let mut files = BTreeMap::new();
    files.insert(format!("{FOLDER}/types.proto"), print::file(None, &types, &numbers));
    for service in &services {
        let messages: Vec<Message> = service.rpcs.iter().map(|rpc| rpc.request.clone()).collect();
        files.insert(format!("{FOLDER}/{}.proto", service.file), print::file(Some(service), &messages, &numbers));
    }
    Ok(files)
}

/// `working copies` is `WorkingCopies`.
fn camel(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

/// The names of the schemas of which these messages have fields, and of which those have.
fn reached<'a>(fields: impl Iterator<Item = &'a Field>) -> BTreeSet<&'a str> {
    fields.filter_map(|field| field.message()).collect()
}

#[cfg(test)]
mod tests;
