//! Entity tags. That of an aggregate is its version in quotes; readers may use any other.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};

use crate::Problem;

/// The entity tag of a version: `"7"`.
#[must_use]
pub fn of_version(version: u64) -> String {
    format!("\"{version}\"")
}

/// What a request demands of the present version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// That there is one: `*`.
    Any,
    /// That it is one of these. Tags that no version of ours has are left out, so this may be empty: it fits nothing.
    Versions(Vec<u64>),
}

impl IfMatch {
    /// Whether the present version satisfies the demand.
    #[must_use]
    pub fn allows(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// Reads `If-Match`; `None` if there is none.
///
/// # Errors
/// The header is no list of entity tags: 400.
pub fn if_match(headers: &HeaderMap) -> Result<Option<IfMatch>, Problem> {
    let Some(tags) = tags(headers, &IF_MATCH)? else { return Ok(None) };
    if tags.iter().any(|tag| tag == "*") {
        return Ok(Some(IfMatch::Any));
    }
    // If-Match compares strongly: a weak tag matches nothing.
    let versions = tags.iter().filter_map(|tag| tag.trim_matches('"').parse().ok()).collect();
    Ok(Some(IfMatch::Versions(versions)))
}

/// Whether `If-None-Match` names `etag` (or is `*`): the client has it already.
///
/// # Errors
/// The header is no list of entity tags: 400.
pub fn not_modified(headers: &HeaderMap, etag: &str) -> Result<bool, Problem> {
    let tags = tags(headers, &IF_NONE_MATCH)?.unwrap_or_default();
    Ok(tags.iter().any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag))
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<String>>, Problem> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let malformed = || Problem::malformed(format!("{name} is not a list of entity tags such as \"7\""));
    let mut tags = Vec::new();
    for value in headers.get_all(name) {
        let mut rest = value.to_str().map_err(|_| malformed())?.trim();
        while !rest.is_empty() {
            let (tag, after) = first_tag(rest).ok_or_else(malformed)?;
            tags.push(tag.to_owned());
            rest = after;
        }
    }
    if tags.is_empty() { Err(malformed()) } else { Ok(Some(tags)) }
}

/// The first tag of a list, and what follows its comma.
fn first_tag(list: &str) -> Option<(&str, &str)> {
    let end = if list.starts_with('*') {
        1
    } else {
        let open = if list.starts_with("W/") { 3 } else { 1 };
        if !list.get(..open)?.ends_with('"') {
            return None;
        }
        open + list.get(open..)?.find('"')? + 1
    };
    let (tag, after) = list.split_at(end);
    let after = after.trim_start();
    match after.strip_prefix(',') {
        Some(next) => Some((tag, next.trim_start())),
        None if after.is_empty() => Some((tag, after)),
        None => None,
    }
}

#[cfg(test)]
mod tests;
