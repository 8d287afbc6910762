//! Operations as rpcs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::print::{Field, Message};
use super::{Document, Unknown, camel, types};

/// What a query parameter says that is metadata in gRPC.
const IN_METADATA: [&str; 1] = ["position"];
/// The media type of changes, of which null is one.
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A service: all operations of a tag.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) about: String,
    /// The name of its file.
    pub(super) file: String,
    pub(super) rpcs: Vec<Rpc>,
}

/// An operation.
#[derive(Debug)]
pub(super) struct Rpc {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) request: Message,
    pub(super) has_body: bool,
    /// The name of the message that is answered.
    pub(super) response: String,
}

/// All of them: of operations that take and answer JSON. Bytes and lines are left to REST.
pub(super) fn all(document: &Document<'_>) -> Result<Vec<Service>, Unknown> {
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for (path, item) in document.paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(operation) = operation.as_object() else { continue };
            let Some(rpc) = rpc(document, path, method, operation)? else { continue };
            let tag = operation.get("tags").and_then(|tags| tags[0].as_str());
            let tag = tag.ok_or_else(|| Unknown::new(path, "it has no tag"))?;
            services.entry(tag.to_owned()).or_insert_with(|| service(document, tag)).rpcs.push(rpc);
        }
    }
    let mut services: Vec<Service> = services.into_values().collect();
    services.iter_mut().for_each(|service| service.rpcs.sort_by(|one, other| one.name.cmp(&other.name)));
    Ok(services)
}

fn service(document: &Document<'_>, tag: &str) -> Service {
    let about = document.tags.iter().find(|known| known["name"] == tag).and_then(|known| known["description"].as_str());
    let file = tag.replace([' ', '-'], "_");
    let about = about.map_or_else(|| format!("What is asked of {tag}."), |about| format!("{about}."));
    Service { name: format!("{}Service", camel(tag)), about, file, rpcs: Vec::new() }
}

fn rpc(
    document: &Document<'_>,
    path: &str,
    method: &str,
    operation: &Map<String, Value>,
) -> Result<Option<Rpc>, Unknown> {
    let id = operation.get("operationId").and_then(Value::as_str).ok_or_else(|| Unknown::new(path, "it has no id"))?;
    let name = camel(id);
    let (Some(response), Some(body)) = (response(document, id, operation)?, body(document, id, operation)?) else {
        return Ok(None);
    };
    let mut fields = types::parameters(document, operation, "path")?;
    fields.extend(types::parameters(document, operation, "query")?);
    fields.retain(|field| !IN_METADATA.contains(&field.name.as_str()));
    let has_body = !body.is_empty();
    fields.extend(body);
    let said = |key: &str| operation.get(key).and_then(Value::as_str).map(types::flowing).unwrap_or_default();
    let about = [said("summary"), said("description")].join("\n").trim().to_owned();
    let request = Message { name: format!("{name}Request"), about: format!("What {name} is asked."), fields };
    let (method, path) = (method.to_owned(), path.to_owned());
    Ok(Some(Rpc { name, about, method, path, request, has_body, response }))
}

/// The fields of the request that its body is made of; `None` where that is no JSON.
fn body(document: &Document<'_>, id: &str, operation: &Map<String, Value>) -> Result<Option<Vec<Field>>, Unknown> {
    let Some(content) = operation.get("requestBody").and_then(|body| body["content"].as_object()) else {
        return Ok(Some(Vec::new()));
    };
    let Some(json) = content.get("application/json") else { return Ok(None) };
    let kind = document.kind(&json["schema"], id)?;
    if kind.kind.contains(['.', ' ', '<']) {
        return Err(Unknown::new(id, "its body is no object with a name"));
    }
    let mut fields = vec![kind.field("body", "", true)];
    if content.contains_key(MERGE_PATCH) {
        let about = "Which fields of the body are changed; one that is not set there is taken away. Without it, those \
                     that are set are changed.";
        let (name, kind) = ("update_mask".to_owned(), "google.protobuf.FieldMask".to_owned());
        fields.push(Field { name, about: about.to_owned(), kind, is_optional: false, is_required: false });
    }
    Ok(Some(fields))
}

/// The message that is answered where all is well; `None` where that is no JSON.
fn response(document: &Document<'_>, id: &str, operation: &Map<String, Value>) -> Result<Option<String>, Unknown> {
    let mut found: Option<String> = None;
    let responses = operation.get("responses").and_then(Value::as_object);
    for (_, response) in responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
        let Some(content) = response["content"].as_object().filter(|content| !content.is_empty()) else { continue };
        let json = content.iter().find(|(media, _)| *media == "application/json" || media.ends_with("+json"));
        let Some((_, json)) = json else { return Ok(None) };
        let kind = document.kind(&json["schema"], id)?.kind;
        if kind.contains([' ', '<']) || found.as_ref().is_some_and(|other| *other != kind) {
            return Err(Unknown::new(id, "it answers several things"));
        }
        found = Some(kind);
    }
    Ok(Some(found.unwrap_or_else(|| "google.protobuf.Empty".to_owned())))
}
