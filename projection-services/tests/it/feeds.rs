//! Feeds: what the query API answers is what plain SQL says, however far either projector has read, and wherever its
//! feeds were cut.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use domain::posts::co_authors::{CoAuthorJoined, CoAuthorLeft};
use domain::posts::{self, CoAuthorEvent, Unpublished};
use domain::views::ViewEvent;
use futures::FutureExt as _;
use projection_services::content::{CONTEXTS as IN_POSTGRES, Content};
use projection_services::lists::{FeedBounds, Feeds, Followed, Keys, Set};
use projection_services::log::{Log, Source};
use projection_services::projector::{Failed, Projector};
use projection_services::rebuild::{Options, lists};
use projection_services::work::Work;
use redis::AsyncCommands as _;
use uuid::Uuid;

use crate::support::history::Dice;
use crate::support::log::{MemoryLog, MemorySource};
use crate::support::readers::Readers;
use crate::support::stores::{TestDatabase, TestRedis};
use crate::support::stories::{PEOPLE, Story, person};

/// Small, so that feeds are cut and authors are merged.
const SMALL: FeedBounds = FeedBounds { feed_entries: 5, feed_followers: 2 };

/// A projector, and what it has not read yet.
struct Reading<P> {
    projector: P,
    source: MemorySource,
}

impl<P: Projector> Reading<P> {
    async fn begin(mut projector: P, log: &MemoryLog, contexts: &[&str], max_batch: usize) -> Self {
        let at = projector.resume().await.unwrap();
        Self { projector, source: log.open(contexts, at, max_batch).await.unwrap() }
    }

    /// Reads so many batches, if there are as many.
    async fn read(&mut self, batches: usize) {
        for _ in 0..batches {
            let Some(batch) = self.source.next().now_or_never() else { return };
            self.projector.commit(&Work::of(batch.unwrap())).await.unwrap();
        }
    }
}

struct World {
    database: TestDatabase,
    redis: TestRedis,
    log: MemoryLog,
    readers: Readers,
}

impl World {
    async fn new() -> Self {
        let (database, redis) = (TestDatabase::create().await, TestRedis::create());
        let readers = Readers::start(&database, &redis);
        Self { database, redis, log: MemoryLog::new(), readers }
    }

    async fn content(&self) -> Reading<Content> {
        Reading::begin(self.database.content(&self.log), &self.log, &IN_POSTGRES, 12).await
    }

    async fn feeds(&self) -> Reading<Feeds> {
        Reading::begin(self.redis.feeds(SMALL), &self.log, Followed::CONTEXTS, 12).await
    }

    /// Every reader's feed is what plain SQL says, page by page.
    async fn assert_equal(&self, when: &str) {
        let mut connection = self.database.connect().await;
        for reader in (0..PEOPLE).map(person) {
            let expected: Vec<Uuid> = sqlx::query_scalar(PLAIN).bind(reader).fetch_all(&mut connection).await.unwrap();
            for limit in [3, 100] {
                assert_eq!(self.readers.feed(reader, limit).await, expected, "{when}: the feed of {reader} by {limit}");
            }
        }
    }

    fn append(&self, events: Vec<ViewEvent>) {
        events.into_iter().for_each(|event| self.log.append(event));
    }

    /// The rows know who follows whom, and no post that they did not know before, unlike the feeds: the two topics have
    /// no common order. A post is there still until they have read the rest.
    async fn assert_one_is_there_still(&self) {
        let content = self.database.content(&self.log);
        Reading::begin(content, &self.log, &["following"], 12).await.read(usize::MAX).await;
        assert_eq!(self.readers.feed(person(1), 10).await.len(), 1, "the rows say so");
        self.content().await.read(usize::MAX).await;
        assert!(self.readers.feed(person(1), 10).await.is_empty());
    }
}

