//! Where addresses stand in a text. What they are says the parser; it does not say where the address of a link or of a
//! definition begins, and it unescapes them. So places are looked for in the source, each is read by the parser, and
//! then all of it is tried: the text with other addresses has to be the same one, but for these.

use std::ops::Range;

use comrak::nodes::{NodeValue, Sourcepos};
use comrak::{Arena, Options};

use super::html;

/// An address that a text may get.
const TRIED: &str = "/media/0000000000000000000000000000000000000000000000000000000000000000";

/// A relative address in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Linked {
    pub(super) url: String,
    /// Whether it is that of a picture: else it may well be another page's.
    pub(super) is_picture: bool,
    pub(super) line: usize,
}

/// Where an address stands in a text, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) url: String,
    pub(super) range: Range<usize>,
}

/// A text as the parser has it.
struct Parsed {
    /// Its relative addresses, as Markdown and HTML have them, in its order.
    linked: Vec<Linked>,
    /// What is code, and where that stands: lines and columns, from 1.
    code: Vec<(String, Sourcepos)>,
    /// Where blocks of HTML stand, in which Markdown means nothing.
    html: Vec<Sourcepos>,
}

impl Parsed {
    fn of(text: &str) -> Self {
        let arena = Arena::new();
        let document = comrak::parse_document(&arena, text, &Options::default());
        let mut parsed = Self { linked: Vec::new(), code: Vec::new(), html: Vec::new() };
        for node in document.descendants() {
            let data = node.data();
            let place = data.sourcepos;
            match &data.value {
                NodeValue::Image(link) => parsed.add(link.url.clone(), true, place),
                NodeValue::Link(link) => parsed.add(link.url.clone(), false, place),
                NodeValue::HtmlInline(html) => parsed.add_html(html, place),
                NodeValue::HtmlBlock(block) => {
                    parsed.add_html(&block.literal, place);
                    parsed.html.push(place);
                }
                NodeValue::Code(code) => parsed.code.push((code.literal.clone(), place)),
                NodeValue::CodeBlock(block) => parsed.code.push((block.literal.clone(), place)),
                _ => {} // all else has no address
            }
        }
        parsed
    }

    fn add(&mut self, url: String, is_picture: bool, place: Sourcepos) {
        if is_relative(&url) {
            self.linked.push(Linked { url, is_picture, line: place.start.line });
        }
    }

    fn add_html(&mut self, html: &str, place: Sourcepos) {
        for address in html::addresses(html) {
            self.add(html[address.range].to_owned(), address.is_picture, place);
        }
    }

    fn literals(&self) -> impl Iterator<Item = &str> {
        self.code.iter().map(|(literal, _)| literal.as_str())
    }
}

/// The relative addresses of a text, in its order.
pub(super) fn linked(text: &str) -> Vec<Linked> {
    Parsed::of(text).linked
}

pub(super) fn is_relative(url: &str) -> bool {
    let has_scheme = url.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    !url.is_empty() && !has_scheme && !url.starts_with("//") && !url.starts_with(['#', '?']) && !url.contains("{{")
}

/// Where the addresses of a text stand that are meant, in its order; and those that stand nowhere where they are found,
/// and so stay as they are.
pub(super) fn places(text: &str, is_meant: impl Fn(&str) -> bool) -> (Vec<Place>, Vec<Linked>) {
    let parsed = Parsed::of(text);
    let places: Vec<Place> = found(text, &parsed).into_iter().filter(|place| is_meant(&place.url)).collect();
    let meant = || parsed.linked.iter().filter(|linked| is_meant(&linked.url)).cloned();
    let after = Parsed::of(&spliced(text, places.iter().map(|place| (place.range.clone(), TRIED))));
    let both = || parsed.linked.iter().zip(&after.linked);
    let is_same = parsed.linked.len() == after.linked.len()
        && parsed.literals().eq(after.literals())
        && both().all(|(before, after)| after.url == before.url || after.url == TRIED && is_meant(&before.url));
    if !is_same {
        return (Vec::new(), meant().collect());
    }
    let stays = both().filter(|(before, after)| after.url == before.url && is_meant(&before.url));
    (places, stays.map(|(before, _)| before.clone()).collect())
}

