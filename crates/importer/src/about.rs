//! What a file says of a post beside its text: the canonical address, the language, a cover, and the like. What cannot
//! be taken as it is, is left out with a note: no post is refused for it.

use std::str::FromStr;

use domain::values::{AltText, Comments, Invalid, Locale, MetaDescription, Title, WebAddress};
use serde::Serialize;

use crate::front_matter::{Fields, Shape};
use crate::note::{Note, NoteKind};

/// The fields that are read, by each of the names that they go by; the first that is there counts.
const NAMES: [(&str, &[&str]); 8] = [
    ("canonical_url", &["canonical_url", "canonical"]),
    ("cover", &["cover_image", "featured_image", "image"]),
    ("cover_alt", &["cover_alt", "cover_image_alt", "featured_image_alt", "image_alt"]),
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
    /// The picture beside the post that is to be its cover, once it is brought.
    #[serde(skip)]
    pub(crate) cover_beside: Option<CoverBeside>,
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

/// A picture that is somewhere else, or an item of media.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Cover {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt: Option<String>,
}

/// A picture that a file names by a relative address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoverBeside {
    /// The address.
    pub(crate) address: String,
    /// The field that names it, and its line.
    pub(crate) field: (&'static str, usize),
    /// What it shows.
    pub(crate) alt: Option<String>,
}

impl About {
    /// The same with an item of media as its cover, if it was brought.
    pub(crate) fn with_cover(&self, sha256: Option<String>) -> Self {
        let Some((sha256, beside)) = sha256.zip(self.cover_beside.as_ref()) else { return self.clone() };
        let cover = Cover { sha256: Some(sha256), alt: beside.alt.clone(), url: None };
        Self { cover: Some(cover), ..self.clone() }
    }

    fn cover(fields: &Fields, notes: &mut Vec<Note>) -> (Option<Cover>, Option<CoverBeside>) {
        let alt = text::<AltText>(fields, "cover_alt", notes).filter(|alt| !alt.is_empty());
        let Some((name, address, line)) = named("cover").and_then(|names| told(fields, names)) else {
            return (None, None);
        };
        match address.parse::<WebAddress>() {
            Ok(url) => (Some(Cover { url: Some(url.into()), alt, sha256: None }), None),
            Err(_) => (None, Some(CoverBeside { address: address.to_owned(), field: (name, line), alt })),
        }
    }

    /// Reads it.
    pub(crate) fn of(fields: &Fields, notes: &mut Vec<Note>) -> Self {
        let comments = |open: bool| if open { Comments::Open } else { Comments::Closed };
        let (cover, cover_beside) = Self::cover(fields, notes);
        Self {
            canonical_url: text::<WebAddress>(fields, "canonical_url", notes),
            cover,
            cover_beside,
            language: text::<Locale>(fields, "language", notes),
            meta_title: text::<Title>(fields, "meta_title", notes),
            meta_description: text::<MetaDescription>(fields, "meta_description", notes),
            featured: read(fields, "featured", notes, truth),
            comments: read(fields, "comments", notes, truth).map(|open| comments(open).name().to_owned()),
        }
    }
}

fn named(field: &str) -> Option<&'static [&'static str]> {
    NAMES.iter().find(|(name, _)| *name == field).map(|(_, names)| *names)
}

/// The text of a field, with the name that it goes by and its line.
fn told<'a>(fields: &'a Fields, names: &[&'static str]) -> Option<(&'static str, &'a str, usize)> {
    names.iter().find_map(|name| fields.text(name).map(|(text, line)| (*name, text, line)))
}

fn read<T>(fields: &Fields, field: &str, notes: &mut Vec<Note>, of: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (name, text, line) = told(fields, named(field)?)?;
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