/// What is listed and followed, each post asked by itself: from what it names up to what is followed.
const PLAIN: &str = "
    WITH RECURSIVE f AS (SELECT * FROM content.followed_subjects WHERE active AND follower_id = $1),
    meant (from_id, id) AS (
        SELECT category_id, category_id FROM content.categories
        UNION SELECT m.from_id, c.merged_into FROM meant m JOIN content.categories c ON c.category_id = m.id
            WHERE c.merged_into IS NOT NULL
    ),
    final AS (SELECT m.from_id, m.id FROM meant m JOIN content.categories c ON c.category_id = m.id
        WHERE c.merged_into IS NULL AND NOT c.deleted),
    above (from_id, id) AS (
        SELECT from_id, id FROM final
        UNION SELECT a.from_id, c.parent_id FROM above a JOIN content.categories c ON c.category_id = a.id
            WHERE c.parent_id IS NOT NULL
    )
    SELECT p.post_id FROM content.posts p
    WHERE p.published AND NOT p.deleted AND p.visible = 'all' AND p.visibility <> 'unlisted' AND NOT p.archived AND (
        EXISTS (SELECT FROM content.follows w WHERE w.active AND w.follower_id = $1
            AND w.followee_id = ANY (p.co_author_ids || p.author_id))
        OR EXISTS (SELECT FROM f JOIN unnest(p.tags) t (name) ON f.subject_kind = 'tag'
            AND COALESCE((SELECT n.tag FROM content.tag_names n WHERE n.name = t.name), t.name)
              = COALESCE((SELECT n.tag FROM content.tag_names n WHERE n.name = f.subject_ref), f.subject_ref))
        OR EXISTS (SELECT FROM f JOIN final m ON f.subject_kind = 'category' AND m.from_id::text = f.subject_ref
            JOIN above a ON a.id = m.id WHERE a.from_id = ANY (p.category_ids))
        OR EXISTS (SELECT FROM f JOIN content.series s
            ON f.subject_kind = 'series' AND s.series_id::text = f.subject_ref
            WHERE NOT s.deleted AND p.post_id = ANY (s.post_ids))
    )
    ORDER BY p.published_at DESC, p.post_id DESC";

#[tokio::test]
async fn feeds_are_what_plain_sql_says_however_far_either_projector_has_read() {
    for seed in 1..=3 {
        let world = World::new().await;
        let (mut content, mut feeds) = (world.content().await, world.feeds().await);
        let (mut story, mut dice) = (Story::new(seed), Dice::new(seed ^ 0xfeed));
        for step in 0..30 {
            story.go_on(12).into_iter().for_each(|event| world.log.append(event));
            content.read(dice.below(4)).await;
            feeds.read(dice.below(6)).await;
            if step % 8 == 7 {
                // Both have read everything: then Redis answers what it can.
                content.read(usize::MAX).await;
                feeds.read(usize::MAX).await;
            }
            world.assert_equal(&format!("seed {seed}, step {step}")).await;
        }
    }
}

