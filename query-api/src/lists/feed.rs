//! What Redis has of a reader's feed: the newest posts of the authors whom they follow, but for those with so many
//! followers that their posts are looked for when a feed is read.

use std::collections::HashMap;

use domain::Timestamp;
use redis::Pipeline;
use uuid::Uuid;

use super::stand::Stand;
use crate::progress::Known;

/// The contexts that feeds in Redis are made of.
pub(crate) const CONTEXTS: [&str; 2] = ["posts", "following"];

/// When a post was published, and which.
type Entry = (Timestamp, Uuid);

/// A feed that can be read.
#[derive(Debug, PartialEq)]
pub(crate) struct Ready {
    /// Posts that may be in it; all that are, above the floor.
    pub(crate) entries: Vec<Entry>,
    /// Where it was cut: it has nothing from there on. None if it never was.
    pub(crate) floor: Option<Entry>,
    /// The authors whom the reader follows and whose posts are not among these.
    pub(crate) merged: Vec<Uuid>,
}

/// The keys of one reader's feed.
pub(super) struct Keys<'a> {
    base: &'a str,
    reader: Uuid,
}

/// What Redis answers.
pub(super) type Answer = (
    HashMap<String, String>,
    HashMap<String, String>,
    u64,
    u64,
    u64,
    Vec<Option<f64>>,
    u64,
    Vec<(String, f64)>,
    Vec<(String, f64)>,
    Vec<String>,
);

impl<'a> Keys<'a> {
    pub(super) fn new(base: &'a str, reader: Uuid) -> Self {
        Self { base, reader }
    }

    /// All in one transaction, so that the positions are those of the very entries.
    pub(super) fn question(&self) -> Pipeline {
        let Self { base, reader } = self;
        let key = |name: &str| format!("{base}{name}");
        let names = ["following", "of", "gone"].map(|kind| format!("{kind}:{reader}"));
        let [following, feed, gone] = names.each_ref().map(|name| key(&format!("part:{name}")));
        let mut question = redis::pipe();
        question.atomic().hgetall(key("positions")).hgetall(key("sizes")).hlen(key("parked"));
        question.zcard(key("merged")).zcard(key("parts"));
        question.cmd("ZMSCORE").arg(key("parts")).arg(&names[..]).zcard(&following);
        question.zrange_withscores(&feed, 0, -1).zrange_withscores(&gone, 0, -1);
        question.cmd("ZINTER").arg(2).arg(key("merged")).arg(&following);
        question
    }
}

/// The same, by names.
#[derive(Debug)]
pub(super) struct Found {
    stand: Stand,
    merged_there_are: u64,
    parts_there_are: u64,
    noted: Vec<Option<f64>>,
    follows: u64,
    feed: Vec<(String, f64)>,
    gone: Vec<(String, f64)>,
    merged: Vec<String>,
}

impl Found {
    pub(super) fn of(answer: Answer) -> Self {
        let (positions, sizes, parked, merged_there_are, parts_there_are, noted, follows, feed, gone, merged) = answer;
        let stand = Stand { positions, sizes, parked };
        Self { stand, merged_there_are, parts_there_are, noted, follows, feed, gone, merged }
    }

    pub(super) fn ready(self, known: &Known) -> Option<Ready> {
        let is_good = self.is_whole() && self.stand.has_reached(known, &CONTEXTS) && self.nothing_is_taken(known);
        if !is_good {
            return None;
        }
        let floor = self.feed.iter().find_map(|(post, at)| Some((millis(*at), post.strip_prefix('-')?.parse().ok()?)));
        let entries = self.feed.iter().filter(|(post, _)| !post.starts_with('-'));
        let entries: Option<Vec<Entry>> = entries.map(|(post, at)| Some((millis(*at), post.parse().ok()?))).collect();
        let merged: Option<Vec<Uuid>> = self.merged.iter().map(|id| id.parse().ok()).collect();
        Some(Ready { entries: entries?, floor, merged: merged? })
    }

    fn is_whole(&self) -> bool {
        let found = [self.follows, self.feed.len() as u64, self.gone.len() as u64];
        // One that is noted as lost is below zero: as large as nothing is.
        let noted = self.noted.iter().map(|size| size.unwrap_or_default());
        noted.eq(found.map(|size| size as f64))
            && self.stand.is_whole(&[("newest", self.merged_there_are), ("tags", self.parts_there_are)])
    }

    /// Whether the rows have what last took something away from the feed.
    fn nothing_is_taken(&self, known: &Known) -> bool {
        self.gone.iter().all(|(place, next)| {
            let place = place.split_once('/').and_then(|(context, partition)| Some((context, partition.parse().ok()?)));
            place.is_some_and(|(context, partition)| known.next_offset(context, partition) >= Some(*next as i64))
        })
    }
}

/// A score is a whole number.
fn millis(score: f64) -> Timestamp {
    Timestamp(score as i64)
}
