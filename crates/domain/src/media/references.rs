//! Which items a text in Markdown refers to. It is read off the text as it is, without a parser: an item that is named
//! in a way that no reader is shown is kept too, and that is no harm.

use serde::{Deserialize, Serialize};

use crate::values::{Sha256, WITHIN};

/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// A reference to an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// The item.
    pub sha256: Sha256,
    /// Whether the text says itself what is to be read in its place.
    pub described: bool,
}

/// The references of a text, each item once, in the order of their addresses. An item is described if it is so in every
/// place.
#[must_use]
pub fn references(text: &str) -> Vec<Reference> {
    let mut found: Vec<Reference> = text.match_indices(WITHIN).filter_map(|(at, _)| reference(text, at)).collect();
    found.sort_unstable();
    // One that is not described comes first.
    found.dedup_by(|next, kept| next.sha256 == kept.sha256);
    found
}

fn reference(text: &str, at: usize) -> Option<Reference> {
    let digits = at + WITHIN.len();
    let sha256 = text.get(digits..digits + DIGITS)?.parse().ok()?;
    let goes_on = text[digits + DIGITS..].starts_with(|next: char| next.is_ascii_alphanumeric());
    (!goes_on).then(|| Reference { sha256, described: is_described(text, at) })
}

/// Whether the link or the element in which an address stands has a text, over however many lines of its paragraph.
/// What is neither (a reference-style link, an address by itself) says nothing.
fn is_described(text: &str, at: usize) -> bool {
    let is_blank = |line: &&str| line.trim().is_empty();
    let paragraph =
        at - text[..at].split_inclusive('\n').rev().take_while(|line| !is_blank(line)).map(str::len).sum::<usize>();
    let before = &text[paragraph..at];
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | '<' | '"' | '\'' | '=');
    let before_address = before.rfind(ends).map_or("", |last| &before[..=last]);
    if let Some(label) = before_address.trim_end_matches('<').trim_end().strip_suffix("](") {
        let label = label.rfind('[').map_or("", |open| &label[open + 1..]);
        return !label.trim().is_empty();
    }
    let Some(open) = before.rfind('<') else { return false };
    let element = text[paragraph + open..].split('>').next().unwrap_or_default();
    let alt = element.split_once("alt=").map_or("", |(_, alt)| alt.trim_start());
    alt.starts_with(['"', '\'']) && alt[1..].trim_start().starts_with(|c: char| c != '"' && c != '\'')
}

#[cfg(test)]
mod tests;
