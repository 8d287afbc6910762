//! The pictures in a text, as they are by now: their sizes, and what is to be read where they are not seen. They are
//! put into the HTML when it is read, and not when the post or the picture changes: sizes are made later than the post
//! that shows them, one description is seen in many posts, and the two are in logs of their own, which have no common
//! order. One statement asks for all pictures of a text; a text without any asks none.

use std::collections::HashMap;
use std::fmt::Write as _;

use domain::media::references;
use domain::values::WITHIN;
use domain::{Digest, views};
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use crate::database::Database;
use crate::reply::Reply;

/// Of so many pictures of a text it is asked how they are, and in so many places it is said; further ones are shown as
/// the text has them.
const MOST: usize = 500;
/// How wide it is shown: browsers that know `auto` see for themselves, for it is loaded when it comes into view.
const SIZES: &str = "auto, 100vw";

/// What is known of a picture.
#[derive(Clone, Debug, Default, FromRow, PartialEq, Eq)]
struct Picture {
    sha256: String,
    width: Option<i64>,
    height: Option<i64>,
    alt: String,
    renditions: Vec<String>,
}

/// What is known of the pictures in a text.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    known: HashMap<String, Picture>,
    /// Whether the text refers to any, known or not.
    any: bool,
}

impl Pictures {
    /// Looks up those that a text in Markdown refers to, which these accounts write: they alone say what is to be read
    /// in the place of a picture, for others may have brought the same bytes.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub(crate) async fn of(markdown: &str, writers: &[Uuid], database: &Database) -> Result<Self, Problem> {
        let found = references(markdown).into_iter().take(MOST);
        let sha256s: Vec<String> = found.map(|reference| reference.sha256.to_string()).collect();
        if sha256s.is_empty() {
            return Ok(Self::default());
        }
        // Of several writers that have it, the first that has described it; sizes are those of the bytes, whose ever.
        let sql = "SELECT DISTINCT ON (m.sha256) m.sha256, m.width, m.height, m.renditions, \
                   CASE WHEN m.account_id = ANY($2) THEN m.alt ELSE '' END AS alt FROM content.media m \
                   WHERE m.active AND m.sha256 = ANY($1) \
                   ORDER BY m.sha256, m.account_id = ANY($2) DESC, m.alt = '', m.uploaded_at, m.upload_id";
        let query = sqlx::query_as(sql).bind(sha256s).bind(writers);
        let known: Vec<Picture> = database.run(query.fetch_all(database.pool())).await?;
        let known = known.into_iter().map(|picture| (picture.sha256.clone(), picture)).collect();
        Ok(Self { known, any: true })
    }

    /// Says that an answer shows them.
    pub(crate) fn shown_in<'a>(&self, reply: Reply<'a>) -> Reply<'a> {
        if self.any { reply.lists::<views::Media>() } else { reply }
    }

    /// Part of the tag of what shows them.
    pub(crate) fn digest(&self) -> String {
        let mut shown: Vec<String> = self.known.values().map(Picture::told).collect();
        shown.sort_unstable();
        format!("{:016x}", Digest::of_all(shown.iter().map(String::as_str)).short())
    }

    /// HTML of the sanitiser's in which they are as they are.
    pub(crate) fn put_into(&self, html: &str) -> Option<String> {
        if !self.any {
            return None;
        }
        let (mut out, mut done, mut at, mut put) = (String::with_capacity(html.len() * 2), 0, 0, 0);
        while let Some(begin) = html[at..].find('<').map(|found| at + found).filter(|_| put < MOST) {
            let tag = Tag::at(html, begin);
            at = tag.end;
            if let Some(sha256) = tag.picture() {
                out.push_str(&html[done..begin]);
                // What is not there is shown by no words either.
                self.known.get(sha256).unwrap_or(&Picture::default()).write(&tag, &mut out);
                (done, put) = (at, put + 1);
            }
        }
        out.push_str(&html[done..]);
        Some(out)
    }
}

/// A tag as the sanitiser writes it: a name, and attributes in double quotes, in which there is no such quote.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
    /// Where it ends in the HTML.
    end: usize,
}

impl<'a> Tag<'a> {
    fn at(html: &'a str, begin: usize) -> Self {
        let name_ends = html[begin + 1..].find([' ', '>']).map_or(html.len(), |at| begin + 1 + at);
        let (name, mut attributes, mut at) = (&html[begin + 1..name_ends], Vec::new(), name_ends);
        while let Some(rest) = html[at..].strip_prefix(' ') {
            let Some((attribute, rest)) = rest.split_once("=\"") else { break };
            let Some((value, rest)) = rest.split_once('"') else { break };
            attributes.push((attribute, value));
            at = html.len() - rest.len();
        }
        Self { name, attributes, end: html[at..].find('>').map_or(html.len(), |end| at + end + 1) }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
    }

    /// The SHA-256 of the item that it shows as it was brought.
    fn picture(&self) -> Option<&'a str> {
        if self.name == "img" { self.value("src")?.strip_prefix(WITHIN) } else { None }
    }
}

impl Picture {
    /// All of it that is shown.
    fn told(&self) -> String {
        let Self { sha256, width, height, alt, renditions } = self;
        format!("{sha256} {width:?} {height:?} {} {alt}", renditions.join(" "))
    }

    /// Writes the tag with what is known; what its author says of the picture goes before that. An empty description is
    /// said, too: the picture tells nothing.
    fn write(&self, tag: &Tag<'_>, out: &mut String) {
        out.push_str("<img");
        let says = |name: &str| tag.value(name).is_some_and(|value| !value.trim().is_empty());
        for (name, value) in &tag.attributes {
            let _ = write!(out, " {name}=\"{value}\"");
        }
        if tag.value("alt").is_none() {
            let _ = write!(out, " alt=\"{}\"", escaped(&self.alt));
        }
        let Some((width, height)) = self.width.zip(self.height) else { return out.push('>') };
        if !says("width") && !says("height") {
            let _ = write!(out, " width=\"{width}\" height=\"{height}\"");
        }
        if !self.renditions.is_empty() {
            let address = format!("{WITHIN}{}", self.sha256);
            let smaller = self.renditions.iter().map(|size| format!("{address}/{size} {size}, "));
            let _ = write!(out, " srcset=\"{}{address} {width}w\" sizes=\"{SIZES}\"", smaller.collect::<String>());
        }
        out.push('>');
    }
}

/// A text as the value of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
