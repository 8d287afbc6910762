//! What is in the tables and lists, and what ought to be: the fold of the whole history.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::Timestamp;
use domain::views::ranks::words;
use domain::views::{
    AllSeries, Comment, Comments, FollowedSubjects, Follows, Post, Posts, Reactions, Shares, Tagged, Tags, View,
    ViewEvent, Written, WrittenBy,
};
use projection_services::content::{Stored, Table, ViewVisitor, for_each_view, load};
use projection_services::lists::Keys;
use redis::AsyncCommands;
use sqlx::PgConnection;
use uuid::Uuid;

use super::stores::{TestDatabase, TestRedis};

/// Every table equals the fold of these events.
pub(crate) async fn assert_tables_are(database: &TestDatabase, events: &[ViewEvent]) {
    let mut connection = database.connector().connect().await.unwrap();
    for_each_view(&mut TablesAre { connection: &mut connection, events }).await;
    assert_eq!(post_tags(&mut connection, "post_tags").await, under_tags(events, Tagged::listed));
    assert_eq!(post_tags(&mut connection, "archived_post_tags").await, under_tags(events, Tagged::in_archive));
    assert_eq!(follow_counts(&mut connection).await, counted(events));
    let archived = post_categories(&mut connection, "archived_post_categories").await;
    assert_eq!(archived, in_categories(events, Post::archived_in_categories));
    let listed = post_categories(&mut connection, "post_categories").await;
    assert_eq!(listed, in_categories(events, Post::in_categories));
    assert_eq!(post_writers(&mut connection).await, by_writers(events));
    assert_eq!(subject_counts(&mut connection).await, counted_subjects(events));
    assert_eq!(mark_counts(&mut connection).await, counted_marks(events));
    assert_eq!(category_counts(&mut connection).await, counted_in_categories(events));
    assert_eq!(month_counts(&mut connection).await, counted_in_months(events));
    assert_eq!(series_posts(&mut connection).await, in_series(events));
    assert_eq!(series_counts(&mut connection).await, counted_series(events));
    assert_comments_are_counted(&mut connection, events).await;
    assert_points_are_summed(&mut connection).await;
    assert_eq!(post_words(&mut connection).await, under_words(events));
}

struct TablesAre<'a> {
    connection: &'a mut PgConnection,
    events: &'a [ViewEvent],
}

impl ViewVisitor for TablesAre<'_> {
    async fn visit<V: Stored>(&mut self) {
        assert_table_is::<V>(self.connection, self.events).await;
    }
}

async fn assert_table_is<V: Stored>(connection: &mut PgConnection, events: &[ViewEvent]) {
    let expected = V::fold_all(events).unwrap();
    let count = format!("SELECT count(*) FROM {}", V::Row::NAME);
    let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&mut *connection).await.unwrap();
    let mut keys: Vec<_> = expected.keys().cloned().collect();
    keys.sort();
    let rows: Vec<V::Row> = load(connection, &keys).await.unwrap();
    let found: HashMap<V::Key, V::Row> = rows.into_iter().map(|row| (row.key(), row)).collect();
    for key in &keys {
        assert_eq!(found.get(key), expected.get(key), "{}", V::NAME);
    }
    assert_eq!(usize::try_from(count).unwrap(), expected.len(), "{}", V::NAME);
}

