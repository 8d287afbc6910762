//! How much what readers do counts for a post or a tag, and what two titles share: the formulas of `docs/ranks.md`. How
//! much a day weighs is told once, by the function `content.weight_of_day` in Postgres.

use crate::Timestamp;

/// Points of a reader of a post.
pub const READ: i64 = 1;
/// Points of a reaction to a post.
pub const REACTION: i64 = 10;
/// Points of a comment on a post.
pub const COMMENT: i64 = 20;
/// Points of a post in the lists, for each of its tags.
pub const USE: i64 = 20;

/// Of a title so many words count, the first.
const WORDS: usize = 16;
/// How many characters a word has that counts.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=40;
/// What more posts share than this is no rarer than what so many do: none counts further.
pub const COMMON: i64 = 1_024;

/// Points that something got on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Days since 1970-01-01, in UTC.
    pub day: i64,
    /// How many points.
    pub points: i64,
}

impl Mark {
    /// Points that it got at a time.
    #[must_use]
    pub fn at(Timestamp(millis): Timestamp, points: i64) -> Self {
        Self { day: millis.div_euclid(86_400_000), points }
    }
}

/// The words of a title that count, each once, in alphabetical order: in lower case, and cut where there is neither a
/// letter nor a digit.
#[must_use]
pub fn words(title: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in title.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        if LENGTHS.contains(&word.chars().count()) && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words.truncate(WORDS);
    words.sort_unstable();
    words
}

/// How much it tells that two posts share something which so many posts have: 11 of the rarest, one less with each
/// doubling, and 1 of what [`COMMON`] have.
#[must_use]
pub fn rarity(posts: i64) -> i64 {
    11 - i64::from(posts.clamp(1, COMMON).ilog2())
}

#[cfg(test)]
mod tests;
