//! Whether an HTML element says what is to be read in the place of what it shows.

/// Whether the element with which a text begins has a description: an attribute `alt`, in any case, with a value. An
/// empty one is meant: the picture tells nothing. The element ends with the next bracket, be that in a value.
pub(super) fn is_described(text: &str) -> bool {
    let element = text[1..].split(['<', '>']).next().unwrap_or_default();
    let mut rest = element.trim_start_matches(|read: char| !read.is_whitespace() && read != '/');
    loop {
        rest = rest.trim_start_matches(|read: char| read.is_whitespace() || read == '/');
        if rest.is_empty() {
            return false;
        }
        let ends = |read: char| read.is_whitespace() || matches!(read, '/' | '=');
        // One that begins with the sign is of that name, as browsers read it.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let (name, behind) = rest.split_at(rest[first..].find(ends).map_or(rest.len(), |at| first + at));
        let (value, behind) = match behind.trim_start().strip_prefix('=') {
            Some(value) => read_value(value.trim_start()),
            None => (None, behind),
        };
        rest = behind;
        if name.eq_ignore_ascii_case("alt") {
            return value.is_some();
        }
    }
}

/// The value with which a text begins, if there is one, and what is behind it.
fn read_value(text: &str) -> (Option<&str>, &str) {
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let (value, rest) = text[1..].split_once(quote).unwrap_or((&text[1..], ""));
        return (Some(value), rest);
    }
    let (value, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (Some(value).filter(|value| !value.is_empty()), rest)
}
