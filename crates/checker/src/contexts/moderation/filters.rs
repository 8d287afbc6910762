//! What a comment is held for, judged again by its text and by what the filters were then. Of how many comments of an
//! author were shown, this cannot be said: an instance judges by what it has read.

use serde_json::{Value, json};

use crate::history::Event;
use crate::state::{self, State};

/// Whether these filters, as they stand, hold a comment for what its event says.
pub(super) fn held(filters: &State, event: &Event) -> bool {
    let of = |name: &str| event.fields.get(name).cloned().unwrap_or_default();
    if filters.get("version") != Some(&of("filters_version")) {
        return false;
    }
    let held_by = of("held_by").as_array().cloned().unwrap_or_default();
    let text = of("text");
    let Some(text) = text.as_str().filter(|_| !state::is_forgotten(&text)) else { return true };
    let first = filters.get("first_comments").and_then(Value::as_i64).unwrap_or(0);
    let most = filters.get("most_links").and_then(Value::as_i64);
    let is_held = |name: &str| held_by.contains(&json!(name));
    is_held("words") == has_a_word(filters, text)
        && is_held("links") == most.is_some_and(|most| links(text) > most)
        && (first > 0 || !is_held("first-comments"))
}

/// What a text is made of: runs of letters and digits, in lower case.
fn runs(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let runs = lower.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(str::to_owned).collect()
}

fn has_a_word(filters: &State, text: &str) -> bool {
    let text = runs(text);
    let words = filters.get("words").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    words.map(runs).any(|word| !word.is_empty() && text.windows(word.len()).any(|run| run == word))
}

/// How many addresses begin in a text.
fn links(text: &str) -> i64 {
    let lower = text.to_lowercase();
    let (mut links, mut rest) = (0, lower.as_str());
    while let Some(first) = rest.chars().next() {
        let scheme = ["http://", "https://"].into_iter().find(|scheme| rest.starts_with(scheme));
        let begin = scheme.map_or(0, str::len);
        let host = if rest[begin..].starts_with("www.") { 4 } else { 0 };
        links += i64::from(begin + host > 0);
        rest = &rest[(begin + host).max(first.len_utf8())..];
    }
    links
}

#[cfg(test)]
mod tests;
