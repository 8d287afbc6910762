//! How much an SVG draws. With `use` an element is drawn where another stands, and what it draws may have a `use` in it
//! again: thirty lines can make a browser draw for hours.

use std::collections::HashMap;

use super::{Refused, bad};

/// So many elements are drawn; the most that people draw by hand or by a program has some ten thousand.
const MOST: usize = 100_000;
/// So often one is drawn within another that is drawn. Without end, where it is drawn within itself.
const DEEPEST: usize = 20;

/// The elements of a document, in its order.
#[derive(Default)]
struct Elements<'a> {
    /// Behind the last that is within each.
    ends: Vec<usize>,
    named: HashMap<&'a str, usize>,
    /// Those that draw another, and its name.
    uses: Vec<(usize, &'a str)>,
}

/// Whether a document, as it is written by our own writer, draws no more than it may.
pub(super) fn permit(svg: &str) -> Result<(), Refused> {
    let elements = Elements::of(svg);
    if elements.ends.is_empty() {
        return Ok(());
    }
    elements.drawn(0, 0, &mut HashMap::new()).map(drop)
}

impl<'a> Elements<'a> {
    fn of(svg: &'a str) -> Self {
        let (mut found, mut open, mut rest) = (Self::default(), Vec::new(), svg);
        while let Some(begin) = rest.find('<') {
            let (tag, behind) = tag(&rest[begin + 1..]);
            rest = behind;
            if tag.starts_with('/') {
                if let Some(closed) = open.pop() {
                    found.ends[closed] = found.ends.len();
                }
            } else if !tag.starts_with(['?', '!']) {
                open.push(found.add(tag));
                if tag.ends_with('/') {
                    open.pop();
                }
            }
        }
        found
    }

    fn add(&mut self, tag: &'a str) -> usize {
        let place = self.ends.len();
        self.ends.push(place + 1);
        if let Some(id) = attribute(tag, "id") {
            self.named.entry(id).or_insert(place);
        }
        let name = tag.split([' ', '/', '\n']).next().unwrap_or_default();
        if name.rsplit(':').next() == Some("use")
            && let Some(of) = attribute(tag, "href").and_then(|href| href.strip_prefix('#'))
        {
            self.uses.push((place, of));
        }
        place
    }

    /// How many elements are drawn for one.
    fn drawn(&self, element: usize, deep: usize, known: &mut HashMap<usize, usize>) -> Result<usize, Refused> {
        if let Some(drawn) = known.get(&element) {
            return Ok(*drawn);
        }
        if deep > DEEPEST {
            return Err(bad("it is drawn within itself over and over"));
        }
        let mut drawn = self.ends[element] - element;
        let first = self.uses.partition_point(|(place, _)| *place < element);
        for (_, of) in self.uses[first..].iter().take_while(|(place, _)| *place < self.ends[element]) {
            if let Some(target) = self.named.get(of) {
                drawn += self.drawn(*target, deep + 1, known)?;
            }
            if drawn > MOST {
                return Err(bad("it draws the same over and over"));
            }
        }
        known.insert(element, drawn);
        Ok(drawn)
    }
}

/// What stands in a tag that is open, and what stands behind it. A value may have the end of a tag in it.
fn tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return (&text[..at], &text[at + 1..]),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    (text, "")
}

/// The value of an attribute, which our writer has in double quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!(" {name}=\"");
    tag.split_once(begin.as_str())?.1.split('"').next()
}
