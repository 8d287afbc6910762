//! Reads YAML as a tree in which every scalar is the text that was typed: `3.10`, `007`, `yes` and `0x1F` are no
//! numbers and no truth values here, for a tag or a name that looks like one is none.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

use crate::note::Refusal;

/// A value, with its texts as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: `~`, `null`, or no text at all.
    Null,
    /// A scalar.
    Text(String),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key as it was typed.
    pub key: String,
    /// Its line, from 1.
    pub line: usize,
    /// The value.
    pub value: Value,
}

/// Reads a mapping; a repeated key is in it as often as it was typed.
///
/// # Errors
/// It is not YAML, or no mapping. The line is that of the YAML, from 1.
pub(super) fn mapping(yaml: &str) -> Result<Vec<Entry>, Refusal> {
    let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if yaml.lines().all(blank) {
        return Ok(Vec::new());
    }
    let options = serde_saphyr::options! {
        // A repeated key is noted, not refused.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    };
    let read = serde_saphyr::with_deserializer_from_str_with_options(yaml, options, |deserializer| {
        deserializer.deserialize_map(MappingVisitor)
    });
    let entries = read.map_err(|error| {
        let line = error.location().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
        unreadable(line.max(1), &message(&error))
    })?;
    Ok(entries.into_iter().map(|entry| typed_entry(entry, yaml)).collect())
}

/// A refusal of what the YAML says.
pub(super) fn unreadable(line: usize, reason: &str) -> Refusal {
    Refusal::new(line, format!("the front matter cannot be read: {reason}"))
}

/// An error's text without the place, which would be counted from the front matter's first line.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text.lines().next().unwrap_or_default();
    let text = text.split_once(": ").filter(|(place, _)| place.contains("line ")).map_or(text, |(_, rest)| rest);
    text.rsplit_once(" at line ").map_or(text, |(head, _)| head).to_owned()
}

/// A value as the YAML library tells it: of a number or a truth value only where it stands is of use.
enum Raw {
    Null,
    Quoted(String),
    Plain,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn typed_entry((key, value): (Spanned<String>, Spanned<Raw>), yaml: &str) -> Entry {
    let line = usize::try_from(key.referenced.line()).unwrap_or(1);
    Entry { key: key.value, line, value: typed(value, yaml) }
}

fn typed(raw: Spanned<Raw>, yaml: &str) -> Value {
    match raw.value {
        Raw::Null => Value::Null,
        Raw::Quoted(text) => Value::Text(text),
        Raw::Plain => {
            let span = raw.defined.span();
            let at = |index: Option<u64>| index.and_then(|index| usize::try_from(index).ok());
            let text =
                at(span.byte_offset()).zip(at(span.byte_len())).and_then(|(from, len)| yaml.get(from..from + len));
            Value::Text(text.unwrap_or_default().trim().to_owned())
        }
        Raw::List(list) => Value::List(list.into_iter().map(|value| typed(value, yaml)).collect()),
        Raw::Map(map) => Value::Map(map.into_iter().map(|entry| typed_entry(entry, yaml)).collect()),
    }
}

struct MappingVisitor;

impl<'de> Visitor<'de> for MappingVisitor {
    type Value = Vec<(Spanned<String>, Spanned<Raw>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Raw, A::Error> {
        MappingVisitor.visit_map(map).map(Raw::Map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Raw::List(list))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Quoted(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
}