/// Of a Redis that was lied to, the answer is a lie: so it is asked.
#[tokio::test]
async fn redis_is_asked_where_it_is_whole_and_never_where_it_is_not() {
    let world = World::new().await;
    let (mut content, mut feeds) = (world.content().await, world.feeds().await);
    let at = 1_700_000_000_000;
    let mut story = Story::new(1);
    for event in story.published_by(person(0), at).into_iter().chain(story.follows(person(1), person(0), at)) {
        world.log.append(event);
    }
    content.read(usize::MAX).await;
    feeds.read(usize::MAX).await;
    let one = world.readers.feed(person(1), 10).await;
    assert_eq!(one.len(), 1);

    // Nothing of the reader's is lost but the post: its feed is as large as is noted.
    let keys = Keys::of_feeds(&world.redis.prefix);
    let (feed, mut redis) = (keys.tag(&format!("of:{}", person(1))), world.redis.connection().await);
    let post: Vec<String> = redis.zrange(&feed, 0, -1).await.unwrap();
    let _: () = redis.zrem(&feed, &post).await.unwrap();
    let _: () = redis.zadd(&feed, Uuid::nil().to_string(), at).await.unwrap();
    assert!(world.readers.feed(person(1), 10).await.is_empty(), "Redis was not asked");

    // Rows that are further than the feeds are not read with them.
    for event in story.published_by(person(0), at + 1) {
        world.log.append(event);
    }
    content.read(usize::MAX).await;
    assert_eq!(world.readers.feed(person(1), 10).await.len(), 2);
    feeds.read(usize::MAX).await;
    assert_eq!(world.readers.feed(person(1), 10).await.len(), 1, "Redis was not asked");

    // Each key that may be lost is missed.
    let all: Vec<String> = redis.keys(format!("{}*", keys.base())).await.unwrap();
    let is_read = |key: &&String| [":posts", "followers:", ":by:"].iter().all(|other| !key.contains(other));
    for key in all.iter().filter(is_read) {
        let dump: Vec<u8> = redis::cmd("DUMP").arg(key).query_async(&mut redis).await.unwrap();
        let _: () = redis.del(key).await.unwrap();
        let is_theirs = key.contains(&person(1).to_string()) || !key.contains("part:");
        let found = world.readers.feed(person(1), 10).await.len();
        assert_eq!(found, if is_theirs { 2 } else { 1 }, "{key}");
        let _: () = redis::cmd("RESTORE").arg(key).arg(0).arg(dump).query_async(&mut redis).await.unwrap();
    }

    // One that a writer noted as lost has nothing, and that is not all that there is.
    let lost = format!("of:{}", person(1));
    let _: () = redis.del(keys.tag(&lost)).await.unwrap();
    let _: () = redis.zadd(keys.tags(), &lost, -1).await.unwrap();
    assert_eq!(world.readers.feed(person(1), 10).await.len(), 2, "noted as lost");
}

/// Rows that do not know yet of an unfollow show what they show, whatever the feed has lost already.
#[tokio::test]
async fn rows_that_are_behind_what_was_taken_away_are_read_without_redis() {
    let world = World::new().await;
    let (mut content, mut feeds) = (world.content().await, world.feeds().await);
    let (mut story, at) = (Story::new(1), 1_700_000_000_000);
    let append = |events: Vec<ViewEvent>| events.into_iter().for_each(|event| world.log.append(event));
    append(story.published_by(person(0), at));
    append(story.follows(person(1), person(0), at));
    content.read(usize::MAX).await;
    feeds.read(usize::MAX).await;
    append(story.unfollows(person(1), person(0), at + 1));
    feeds.read(usize::MAX).await;
    assert_eq!(world.readers.feed(person(1), 10).await.len(), 1, "the rows say so");
    content.read(usize::MAX).await;
    assert!(world.readers.feed(person(1), 10).await.is_empty());
    assert_eq!(part(&world, &format!("of:{}", person(1))).await, 0, "what an unfollow takes away is gone");
}

#[tokio::test]
async fn rows_that_are_behind_what_was_taken_away_before_a_follow_are_read_without_redis() {
    let world = World::new().await;
    let mut feeds = world.feeds().await;
    let (mut story, at) = (Story::new(1), 1_700_000_000_000);
    world.append(story.published_by(person(0), at));
    world.content().await.read(usize::MAX).await;
    world.append(story.then(at + 1, posts::Event::Unpublished(Unpublished {})));
    feeds.read(usize::MAX).await;
    world.append(story.follows(person(1), person(0), at + 2));
    feeds.read(usize::MAX).await;
    world.assert_one_is_there_still().await;
}

