//! What happened in a simulated world, as the checker takes it.

use std::collections::BTreeMap;

use checker::History;
use checker::history::{self, Body, Call, Outcome, Partition, Read, Seen};
use domain::Timestamp;
use domain::context::PayloadEncoder;
use domain::views::{Author, Follow, Post, Preferred, Slug, Tagged, ViewEvent};
use event_log::subscription::PartitionId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::support::history::post_id;
use super::store::{Rows, Store};

/// The log as it grows, and what readers were shown.
#[derive(Default)]
pub(super) struct Recorder {
    partitions: BTreeMap<PartitionId, Vec<history::Record>>,
    calls: Vec<Call>,
    reads: Vec<Read>,
    clock: u64,
}

impl Recorder {
    /// A record was appended: an event, or else a term.
    pub(super) fn append(&mut self, partition: PartitionId, event: Option<ViewEvent>) {
        self.clock += 1;
        let records = self.partitions.entry(partition).or_default();
        let (offset, term) = (records.len() as i64, 1 + records.iter().filter(|record| is_term(record)).count() as u64);
        let record = match event {
            None => {
                history::Record { offset, key: "term".into(), body: Body::TermStarted { term, nonce: Uuid::nil() } }
            }
            Some(event) => {
                let seq = 1 + records.iter().rev().take_while(|record| !is_term(record)).count() as u64;
                let id = Uuid::from_u128(self.clock.into());
                self.calls.push(asked_for(&event, id, self.clock));
                let body = Body::Event(Box::new(happened(&event, id, (term - 1, seq))));
                history::Record { offset, key: event.aggregate_id, body }
            }
        };
        records.push(record);
    }

    /// A reader asks for a post.
    pub(super) fn look(&mut self, store: &Store, post: usize) {
        self.clock += 1;
        let state = store.0.lock().unwrap();
        let id = post_id(post);
        let row = state.rows.posts.get(&id);
        let shown = |(partition, at): (&PartitionId, &event_log::subscription::Position)| Read {
            session: state.emptied,
            what: format!("the row, with {partition:?} at {}", at.next_offset),
            position: Some(history::Position {
                context: partition.context.clone(),
                partition: partition.partition,
                offset: at.next_offset - 1,
                log_id: None,
            }),
            monotone: true,
            sees_drafts: true,
            invoked_at: self.clock,
            answered_at: self.clock,
            seen: vec![Seen {
                context: "posts".into(),
                aggregate_id: id.to_string(),
                version: row.map(|row| row.version),
                fields: row.map(shown_of).unwrap_or_default(),
            }],
        };
        self.reads.extend(state.positions.iter().filter(|(partition, _)| partition.context == "posts").map(shown));
    }

    /// Whether the store is at the end of the log.
    pub(super) fn is_read_by(&self, store: &Store) -> bool {
        let state = store.0.lock().unwrap();
        let next = |partition| state.positions.get(partition).map_or(0, |at| at.next_offset);
        self.partitions.iter().all(|(partition, records)| next(partition) == records.len() as i64)
    }

    /// The run, with the rows as they are now.
    pub(super) fn history(&self, store: &Store) -> History {
        let partition = |(id, records): (&PartitionId, &Vec<history::Record>)| Partition {
            context: id.context.clone(),
            number: id.partition,
            records: records.clone(),
        };
        let state = store.0.lock().unwrap();
        let mut views = views(&state.rows);
        views.insert("parked_events".into(), (0..state.parked).map(|number| json!({ "number": number })).collect());
        let partitions = self.partitions.iter().map(partition).collect();
        // What is drawn may be what services of this version do not accept.
        let (calls, reads, has_earlier_version) = (self.calls.clone(), self.reads.clone(), true);
        History { partitions, calls, reads, views, has_earlier_version, ..History::default() }
    }
}

fn is_term(record: &history::Record) -> bool {
    matches!(record.body, Body::TermStarted { .. })
}

/// A client asked for what it says: what commands lead to is not simulated here.
fn asked_for(event: &ViewEvent, command_id: Uuid, invoked_at: u64) -> Call {
    Call {
        client: 0,
        caller: None,
        command_id,
        kind: "anything".into(),
        aggregate_id: event.aggregate_id.clone(),
        expected: None,
        arguments: Value::Null,
        invoked_at,
        answered_at: None,
        outcome: Outcome::Unknown,
    }
}

struct ToJson;

impl PayloadEncoder for ToJson {
    type Output = Value;
    fn encode<T: serde::Serialize>(self, payload: &T) -> Value {
        serde_json::to_value(payload).unwrap()
    }
}

