use serde_json::json;
use uuid::Uuid;

use crate::Kind;
use crate::history::{Body, Partition, Position};
use crate::testing::Run;

const FORMER: Uuid = Uuid::from_u128(0xf0);

/// Two posts that were drafted in one partition; then the context got two partitions, and one of them was published.
fn run() -> (Run, Position) {
    let mut run = Run::new();
    let _ = run.draft("p", "s");
    let position = run.draft("q", "t");
    let posts = run.history.partitions.iter_mut().find(|partition| partition.context == "posts").unwrap();
    let mut former = posts.clone();
    if let Body::TermStarted { nonce, .. } = &mut former.records[0].body {
        *nonce = FORMER;
    }
    run.history.former.push(former);
    for call in &mut run.history.calls {
        if let crate::history::Outcome::Accepted { position: Some(position), .. } = &mut call.outcome {
            position.log_id = Some(FORMER);
        }
    }
    // What is of q goes to the second partition.
    split(&mut run);
    let _ = run.act("publish", "p");
    (run, Position { log_id: Some(FORMER), ..position })
}

fn split(run: &mut Run) {
    let posts = run.history.partitions.iter_mut().find(|partition| partition.context == "posts").unwrap();
    let is_second = |key: &str| key == "q" || key == "slug:t";
    let second: Vec<_> =
        posts.records.iter().filter(|record| is_second(&record.key) || record.offset == 0).cloned().collect();
    posts.records.retain(|record| !is_second(&record.key));
    let mut second = Partition { context: "posts".into(), number: 1, records: second };
    for partition in [posts, &mut second] {
        for (offset, record) in (0..).zip(&mut partition.records) {
            record.offset = offset;
            if let Body::Event(event) = &mut record.body {
                event.seq = u64::try_from(offset).unwrap();
            }
        }
    }
    run.history.partitions.push(second);
}

#[test]
fn positions_of_the_former_log_are_held_against_it() {
    let (mut run, position) = run();
    run.is_clean();
    run.read("posts", "q", Some(1)).position = Some(position.clone());
    run.is_clean();
    // By the new log it would be in another partition.
    let read = run.read("posts", "q", None);
    (read.position, read.sees_drafts) = (Some(position), true);
    run.is(Kind::Stale);
}

#[test]
fn an_event_that_was_not_copied_is_found() {
    let (mut run, _) = run();
    run.history.partitions.last_mut().unwrap().records.pop();
    run.has(Kind::Lost);
}

#[test]
fn an_event_that_was_changed_is_found() {
    let (mut run, _) = run();
    run.event("posts", 2).fields.insert("summary".into(), json!("another"));
    run.has(Kind::Lost);
}