/// One who is followed leaves a post, and then the other one is followed no more.
#[tokio::test]
async fn rows_that_are_behind_what_an_author_left_before_an_unfollow_are_read_without_redis() {
    let world = World::new().await;
    let mut feeds = world.feeds().await;
    let (mut story, at, account_id) = (Story::new(1), 1_700_000_000_000, person(2));
    world.append(story.published_by(person(0), at));
    let joined = CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id });
    world.append(story.then(at, posts::Event::CoAuthors(joined)));
    for author in [person(0), account_id] {
        world.append(story.follows(person(1), author, at));
    }
    world.content().await.read(usize::MAX).await;
    let left = CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id });
    world.append(story.then(at + 1, posts::Event::CoAuthors(left)));
    feeds.read(usize::MAX).await;
    world.append(story.unfollows(person(1), person(0), at + 2));
    feeds.read(usize::MAX).await;
    world.assert_one_is_there_still().await;
}

/// The number of members of a part.
async fn part(world: &World, name: &str) -> usize {
    let keys = Keys::of_feeds(&world.redis.prefix);
    world.redis.connection().await.zcard(keys.tag(name)).await.unwrap()
}

#[tokio::test]
async fn a_feed_is_cut_and_scrolling_goes_on_behind_that() {
    let world = World::new().await;
    let (mut content, mut feeds) = (world.content().await, world.feeds().await);
    let (mut story, at) = (Story::new(1), 1_700_000_000_000);
    let mut events = story.follows(person(1), person(0), at);
    for n in 0..12 {
        // Some at the very same time.
        events.extend(story.published_by(person(0), at + 1_000 * (n / 2)));
    }
    events.into_iter().for_each(|event| world.log.append(event));
    content.read(usize::MAX).await;
    feeds.read(usize::MAX).await;
    assert_eq!(part(&world, &format!("of:{}", person(1))).await, 1 + SMALL.feed_entries);
    assert_eq!(world.readers.feed(person(1), 100).await.len(), 12);
    world.assert_equal("a feed that was cut").await;
}

#[tokio::test]
async fn feeds_rebuild_to_what_the_live_ones_say_and_verify_finds_those_that_drifted() {
    let world = World::new().await;
    let mut story = Story::new(7);
    story.go_on(400).into_iter().for_each(|event| world.log.append(event));
    let mut feeds = world.feeds().await;
    feeds.read(usize::MAX).await;
    let verify = Options { verify: true, ..Options::default() };
    let rebuild = async |options| {
        lists::rebuild(&world.log, Followed(SMALL), &world.redis.client, &world.redis.prefix, options).await
    };
    let report = rebuild(verify).await.unwrap();
    assert!(report.verified && report.swapped && report.rows > 0, "{report:?}");
    let mut content = world.content().await;
    content.read(usize::MAX).await;
    world.assert_equal("after a rebuild").await;

    // A set whose names and sizes are right, and that has another post than it ought to.
    let keys = Keys::of_feeds(&world.redis.prefix);
    let mut redis = world.redis.connection().await;
    let names: Vec<String> = redis.zrange(keys.tags(), 0, -1).await.unwrap();
    let feed = keys.tag(names.iter().find(|name| name.starts_with("by:")).unwrap());
    let posts: HashMap<String, f64> = redis.zrange_withscores(&feed, -1, -1).await.unwrap();
    let (post, at) = posts.into_iter().next().unwrap();
    let _: () = redis.zadd(&feed, post, at + 1.0).await.unwrap();
    let refused = rebuild(Options { dry_run: true, ..verify }).await.unwrap_err();
    assert!(refused.to_string().contains("differ"), "{refused:#}");
    rebuild(Options::default()).await.unwrap();
    rebuild(Options { dry_run: true, ..verify }).await.unwrap();

    // A feed that has a post that there is not, though some of its reader's authors are merged; and one that there is,
    // of none whom its reader follows.
    let merged: u64 = redis.zcard(keys.newest()).await.unwrap();
    assert!(merged > 0, "the story has no author whom so many follow");
    let reader = names.iter().find_map(|name| name.strip_prefix("following:")).unwrap();
    let feed = keys.tag(&format!("of:{reader}"));
    let posts: HashMap<String, String> = redis.hgetall(keys.posts()).await.unwrap();
    let theirs: Vec<String> = redis.zrange(&feed, 0, -1).await.unwrap();
    let another = posts.into_keys().find(|post| !theirs.contains(post)).unwrap();
    for post in [Uuid::nil().to_string(), another] {
        let _: () = redis.zadd(&feed, &post, 4_000_000_000_000_f64).await.unwrap();
        let refused = rebuild(Options { dry_run: true, ..verify }).await.unwrap_err();
        assert!(refused.to_string().contains("differ"), "{refused:#}");
        let _: () = redis.zrem(&feed, &post).await.unwrap();
        rebuild(Options { dry_run: true, ..verify }).await.unwrap();
    }
}

