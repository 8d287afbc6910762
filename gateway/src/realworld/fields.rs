//! Bodies of requests: what is absent stays as it is, what is null or blank is wrong, where it may not be.

use http::StatusCode;
use serde_json::{Map, Value};

use super::failed::{Errors, Failed};

const BLANK: &str = "can't be blank";
const INVALID: &str = "is invalid";

/// The fields of a body, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Fields {
    of: Map<String, Value>,
    errors: Errors,
}

impl Fields {
    /// Of the object that the body has under this name.
    pub(super) fn of(body: &[u8], name: &str) -> Result<Self, Failed> {
        let wrong = |why| Failed::of(StatusCode::UNPROCESSABLE_ENTITY, name, why);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(wrong(BLANK));
        }
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| Failed::of(StatusCode::UNPROCESSABLE_ENTITY, "body", format!("is no JSON: {error}")))?;
        match body.get(name) {
            Some(Value::Object(of)) => Ok(Self { of: of.clone(), errors: Errors::default() }),
            None | Some(Value::Null) => Err(wrong(BLANK)),
            Some(_) => Err(wrong(INVALID)),
        }
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> String {
        match self.of.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => return text.clone(),
            None | Some(Value::Null | Value::String(_)) => self.errors.add(name, BLANK),
            Some(_) => self.errors.add(name, INVALID),
        }
        String::new()
    }

    /// A text that is to change, if it is there.
    pub(super) fn change(&mut self, name: &str) -> Option<String> {
        self.of.contains_key(name).then(|| self.text(name))
    }

    /// A text that is to change, if it is there, and may be empty: null empties it.
    pub(super) fn change_or_empty(&mut self, name: &str) -> Option<String> {
        match self.of.get(name)? {
            Value::String(text) => return Some(text.clone()),
            Value::Null => {}
            _ => self.errors.add(name, INVALID),
        }
        Some(String::new())
    }

    /// Tags, if they are there, in their order and each once.
    pub(super) fn tags(&mut self, name: &str) -> Option<Vec<String>> {
        let texts = match self.of.get(name)? {
            Value::Array(tags) => tags.iter().map(Value::as_str).collect::<Option<Vec<&str>>>(),
            Value::Null => {
                self.errors.add(name, BLANK);
                return Some(Vec::new());
            }
            _ => None,
        };
        let Some(texts) = texts else {
            self.errors.add(name, INVALID);
            return Some(Vec::new());
        };
        let mut tags = Vec::new();
        for tag in texts.into_iter().map(tag).filter(|tag| !tag.is_empty()) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        Some(tags)
    }

    /// Nothing, where all that was read is right.
    pub(super) fn right(self) -> Result<(), Failed> {
        self.errors.none()
    }
}

/// A tag as it is called natively: in small letters and digits, with hyphens for what is neither.
pub(super) fn tag(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests;