fn columns(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(columns) => columns,
        _ => Map::new(),
    }
}

fn happened(event: &ViewEvent, id: Uuid, (term, seq): (u64, u64)) -> history::Event {
    let (name, fields) = (event.event.name(), event.event.encode(ToJson));
    history::Event {
        event_type: name.into(),
        aggregate_id: event.aggregate_id.clone(),
        version: event.version,
        occurred_at: event.occurred_at.0,
        actor_id: event.actor_id.to_string(),
        term,
        seq,
        command_id: id,
        correlation_id: id,
        digest: None,
        fields: columns(fields),
    }
}

fn views(rows: &Rows) -> BTreeMap<String, Vec<Value>> {
    let listed = |row: &Tagged| match row.listed() {
        Some((Timestamp(at), tags)) => {
            tags.into_iter().map(|tag| json!({"tag": tag, "post_id": row.post_id, "published_at": at})).collect()
        }
        None => Vec::new(),
    };
    [
        ("posts".to_owned(), rows.posts.values().map(post_row).collect()),
        ("authors".to_owned(), rows.authors.values().map(author_row).collect()),
        ("slugs".to_owned(), rows.slugs.values().map(slug_row).collect()),
        ("tagged_posts".to_owned(), rows.tags.values().map(|row| serde_json::to_value(row).unwrap()).collect()),
        ("post_tags".to_owned(), rows.tags.values().flat_map(listed).collect()),
        ("follows".to_owned(), rows.follows.values().map(follow_row).collect()),
        ("preferences".to_owned(), rows.preferences.values().map(preferred_row).collect()),
    ]
    .into()
}

/// What a reader sees of a post.
fn shown_of(row: &Post) -> Map<String, Value> {
    columns(json!({
        "title": row.title, "slug": row.slug, "body": row.body, "tags": row.tags, "published": row.published,
        "deleted": row.deleted, "version": row.version,
    }))
}

fn post_row(row: &Post) -> Value {
    json!({
        "post_id": row.post_id, "author_id": row.author_id, "co_author_ids": row.co_author_ids, "slug": row.slug,
        "title": row.title, "summary": row.summary, "body": row.body, "tags": row.tags,
        "category_ids": row.category_ids, "published": row.published, "deleted": row.deleted,
        "archived": row.archived, "visible": row.visible, "published_at": row.published_at,
        "originally_published_at": row.originally_published_at, "drafted_at": row.drafted_at,
        "updated_at": row.updated_at, "version": row.version, "release_at": row.release_at,
        "release_local_time": row.release_local_time, "release_time_zone": row.release_time_zone,
        "expires_at": row.expires_at, "expiry_local_time": row.expiry_local_time,
        "expiry_time_zone": row.expiry_time_zone, "canonical_url": row.canonical_url,
        "cover_image": row.cover_image, "cover_alt": row.cover_alt, "cover_focal_x": row.cover_focal_x,
        "cover_focal_y": row.cover_focal_y, "language_tag": row.language_tag, "translation_of": row.translation_of,
        "meta_title": row.meta_title, "meta_description": row.meta_description,
        "custom_fields": row.custom_fields, "visibility": row.visibility, "featured": row.featured,
        "comments": row.comments, "edited_version": row.edited_version,
    })
}

fn author_row(row: &Author) -> Value {
    json!({
        "account_id": row.account_id, "user_name": row.user_name, "display_name": row.display_name, "bio": row.bio,
        "image_url": row.image_url, "former_user_names": row.former_user_names, "registered_at": row.registered_at,
        "roles": row.roles, "deactivated": row.deactivated,
        "version": row.version,
    })
}

fn follow_row(row: &Follow) -> Value {
    json!({
        "follower_id": row.follower_id, "followee_id": row.followee_id, "active": row.active, "since": row.since,
        "version": row.version,
    })
}

fn preferred_row(row: &Preferred) -> Value {
    let chosen = &row.chosen;
    json!({
        "account_id": row.account_id, "locale": chosen.locale, "time_zone": chosen.time_zone, "theme": chosen.theme,
        "posts_per_page": chosen.posts_per_page, "email_new_follower": chosen.email_new_follower,
        "email_comment": chosen.email_comment, "email_digest": chosen.email_digest,
        "following_list": chosen.following_list, "comments_list": chosen.comments_list,
        "reactions_list": chosen.reactions_list, "version": row.version,
    })
}

fn slug_row(row: &Slug) -> Value {
    json!({"slug": row.slug, "post_id": row.post_id, "since": row.since})
}
