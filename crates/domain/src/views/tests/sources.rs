//! A view of several contexts whose events touch several rows.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::{Gap, Seen, Source, SourceEvent, View, ViewEvent};
use super::a_draft;
use super::histories::{history, history_of};
use crate::following::{self, Followed};
use crate::testing::{ada_id, bob_id, post_id};
use crate::{accounts, posts, testing};

crate::sources! {
    /// What accounts do.
    struct Activity of ActivityEvent {
        /// They write.
        Posts = posts::Posts,
        /// They follow.
        Following = following::Following,
    }
}

/// How often an account did something or something was done to it, and what was seen last of each aggregate.
struct Activities;

#[derive(Clone, Debug, Default, PartialEq)]
struct Active {
    times: usize,
    seen: HashMap<String, u64>,
}

impl View for Activities {
    const NAME: &'static str = "activities";
    type Source = Activity;
    type Key = Uuid;
    type Row = Active;

    fn keys(event: SourceEvent<'_, Activity>) -> impl IntoIterator<Item = Uuid> {
        match event.event {
            ActivityEvent::Posts(happened) => vec![happened.author().unwrap_or(event.actor_id)],
            ActivityEvent::Following(happened) => {
                let following::Event::Followed(Followed { follower_id, followee_id }) = happened else { return vec![] };
                vec![*follower_id, *followee_id]
            }
        }
    }

    fn seen(row: Option<&Active>, event: SourceEvent<'_, Activity>) -> Seen {
        Seen::Every(row.and_then(|row| row.seen.get(event.aggregate_id)).copied().unwrap_or(0))
    }

    fn fold(_: &Uuid, row: Option<Active>, event: SourceEvent<'_, Activity>) -> Option<Active> {
        let mut row = row.unwrap_or_default();
        row.times += 1;
        row.seen.insert(event.aggregate_id.to_owned(), event.version);
        Some(row)
    }
}

fn follows(id: u128, edges: &[(Uuid, Uuid)]) -> Vec<ViewEvent> {
    let event = |&(follower_id, followee_id)| following::Event::Followed(Followed { follower_id, followee_id });
    history_of(Uuid::from_u128(id), edges.iter().map(event))
}

#[test]
fn an_event_is_folded_into_every_row_that_it_touches() {
    let events = [history([a_draft()]), follows(9, &[(ada_id(), bob_id())])].concat();
    let rows = Activities::fold_all(&events).unwrap();
    assert_eq!((rows[&ada_id()].times, rows[&bob_id()].times), (2, 1));
}

#[test]
fn the_sequence_is_that_of_each_aggregate_and_not_of_the_row() {
    let events = [follows(8, &[(ada_id(), bob_id()); 3]), follows(9, &[(ada_id(), bob_id()); 2])].concat();
    let mixed = [&events[0], &events[3], &events[1], &events[4], &events[2]];
    assert_eq!(Activities::fold_all(mixed).unwrap()[&ada_id()].times, 5);
    let gap = Gap { aggregate_id: events[0].aggregate_id.clone(), seen: 1, found: 3 };
    assert_eq!(Activities::fold_all([&events[0], &events[3], &events[2]]), Err(gap));
}

#[test]
fn what_one_row_refuses_changes_no_other() {
    let carol_id = Uuid::from_u128(0xca);
    let events = follows(9, &[(ada_id(), bob_id()), (carol_id, bob_id())]);
    let mut rows = HashMap::new();
    assert!(Activities::apply(&mut rows, &events[0]).is_ok());
    let before = rows.clone();
    assert!(Activities::apply(&mut rows, &events[1]).is_err(), "to Carol's row it is no beginning");
    assert_eq!(rows, before);
}

#[test]
fn a_stranger_never_reaches_the_view() {
    let events = history_of(post_id(1), [accounts::Event::Registered(testing::registered())]);
    assert_eq!(Activities::touched(&events[0]).count(), 0);
    assert_eq!(Activities::fold_all(&events).unwrap(), HashMap::new());
    assert_eq!(Activity::CONTEXTS, ["posts", "following"]);
}
