//! What events change of feeds. A commit is of many events, and a reader's rows may be those of any moment in it: so
//! what a post was in between counts, too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::Timestamp;
use domain::following::Following;
use domain::views::{Follows, SourceEvent, View, Written as Row, WrittenBy};
use uuid::Uuid;

use super::change::{Words, cut};
use super::commit::{FeedChanges, FollowChange, PostChange, Written};
use super::{FeedBounds, Keys};
use crate::poison::Poison;
use crate::work::Located;

/// So many entries are written in one script at the most, but for those of one
/// author, who has only so many followers: for some milliseconds Redis does
/// nothing else.
const ENTRIES_AT_ONCE: usize = 2_000;

/// When a post was published and by whom, where it is listed.
type Place = Option<(Timestamp, BTreeSet<Uuid>)>;

/// What became of posts and of who follows whom.
#[derive(Debug, Default)]
pub(super) struct FeedFold {
    rows: HashMap<Uuid, Row>,
    /// Where each was listed, from before the events on.
    places: BTreeMap<Uuid, Vec<Place>>,
    /// Whether the one follows the other after them.
    follows: BTreeMap<(Uuid, Uuid), bool>,
}

impl FeedFold {
    /// Folds events into rows. Which cannot be, is said.
    pub(super) fn of(rows: HashMap<Uuid, Row>, events: &[Located<'_>]) -> (Self, Vec<Poison>) {
        let (mut fold, mut poison) = (Self { rows, ..Self::default() }, Vec::new());
        let mut held: HashSet<&str> = HashSet::new();
        for located in events {
            let aggregate = located.event.aggregate_id.as_str();
            if held.contains(aggregate) {
                continue;
            }
            if let Err(gap) = fold.add(located) {
                held.insert(aggregate);
                poison.push(located.poison(WrittenBy::NAME, gap.to_string()));
            }
        }
        (fold, poison)
    }

    fn add(&mut self, located: &Located<'_>) -> Result<(), domain::views::Gap> {
        for id in WrittenBy::touched(located.event) {
            self.places.entry(id).or_insert_with(|| vec![place(&self.rows, id)]);
        }
        WrittenBy::apply(&mut self.rows, located.event)?;
        for id in WrittenBy::touched(located.event) {
            self.places.entry(id).or_default().push(place(&self.rows, id));
        }
        let Some(event) = SourceEvent::<Following>::of(located.event) else { return Ok(()) };
        for pair in Follows::keys(event) {
            // Which events a pair has is nothing that a feed depends on: the last one says how it is.
            self.follows.extend(Follows::fold(&pair, None, event).map(|follow| (pair, follow.active)));
        }
        Ok(())
    }

    /// The posts that are listed otherwise than at any time before.
    pub(super) fn changed_posts(&self) -> Vec<PostChange> {
        self.places.iter().filter_map(|(id, places)| changed(*id, places)).collect()
    }

    pub(super) fn changed_follows(&self) -> Vec<FollowChange> {
        let change = |(&(reader, followee), &active)| FollowChange { reader, followee, active };
        self.follows.iter().map(change).collect()
    }

    /// The rows, and what each author has listed.
    pub(super) fn written(&self, keys: &Keys) -> Written {
        let (mut rows, mut gone, mut listed, mut names) = (Vec::new(), Words::new(), Words::new(), BTreeSet::new());
        for (id, places) in &self.places {
            let Some(row) = self.rows.get(id) else { continue };
            rows.extend([id.to_string(), serde_json::to_string(row).expect("a row is strings, numbers and flags")]);
            let (was, is) = (places.first().cloned().flatten(), places.last().cloned().flatten());
            if was == is {
                continue;
            }
            let all = |place: &Place| place.iter().flat_map(|(_, writers)| writers.clone()).collect::<BTreeSet<_>>();
            let key = |names: &mut BTreeSet<String>, writer: &Uuid| {
                let name = format!("by:{writer}");
                let key = keys.tag(&name);
                names.insert(name);
                key
            };
            for writer in all(&was).difference(&all(&is)) {
                gone.entry(key(&mut names, writer)).or_default().push(id.to_string());
            }
            if let Some((at, writers)) = &is {
                for writer in writers {
                    let entry = [at.0.to_string(), id.to_string()];
                    listed.entry(key(&mut names, writer)).or_default().extend(entry);
                }
            }
        }
        let rows = Words::from([(keys.posts(), rows)]);
        let commands = [("HSET", rows), ("ZREM", gone), ("ZADD", listed)].into_iter().flat_map(cut).collect();
        let tags = names.into_iter().map(|name| (name.clone(), keys.tag(&name))).collect();
        Written { commands, tags, ..Written::default() }
    }
}

fn place(rows: &HashMap<Uuid, Row>, id: Uuid) -> Place {
    rows.get(&id).and_then(Row::listed)
}

/// Whose followers' feeds change by these.
pub(super) fn writers(posts: &[PostChange]) -> Vec<Uuid> {
    let writers: BTreeSet<&Uuid> = posts.iter().flat_map(|post| post.writers.iter().chain(&post.left)).collect();
    writers.into_iter().copied().collect()
}

/// What followers of a post's writers are to be told; `None` if it always was as it is.
fn changed(id: Uuid, places: &[Place]) -> Option<PostChange> {
    let (is, before) = places.split_last()?;
    if before.iter().all(|place| place == is) {
        return None;
    }
    let writers = is.as_ref().map(|(_, writers)| writers.clone()).unwrap_or_default();
    let at = is.as_ref().map(|(at, _)| *at);
    let were: BTreeSet<Uuid> = before.iter().flatten().flat_map(|(_, writers)| writers).copied().collect();
    Some(PostChange {
        id,
        at: at.map(|at| at.0.to_string()).unwrap_or_default(),
        moved: at.is_some() && before.iter().flatten().any(|(before, _)| Some(*before) != at),
        left: were.difference(&writers).copied().collect(),
        told: writers.iter().copied().collect(),
        writers: writers.into_iter().collect(),
    })
}

/// What there is to do is spread over scripts by how many entries it writes: first who follows whom, of which each may
/// write a whole feed, and then what became of posts.
pub(super) fn in_scripts(
    posts: Vec<PostChange>,
    follows: Vec<FollowChange>,
    followers: &HashMap<Uuid, usize>,
    bounds: FeedBounds,
    part: &str,
) -> Vec<FeedChanges> {
    let one = || FeedChanges {
        part: part.to_owned(),
        most: bounds.feed_entries,
        followers: bounds.feed_followers,
        ..FeedChanges::default()
    };
    let (mut scripts, mut last, mut entries) = (Vec::new(), one(), 0);
    let settles = posts.iter().map(|post| post.id).collect();
    let mut make_room = |last: &mut FeedChanges, more: usize| {
        if entries > 0 && entries + more > ENTRIES_AT_ONCE {
            scripts.push(std::mem::replace(last, one()));
            entries = 0;
        }
        entries += more;
    };
    for follow in follows {
        make_room(&mut last, bounds.feed_entries + 1);
        last.follows.push(follow);
    }
    for (more, piece) in posts.into_iter().flat_map(|post| pieces(&post, followers)) {
        make_room(&mut last, more);
        last.posts.push(piece);
    }
    scripts.push(FeedChanges { is_last: true, settles, ..last });
    scripts
}

/// What is to be told of a post, cut where it is more than one script ought to write.
fn pieces(post: &PostChange, followers: &HashMap<Uuid, usize>) -> Vec<(usize, PostChange)> {
    let none = || PostChange { told: Vec::new(), left: Vec::new(), ..post.clone() };
    let (mut pieces, mut last, mut entries) = (Vec::new(), none(), 0);
    let told = post.told.iter().map(|writer| (writer, true));
    for (writer, is_told) in told.chain(post.left.iter().map(|writer| (writer, false))) {
        let more = followers.get(writer).copied().unwrap_or_default();
        if entries > 0 && entries + more > ENTRIES_AT_ONCE {
            pieces.push((entries, std::mem::replace(&mut last, none())));
            entries = 0;
        }
        entries += more;
        if is_told { &mut last.told } else { &mut last.left }.push(*writer);
    }
    pieces.push((entries, last));
    pieces
}

#[cfg(test)]
mod tests;
