//! Entity tags, and what requests demand of them (RFC 9110, 13). The tag of an aggregate is its version in quotes;
//! readers may use any other.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};

use crate::Problem;
use crate::problem::Kind;

/// The version that an aggregate has which is not there. It has no tag.
const NOT_THERE: u64 = 0;
/// A version that no aggregate ever has: made to it, a command only asks which version there is.
const NEVER: u64 = u64::MAX;

/// The entity tag of a version: `"7"`.
#[must_use]
pub fn of_version(version: u64) -> String {
    format!("\"{version}\"")
}

/// What one header names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// Whatever is there: `*`.
    Any,
    /// The versions of ours among its tags, which may be none.
    Versions(Vec<u64>),
}

impl Tags {
    fn fit(&self, version: u64) -> bool {
        version != NOT_THERE
            && match self {
                Self::Any => true,
                Self::Versions(versions) => versions.contains(&version),
            }
    }
}

/// What a command demands of what it finds: `If-Match` and `If-None-Match`. What is not there fits no `If-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    matching: Option<Tags>,
    matching_none: Option<Tags>,
}

impl Conditions {
    /// Reads both headers.
    ///
    /// # Errors
    /// One is no list of entity tags: 400.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        // If-Match compares strongly, so a weak tag fits nothing; If-None-Match compares weakly.
        let matching = tags(headers, &IF_MATCH)?.map(|tags| versions(tags.iter().map(String::as_str)));
        let matching_none = tags(headers, &IF_NONE_MATCH)?;
        let matching_none = matching_none.map(|tags| versions(tags.iter().map(|tag| tag.trim_start_matches("W/"))));
        Ok(Self { matching, matching_none })
    }

    /// Whether there is an `If-Match`: its sender knows that there is something to change.
    #[must_use]
    pub fn expect_something(&self) -> bool {
        self.matching.is_some()
    }

    /// Whether what is in this version is as demanded; 0 if it is not there.
    #[must_use]
    pub fn allow(&self, version: u64) -> bool {
        self.matching.as_ref().is_none_or(|tags| tags.fit(version))
            && !self.matching_none.as_ref().is_some_and(|tags| tags.fit(version))
    }

    /// Which version a command is to be made to, given the version that was `seen` last; `None` if to any. The leader
    /// refuses a command that is made to another version than there is, and says which one there is: that one is seen
    /// then.
    #[must_use]
    pub fn expected(&self, seen: impl FnOnce() -> u64) -> Option<u64> {
        match (&self.matching, &self.matching_none) {
            (None, None) => return None,
            (Some(Tags::Versions(versions)), None) if versions.len() == 1 => return versions.first().copied(),
            (Some(_) | None, Some(_) | None) => {}
        }
        match (seen(), &self.matching, &self.matching_none) {
            // What is there stays there, in whichever version.
            (1.., Some(Tags::Any), None) => None,
            (seen, _, _) => Some(if self.allow(seen) { seen } else { NEVER }),
        }
    }
}

fn versions<'a>(tags: impl Iterator<Item = &'a str> + Clone) -> Tags {
    if tags.clone().any(|tag| tag == "*") {
        return Tags::Any;
    }
    // Tags are compared as they are written: `"07"` is none of ours.
    let version = |tag: &str| tag.trim_matches('"').parse().ok().filter(|version| of_version(*version) == tag);
    Tags::Versions(tags.filter_map(version).filter(|version| *version != NOT_THERE).collect())
}

/// Whether a reader who is about to be shown what has this tag has it already, by `If-None-Match`.
///
/// # Errors
/// 412: it is not what the reader asks for by `If-Match`. 400: a header is no list of entity tags.
pub fn not_modified(headers: &HeaderMap, etag: &str) -> Result<bool, Problem> {
    let demanded = tags(headers, &IF_MATCH)?;
    if demanded.is_some_and(|tags| !tags.iter().any(|tag| tag == "*" || tag == etag)) {
        return Err(Problem::new(&Kind::VERSION_CONFLICT, "it has another entity tag than If-Match says"));
    }
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
