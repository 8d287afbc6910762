//! The native request that a call stands for.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use serde_json::{Map, Value as Json};
use url::form_urlencoded;

use super::json::{Misfit, write};
use super::metadata;
use super::rpcs::{BODY, Rpc, UPDATE_MASK};
use super::status::Status;

/// What a segment of a path is written with as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// A longer address is none of ours, whoever asks: `head` has the same bound for REST.
const LONGEST_URI: usize = 8 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const MERGE_PATCH: HeaderValue = HeaderValue::from_static("application/merge-patch+json");

/// The request of a call with this message and metadata.
///
/// # Errors
/// The message cannot be what the request needs.
pub(super) fn request(rpc: &Rpc, message: &DynamicMessage, metadata: &HeaderMap) -> Result<Request<Bytes>, Status> {
    let path = path(rpc, message)?;
    let query = query(rpc, message);
    let uri = if query.is_empty() { path } else { format!("{path}?{query}") };
    let too_long = || Status::malformed("the fields of the path and the query are too long");
    if uri.len() > LONGEST_URI {
        return Err(too_long());
    }
    let uri: Uri = uri.parse().map_err(|_| too_long())?;
    let mut request = Request::new(Bytes::new());
    *request.headers_mut() = metadata::asked(metadata, rpc.method == http::Method::GET);
    request.headers_mut().insert(ACCEPT, JSON);
    if rpc.has_body() {
        let body = body(rpc, message)?;
        *request.body_mut() = serde_json::to_vec(&body).map_err(|_| Status::malformed("the body is no JSON"))?.into();
        let media = if rpc.is_change() { MERGE_PATCH } else { JSON };
        request.headers_mut().insert(CONTENT_TYPE, media);
    }
    *request.method_mut() = rpc.method.clone();
    *request.uri_mut() = uri;
    Ok(request)
}

fn path(rpc: &Rpc, message: &DynamicMessage) -> Result<String, Status> {
    let segment = |segment: &str| -> Result<String, Status> {
        let Some(name) = parameter(segment) else { return Ok(segment.to_owned()) };
        let text = message.get_field_by_name(name).and_then(|value| text(&value)).unwrap_or_default();
        // These would lead elsewhere.
        if ["", ".", ".."].contains(&text.as_str()) {
            return Err(Status::field(name, "it must be given"));
        }
        if text.chars().any(char::is_control) {
            return Err(Status::field(name, "it has control characters"));
        }
        Ok(utf8_percent_encode(&text, SEGMENT).to_string())
    };
    let segments = rpc.pattern.split('/').map(segment).collect::<Result<Vec<_>, _>>()?;
    Ok(segments.join("/"))
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn query(rpc: &Rpc, message: &DynamicMessage) -> String {
    let in_path: Vec<&str> = rpc.pattern.split('/').filter_map(parameter).collect();
    let is_elsewhere = |name: &str| in_path.contains(&name) || name == BODY || name == UPDATE_MASK;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for field in rpc.input.fields().filter(|field| !is_elsewhere(field.name())) {
        let is_there = !field.supports_presence() || message.has_field(&field);
        if let Some(text) = text(&message.get_field(&field)).filter(|_| is_there) {
            query.append_pair(field.name(), &text);
        }
    }
    query.finish()
}

/// A value as an address has it.
fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(is) => is.to_string(),
        Value::I32(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        Value::F64(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::U32(_) | Value::U64(_) | Value::F32(_) | Value::Bytes(_) | Value::EnumNumber(_) => return None,
        Value::Message(_) | Value::List(_) | Value::Map(_) => return None,
    })
}

fn body(rpc: &Rpc, message: &DynamicMessage) -> Result<Map<String, Json>, Status> {
    let misfit = |Misfit { place, what }: Misfit| Status::field(&format!("{BODY}.{place}"), what);
    let body = message.get_field_by_name(BODY);
    let body = body.as_ref().and_then(|body| body.as_message());
    let body = body.ok_or_else(|| Status::malformed("there is no body"))?;
    let json = write(body).map_err(misfit)?;
    if rpc.is_change() { changes(message, body, json) } else { Ok(json) }
}

/// The fields that are named; one that is not set is taken away.
fn changes(
    message: &DynamicMessage,
    body: &DynamicMessage,
    mut json: Map<String, Json>,
) -> Result<Map<String, Json>, Status> {
    let mask = message.get_field_by_name(UPDATE_MASK);
    let mask = mask.as_ref().and_then(|mask| mask.as_message()?.transcode_to::<prost_types::FieldMask>().ok());
    let Some(paths) = mask.map(|mask| mask.paths).filter(|paths| !paths.is_empty()) else { return Ok(json) };
    let mut changes = Map::new();
    for path in paths {
        let name = path.strip_prefix("body.").unwrap_or(&path);
        let field = body.descriptor().get_field_by_name(name);
        let field = field.ok_or_else(|| Status::field(UPDATE_MASK, "it names what is no field of the body"))?;
        let value = json.remove(name).unwrap_or_else(|| nothing(&field));
        changes.entry(name.to_owned()).or_insert(value);
    }
    Ok(changes)
}

/// What takes a field away: a list and a map are empty then.
fn nothing(field: &FieldDescriptor) -> Json {
    if field.is_list() {
        Json::Array(Vec::new())
    } else if field.is_map() {
        Json::Object(Map::new())
    } else {
        Json::Null
    }
}

#[cfg(test)]
mod tests;
