//! Rebuilding from a log that is written in several bulks: the first takes two megabytes.

use std::time::Duration;

use domain::BoundedContext as _;
use domain::accounts::PreferencesChanged;
use domain::posts::{self, Edited};
use domain::views::{Follows, Preferences, Reactions, Shares, ViewEvent};
use projection_services::content::{CONTEXTS, ContentView, LIVE, VIEWS};
use projection_services::lists::{LIVE as LISTS, Listed};
use projection_services::rebuild::{self, Options, content, shared};

use crate::support::history::{drafted, impossible, mark_event, pair_event, post, preferring, published};
use crate::support::log::MemoryLog;
use crate::support::rows::{assert_lists_are, assert_tables_are};
use crate::support::stores::{TestDatabase, TestRedis};
use crate::support::{caught_up, config, start};

const POSTS: usize = 30;

/// An edit of everything that a view has a row for, with two hundred kilobytes.
fn rewritten(n: usize, version: u64, at: i64) -> ViewEvent {
    let edited = Edited {
        slug: Some(format!("post-{n}-{version}").parse().unwrap()),
        tags: Some(vec![format!("tag-{version}").parse().unwrap()]),
        body: Some("0123456789".repeat(20_000).parse().unwrap()),
        ..Edited::default()
    };
    post(n, version, at, posts::Event::Edited(edited))
}

