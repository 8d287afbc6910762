//! Comparing rebuilt feeds with the live ones. What authors have listed and whom readers follow is the same in both.
//! Where a feed was cut, and who is merged on read, depends on the order in which two topics were read: so a feed is
//! compared with what those have listed whom its reader follows and who are not merged in its own set, above where it
//! was cut. It is just that.

use std::collections::{BTreeSet, HashSet};

use redis::AsyncCommands;

use super::pages;
use crate::lists::{Keys, RedisStore};
use crate::projector::Failed;

/// Names per page.
const PAGE: isize = 1_000;

/// The first thing that differs, if anything does.
pub(super) async fn compare(store: &mut RedisStore, live: &Keys, new: &Keys) -> Result<Option<String>, Failed> {
    for (one, other) in [(live, new), (new, live)] {
        let merged: HashSet<String> =
            pages::all(store, &one.newest()).await?.into_iter().map(|(author, _)| author).collect();
        for page in 0.. {
            let (from, to) = (page * PAGE, (page + 1) * PAGE - 1);
            let names: Vec<String> =
                store.ask(async |connection| connection.zrange(one.tags(), from, to).await).await?;
            for name in &names {
                let differs = match name.split_once(':') {
                    Some(("by", _)) => !is_equal(store, (one, other), name).await?,
                    // One who follows and has no feed, and one who has a feed and does not follow.
                    Some(("following", reader)) => {
                        !is_equal(store, (one, other), name).await?
                            || !is_as_it_must_be(store, (one, other), reader, &merged).await?
                    }
                    Some(("of", reader)) => !is_as_it_must_be(store, (one, other), reader, &merged).await?,
                    _ => false,
                };
                if differs {
                    return Ok(Some(one.tag(name)));
                }
            }
            if names.is_empty() {
                break;
            }
        }
    }
    Ok(None)
}

async fn is_equal(store: &mut RedisStore, (one, other): (&Keys, &Keys), name: &str) -> Result<bool, Failed> {
    pages::is_equal(store, &one.tag(name), &other.tag(name)).await
}

/// Whether a feed of one set has what those have listed whom its reader follows, as the other set says, and nothing
/// else.
async fn is_as_it_must_be(
    store: &mut RedisStore,
    (one, other): (&Keys, &Keys),
    reader: &str,
    merged: &HashSet<String>,
) -> Result<bool, Failed> {
    let feed = sorted(store, &one.tag(&format!("of:{reader}"))).await?;
    let floor = feed.iter().find_map(|(at, post)| post.strip_prefix('-').map(|post| (*at, post.to_owned())));
    let has: BTreeSet<Entry> = feed.into_iter().filter(|(_, post)| !post.starts_with('-')).collect();
    let followees = pages::all(store, &other.tag(&format!("following:{reader}"))).await?;
    // A post of several of them is there once.
    let mut must_be = BTreeSet::new();
    for (followee, _) in followees.into_iter().filter(|(followee, _)| !merged.contains(followee)) {
        let listed = sorted(store, &other.tag(&format!("by:{followee}"))).await?;
        must_be.extend(listed.into_iter().filter(|entry| floor.as_ref().is_none_or(|floor| entry > floor)));
    }
    Ok(has == must_be)
}

/// When a post was published, and which.
type Entry = (i64, String);

/// The members of a sorted set, by their scores, which are whole numbers.
async fn sorted(store: &mut RedisStore, key: &str) -> Result<BTreeSet<Entry>, Failed> {
    let members = pages::all(store, key).await?;
    Ok(members.into_iter().map(|(member, at)| (at as i64, member)).collect())
}
