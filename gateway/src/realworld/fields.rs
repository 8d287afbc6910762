//! Bodies of requests: what is absent stays as it is, what is null or blank is wrong, where it may not be.

mod read;

use http::StatusCode;
use serde_json::error::Category;

use super::failed::{Errors, Failed};
use read::{Field, Found, Known};

const BLANK: &str = "can't be blank";
const INVALID: &str = "is invalid";

/// The fields of a body, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Fields {
    of: Known,
    errors: Errors,
}

impl Fields {
    /// Of the object that the body has under this name.
    pub(super) fn of(body: &[u8], name: &str) -> Result<Self, Failed> {
        let wrong = |what: &str, why: String| Failed::of(StatusCode::UNPROCESSABLE_ENTITY, what, why);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(wrong(name, BLANK.to_owned()));
        }
        match read::of(body, name) {
            Ok(Found::Fields(of)) => Ok(Self { of, errors: Errors::default() }),
            Ok(Found::Nothing) => Err(wrong(name, BLANK.to_owned())),
            Ok(Found::Another) => Err(wrong(name, INVALID.to_owned())),
            Err(error) if error.classify() == Category::Data => Err(wrong(name, BLANK.to_owned())),
            Err(error) => Err(wrong("body", format!("is no JSON: {error}"))),
        }
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> String {
        match self.of.take(name) {
            Some(Field::Text(text)) if !text.trim().is_empty() => return text,
            None | Some(Field::Null | Field::Text(_)) => self.errors.add(name, BLANK),
            Some(Field::Texts(_) | Field::Other) => self.errors.add(name, INVALID),
        }
        String::new()
    }

    /// A text that is to change, if it is there.
    pub(super) fn change(&mut self, name: &str) -> Option<String> {
        self.of.has(name).then(|| self.text(name))
    }

    /// A text that is to change, if it is there, and may be empty: null empties it.
    pub(super) fn change_or_empty(&mut self, name: &str) -> Option<String> {
        match self.of.take(name)? {
            Field::Text(text) => return Some(text),
            Field::Null => {}
            Field::Texts(_) | Field::Other => self.errors.add(name, INVALID),
        }
        Some(String::new())
    }

    /// Tags, if they are there, in their order and each once.
    pub(super) fn tags(&mut self, name: &str) -> Option<Vec<String>> {
        let texts = match self.of.take(name)? {
            Field::Texts(texts) => texts,
            Field::Null => {
                self.errors.add(name, BLANK);
                return Some(Vec::new());
            }
            Field::Text(_) | Field::Other => {
                self.errors.add(name, INVALID);
                return Some(Vec::new());
            }
        };
        let mut tags = Vec::new();
        for tag in texts.iter().map(|text| tag(text)).filter(|tag| !tag.is_empty()) {
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
