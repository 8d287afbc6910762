//! One instance.

use std::collections::{BTreeSet, HashSet};

use domain::posts::{Command, Rejection, State};
use event_log::record::Record;
use event_log::{Outcome, Refusal};
use futures::future::join_all;
use uuid::Uuid;

use crate::commands::{draft, request, retitle};
use crate::harness::Harness;

pub(crate) async fn an_accepted_command_is_in_the_log_once<H: Harness>() {
    let harness = H::create(2).await;
    let instance = harness.start_alone().await;
    let command = draft(Uuid::new_v4());
    let receipt = instance.accept(command.clone()).await;
    assert_eq!((receipt.version, receipt.changed), (1, true));
    assert_eq!(receipt.note.as_deref(), Some(format!("post-{}", command.aggregate_id.replace('-', "")).as_str()));

    let partition = instance.partition_of(&command.aggregate_id);
    let records = harness.valid(partition).await;
    let Some((_, Record::TermStarted(first))) = records.first() else { panic!("a log begins with a term") };
    assert_eq!(receipt.log_id, Some(first.nonce), "the log is named by its first term");
    let found: Vec<_> = records
        .iter()
        .filter_map(|(offset, record)| match record {
            Record::Event(event) if event.command == command.command => Some((*offset, event)),
            _ => None,
        })
        .collect();
    let [(offset, event)] = found[..] else { panic!("{found:?}") };
    assert_eq!(offset, receipt.offset);
    assert_eq!((event.recorded.version, event.recorded.actor_id), (1, command.actor.id));
    assert!(matches!(instance.confirmed(&command.aggregate_id), Ok((1, State::Post(_)))));
}

pub(crate) async fn a_repeated_command_gets_the_first_receipt<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    let command = draft(post);
    let first = instance.accept(command.clone()).await;
    instance.accept(retitle(post, 1)).await;
    assert_eq!(instance.accept(command).await, first);
    assert_eq!(harness.valid(0).await.len(), 3, "a term and two events");
}

pub(crate) async fn a_command_id_used_for_something_else_is_refused<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let command = draft(Uuid::new_v4());
    instance.accept(command.clone()).await;
    let mut other = request(Uuid::new_v4(), Command::Publish);
    other.command.id = command.command.id;
    assert_eq!(instance.ask(other).await, Ok(Outcome::Refused(Refusal::IdReused)));
}

pub(crate) async fn a_version_that_is_not_the_present_one_is_a_conflict<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    instance.accept(draft(post)).await;
    let mut command = retitle(post, 1);
    command.expected = Some(7);
    let conflict = Outcome::Refused(Refusal::VersionConflict { current: 1 });
    assert_eq!(instance.ask(command.clone()).await, Ok(conflict));
    command.expected = Some(1);
    assert_eq!(instance.accept(command).await.version, 2, "a refused command's id is free");
}

pub(crate) async fn a_refusal_appends_nothing<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let refused = Outcome::Refused(Refusal::Rejected { rejection: Rejection::NotFound, version: 0 });
    assert_eq!(instance.ask(request(Uuid::new_v4(), Command::Publish)).await, Ok(refused));
    assert_eq!(harness.records(0).await.len(), 1, "the term");
}

pub(crate) async fn what_is_already_so_appends_nothing<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    let first = instance.accept(draft(post)).await;
    let again = instance.accept(draft(post)).await;
    assert_eq!((again.version, again.changed, &again.note), (1, false, &first.note));
    assert!(again.offset >= first.offset, "a reader that waits for it sees the post");
    assert_eq!(harness.records(0).await.len(), 2);
}

pub(crate) async fn commands_at_once_on_one_aggregate_have_versions_without_gap<H: Harness>() {
    let harness = H::create(1).await;
    let instance = harness.start_alone().await;
    let post = Uuid::new_v4();
    instance.accept(draft(post)).await;
    let receipts = join_all((0..200).map(|number| instance.accept(retitle(post, number)))).await;
    let versions: BTreeSet<u64> = receipts.iter().map(|receipt| receipt.version).collect();
    assert_eq!(versions, (2..=201).collect());
    let mut by_version = receipts;
    by_version.sort_by_key(|receipt| receipt.version);
    assert!(by_version.is_sorted_by(|one, next| one.offset < next.offset), "the log has them in that order");
}

pub(crate) async fn aggregates_are_spread_over_the_partitions<H: Harness>() {
    let harness = H::create(4).await;
    let instance = harness.start_alone().await;
    let posts: Vec<Uuid> = (0..64).map(|_| Uuid::new_v4()).collect();
    join_all(posts.iter().map(|post| instance.accept(draft(*post)))).await;
    let mut found = HashSet::new();
    for partition in 0..4 {
        let records = harness.valid(partition).await;
        let ids = records.into_iter().filter_map(|(_, record)| match record {
            Record::Event(event) => Some(event.recorded.aggregate_id),
            _ => None,
        });
        let ids: Vec<String> = ids.collect();
        assert!(!ids.is_empty(), "64 posts leave no partition of 4 empty but once in a hundred million times");
        assert!(ids.iter().all(|id| instance.partition_of(id) == partition));
        found.extend(ids);
    }
    assert_eq!(found, posts.iter().map(Uuid::to_string).collect());
}
