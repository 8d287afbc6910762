//! Addresses in HTML: of pictures, and of links.

use std::ops::Range;

/// An address, and where it stands in the text, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) range: Range<usize>,
    /// Whether it is that of a picture.
    pub(super) is_picture: bool,
}

/// The addresses of a text's elements, in its order: `src` of `img` and `href` of `a`, in any case, with quotes or
/// without.
pub(super) fn addresses(text: &str) -> Vec<Address> {
    text.match_indices('<').filter_map(|(at, _)| address(text, at + 1)).collect()
}

/// The address of the element whose name begins somewhere.
fn address(text: &str, from: usize) -> Option<Address> {
    let ends = |read: char| !read.is_ascii_alphanumeric();
    let mut at = from + text[from..].find(ends)?;
    let name = &text[from..at];
    let is_picture = name.eq_ignore_ascii_case("img");
    let wanted = if is_picture { "src" } else { "href" };
    if !is_picture && !name.eq_ignore_ascii_case("a") {
        return None;
    }
    while let Some(attribute) = attribute(text, at) {
        if attribute.name.eq_ignore_ascii_case(wanted) {
            return attribute.value.map(|range| Address { range, is_picture });
        }
        at = attribute.end;
    }
    None
}

/// An attribute of an element.
struct Attribute<'a> {
    name: &'a str,
    /// Where its value stands, if it has one.
    value: Option<Range<usize>>,
    end: usize,
}

/// The next attribute; nothing where the element ends.
fn attribute(text: &str, at: usize) -> Option<Attribute<'_>> {
    let begin = behind(text, at, |read| read.is_whitespace() || read == '/');
    let is_name = |read: char| !read.is_whitespace() && !matches!(read, '/' | '=' | '>' | '<' | '"' | '\'');
    let end = behind(text, begin, is_name);
    let name = text.get(begin..end).filter(|name| !name.is_empty())?;
    let sign = behind(text, end, char::is_whitespace);
    if !text[sign..].starts_with('=') {
        return Some(Attribute { name, value: None, end });
    }
    let begin = behind(text, sign + 1, char::is_whitespace);
    let quote = text[begin..].chars().next().filter(|first| matches!(first, '"' | '\''));
    let (value, end) = match quote {
        Some(quote) => {
            let end = begin + 1 + text[begin + 1..].find(quote)?;
            (begin + 1..end, end + 1)
        }
        None => {
            let end = behind(text, begin, |read| !read.is_whitespace() && read != '>');
            (begin..end, end)
        }
    };
    Some(Attribute { name, value: Some(value).filter(|value| !value.is_empty()), end })
}

/// Behind the characters of a kind that stand somewhere.
fn behind(text: &str, at: usize, is_one: impl Fn(char) -> bool) -> usize {
    text.len() - text[at..].trim_start_matches(is_one).len()
}