/// Two who write together, of whom one comes to be followed by too many: their feeds keep what is the other's.
#[tokio::test]
async fn feeds_keep_nothing_of_an_author_who_is_merged_from_now_on_but_what_another_wrote_with_them() {
    let world = World::new().await;
    let (mut content, mut feeds) = (world.content().await, world.feeds().await);
    let (mut story, at, account_id) = (Story::new(1), 1_700_000_000_000, person(5));
    for n in 0..2 {
        world.append(story.published_by(person(0), at + n));
    }
    let joined = CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id });
    world.append(story.then(at + 2, posts::Event::CoAuthors(joined)));
    world.append(story.follows(person(1), account_id, at));
    for n in 1..=SMALL.feed_followers {
        world.append(story.follows(person(n), person(0), at));
    }
    feeds.read(usize::MAX).await;
    content.read(usize::MAX).await;
    let (one, other) = (format!("of:{}", person(1)), format!("of:{}", person(2)));
    assert_eq!((part(&world, &one).await, part(&world, &other).await), (2, 2));
    world.append(story.follows(person(3), person(0), at + 3));
    feeds.read(usize::MAX).await;
    assert_eq!((part(&world, &one).await, part(&world, &other).await), (1, 0));
    world.assert_equal("rows are behind").await;
    content.read(usize::MAX).await;
    world.assert_equal("after one who is followed by too many").await;
    // And when the other one leaves it.
    let left = CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id });
    world.append(story.then(at + 4, posts::Event::CoAuthors(left)));
    feeds.read(usize::MAX).await;
    assert_eq!(part(&world, &one).await, 0);
    world.assert_equal("rows are behind who left").await;
    content.read(usize::MAX).await;
    world.assert_equal("after one left").await;
    let verify = Options { verify: true, dry_run: true, ..Options::default() };
    lists::rebuild(&world.log, Followed(SMALL), &world.redis.client, &world.redis.prefix, verify).await.unwrap();
}

/// So many that what becomes of a few posts is more than one script.
const CROWD: usize = 400;

