//! A long run is judged in a time that grows with its length and not faster.

use std::time::{Duration, Instant};

use checker::history::{Body, Call, Event, History, Outcome, Partition, Position, Record};
use serde_json::json;
use uuid::Uuid;

const POSTS: usize = 97;

/// So many commands on a few posts, over three partitions, one after the other; every tenth changes nothing.
fn history(commands: usize) -> History {
    let term = Record { offset: 0, key: "term".into(), body: Body::TermStarted { term: 1, nonce: Uuid::nil() } };
    let partition = |number| Partition { context: "posts".into(), number, records: vec![term.clone()] };
    let mut history = History { partitions: (0..3).map(partition).collect(), ..History::default() };
    let mut versions = [0; POSTS];
    for number in 0..commands {
        let post = number % POSTS;
        let partition = &mut history.partitions[post % 3];
        let call = call(number, post, &mut versions[post], partition);
        history.calls.push(call);
    }
    history
}

fn call(number: usize, post: usize, version: &mut u64, partition: &mut Partition) -> Call {
    let number = number as u64;
    let (command_id, aggregate_id) = (Uuid::from_u128(u128::from(number) << 64 | 7), format!("post-{post}"));
    let changed = !number.is_multiple_of(10) || *version == 0;
    *version += u64::from(changed);
    let (kind, name) = if *version % 2 == 1 { ("publish", "Published") } else { ("unpublish", "Unpublished") };
    let offset = partition.records.len() as i64;
    if changed {
        let event = Event {
            event_type: format!("inklog.posts.{name}"),
            aggregate_id: aggregate_id.clone(),
            version: *version,
            occurred_at: number as i64,
            actor_id: "a".into(),
            term: 1,
            seq: offset as u64,
            command_id,
            correlation_id: command_id,
            digest: None,
            fields: serde_json::Map::new(),
        };
        partition.records.push(Record { offset, key: aggregate_id.clone(), body: Body::Event(Box::new(event)) });
    }
    let position = Position { context: "posts".into(), partition: partition.number, offset, log_id: None };
    Call {
        client: number % 16,
        caller: None,
        command_id,
        kind: format!("posts.{kind}"),
        aggregate_id,
        expected: None,
        arguments: json!({}),
        invoked_at: number * 100,
        answered_at: Some(number * 100 + 90),
        outcome: Outcome::Accepted { version: *version, changed, position: changed.then_some(position) },
    }
}

fn judged_in(commands: usize) -> Duration {
    let history = history(commands);
    let began = Instant::now();
    let verdict = checker::judge(&history);
    let took = began.elapsed();
    assert!(verdict.is_clean(), "{verdict}");
    took
}

#[test]
fn twice_the_calls_take_about_twice_the_time() {
    let (once, eightfold) = (judged_in(5_000), judged_in(40_000));
    assert!(eightfold < once * 40 + Duration::from_secs(1), "{once:?} for 5,000 calls, {eightfold:?} for 40,000");
}

#[test]
#[ignore = "a minute without optimisation; run it with --release --ignored"]
fn a_million_calls_are_judged_within_a_minute() {
    let took = judged_in(1_000_000);
    println!("1,000,000 calls judged in {took:?}");
    assert!(took < Duration::from_secs(60), "{took:?}");
}
