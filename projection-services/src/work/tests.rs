use domain::posts::{Event, Published};
use domain::{AnyEvent, Recorded, Timestamp};
use event_log::subscription::Undecodable;
use uuid::Uuid;

use super::*;

fn partition() -> PartitionId {
    PartitionId { context: "posts".into(), partition: 0 }
}

fn position(next_offset: i64) -> Position {
    Position { next_offset, ..Position::START }
}

fn entry(offset: i64, aggregate: &str) -> Entry {
    let event = Recorded {
        aggregate_id: aggregate.into(),
        version: 1,
        occurred_at: Timestamp(0),
        actor_id: Uuid::nil(),
        event: AnyEvent::Posts(Event::Published(Published {})),
    };
    Entry { offset, event: Ok(std::sync::Arc::new(event)) }
}

fn garbage(offset: i64, aggregate: &str) -> Entry {
    let undecodable = Undecodable { reason: "no schema".into(), key: aggregate.into(), value: vec![0] };
    Entry { offset, event: Err(undecodable) }
}

fn batch(from: i64, to: i64, entries: Vec<Entry>) -> Batch {
    Batch { partition: partition(), from: position(from), to: position(to), entries }
}

fn offsets<'a>(located: impl IntoIterator<Item = &'a Located<'a>>) -> Vec<i64> {
    located.into_iter().map(|located| located.offset).collect()
}

#[test]
fn batches_of_one_partition_become_one_run() {
    let mut work = Work::of(batch(0, 2, vec![entry(0, "a"), entry(1, "b")]));
    work.add(batch(2, 5, vec![entry(4, "a")]));
    assert_eq!((work.runs().len(), work.events()), (1, 3));
    let run = work.runs().next().unwrap();
    assert_eq!((run.from, run.to), (position(0), position(5)));
    assert!(work.contains(&partition(), 4) && !work.contains(&partition(), 5));
}

#[test]
fn a_batch_without_events_still_moves_the_position() {
    let work = Work::of(batch(0, 3, Vec::new()));
    assert!(!work.is_empty());
    assert_eq!(work.ends().map(|(_, at)| at.next_offset).collect::<Vec<_>>(), [3]);
}

#[test]
fn what_follows_poison_in_its_aggregate_waits_and_others_do_not() {
    let work = Work::of(batch(0, 4, vec![entry(0, "a"), garbage(1, "a"), entry(2, "a"), entry(3, "b")]));
    let sorted = work.sort(Held::default());
    assert_eq!(offsets(&sorted.apply), [0, 3]);
    assert_eq!(sorted.poison.iter().map(|poison| poison.offset).collect::<Vec<_>>(), [1]);
    assert_eq!(sorted.park.iter().map(|parking| parking.entry.offset).collect::<Vec<_>>(), [2]);
}

#[test]
fn an_event_with_a_verdict_is_parked_for_its_reason() {
    let mut work = Work::of(batch(0, 3, vec![entry(0, "a"), entry(1, "a"), entry(2, "b")]));
    let poison = Poison { partition: partition(), offset: 0, view: Some("posts"), reason: "refused".into() };
    work.park(Verdict { poison, attempts: 4 });
    let sorted = work.sort(Held::default());
    assert_eq!(offsets(&sorted.apply), [2]);
    let parked: Vec<_> = sorted.park.iter().map(|p| (p.entry.offset, p.reason.as_str(), p.attempts)).collect();
    assert_eq!(parked, [(0, "refused", 4), (1, "waits for an earlier event of its aggregate", 0)]);
}

#[test]
fn what_was_parked_before_holds_only_what_comes_after_it() {
    let mut held = Held::default();
    held.hold("posts", b"a", 1);
    held.hold("accounts", b"b", 0);
    let work = Work::of(batch(0, 3, vec![entry(0, "a"), entry(1, "a"), entry(2, "b")]));
    assert_eq!(offsets(&work.sort(held).apply), [0, 2]);
}

#[test]
fn long_texts_count() {
    let light = Work::of(batch(0, 1, vec![entry(0, "a")]));
    let heavy = Work::of(batch(
        0,
        1,
        vec![Entry {
            offset: 0,
            event: Err(Undecodable { reason: String::new(), key: Vec::new(), value: vec![0; 100_000] }),
        }],
    ));
    assert!(light.bytes() < 1_000 && heavy.bytes() > 100_000);
}