/// Every post is written by one bulk and changed by later ones.
fn long_history() -> Vec<ViewEvent> {
    let rounds: [fn(usize, i64) -> ViewEvent; 4] =
        [|n, at| drafted(n, at), |n, at| rewritten(n, 2, at), |n, at| published(n, 3, at), |n, at| rewritten(n, 4, at)];
    let mut at = 1_700_000_000_000;
    let mut events = Vec::new();
    for round in rounds {
        for n in 0..POSTS {
            at += 1;
            events.push(round(n, at));
        }
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn later_bulks_change_the_rows_of_earlier_ones() {
    let database = TestDatabase::create().await;
    let events = long_history();
    let log = MemoryLog::of(&events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    let options = Options { verify: true, ..Options::default() };
    for seed in 1..4 {
        let report = content::rebuild(&log.cut_by(seed), &database.connector(), VIEWS, options).await.unwrap();
        assert_eq!(report.events, u64::try_from(events.len()).unwrap());
    }
    assert_tables_are(&database, &events).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_in_a_later_bulk_is_parked_and_the_rest_goes_on() {
    let database = TestDatabase::create().await;
    let good = long_history();
    let mut events = good.clone();
    // Not the last of its bulk, and later events of its post wait for it.
    let place = 2 * POSTS + 10;
    events.insert(place, impossible(POSTS + 1, 2, 1));
    events.insert(place, drafted(POSTS + 1, 1));
    events.push(published(POSTS + 1, 3, 1_800_000_000_000));
    let log = MemoryLog::of(&events);
    let options = Options { retry_parked: true, ..Options::default() };
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    content::rebuild(&log, &database.connector(), VIEWS, options).await.unwrap();
    let expected: Vec<ViewEvent> = good.into_iter().chain([drafted(POSTS + 1, 1)]).collect();
    assert_tables_are(&database, &expected).await;
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events WHERE projector = 'content'").await, 2);
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_passes_over_what_is_parked_without_going_back() {
    let database = TestDatabase::create().await;
    let events = [drafted(1, 1), drafted(2, 2), impossible(1, 2, 3), published(1, 3, 4), published(2, 2, 5)];
    let log = MemoryLog::of(&events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    let options = Options { verify: true, ..Options::default() };
    let report = content::rebuild(&log, &database.connector(), VIEWS, options).await.unwrap();
    assert_eq!((report.events, report.verified), (5, true));
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_at_the_end_of_the_calendar_are_the_same_by_both_ways() {
    let database = TestDatabase::create().await;
    let dated = |n, version, date| {
        let edited = Edited { originally_published_at: Some(domain::Timestamp(date)), ..Edited::default() };
        post(n, version, 10, posts::Event::Edited(edited))
    };
    let (first, last) = (-62_135_596_800_000, 253_402_300_799_999);
    let events =
        [drafted(1, 1), published(1, 2, 2), dated(1, 3, last), drafted(2, 1), published(2, 2, 2), dated(2, 3, first)];
    let log = MemoryLog::of(&events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    const EXACT: &str = "SELECT count(*) FROM content.posts WHERE published_at IN
        ('9999-12-31 23:59:59.999 UTC', '0001-01-01 00:00:00 UTC')";
    assert_eq!(database.count(EXACT).await, 2);
    let options = Options { verify: true, ..Options::default() };
    content::rebuild(&log, &database.connector(), VIEWS, options).await.unwrap();
    assert_tables_are(&database, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_stores_rebuild_from_one_reading_while_events_keep_coming() {
    let (database, redis) = (TestDatabase::create().await, TestRedis::create());
    let mut events = long_history();
    let log = MemoryLog::of(&events);
    let content = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    let lists = start(redis.lists(), LISTS, &["posts"], &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    caught_up(&mut redis.lists(), &["posts"], &log).await;
    let options = Options { verify: true, ..Options::default() };
    for n in 900..903 {
        let [first, second] = shared(&log, &CONTEXTS, 500);
        let connector = database.connector();
        let in_postgres = content::rebuild(&first, &connector, VIEWS, options);
        let in_redis = rebuild::lists::rebuild(&second, Listed, &redis.client, &redis.prefix, options);
        let coming = async {
            for at in 0..20 {
                log.append(post(n, at + 1, 1_900_000_000_000, event_of(n, at)));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let (in_postgres, in_redis, ()) = tokio::join!(in_postgres, in_redis, coming);
        assert!(in_postgres.unwrap().swapped && in_redis.unwrap().swapped);
        events.extend((0..20).map(|at| post(n, at + 1, 1_900_000_000_000, event_of(n, at))));
        caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
        caught_up(&mut redis.lists(), &["posts"], &log).await;
        assert_tables_are(&database, &events).await;
        assert_lists_are(&redis, &events).await;
    }
    content.stop().await;
    lists.stop().await;
}

/// Enough of them for a COPY: a bulk has about four thousand events.
const MANY: usize = 9_000;

/// Rebuilds these views from a log of its own, and compares with the live rows and with the fold.
async fn rebuild_equals_live(events: &[ViewEvent], views: &[ContentView]) {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    let options = Options { verify: true, ..Options::default() };
    content::rebuild(&log, &database.connector(), views, options).await.unwrap();
    assert_tables_are(&database, events).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_over_rows_are_right_however_the_rows_were_written() {
    // Everybody follows the one; then every third does no more, and every sixth does again.
    let mut events = Vec::new();
    for (version, every) in (1..).zip([1, 3, 6]) {
        let at = 1_700_000_000_000 + i64::try_from(version).unwrap();
        events.extend((0..MANY).step_by(every).map(|n| pair_event(n + 1, 0, version, at)));
    }
    rebuild_equals_live(&events, &[ContentView::of::<Follows>()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_of_several_columns_are_right_however_the_rows_were_written() {
    // Everyone gives both kinds of reaction and shares, of a post or a comment; then every third takes it back, and
    // every sixth does it again.
    let mut events = Vec::new();
    for (version, every) in (1..).zip([1, 3, 6]) {
        let at = 1_700_000_000_000 + i64::try_from(version).unwrap();
        events.extend((0..MANY).step_by(every).map(|n| mark_event(n, version, at)));
    }
    rebuild_equals_live(&events, &[ContentView::of::<Reactions>(), ContentView::of::<Shares>()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_chosen_is_null_by_both_ways() {
    let chosen = |n: usize| PreferencesChanged {
        locale: Some("pt-BR".into()),
        time_zone: n.is_multiple_of(2).then(|| "Europe/Lisbon".into()),
        theme: n.is_multiple_of(3).then(|| "dark".into()),
        posts_per_page: n.is_multiple_of(5).then_some(50),
        email_comment: n.is_multiple_of(7).then_some(true),
        following_list: Some("private".into()),
        reactions_list: n.is_multiple_of(11).then(|| "private".into()),
        comments_list: Some("private".into()),
        ..PreferencesChanged::default()
    };
    let events: Vec<ViewEvent> = (0..MANY).map(|n| preferring(n, 1, chosen(n))).collect();
    rebuild_equals_live(&events, &[ContentView::of::<Preferences>()]).await;
}

/// A draft, which is then published and edited in turn.
fn event_of(n: usize, at: u64) -> posts::Event {
    let event = match at {
        0 => drafted(n, 1).event,
        _ if at % 2 == 1 => published(n, 1, 1).event,
        _ => rewritten(n, at, 1).event,
    };
    posts::Posts::event(&event).expect("these are events of posts").clone()
}