/// A rebuild that stands at the very same positions is swapped in between two scripts of one commit: the set then has
/// nothing of what the first one wrote.
#[tokio::test]
async fn a_set_that_is_swapped_between_two_scripts_of_a_commit_is_not_taken_for_the_same() {
    let world = World::new().await;
    let (mut story, at) = (Story::new(1), 1_700_000_000_000);
    let readers = 1..=CROWD;
    for n in readers.clone() {
        story.follows(person(n), person(0), at).into_iter().for_each(|event| world.log.append(event));
    }
    let bounds = FeedBounds::default();
    let of_crowd = async || Reading::begin(world.redis.feeds(bounds), &world.log, Followed::CONTEXTS, 2 * CROWD).await;
    let mut feeds = of_crowd().await;
    feeds.read(usize::MAX).await;
    let before = world.log.as_it_is();
    for n in 0..12 {
        story.published_by(person(0), at + n).into_iter().for_each(|event| world.log.append(event));
    }
    let mut work = Work::default();
    while let Some(batch) = feeds.source.next().now_or_never() {
        work.add(batch.unwrap());
    }
    let begun = async || {
        let mut some = 0;
        for n in readers.clone() {
            some += part(&world, &format!("of:{}", person(n))).await;
        }
        some > 0
    };
    {
        let mut commit = pin!(feeds.projector.commit(&work));
        while !begun().await {
            assert!(futures::poll!(&mut commit).is_pending(), "it was one script");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let set = Followed(bounds);
        let report = lists::rebuild(&before, set, &world.redis.client, &world.redis.prefix, Options::default()).await;
        assert!(report.unwrap().swapped);
        assert!(!begun().await, "the set that was swapped in has none of the posts");
        assert!(matches!(commit.await, Err(Failed::Moved)));
    }
    let mut again = of_crowd().await;
    again.read(usize::MAX).await;
    for n in readers.clone() {
        assert_eq!(part(&world, &format!("of:{}", person(n))).await, 12, "{n}");
    }
}

/// An instance dies between two scripts of a commit, and the next one reads of an unfollow before it reads those posts:
/// no row and no author's list has them yet.
#[tokio::test]
async fn what_a_commit_has_told_that_did_not_end_goes_with_an_unfollow() {
    let world = World::new().await;
    let (mut story, at, reader) = (Story::new(1), 1_700_000_000_000, person(1));
    for n in 1..=CROWD {
        world.append(story.follows(person(n), person(0), at));
    }
    let bounds = FeedBounds::default();
    let reading =
        async |contexts: &[&str]| Reading::begin(world.redis.feeds(bounds), &world.log, contexts, 2 * CROWD).await;
    let mut dies = reading(Followed::CONTEXTS).await;
    dies.read(usize::MAX).await;
    for n in 0..12 {
        world.append(story.published_by(person(0), at + n));
    }
    let mut work = Work::default();
    while let Some(batch) = dies.source.next().now_or_never() {
        work.add(batch.unwrap());
    }
    let feed = format!("of:{reader}");
    {
        let mut commit = pin!(dies.projector.commit(&work));
        while part(&world, &feed).await == 0 {
            assert!(futures::poll!(&mut commit).is_pending(), "it was one script");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    world.append(story.unfollows(reader, person(0), at + 100));
    reading(&["following"]).await.read(usize::MAX).await;
    assert_eq!(part(&world, &feed).await, 0, "what is in no row yet");
    reading(Followed::CONTEXTS).await.read(usize::MAX).await;
    let sizes = (part(&world, &feed).await, part(&world, &format!("of:{}", person(2))).await);
    assert_eq!((sizes, part(&world, "unsettled:posts").await), ((0, 12), 0));
    let (verify, set) = (Options { verify: true, dry_run: true, ..Options::default() }, Followed(bounds));
    lists::rebuild(&world.log, set, &world.redis.client, &world.redis.prefix, verify).await.unwrap();
}

/// What another instance has begun with before it died does no harm.
#[tokio::test]
async fn two_instances_and_an_emptied_redis_leave_feeds_as_they_ought_to_be() {
    let world = World::new().await;
    let mut story = Story::new(9);
    story.go_on(300).into_iter().for_each(|event| world.log.append(event));
    let one = crate::support::start(
        world.redis.feeds(SMALL),
        Followed::LIVE,
        Followed::CONTEXTS,
        &world.log.cut_by(1),
        crate::support::config(),
    );
    let other = crate::support::start(
        world.redis.feeds(SMALL),
        Followed::LIVE,
        Followed::CONTEXTS,
        &world.log.cut_by(2),
        crate::support::config(),
    );
    crate::support::caught_up(&mut world.redis.feeds(SMALL), Followed::CONTEXTS, &world.log).await;
    world.redis.empty().await;
    crate::support::caught_up(&mut world.redis.feeds(SMALL), Followed::CONTEXTS, &world.log).await;
    one.stop().await;
    other.stop().await;
    let mut content = world.content().await;
    content.read(usize::MAX).await;
    world.assert_equal("after two instances").await;
    let verify = Options { verify: true, dry_run: true, ..Options::default() };
    lists::rebuild(&world.log, Followed(SMALL), &world.redis.client, &world.redis.prefix, verify).await.unwrap();
}