/// A text with other words at some places, which are in its order.
pub(super) fn spliced<'a>(text: &str, at: impl Iterator<Item = (Range<usize>, &'a str)>) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (range, words) in at {
        out.push_str(&text[done..range.start]);
        out.push_str(words);
        done = range.end;
    }
    out + &text[done..]
}

/// The places of addresses in a text's source, in its order. There may be more than the parser sees.
fn found(text: &str, parsed: &Parsed) -> Vec<Place> {
    let lines = Lines::of(text);
    let code: Vec<_> = parsed.code.iter().filter_map(|(_, place)| lines.range(*place)).collect();
    let html: Vec<_> = parsed.html.iter().filter_map(|place| lines.range(*place)).collect();
    let is_in = |ranges: &[Range<usize>], at: usize| ranges.iter().any(|range| range.contains(&at));
    let in_html = html::addresses(text).into_iter().map(|address| address.range);
    let in_html = in_html.map(|range| Place { url: text[range.clone()].to_owned(), range });
    let begins = text.match_indices("](").chain(text.match_indices("]:").filter(|(at, _)| is_definition(text, *at)));
    let in_markdown = begins.filter(|(at, _)| !is_in(&html, *at));
    let in_markdown = in_markdown.filter_map(|(at, begin)| destination(text, at + begin.len()));
    let mut places: Vec<Place> = in_markdown.chain(in_html).filter(|place| !is_in(&code, place.range.start)).collect();
    places.sort_unstable_by_key(|place| place.range.start);
    places.dedup_by(|next, kept| next.range.start < kept.range.end);
    places
}

/// Whether a bracket that a colon follows ends the label of a definition: that begins its line.
fn is_definition(text: &str, closed: usize) -> bool {
    let line = text[..closed].rfind('\n').map_or(0, |at| at + 1);
    text[line..closed].trim_start_matches([' ', '\t', '>']).starts_with('[')
}

/// The address that begins somewhere, as the parser reads it there.
fn destination(text: &str, from: usize) -> Option<Place> {
    let begin = text.len() - text[from..].trim_start().len();
    let (range, read) = match text[begin..].strip_prefix('<') {
        Some(rest) => {
            let range = begin + 1..begin + 1 + end_of(rest, |read, _| read == '>')?;
            (range.clone(), format!("[x](<{}>)", &text[range]))
        }
        None => {
            let ends = |read: char, depth| read.is_whitespace() || read == ')' && depth == 0;
            let end = end_of(&text[begin..], ends).unwrap_or(text.len() - begin);
            let range = begin..begin + end;
            (range.clone(), format!("[x]({})", &text[range]))
        }
    };
    let arena = Arena::new();
    let document = comrak::parse_document(&arena, &read, &Options::default());
    let url = document.descendants().find_map(|node| match &node.data().value {
        NodeValue::Link(link) => Some(link.url.clone()),
        _ => None, // it is no address
    });
    url.filter(|url| !url.is_empty()).map(|url| Place { url, range })
}

/// Where something ends, by its characters that are not escaped and how many brackets are open before each.
fn end_of(text: &str, ends: impl Fn(char, usize) -> bool) -> Option<usize> {
    let (mut depth, mut next) = (0_usize, text.char_indices());
    while let Some((at, read)) = next.next() {
        if ends(read, depth) {
            return Some(at);
        }
        match read {
            '\\' => drop(next.next()),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {} // it belongs to it
        }
    }
    None
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn range(&self, place: Sourcepos) -> Option<Range<usize>> {
        let at = |line: usize, column: usize| Some(self.0.get(line.checked_sub(1)?)? + column);
        Some(at(place.start.line, place.start.column)?.saturating_sub(1)..at(place.end.line, place.end.column)?)
    }
}
