//! What `commit.lua` is given.

use std::borrow::Cow;

use event_log::subscription::{PartitionId, Position};
use serde::Serialize;
use uuid::Uuid;

use super::Keys;
use crate::parked::ParkedEntry;
use crate::work::Work;

/// What becomes of a set of lists by some events.
#[derive(Debug, Default)]
pub struct Written {
    /// The Redis commands that make it so. Each says how things are to be, so that doing it twice is doing it once.
    pub(super) commands: Vec<Vec<String>>,
    /// The tags whose lists these write, and the keys of those.
    pub(super) tags: Vec<(String, String)>,
    /// What is to be done to feeds, in so many scripts, of which the last one does all the rest, too.
    pub(super) feeds: Vec<FeedChanges>,
}

/// What is to be done to feeds in one script.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct FeedChanges {
    /// What the keys of parts begin with.
    pub(super) part: String,
    /// How many posts a feed has at most.
    pub(super) most: usize,
    /// With more followers than this an author is merged on read.
    pub(super) followers: usize,
    /// Up to where the log is read then.
    pub(super) ends: Vec<(String, i64)>,
    /// Whether the rest of the commit is done with it.
    pub(super) is_last: bool,
    /// Of the last, all posts of which something is told: with it their rows say so, too.
    pub(super) settles: Vec<Uuid>,
    pub(super) posts: Vec<PostChange>,
    pub(super) follows: Vec<FollowChange>,
}

/// A post that is listed otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct PostChange {
    pub(super) id: Uuid,
    /// When it was published.
    pub(super) at: String,
    /// Whether it was listed at another time before.
    pub(super) moved: bool,
    /// By whom it is listed.
    pub(super) writers: Vec<Uuid>,
    /// Those of them whose followers are told of it by this.
    pub(super) told: Vec<Uuid>,
    /// By whom it was listed, and is not any more.
    pub(super) left: Vec<Uuid>,
}

/// A pair of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FollowChange {
    pub(super) reader: Uuid,
    pub(super) followee: Uuid,
    /// Whether the one follows the other now.
    pub(super) active: bool,
}

/// A script's argument.
#[derive(Debug, Default, Serialize)]
pub(super) struct Commit<'a> {
    /// Of which set this is made.
    generation: &'a str,
    expect: Vec<(String, i64)>,
    commands: &'a [Vec<String>],
    tags: &'a [(String, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    feeds: Option<FeedChanges>,
    held: Vec<Cow<'a, str>>,
    still: Vec<String>,
    park: Vec<Park<'a>>,
    unpark: Vec<Park<'a>>,
    advance: Vec<(String, String)>,
    channel: &'a str,
    announcements: &'a [String],
}

#[derive(Debug, Serialize)]
struct Park<'a> {
    place: String,
    key: &'a str,
    json: String,
}

impl<'a> Commit<'a> {
    /// What can be done to feeds before the rest, where it is too much for one script. Until the rest is done it shows
    /// to no reader whose rows are behind it, and doing it again is doing it once.
    pub(super) fn before(generation: &'a str, work: &Work, written: &Written) -> Vec<Self> {
        let before = written.feeds.split_last().map_or(&[][..], |(_, before)| before);
        let one =
            |feeds| Self { generation, expect: expected(work), feeds: Some(stamped(feeds, work)), ..Self::default() };
        before.iter().map(one).collect()
    }

    /// A work's changes; `parked` is what it parks, and the aggregates that had parked events before.
    pub(super) fn of(
        (keys, generation): (&'a Keys, &'a str),
        work: &'a Work,
        written: &'a Written,
        (parked, held): (&'a [ParkedEntry], &'a [&'a [u8]]),
        announcements: &'a [String],
    ) -> Self {
        let advance = |(partition, at): (&PartitionId, Position)| {
            (place(partition), serde_json::to_string(&at).expect("a position is numbers and an id"))
        };
        Self {
            expect: expected(work),
            feeds: written.feeds.last().map(|feeds| stamped(feeds, work)),
            held: held.iter().map(|key| String::from_utf8_lossy(key)).collect(),
            park: parked.iter().map(park).collect(),
            advance: work.ends().map(advance).collect(),
            announcements,
            ..Self::written(keys, generation, written)
        }
    }

    /// What can be done to feeds before the rest, of a parked event.
    pub(super) fn before_replayed(generation: &'a str, written: &Written, parked: &ParkedEntry) -> Vec<Self> {
        let before = written.feeds.split_last().map_or(&[][..], |(_, before)| before);
        let one = |feeds| Self {
            generation,
            still: vec![parked.place()],
            feeds: Some(replaying(feeds, parked)),
            ..Self::default()
        };
        before.iter().map(one).collect()
    }

    /// The changes of a parked event, which is taken off the list.
    pub(super) fn replayed(
        (keys, generation): (&'a Keys, &'a str),
        written: &'a Written,
        parked: &'a ParkedEntry,
    ) -> Self {
        let feeds = written.feeds.last().map(|feeds| replaying(feeds, parked));
        Self { feeds, unpark: vec![park(parked)], ..Self::written(keys, generation, written) }
    }

    fn written(keys: &'a Keys, generation: &'a str, written: &'a Written) -> Self {
        let (commands, tags) = (&written.commands[..], &written.tags[..]);
        Self { generation, commands, tags, channel: keys.channel(), ..Self::default() }
    }
}

fn expected(work: &Work) -> Vec<(String, i64)> {
    work.runs().map(|run| (place(&run.partition), run.from.next_offset)).collect()
}

fn stamped(feeds: &FeedChanges, work: &Work) -> FeedChanges {
    let ends = work.ends().map(|(partition, at)| (place(partition), at.next_offset)).collect();
    FeedChanges { ends, ..feeds.clone() }
}

/// Rows that do not have the event yet are behind what it takes away.
fn replaying(feeds: &FeedChanges, parked: &ParkedEntry) -> FeedChanges {
    let partition = PartitionId { context: parked.context.clone(), partition: parked.partition };
    FeedChanges { ends: vec![(place(&partition), parked.offset + 1)], ..feeds.clone() }
}

fn park(entry: &ParkedEntry) -> Park<'_> {
    let json = serde_json::to_string(entry).expect("strings and numbers are always JSON");
    Park { place: entry.place(), key: &entry.key, json }
}

fn place(partition: &PartitionId) -> String {
    format!("{}/{}", partition.context, partition.partition)
}

#[cfg(test)]
mod tests;
