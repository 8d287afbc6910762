//! Routes, read out of an OpenAPI document.

use std::collections::BTreeMap;

use anyhow::Context as _;
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::Route;
use crate::class::Class;
use crate::upstream::Name;

#[derive(Deserialize)]
struct Document {
    #[serde(borrow)]
    paths: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// What holds for operations that say nothing of it.
    #[serde(default)]
    security: Vec<Value>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    tags: Vec<String>,
    security: Option<Vec<Value>>,
}

/// The routes of a document; `upstream` says which service answers routes with a tag.
pub(super) fn routes(text: &'static str, upstream: fn(&str) -> Option<Name>) -> anyhow::Result<Vec<Route>> {
    let document: Document = serde_json::from_str(text)?;
    let mut routes = Vec::new();
    for (pattern, operations) in document.paths {
        for (method, operation) in operations {
            let Some(method) = method_of(&method) else { continue };
            let operation: Operation = serde_json::from_value(operation)?;
            let tag = operation.tags.first().map_or("", String::as_str);
            let upstream = upstream(tag).with_context(|| format!("no service is known for {pattern} ({tag})"))?;
            let security = operation.security.as_ref().unwrap_or(&document.security);
            let reads_tokens = security.iter().any(|scheme| scheme.as_object().is_some_and(|names| !names.is_empty()));
            let class = class(&method, pattern, reads_tokens);
            routes.push(Route { method, pattern, upstream, class, reads_tokens });
        }
    }
    Ok(routes)
}

/// `None` for what stands beside the methods.
fn method_of(name: &str) -> Option<Method> {
    let known = ["get", "post", "put", "patch", "delete"];
    known.contains(&name).then(|| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok()).flatten()
}

/// The service of a tag in the document of commands; the chart's `services` have the same.
pub(super) fn of_commands(tag: &str) -> Option<Name> {
    Some(match tag {
        "accounts" | "following" | "second factor" | "sessions" | "tokens" => Name::Identity,
        "bookmarks" | "bulk" | "categories" | "co-authors" | "media" | "posts" | "previews" | "reviews" | "series"
        | "tags" | "working copies" => Name::Publishing,
        "comments" | "moderation" | "reactions" => Name::Community,
        _ => return None,
    })
}

fn class(method: &Method, pattern: &str, reads_tokens: bool) -> Class {
    match (method, pattern) {
        (_, "/v1/bulk") => Class::Bulk,
        (_, "/v1/me/export") => Class::Exports,
        (&Method::POST, "/v1/media") => Class::Uploads,
        (&Method::GET, _) => Class::Reads,
        (_, _) if !reads_tokens => Class::Attempts,
        (_, _) => Class::Writes,
    }
}
