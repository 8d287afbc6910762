//! Splits a file into YAML front matter and text, and reads the fields that are asked for, each with its line.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

use crate::note::{Note, NoteKind, Refusal};

/// The shape that a field should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One text; numbers and truth values are taken as they are written.
    Text,
    /// A list of texts, or just one.
    List,
}

/// A file in its two parts.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// What the front matter says.
    pub fields: Fields,
    /// The text below it, without the blank lines around it.
    pub body: &'a str,
    /// The line on which the text begins.
    pub body_line: usize,
    /// What was repaired.
    pub notes: Vec<Note>,
}

/// The fields of a front matter.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    known: BTreeMap<String, (usize, Vec<String>)>,
    unknown: Vec<(String, usize)>,
    repeated: Vec<(String, usize)>,
}

impl Fields {
    /// The text of a field, trimmed, with its line; `None` if there is none, or only white space.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<(&str, usize)> {
        let (line, values) = self.known.get(key)?;
        let text = values.first()?.trim();
        (!text.is_empty()).then_some((text, *line))
    }

    /// The texts of a field, trimmed, without empty ones.
    pub fn list<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.known.get(key).into_iter().flat_map(|(_, values)| values).map(|text| text.trim()).filter(|t| !t.is_empty())
    }

    /// The line of a field; 1 if it is not there.
    #[must_use]
    pub fn line(&self, key: &str) -> usize {
        self.known.get(key).map_or(1, |(line, _)| *line)
    }

    fn put(&mut self, key: String, line: usize, values: Vec<String>) {
        if self.known.insert(key.clone(), (line, values)).is_some() {
            self.repeated.push((key, line));
        }
    }

    fn pass_over(&mut self, key: String, line: usize) {
        let seen = self.unknown.iter().any(|(unknown, _)| *unknown == key);
        if seen { &mut self.repeated } else { &mut self.unknown }.push((key, line));
    }
}

/// Reads a file. `known` says which fields are wanted, and in which shape.
///
/// # Errors
/// There is no front matter, it has no end, or it is not the YAML of a mapping of such fields.
pub fn read<'a>(text: &'a str, known: &[(&str, Shape)]) -> Result<Page<'a>, Refusal> {
    let split = split(text)?;
    let fields = fields(split.yaml, known).map_err(|refusal| Refusal {
        line: refusal.line + split.yaml_line - 1, // lines of the YAML to lines of the file
        reason: refusal.reason,
    })?;
    let shifted = |(key, line): &(String, usize)| (key.clone(), line + split.yaml_line - 1);
    let mut notes = Vec::new();
    if split.yaml_line > 2 {
        notes.push(Note::new(NoteKind::LateFrontMatter, split.yaml_line - 1, ""));
    }
    let repeated = fields.repeated.iter().map(shifted);
    notes.extend(repeated.map(|(key, line)| Note::new(NoteKind::RepeatedKey, line, key)));
    let unknown = fields.unknown.iter().map(shifted);
    notes.extend(unknown.map(|(key, line)| Note::new(NoteKind::FieldNotKept, line, key)));
    let known = fields.known.into_iter().map(|(key, (line, v))| (key, (line + split.yaml_line - 1, v))).collect();
    Ok(Page { fields: Fields { known, ..Fields::default() }, body: split.body, body_line: split.body_line, notes })
}

struct Split<'a> {
    yaml: &'a str,
    yaml_line: usize,
    body: &'a str,
    body_line: usize,
}

fn split(text: &str) -> Result<Split<'_>, Refusal> {
    let mut lines = numbered_lines(text).skip_while(|(_, _, line)| line.trim().is_empty());
    let (opening, start) = match lines.next() {
        Some((number, at, line)) if line.trim_end() == "---" => (number, at + line.len()),
        Some((number, _, line)) if line.trim_end() == "+++" => {
            return Err(Refusal::new(number, "the front matter is TOML; only YAML between lines of `---` is read"));
        }
        Some((number, ..)) => {
            return Err(Refusal::new(number, "there is no front matter: the first line is not `---`"));
        }
        None => return Err(Refusal::new(1, "the file is empty")),
    };
    let is_closing = |line: &str| matches!(line.trim_end(), "---" | "...");
    let Some((closing, end, line)) = lines.find(|(_, _, line)| is_closing(line)) else {
        return Err(Refusal::new(opening, "the front matter that begins here has no closing `---`"));
    };
    let rest = &text[end + line.len()..];
    let blank: usize = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    let skipped = rest[..blank].bytes().filter(|byte| *byte == b'\n').count();
    let body = rest[blank..].trim_end();
    Ok(Split { yaml: &text[start..end], yaml_line: opening + 1, body, body_line: closing + 1 + skipped })
}

/// The lines of a text with their number, from 1, and the byte at which each begins.
fn numbered_lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').enumerate().map(move |(index, line)| {
        let start = at;
        at += line.len();
        (index + 1, start, line)
    })
}

fn fields(yaml: &str, known: &[(&str, Shape)]) -> Result<Fields, Refusal> {
    let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if yaml.lines().all(blank) {
        return Ok(Fields::default());
    }
    let options = serde_saphyr::options! {
        // A repeated key is noted, not refused.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    };
    let read = serde_saphyr::with_deserializer_from_str_with_options(yaml, options, |deserializer| {
        deserializer.deserialize_map(FieldsVisitor { known })
    });
    read.map_err(|error| {
        let line = error.location().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
        Refusal::new(line.max(1), format!("the front matter cannot be read: {}", message(&error)))
    })
}

/// An error's text without the place, which would be counted from the front matter's first line.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text.lines().next().unwrap_or_default();
    let text = text.split_once(": ").filter(|(place, _)| place.contains("line ")).map_or(text, |(_, rest)| rest);
    text.rsplit_once(" at line ").map_or(text, |(head, _)| head).to_owned()
}

struct FieldsVisitor<'k> {
    known: &'k [(&'k str, Shape)],
}

impl<'de> Visitor<'de> for FieldsVisitor<'_> {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let line = usize::try_from(key.referenced.line()).unwrap_or(1);
            match self.known.iter().find(|(name, _)| *name == key.value) {
                Some((_, Shape::Text)) => {
                    let text = map.next_value::<Option<String>>()?;
                    fields.put(key.value, line, text.into_iter().collect());
                }
                Some((_, Shape::List)) => {
                    let list = map.next_value_seed(OneOrMany)?;
                    fields.put(key.value, line, list);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                    fields.pass_over(key.value, line);
                }
            }
        }
        Ok(fields)
    }
}

/// Reads a list of texts where people also write one text, or nothing.
struct OneOrMany;

impl<'de> DeserializeSeed<'de> for OneOrMany {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        let mut list = Vec::new();
        while let Some(text) = seq.next_element::<Option<String>>()? {
            list.extend(text);
        }
        Ok(list)
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_bool<E>(self, value: bool) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }

    fn visit_i64<E>(self, value: i64) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }

    fn visit_u64<E>(self, value: u64) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }

    fn visit_f64<E>(self, value: f64) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }

    fn visit_unit<E>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
