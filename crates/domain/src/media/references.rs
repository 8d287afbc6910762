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
    /// Whether the text says itself what is to be read in its place, be it nothing: `<img alt="">`.
    pub described: bool,
}

/// The references of a text, each item once, in the order of their addresses. An item is described if it is so in every
/// place. Takes time with the length of the text and no more: leaders ask it of each command.
#[must_use]
pub fn references(text: &str) -> Vec<Reference> {
    let mut before = Before { text, ..Before::default() };
    let mut found: Vec<Reference> =
        text.match_indices(WITHIN).filter_map(|(at, _)| reference(text, at, &mut before)).collect();
    found.sort_unstable();
    // One that is not described comes first.
    found.dedup_by(|next, kept| next.sha256 == kept.sha256);
    found
}

fn reference(text: &str, at: usize, before: &mut Before<'_>) -> Option<Reference> {
    let digits = at + WITHIN.len();
    let sha256 = text.get(digits..digits + DIGITS)?.parse().ok()?;
    let goes_on = text[digits + DIGITS..].starts_with(|next: char| next.is_ascii_alphanumeric());
    before.read_to(at);
    (!goes_on).then(|| Reference { sha256, described: before.describes() })
}

/// What stands before a place in a text, in its paragraph. It is read once, from the text's beginning on.
#[derive(Default)]
struct Before<'a> {
    text: &'a str,
    /// How far it is read.
    at: usize,
    /// Where the line begins.
    line: usize,
    /// Brackets that are open.
    brackets: Vec<usize>,
    /// The text of the last link whose address has begun, from its bracket on, if it has one, and up to where.
    link: Option<(Option<usize>, usize)>,
    /// Behind the last character that an address may follow.
    edge: usize,
    /// The last element that was opened, and whether it has a description, once that was asked.
    element: Option<(usize, Option<bool>)>,
}

impl Before<'_> {
    fn read_to(&mut self, end: usize) {
        let mut next = self.text[self.at..end].char_indices().peekable();
        let begin = self.at;
        while let Some((at, read)) = next.next() {
            let at = begin + at;
            match read {
                '\n' => self.end_line(at),
                // What is escaped stands for itself.
                '\\' => drop(next.next_if(|(_, escaped)| *escaped != '\n')),
                '[' => self.brackets.push(at),
                ']' => {
                    let open = self.brackets.pop();
                    if next.peek().is_some_and(|(_, read)| *read == '(') {
                        self.link = Some((open, at));
                    }
                }
                '<' => self.element = Some((at, None)),
                _ => {}
            }
            if read.is_whitespace() || matches!(read, '(' | '<' | '"' | '\'' | '=') {
                self.edge = at + read.len_utf8();
            }
        }
        self.at = end;
    }

    fn end_line(&mut self, at: usize) {
        if self.text[self.line..at].trim().is_empty() {
            self.brackets.clear();
            (self.link, self.element) = (None, None);
        }
        self.line = at + 1;
    }

    /// Whether the link or the element in which an address stands that begins here has a text, over however many lines
    /// of its paragraph. What is neither (a reference-style link, an address by itself) says nothing.
    fn describes(&mut self) -> bool {
        let until = self.text[..self.edge].trim_end_matches('<').trim_end();
        if let Some((open, closed)) = self.link.filter(|(_, closed)| until.len() == closed + "](".len()) {
            return open.is_some_and(|open| !self.text[open + 1..closed].trim().is_empty());
        }
        let Some((open, described)) = &mut self.element else { return false };
        *described.get_or_insert_with(|| is_described(&self.text[*open..]))
    }
}

/// Whether the element with which a text begins has a description. An empty one is meant: the picture tells nothing.
fn is_described(text: &str) -> bool {
    let element = text[1..].split(['<', '>']).next().unwrap_or_default();
    element.split_once("alt=").is_some_and(|(_, alt)| alt.trim_start().starts_with(['"', '\'']))
}

#[cfg(test)]
mod tests;
