//! How a text names people. An author writes `@ada`; what is kept is `@` and the id of the account that bears the name
//! at that time. Readers are shown the name that it bears when they look: so a mention follows who changes their name,
//! never comes to mean another who takes it, and says no name any more of who is forgotten.

use uuid::Uuid;

use crate::values::{CommentText, Limited as _, UserName};

/// So many times one text mentions an account at most; a further name is a word like any other.
const MOST: usize = CommentText::MOST_MENTIONS;

/// The names that a text may mention people by, each once, in their order.
#[must_use]
pub fn names(text: &str) -> Vec<UserName> {
    let mut names: Vec<UserName> = Vec::new();
    for (_, word) in words(text) {
        let Ok(name) = word.parse::<UserName>() else { continue };
        if names.len() < MOST && !names.iter().any(|other| other.canonical() == name.canonical()) {
            names.push(name);
        }
    }
    names
}

/// The accounts that a text as it is kept mentions, each once, in their order.
#[must_use]
pub fn accounts(text: &str) -> Vec<Uuid> {
    let mut accounts: Vec<Uuid> = Vec::new();
    for id in words(text).filter_map(|(_, word)| account(word)) {
        if accounts.len() < MOST && !accounts.contains(&id) {
            accounts.push(id);
        }
    }
    accounts
}

/// The account that a word after an `@` stands for, in a text as it is kept.
#[must_use]
pub fn account(word: &str) -> Option<Uuid> {
    // No other spelling of an id: this one alone is written.
    word.parse().ok().filter(|id: &Uuid| id.to_string() == word)
}

/// The text as it is kept: `bearer` tells which account bears a name.
#[must_use]
pub fn kept(text: &str, bearer: impl Fn(&str) -> Option<Uuid>) -> String {
    let mut left = MOST;
    with_others(text, |word| {
        let account = (left > 0).then(|| bearer(word))??;
        left -= 1;
        Some(account.to_string())
    })
}

/// The text with other words after its `@`s, where `other` has one.
#[must_use]
pub fn with_others(text: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    let (mut with, mut done) = (String::with_capacity(text.len()), 0);
    for (at, word) in words(text) {
        if let Some(other) = other(word) {
            with.push_str(&text[done..at]);
            with.push_str(&other);
            done = at + word.len();
        }
    }
    with.push_str(&text[done..]);
    with
}

/// The words after each `@` that begins a mention, with their places. One that follows a letter, as in an e-mail
/// address, or a `/`, as in the address of a page, does not.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('@').filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '\\')) {
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
