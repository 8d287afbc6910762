//! What comments are held for until a moderator has read them. It is a pure function of a comment and of what is said
//! here, so that each can be judged again from the log.

use serde::{Deserialize, Serialize};

use super::{Event, FiltersChanged, Rejection};
use crate::values::{Filter, FilterWord, is_ignorable};

/// The id of what comments are held for.
pub const FILTERS: &str = "filters";

/// So many words are looked for at most: in each comment each is looked for.
pub const MOST_WORDS: usize = 1_000;

/// What comments are held for. By default for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filters {
    /// That have one of these words; of several, in this order.
    pub words: Vec<FilterWord>,
    /// That have more links than this.
    pub most_links: Option<i64>,
    /// By authors of whom fewer comments than this are shown.
    pub first_comments: i64,
}

impl Filters {
    pub(super) fn of(changed: &FiltersChanged) -> Self {
        let FiltersChanged { words, most_links, first_comments } = changed.clone();
        Self { words, most_links, first_comments }
    }

    pub(super) fn change(&self, to: &Self) -> Result<Option<Event>, Rejection> {
        if to.words.len() > MOST_WORDS {
            return Err(Rejection::TooManyWords);
        }
        let Self { words, most_links, first_comments } = to.clone();
        Ok((self != to).then_some(Event::FiltersChanged(FiltersChanged { words, most_links, first_comments })))
    }

    /// Why a comment is held of which readers see this text, by an author of whom so many comments are shown; empty if
    /// it is not.
    #[must_use]
    pub fn hold(&self, text: &str, shown_comments: usize) -> Vec<Filter> {
        let has_a_word = || {
            let text = spaced(text);
            self.words.iter().map(|word| spaced(word.as_str())).any(|word| word.len() > 1 && text.contains(&word))
        };
        let shown = i64::try_from(shown_comments).unwrap_or(i64::MAX);
        let has_too_many_links = self.most_links.is_some_and(|most| links(text) > most);
        let found = [
            (Filter::Words, !self.words.is_empty() && has_a_word()),
            (Filter::Links, has_too_many_links),
            (Filter::FirstComments, shown < self.first_comments),
        ];
        found.into_iter().filter_map(|(filter, holds)| holds.then_some(filter)).collect()
    }
}

/// How many links a text has: places where an address of a page begins, be it written as a link or not.
#[must_use]
pub fn links(text: &str) -> i64 {
    let text = text.to_lowercase();
    let of = |begins: &str| text.matches(begins).count();
    // An address `http://www.example.org` is one.
    let bare = of("www.") - of("http://www.") - of("https://www.");
    i64::try_from(of("http://") + of("https://") + bare).unwrap_or(i64::MAX)
}

/// The text's words in lower case, each between two spaces: so that a word is found as a whole, whatever stands between
/// words, and whatever unseen within one.
fn spaced(text: &str) -> String {
    let mut spaced = String::from(" ");
    for c in text.to_lowercase().chars().filter(|c| !is_ignorable(*c)) {
        if c.is_alphanumeric() {
            spaced.push(c);
        } else if !spaced.ends_with(' ') {
            spaced.push(' ');
        }
    }
    if !spaced.ends_with(' ') {
        spaced.push(' ');
    }
    spaced
}