async fn post_tags(connection: &mut PgConnection, table: &str) -> BTreeSet<(String, i64, Uuid)> {
    let select = format!("SELECT tag, (extract(epoch FROM published_at) * 1000)::bigint, post_id FROM {table}");
    let rows: Vec<(String, i64, Uuid)> =
        sqlx::query_as(sqlx::AssertSqlSafe(select)).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

/// The tags under which a post is, and its time.
type UnderTags = for<'a> fn(&'a Tagged) -> Option<(Timestamp, Vec<&'a str>)>;

fn under_tags(events: &[ViewEvent], tags: UnderTags) -> BTreeSet<(String, i64, Uuid)> {
    let rows = Tags::fold_all(events).unwrap();
    let of = |row: &Tagged| match tags(row) {
        Some((at, tags)) => tags.into_iter().map(|tag| (tag.to_owned(), at.0, row.post_id)).collect(),
        None => Vec::new(),
    };
    rows.values().flat_map(of).collect()
}

async fn post_categories(connection: &mut PgConnection, table: &str) -> BTreeSet<(Uuid, i64, Uuid)> {
    let select = format!("SELECT category_id, (extract(epoch FROM published_at) * 1000)::bigint, post_id FROM {table}");
    let rows: Vec<(Uuid, i64, Uuid)> = sqlx::query_as(sqlx::AssertSqlSafe(select)).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

/// The categories in which a post is, and its time.
type InCategories = fn(&Post) -> Option<(Timestamp, Vec<Uuid>)>;

fn in_categories(events: &[ViewEvent], categories: InCategories) -> BTreeSet<(Uuid, i64, Uuid)> {
    let rows = Posts::fold_all(events).unwrap();
    let of = |row: &Post| match categories(row) {
        Some((at, ids)) => ids.into_iter().map(|id| (id, at.0, row.post_id)).collect(),
        None => Vec::new(),
    };
    rows.values().flat_map(of).collect()
}

async fn post_writers(connection: &mut PgConnection) -> BTreeSet<(Uuid, i64, Uuid)> {
    let select = "SELECT account_id, (extract(epoch FROM published_at) * 1000)::bigint, post_id FROM post_writers";
    let rows: Vec<(Uuid, i64, Uuid)> = sqlx::query_as(select).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

fn by_writers(events: &[ViewEvent]) -> BTreeSet<(Uuid, i64, Uuid)> {
    let rows = WrittenBy::fold_all(events).unwrap();
    let of = |row: &Written| match row.listed() {
        Some((at, writers)) => writers.into_iter().map(|writer| (writer, at.0, row.place.post_id)).collect(),
        None => Vec::new(),
    };
    rows.values().flat_map(of).collect()
}

async fn category_counts(connection: &mut PgConnection) -> BTreeMap<Uuid, i64> {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("SELECT category_id, posts FROM category_counts").fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

/// How many posts are listed in each category: counted, where the projector adds up.
fn counted_in_categories(events: &[ViewEvent]) -> BTreeMap<Uuid, i64> {
    let mut counts = BTreeMap::new();
    for (category, _, _) in in_categories(events, Post::in_categories) {
        *counts.entry(category).or_default() += 1;
    }
    counts
}

async fn month_counts(connection: &mut PgConnection) -> BTreeMap<i64, [i64; 2]> {
    let rows: Vec<(i64, i64, i64)> =
        sqlx::query_as("SELECT month, posts, archived FROM month_counts").fetch_all(connection).await.unwrap();
    rows.into_iter().map(|(month, posts, archived)| (month, [posts, archived])).collect()
}

/// How many posts of each month are listed, and how many are archived: counted, where the projector adds up.
fn counted_in_months(events: &[ViewEvent]) -> BTreeMap<i64, [i64; 2]> {
    let mut counts = BTreeMap::new();
    for post in Posts::fold_all(events).unwrap().values() {
        if let Some(month) = post.in_month() {
            counts.entry(month).or_insert([0; 2])[usize::from(post.archived)] += 1;
        }
    }
    counts
}

/// How many comments there are on each post, of each person, and in answer to each: counted, where the projector adds
/// up.
async fn assert_comments_are_counted(connection: &mut PgConnection, events: &[ViewEvent]) {
    let rows = Comments::fold_all(events).unwrap();
    let shown = || rows.values().filter(|row| row.is_shown());
    let say_something = || shown().filter(|row| !row.deleted);
    for (table, key, amount, expected) in [
        ("comment_counts", "post_id", "comments", counts(say_something().map(|row| row.post_id))),
        ("commenter_counts", "account_id", "comments", counts(say_something().map(|row| row.author_id))),
        ("answer_counts", "comment_id", "answers", counts(shown().filter_map(Comment::answered_id))),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {key}, {amount} FROM {table}"));
        let found: Vec<(Uuid, i64)> = sqlx::query_as(sql).fetch_all(&mut *connection).await.unwrap();
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), expected, "{table}");
    }
}

/// Points are the sums over the rows that they are of: added up anew, where the projector adds differences.
async fn assert_points_are_summed(connection: &mut PgConnection) {
    let day = |time: &str| format!("content.weight_of_day(floor(extract(epoch FROM {time}) / 86400)::bigint)");
    for (table, key, points, time, rows) in [
        ("reaction_points", "target_id", 10, "since", "reactions WHERE active AND target_kind = 'post'"),
        ("comment_points", "post_id", 20, "written_at", "comments WHERE NOT deleted AND visible = 'all'"),
        ("tag_points", "tag", 20, "published_at", "post_tags"),
    ] {
        let amount = format!("{points} * {}", day(time));
        let summed = format!("SELECT {key}::text, sum({amount}) FROM {rows} GROUP BY {key}");
        let found = format!("SELECT {}::text, points FROM {table}", if key == "tag" { "tag" } else { "post_id" });
        let differ = format!("(({summed}) EXCEPT ({found})) UNION ALL (({found}) EXCEPT ({summed}))");
        let differ = sqlx::AssertSqlSafe(format!("SELECT concat_ws(' ', d.*) FROM ({differ}) d"));
        let differ: Vec<String> = sqlx::query_scalar(differ).fetch_all(&mut *connection).await.unwrap();
        assert!(differ.is_empty(), "{table}: {differ:?}");
    }
}

async fn post_words(connection: &mut PgConnection) -> BTreeSet<(String, i64, Uuid)> {
    let select = "SELECT word, (extract(epoch FROM published_at) * 1000)::bigint, post_id FROM post_words";
    let rows: Vec<(String, i64, Uuid)> = sqlx::query_as(select).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

fn under_words(events: &[ViewEvent]) -> BTreeSet<(String, i64, Uuid)> {
    let rows = Posts::fold_all(events).unwrap();
    let of = |row: &Post| match row.published_at.filter(|_| row.listed()) {
        Some(at) => words(&row.title).into_iter().map(|word| (word, at.0, row.post_id)).collect(),
        None => Vec::new(),
    };
    rows.values().flat_map(of).collect()
}

fn counts(keys: impl Iterator<Item = Uuid>) -> BTreeMap<Uuid, i64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

async fn series_posts(connection: &mut PgConnection) -> BTreeSet<(Uuid, i64, Uuid)> {
    let rows: Vec<(Uuid, i64, Uuid)> =
        sqlx::query_as("SELECT series_id, place, post_id FROM series_posts").fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

fn in_series(events: &[ViewEvent]) -> BTreeSet<(Uuid, i64, Uuid)> {
    let rows = AllSeries::fold_all(events).unwrap();
    let there = rows.values().filter(|row| !row.deleted);
    there.flat_map(|row| (0..).zip(&row.post_ids).map(|(place, post)| (row.series_id, place, *post))).collect()
}

async fn series_counts(connection: &mut PgConnection) -> BTreeMap<Uuid, i64> {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("SELECT owner_id, series FROM series_counts").fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

/// How many series each account has: counted, where the projector adds up.
fn counted_series(events: &[ViewEvent]) -> BTreeMap<Uuid, i64> {
    let mut counts = BTreeMap::new();
    for row in AllSeries::fold_all(events).unwrap().values().filter(|row| !row.deleted) {
        *counts.entry(row.owner_id).or_default() += 1;
    }
    counts
}

async fn follow_counts(connection: &mut PgConnection) -> BTreeMap<Uuid, (i64, i64)> {
    let rows: Vec<(Uuid, i64, i64)> = sqlx::query_as("SELECT account_id, followers, following FROM follow_counts")
        .fetch_all(connection)
        .await
        .unwrap();
    rows.into_iter().map(|(id, followers, following)| (id, (followers, following))).collect()
}

/// Followers and following of everyone who has any: counted, where the projector adds up.
fn counted(events: &[ViewEvent]) -> BTreeMap<Uuid, (i64, i64)> {
    let mut counts: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for row in Follows::fold_all(events).unwrap().values().filter(|row| row.active) {
        counts.entry(row.followee_id).or_default().0 += 1;
        counts.entry(row.follower_id).or_default().1 += 1;
    }
    counts
}

async fn subject_counts(connection: &mut PgConnection) -> BTreeMap<(String, String), i64> {
    let sql = "SELECT subject_kind, subject_ref, followers FROM subject_follow_counts";
    let rows: Vec<(String, String, i64)> = sqlx::query_as(sql).fetch_all(connection).await.unwrap();
    rows.into_iter().map(|(kind, which, followers)| ((kind, which), followers)).collect()
}

/// How many follow each tag, category and series: counted, where the projector adds up.
fn counted_subjects(events: &[ViewEvent]) -> BTreeMap<(String, String), i64> {
    let mut counts = BTreeMap::new();
    for row in FollowedSubjects::fold_all(events).unwrap().into_values().filter(|row| row.active) {
        *counts.entry((row.subject_kind, row.subject_ref)).or_default() += 1;
    }
    counts
}

type MarkCounts = BTreeMap<(String, Uuid, String), i64>;

async fn mark_counts(connection: &mut PgConnection) -> (MarkCounts, MarkCounts) {
    let mut counts = async |sql: &'static str| -> MarkCounts {
        let rows: Vec<(String, Uuid, String, i64)> = sqlx::query_as(sql).fetch_all(&mut *connection).await.unwrap();
        rows.into_iter().map(|(kind, id, name, people)| ((kind, id, name), people)).collect()
    };
    let reactions = counts("SELECT target_kind, target_id, kind, people FROM reaction_counts").await;
    (reactions, counts("SELECT target_kind, target_id, place, people FROM share_counts").await)
}

/// How many gave each kind of reaction to each target, and shared it to each place: counted, where the projector adds
/// up.
fn counted_marks(events: &[ViewEvent]) -> (MarkCounts, MarkCounts) {
    let (mut reactions, mut shares) = (MarkCounts::new(), MarkCounts::new());
    for row in Reactions::fold_all(events).unwrap().into_values().filter(|row| row.active) {
        *reactions.entry((row.target_kind, row.target_id, row.kind)).or_default() += 1;
    }
    for row in Shares::fold_all(events).unwrap().into_values().filter(|row| row.active) {
        *shares.entry((row.target_kind, row.target_id, row.place)).or_default() += 1;
    }
    (reactions, shares)
}

/// The lists in Redis equal the fold of these events.
pub(crate) async fn assert_lists_are(redis: &TestRedis, events: &[ViewEvent]) {
    let mut connection = redis.connection().await;
    let keys = Keys::live(&redis.prefix);
    let expected = Tags::fold_all(events).unwrap();
    let rows: HashMap<String, String> = connection.hgetall(keys.posts()).await.unwrap();
    let rows: HashMap<Uuid, Tagged> =
        rows.into_iter().map(|(id, json)| (id.parse().unwrap(), serde_json::from_str(&json).unwrap())).collect();
    assert_eq!(rows, expected);
    let mut newest = BTreeMap::new();
    let mut by_tag: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for row in expected.values() {
        let Some((at, tags)) = row.listed() else { continue };
        newest.insert(row.post_id.to_string(), at.0);
        for tag in tags {
            by_tag.entry(tag.to_owned()).or_default().insert(row.post_id.to_string(), at.0);
        }
    }
    assert_eq!(sorted(&mut connection, &keys.newest()).await, newest);
    let counts = by_tag.iter().map(|(tag, posts)| (tag.clone(), i64::try_from(posts.len()).unwrap())).collect();
    assert_eq!(sorted(&mut connection, &keys.tags()).await, counts);
    for (tag, posts) in by_tag {
        assert_eq!(sorted(&mut connection, &keys.tag(&tag)).await, posts);
    }
}

async fn sorted(connection: &mut redis::aio::MultiplexedConnection, key: &str) -> BTreeMap<String, i64> {
    let members: Vec<(String, f64)> = connection.zrange_withscores(key, 0, -1).await.unwrap();
    members.into_iter().map(|(member, score)| (member, score as i64)).collect()
}
