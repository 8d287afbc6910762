//! Splits a file into YAML front matter and text, and reads the fields that are asked for, each with its line.

mod yaml;

pub use yaml::{Entry, Value};

use crate::note::{Note, NoteKind, Refusal};

/// The shape that a field should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One text; numbers and truth values are taken as they are written.
    Text,
    /// A list of texts, or just one.
    List,
    /// Whatever was typed; who asks for it reads it by [`Fields::all`].
    Any,
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

/// The fields of a front matter. Their names are compared as Hugo compares them, without regard to case, and hyphens
/// and underscores count for nothing: `publishDate`, `PUBLISHDATE` and `publish_date` are one.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<Entry>);

impl Fields {
    /// The fields of a mapping within a front matter.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self(entries)
    }

    /// The text of a field, trimmed, with its line; `None` if there is none, or only white space. Of a field that was
    /// given twice the last one counts.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<(&str, usize)> {
        let entry = self.last(key)?;
        let text = texts(&entry.value).first()?.trim();
        (!text.is_empty()).then_some((text, entry.line))
    }

    /// The texts of a field, trimmed, without empty ones.
    pub fn list<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let texts = self.last(key).map(|entry| texts(&entry.value)).unwrap_or_default();
        texts.into_iter().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether a field was written as one text, not as a list.
    #[must_use]
    pub fn is_one_text(&self, key: &str) -> bool {
        matches!(self.last(key), Some(Entry { value: Value::Text(_), .. }))
    }

    /// The line of a field; 1 if it is not there.
    #[must_use]
    pub fn line(&self, key: &str) -> usize {
        self.last(key).map_or(1, |entry| entry.line)
    }

    /// Every field, in order, with the name that is compared.
    pub fn all(&self) -> impl Iterator<Item = (String, &Entry)> {
        self.0.iter().map(|entry| (name_of(&entry.key), entry))
    }

    fn last(&self, key: &str) -> Option<&Entry> {
        let name = name_of(key);
        self.0.iter().rev().find(|entry| name_of(&entry.key) == name)
    }
}

/// The name of a field, in the form that is compared.
fn name_of(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Whether a name in the form that is compared is that of `key`.
pub(crate) fn is_name_of(name: &str, key: &str) -> bool {
    name_of(key) == name
}

/// The texts of a value that has the shape of a list.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::List(list) => list.iter().flat_map(texts).collect(),
        Value::Null | Value::Map(_) => Vec::new(),
    }
}

/// Reads a file. `known` says which fields are wanted, and in which shape.
///
/// # Errors
/// There is no front matter, it has no end, or it is not the YAML of a mapping of such fields.
pub fn read<'a>(text: &'a str, known: &[(&str, Shape)]) -> Result<Page<'a>, Refusal> {
    let split = split(text)?;
    let in_file = |line| line + split.yaml_line - 1; // from lines of the YAML to lines of the file
    let shifted = |refusal: Refusal| Refusal { line: in_file(refusal.line), ..refusal };
    let mut entries = yaml::mapping(split.yaml).map_err(shifted)?;
    entries.iter_mut().for_each(|entry| entry.line = in_file(entry.line));
    let mut notes = Vec::new();
    if split.yaml_line > 2 {
        notes.push(Note::new(NoteKind::LateFrontMatter, split.yaml_line - 1, ""));
    }
    notes.extend(remarks(&entries, known)?);
    Ok(Page { fields: Fields(entries), body: split.body, body_line: split.body_line, notes })
}

/// What there is to say of the fields: the repeated ones first, then those that are not asked for.
fn remarks(entries: &[Entry], known: &[(&str, Shape)]) -> Result<Vec<Note>, Refusal> {
    let known: Vec<_> = known.iter().map(|(key, shape)| (name_of(key), *shape)).collect();
    let (mut repeated, mut unknown) = (Vec::new(), Vec::new());
    for (index, entry) in entries.iter().enumerate() {
        let name = name_of(&entry.key);
        let shape = known.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape);
        if let Some(wanted) = shape.and_then(|shape| misshapen(shape, &entry.value)) {
            return Err(yaml::unreadable(entry.line, &format!("`{}` is not {wanted}", entry.key)));
        }
        if entries[..index].iter().any(|earlier| name_of(&earlier.key) == name) {
            repeated.push(Note::new(NoteKind::RepeatedKey, entry.line, &entry.key));
        } else if shape.is_none() {
            unknown.push(Note::new(NoteKind::FieldNotKept, entry.line, &entry.key));
        }
    }
    repeated.extend(unknown);
    Ok(repeated)
}

/// What a value should have been, if it has not that shape.
fn misshapen(shape: Shape, value: &Value) -> Option<&'static str> {
    let is_text = |value: &Value| matches!(value, Value::Null | Value::Text(_));
    let is_list = |value: &Value| matches!(value, Value::List(list) if list.iter().all(is_text));
    match shape {
        Shape::Text => (!is_text(value)).then_some("one text"),
        Shape::List => (!is_text(value) && !is_list(value)).then_some("a list of texts"),
        Shape::Any => None,
    }
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

#[cfg(test)]
mod tests;
