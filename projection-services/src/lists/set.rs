//! What the projectors in Redis are, each: what they are made of, and how it is folded.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;

use domain::following::Following;
use domain::views::{Source, Tags, View, WrittenBy};
use uuid::Uuid;

use super::change::Changes;
use super::commit::Written;
use super::feed_change::{FeedFold, in_scripts, writers};
use super::{FeedBounds, Keys, RedisStore};
use crate::content::fold;
use crate::poison::Poison;
use crate::projector::Failed;
use crate::work::Located;

/// What a projector in Redis keeps.
pub trait Set: Clone + Debug + Send + Sync + 'static {
    /// The projector's name.
    const LIVE: &'static str;
    /// The contexts that it is made of.
    const CONTEXTS: &'static [&'static str];

    /// So many events are committed at once at the most: for as long as a script takes, Redis does nothing else.
    const AT_ONCE: usize;

    /// The keys that readers read.
    fn live(prefix: &str) -> Keys;

    /// Those that a rebuild fills.
    fn beside(prefix: &str) -> Keys;

    /// What becomes of it by some events, and which of them cannot be handled.
    fn fold(
        &self,
        store: &mut RedisStore,
        keys: &Keys,
        events: &[Located<'_>],
    ) -> impl Future<Output = Result<(Written, Vec<Poison>), Failed>> + Send;
}

/// What everyone is shown.
#[derive(Clone, Copy, Debug)]
pub struct Listed;

impl Set for Listed {
    const LIVE: &'static str = "lists";
    const CONTEXTS: &'static [&'static str] = <<Tags as View>::Source as Source>::CONTEXTS;
    const AT_ONCE: usize = 5_000;

    fn live(prefix: &str) -> Keys {
        Keys::live(prefix)
    }

    fn beside(prefix: &str) -> Keys {
        Keys::beside(prefix)
    }

    /// The rows that events touch, as they are and as they are to be.
    async fn fold(
        &self,
        store: &mut RedisStore,
        keys: &Keys,
        events: &[Located<'_>],
    ) -> Result<(Written, Vec<Poison>), Failed> {
        let before = store.rows(keys, touched::<Tags>(events)).await?;
        let (rows, poison) = fold::<Tags>(before.clone(), events);
        Ok((Changes::between(before, rows).written(keys), poison))
    }
}

/// What is new of those whom a reader follows.
#[derive(Clone, Copy, Debug)]
pub struct Followed(pub FeedBounds);

impl Set for Followed {
    const LIVE: &'static str = "feeds";
    const CONTEXTS: &'static [&'static str] = &["posts", <Following as domain::Decider>::NAME];
    const AT_ONCE: usize = 500;

    fn live(prefix: &str) -> Keys {
        Keys::of_feeds(prefix)
    }

    fn beside(prefix: &str) -> Keys {
        Keys::of_feeds_beside(prefix)
    }

    async fn fold(
        &self,
        store: &mut RedisStore,
        keys: &Keys,
        events: &[Located<'_>],
    ) -> Result<(Written, Vec<Poison>), Failed> {
        let before = store.rows(keys, touched::<WrittenBy>(events)).await?;
        let (folded, poison) = FeedFold::of(before, events);
        let posts = folded.changed_posts();
        let writers = writers(&posts);
        let followers: Vec<String> = writers.iter().map(|writer| keys.tag(&format!("followers:{writer}"))).collect();
        let followers = writers.into_iter().zip(store.sizes(&followers).await?).collect();
        let feeds = in_scripts(posts, folded.changed_follows(), &followers, self.0, &keys.tag(""));
        Ok((Written { feeds, ..folded.written(keys) }, poison))
    }
}

fn touched<V: View<Key = Uuid>>(events: &[Located<'_>]) -> Vec<Uuid> {
    let touched: BTreeSet<Uuid> = events.iter().flat_map(|located| V::touched(located.event)).collect();
    touched.into_iter().collect()
}
