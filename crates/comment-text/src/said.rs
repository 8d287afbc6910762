use std::collections::BTreeSet;
use std::ops::Range;

use comrak::nodes::NodeValue;
use comrak::{Arena, Node, try_parse_document};
use domain::values::{CommentText, Limited as _, UserName};
use uuid::Uuid;

use crate::Budget;

/// So many words after an `@` are looked at in one text. Each is longer for a parser than it is typed: without a bound
/// a text of 5,000 characters would be parsed as 60,000.
const MOST_WORDS: usize = 10 * CommentText::MOST_MENTIONS;

/// A text mentions more than it may. The message is for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("may mention people {} times at most", CommentText::MOST_MENTIONS)]
pub struct TooManyMentions;

/// What a comment says, and where it mentions people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    text: &'a str,
    /// The words after the `@`s, with their places in the text.
    mentions: Vec<(usize, &'a str)>,
}

/// A text in which every mention's word is a mark that is nowhere else: so it is found again in what a parser makes of
/// the text.
#[derive(Clone, Debug)]
pub struct Marked {
    text: String,
    mark: String,
}

impl<'a> Said<'a> {
    /// Finds where a text mentions people. One that takes a parser too long mentions no one; of one that has very many
    /// words after an `@`, which [`kept`] refuses, those are looked at that are ids.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let mut mentions: Vec<(usize, &str)> = words(text).collect();
        if mentions.len() > MOST_WORDS {
            mentions.retain(|(_, word)| account(word).is_some());
            mentions.truncate(MOST_WORDS);
        }
        let all = Self { text, mentions };
        if all.mentions.is_empty() {
            return all;
        }
        let in_text = all.marked().in_text();
        let is_in_text = |(place, mention)| in_text.contains(&place).then_some(mention);
        Self { text, mentions: all.mentions.into_iter().enumerate().filter_map(is_in_text).collect() }
    }

    /// The words that mention people, without their `@`s, in their order.
    pub fn words(&self) -> impl Iterator<Item = &'a str> {
        self.mentions.iter().map(|(_, word)| *word)
    }

    /// The text with other words in the place of those that mention people, where `other` has one. It is given each
    /// one's place among [`Self::words`], and the word.
    #[must_use]
    pub fn with(&self, mut other: impl FnMut(usize, &str) -> Option<String>) -> String {
        let (mut with, mut done) = (String::with_capacity(self.text.len()), 0);
        for (place, (at, word)) in self.mentions.iter().enumerate() {
            if let Some(other) = other(place, word) {
                with.push_str(&self.text[done..*at]);
                with.push_str(&other);
                done = at + word.len();
            }
        }
        with.push_str(&self.text[done..]);
        with
    }

    /// The text as a parser is given it.
    #[must_use]
    pub fn marked(&self) -> Marked {
        // Drawn, so that no text can have it.
        let mark = format!("m{}x", Uuid::new_v4().simple());
        Marked { text: self.with(|place, _| Some(format!("{mark}{place}x"))), mark }
    }
}

impl Marked {
    /// The text with its marks.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mentions in a part of what the parser made: where each is, with its `@`, and its place among
    /// [`Said::words`].
    pub fn places(&self, part: &str) -> impl Iterator<Item = (Range<usize>, usize)> {
        part.match_indices(&self.mark).filter_map(|(at, mark)| {
            let digits = at + mark.len();
            let end = digits + part[digits..].find('x')?;
            let begins = at.checked_sub(1).filter(|before| part.as_bytes()[*before] == b'@')?;
            Some((begins..end + 1, part[digits..end].parse().ok()?))
        })
    }

    /// Which of the mentions are in words of the text, and not in code or within a link.
    fn in_text(&self) -> BTreeSet<usize> {
        let (arena, budget, options) = (Arena::new(), Budget::of(&self.text), crate::options());
        let Ok(root) = try_parse_document(&arena, &self.text, &options, &|| budget.is_spent()) else {
            return BTreeSet::new();
        };
        root.descendants().flat_map(|node| self.in_node(node)).collect()
    }

    fn in_node(&self, node: Node<'_>) -> Vec<usize> {
        match &node.data.borrow().value {
            NodeValue::Text(text) if text.contains(&self.mark) && !is_within_a_link(node) => {
                self.places(text).map(|(_, place)| place).collect()
            }
            // Not an enum of ours.
            _ => Vec::new(),
        }
    }
}

/// A picture is a link, too, where it is shown.
fn is_within_a_link(node: Node<'_>) -> bool {
    node.ancestors().any(|above| matches!(above.data.borrow().value, NodeValue::Link(_) | NodeValue::Image(_)))
}

/// The text as it is kept: `bearer` tells which account bears a name.
///
/// # Errors
/// It mentions people more often than [`CommentText::MOST_MENTIONS`] times, or has ten times as many words after an
/// `@`, whomever they name. An id of an account that a person types is a mention, too.
pub fn kept(text: &str, bearer: impl Fn(&str) -> Option<Uuid>) -> Result<String, TooManyMentions> {
    if words(text).nth(MOST_WORDS).is_some() {
        return Err(TooManyMentions);
    }
    let said = Said::of(text);
    let kept = said.with(|_, word| bearer(word).map(|id| id.to_string()));
    // Those that were typed, in code too: a reader looks them all up.
    let mentions = words(&kept).filter(|(_, word)| account(word).is_some()).count();
    if mentions > CommentText::MOST_MENTIONS { Err(TooManyMentions) } else { Ok(kept) }
}

/// The account that a word after an `@` stands for, in a text as it is kept.
#[must_use]
pub fn account(word: &str) -> Option<Uuid> {
    // No other spelling of an id: this one alone is written.
    word.parse().ok().filter(|id: &Uuid| id.to_string() == word)
}

/// The accounts that a text as it is kept may mention: found without a parser, so one that is named in code is among
/// them. For looking up.
#[must_use]
pub fn accounts(kept: &str) -> BTreeSet<Uuid> {
    words(kept).filter_map(|(_, word)| account(word)).collect()
}

/// The words after each `@` that may begin a mention, with their places. One that follows a letter, as in an address of
/// mail, or a `/`, as in one of a page, does not.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('@').filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '@' | '\\')) {
            return None;
        }
        let rest = &text[at + 1..];
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let run = &rest[..rest.find(|c| !fine(c)).unwrap_or(rest.len())];
        // A full stop after a name ends the sentence.
        let word = run.trim_end_matches(['.', '_', '-']);
        let begins = word.starts_with(|c: char| c.is_ascii_alphanumeric());
        (begins && word.len() <= UserName::LIMITS.most).then_some((at + 1, word))
    })
}

#[cfg(test)]
mod tests;
