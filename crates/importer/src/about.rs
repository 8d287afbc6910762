//! What a file says of a post beside its text: the canonical address, the language, a cover, and the like. What cannot
//! be taken as it is, is left out with a note: no post is refused for it.

use std::str::FromStr;

use domain::values::{Comments, Invalid, Locale, MetaDescription, Title, WebAddress};
use serde::Serialize;

use crate::front_matter::{Fields, Shape};
use crate::note::{Note, NoteKind};

/// The fields that are read, by each of the names that they go by; the first that is there counts.
const NAMES: [(&str, &[&str]); 7] = [
    ("canonical_url", &["canonical_url", "canonical"]),
    ("cover", &["cover_image", "featured_image", "image"]),
    ("language", &["language", "lang", "locale"]),
    ("meta_title", &["meta_title", "seo_title"]),
    ("meta_description", &["meta_description", "description"]),
    ("featured", &["featured"]),
    ("comments", &["comments"]),
];

/// The fields, in whichever shape: what is none of ours is left out.
pub(crate) fn fields() -> impl Iterator<Item = (&'static str, Shape)> {
    NAMES.iter().flat_map(|(_, names)| names.iter().map(|name| (*name, Shape::Any)))
}

/// The fields and the lines on which they stand.
pub(crate) fn lines(fields: &Fields) -> impl Iterator<Item = (&'static str, usize)> {
    NAMES.iter().filter_map(|(field, names)| Some((*field, told(fields, names)?.2)))
}

/// What a file says, as the command API takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<Cover>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    featured: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
}

/// A picture that is somewhere else. One beside the post is none yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Cover {
    url: String,
}

impl About {
    /// Reads it.
    pub(crate) fn of(fields: &Fields, notes: &mut Vec<Note>) -> Self {
        let comments = |open: bool| if open { Comments::Open } else { Comments::Closed };
        Self {
            canonical_url: text::<WebAddress>(fields, "canonical_url", notes),
            cover: text::<WebAddress>(fields, "cover", notes).map(|url| Cover { url }),
            language: text::<Locale>(fields, "language", notes),
            meta_title: text::<Title>(fields, "meta_title", notes),
            meta_description: text::<MetaDescription>(fields, "meta_description", notes),
            featured: read(fields, "featured", notes, truth),
            comments: read(fields, "comments", notes, truth).map(|open| comments(open).name().to_owned()),
        }
    }
}

/// The text of a field, with the name that it goes by and its line.
fn told<'a>(fields: &'a Fields, names: &[&'static str]) -> Option<(&'static str, &'a str, usize)> {
    names.iter().find_map(|name| fields.text(name).map(|(text, line)| (*name, text, line)))
}

fn read<T>(fields: &Fields, field: &str, notes: &mut Vec<Note>, of: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (_, names) = NAMES.iter().find(|(name, _)| *name == field)?;
    let (name, text, line) = told(fields, names)?;
    let value = of(text);
    if value.is_none() {
        notes.push(Note::new(NoteKind::FieldNotKept, line, name));
    }
    value
}

fn text<T: FromStr<Err = Invalid> + Into<String>>(
    fields: &Fields,
    field: &str,
    notes: &mut Vec<Note>,
) -> Option<String> {
    read(fields, field, notes, |text| text.parse::<T>().ok().map(Into::into))
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "open" => Some(true),
        "false" | "no" | "off" | "0" | "closed" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
