//! Writers that should not write, and leaders that are not.

use std::time::Duration;

use domain::posts::{Edited, Event, Posts};
use domain::{Recorded, Timestamp};
use event_log::record::{EventRecord, Record, Stamp, TermStarted};
use event_log::{ExecuteError, Request};
use tokio::time::Instant;
use uuid::Uuid;

use crate::commands::{draft, retitle, text};
use crate::harness::{Harness, until};

/// What another writer would append to the post of this command.
fn edit_by_another(of: &Request<Posts>, version: u64, term: u64, seq: u64) -> Record<Event> {
    let edited = Edited { title: Some(text("Not so")), ..Edited::default() };
    let mut command = of.command.clone();
    command.id = Uuid::new_v4();
    Record::Event(EventRecord {
        stamp: Stamp { term, seq },
        command,
        recorded: Recorded {
            aggregate_id: of.aggregate_id.clone(),
            version,
            occurred_at: Timestamp(1),
            actor_id: of.actor.id,
            event: Event::Edited(edited),
        },
    })
}

fn term_of_another(term: u64) -> Record<Event> {
    let (owner, nonce) = (Uuid::new_v4(), Uuid::new_v4());
    Record::TermStarted(TermStarted { term, owner, address: "nowhere".into(), nonce })
}

pub(crate) async fn what_a_stale_writer_appends_is_void<H: Harness>() {
    let harness = H::create(1).await;
    let first = harness.start_alone().await;
    let post = Uuid::new_v4();
    let command = draft(post);
    first.accept(command.clone()).await;
    first.stop().await;
    let second = harness.start_alone().await;
    assert_eq!(second.standing(0).term, 2);

    // The first writer wakes up; another is ahead of its time; and one contends too late and too early.
    harness.append(0, edit_by_another(&command, 2, 1, 2)).await;
    harness.append(0, edit_by_another(&command, 2, 3, 1)).await;
    harness.append(0, term_of_another(2)).await;
    harness.append(0, term_of_another(4)).await;
    harness.append(0, edit_by_another(&command, 2, 4, 1)).await;

    assert_eq!(second.accept(retitle(post, 1)).await.version, 2);
    let state = second.confirmed(&post.to_string());
    assert_eq!((second.standing(0).term, second.standing(0).is_leader), (2, true));
    second.stop().await;
    let third = harness.start_alone().await;
    assert_eq!(third.confirmed(&post.to_string()), state);
    assert_eq!(harness.valid(0).await.len(), 5, "three terms and two events");
}

pub(crate) async fn an_owner_that_misses_an_append_begins_a_new_term<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    let command = draft(post);
    instance.accept(command.clone()).await;
    // Of the present term and not the next: something before it must have gone missing.
    harness.append(0, edit_by_another(&command, 3, 1, 3)).await;
    until("it has a new term", || instance.standing(0).term == 2 && instance.standing(0).is_leader).await;
    assert_eq!(instance.accept(retitle(post, 1)).await.version, 2);
}

pub(crate) async fn an_owner_that_was_overtaken_comes_back_when_the_other_is_gone<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    instance.accept(draft(post)).await;
    harness.append(0, term_of_another(2)).await;
    until("it leads no more", || instance.standing(0).term == 2).await;
    assert_eq!(instance.accept(retitle(post, 1)).await.version, 2);
    assert_eq!((instance.standing(0).term, instance.standing(0).is_leader), (3, true));
}

pub(crate) async fn without_a_reachable_owner_a_command_is_not_applied<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    instance.accept(draft(post)).await;
    harness.append(0, term_of_another(2)).await;
    until("it leads no more", || instance.standing(0).term == 2).await;
    let soon = Instant::now() + Duration::from_millis(20);
    assert_eq!(instance.execute(retitle(post, 1), soon).await, Err(ExecuteError::Moving));
    until("it is back", || instance.standing(0).is_leader).await;
    assert_eq!(instance.accept(retitle(post, 2)).await.version, 2);
}
