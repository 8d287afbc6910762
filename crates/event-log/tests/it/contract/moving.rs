//! Several instances, and partitions that move between them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::posts::Posts;
use event_log::record::Record;
use event_log::{Outcome, Receipt, Request};
use futures::future::join_all;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::commands::{draft, retitle};
use crate::harness::{Harness, Instance, Log, PATIENCE, have_leaders, until};

pub(crate) async fn two_instances_share_the_partitions_and_either_takes_any_command<H: Harness>() {
    let harness = H::create(4).await;
    let (one, other) = (harness.start().await, harness.start().await);
    have_leaders(&[&one, &other]).await;
    let posts: Vec<Uuid> = (0..32).map(|_| Uuid::new_v4()).collect();
    let drafts = join_all(posts.iter().map(|post| one.accept(draft(*post)))).await;
    let edits = join_all(posts.iter().map(|post| other.accept(retitle(*post, 1)))).await;
    assert!(drafts.iter().all(|receipt| receipt.version == 1));
    assert!(edits.iter().all(|receipt| receipt.version == 2));
    for post in posts {
        let id = post.to_string();
        until("both have read it", || one.version_of(&id) == 2 && other.version_of(&id) == 2).await;
        assert_eq!(one.confirmed(&id), other.confirmed(&id));
    }
}

pub(crate) async fn who_passes_an_answer_on_has_read_what_it_says<H: Harness>() {
    let harness = H::create(2).await;
    let (one, other) = (harness.start().await, harness.start().await);
    have_leaders(&[&one, &other]).await;
    for _ in 0..100 {
        let post = Uuid::new_v4();
        one.accept(draft(post)).await;
        assert_eq!(one.version_of(&post.to_string()), 1);
    }
}

pub(crate) async fn one_command_sent_to_both_instances_at_once_is_applied_once<H: Harness>() {
    let harness = H::create(2).await;
    let (one, other) = (harness.start().await, harness.start().await);
    have_leaders(&[&one, &other]).await;
    for _ in 0..20 {
        let command = draft(Uuid::new_v4());
        let (here, there) = tokio::join!(one.accept(command.clone()), other.accept(command.clone()));
        assert_eq!(here, there);
    }
    let records = [harness.valid(0).await, harness.valid(1).await].concat();
    let events = records.iter().filter(|(_, record)| matches!(record, Record::Event(_)));
    assert_eq!(events.count(), 20);
}

/// A command that was accepted under load, and how long its caller waited.
struct Served {
    request: Request<Posts>,
    receipt: Receipt,
    asked_at: Instant,
    waited: Duration,
}

/// Callers that ask one instance without a pause.
struct Load {
    stop: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Vec<Served>>>,
}

impl Load {
    fn begin(instance: &Instance, callers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let callers = (0..callers).map(|_| tokio::spawn(call(Arc::clone(instance), Arc::clone(&stop)))).collect();
        Self { stop, callers }
    }

    async fn end(self) -> Vec<Served> {
        self.stop.store(true, Ordering::Release);
        join_all(self.callers).await.into_iter().flat_map(Result::unwrap).collect()
    }
}

async fn call(log: Arc<Log>, stop: Arc<AtomicBool>) -> Vec<Served> {
    let post = Uuid::new_v4();
    let mut served = Vec::new();
    while !stop.load(Ordering::Acquire) {
        let request = if served.is_empty() { draft(post) } else { retitle(post, served.len()) };
        let asked_at = Instant::now();
        match log.execute(request.clone(), asked_at + PATIENCE).await {
            Ok(Outcome::Accepted(receipt)) => {
                served.push(Served { request, receipt, asked_at, waited: asked_at.elapsed() });
            }
            other => {
                let partition = log.partition_of(&request.aggregate_id);
                panic!("{other:?}: partition {partition}, {:?}, after {}", log.standing(partition), served.len());
            }
        }
    }
    served
}

/// Everything that was accepted is in the log, once, at its place; nothing else is; and no version is missing.
async fn hold_against_the_log<H: Harness>(harness: &H, log: &Log, served: &[Served]) {
    let mut events = HashMap::new();
    let mut versions: HashMap<String, u64> = HashMap::new();
    for partition in 0..harness.partitions() {
        for (offset, record) in harness.valid(partition).await {
            let Record::Event(event) = record else { continue };
            let version = versions.entry(event.recorded.aggregate_id.clone()).or_default();
            *version += 1;
            assert_eq!(event.recorded.version, *version, "{}", event.recorded.aggregate_id);
            let before = events.insert(event.command.id, (partition, offset, event.recorded.version));
            assert_eq!(before, None, "a command was applied twice");
        }
    }
    for Served { request, receipt, .. } in served {
        let place = (log.partition_of(&request.aggregate_id), receipt.offset, receipt.version);
        assert_eq!(events.get(&request.command.id), Some(&place), "accepted, and not there");
    }
    assert_eq!(events.len(), served.len(), "every event answered a caller");
}

/// The longest that a caller waited who waited then.
fn longest_wait(served: &[Served], from: Instant) -> Duration {
    let during = served.iter().filter(|call| call.asked_at + call.waited >= from);
    during.map(|call| call.waited).max().unwrap_or_default()
}

pub(crate) async fn joining_takes_a_share_and_loses_nothing<H: Harness>() {
    let harness = H::create(4).await;
    let first = harness.start_alone().await;
    let load = Load::begin(&first, 16);
    sleep(Duration::from_millis(300)).await;
    let joined_at = Instant::now();
    let second = harness.start().await;
    have_leaders(&[&first, &second]).await;
    sleep(Duration::from_millis(300)).await;

    let served = load.end().await;
    let gap = longest_wait(&served, joined_at);
    println!("{}: {} commands; the longest wait while another joined: {gap:?}", H::NAME, served.len());
    hold_against_the_log(&harness, &first, &served).await;
    assert!(gap < Duration::from_secs(5), "joining takes {gap:?}");
}

/// What a busy machine does to one hand-over it does not do to three in a row; a leader that leaves before another
/// leads is missed in each, for 700 ms and more on Kafka.
pub(crate) async fn closing_hands_over_and_loses_nothing<H: Harness>() {
    const ALLOWED: Duration = Duration::from_millis(300);
    let mut gaps = Vec::new();
    while gaps.iter().all(|gap| *gap >= ALLOWED) {
        assert!(gaps.len() < 3, "hand-overs take {gaps:?}");
        gaps.push(gap_while_closing::<H>().await);
    }
}

/// By how much the longest wait while a leader closes is longer than the longest one afterwards.
async fn gap_while_closing<H: Harness>() -> Duration {
    let harness = H::create(4).await;
    let leaving = harness.start_alone().await;
    // It takes two partitions now, and has to begin from nothing with the others.
    let staying = harness.start().await;
    have_leaders(&[&leaving, &staying]).await;
    let load = Load::begin(&staying, 16);
    sleep(Duration::from_millis(100)).await;
    // The one that stays joined just now, and on Kafka a member joins at most once a second: it takes that long to
    // hear.
    let left_at = Instant::now();
    leaving.stop().await;
    println!("{}: closing took {:?}", H::NAME, left_at.elapsed());
    have_leaders(&[&staying]).await;
    sleep(Duration::from_millis(300)).await;
    let over_at = Instant::now();
    sleep(Duration::from_millis(500)).await;

    let served = load.end().await;
    let (gap, usual) = (longest_wait(&served, left_at), longest_wait(&served, over_at));
    println!("{}: {} commands; the longest wait while the leader left: {gap:?}, then {usual:?}", H::NAME, served.len());
    hold_against_the_log(&harness, &staying, &served).await;
    gap - usual
}

pub(crate) async fn who_closes_alone_waits_for_no_other<H: Harness>() {
    let harness = H::create(4).await;
    let alone = harness.start_alone().await;
    let began = Instant::now();
    alone.stop().await;
    println!("{}: closing alone took {:?}", H::NAME, began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

pub(crate) async fn those_who_close_together_do_not_wait_for_each_other<H: Harness>() {
    let harness = H::create(4).await;
    let (one, other) = (harness.start().await, harness.start().await);
    have_leaders(&[&one, &other]).await;
    let began = Instant::now();
    tokio::join!(one.stop(), other.stop());
    println!("{}: closing together took {:?}", H::NAME, began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

pub(crate) async fn a_restart_reads_the_same_history<H: Harness>() {
    let harness = H::create(2).await;
    let before = harness.start_alone().await;
    let posts: Vec<Uuid> = (0..10).map(|_| Uuid::new_v4()).collect();
    for post in &posts {
        before.accept(draft(*post)).await;
        before.accept(retitle(*post, 1)).await;
    }
    let states = |log: &Log| -> Vec<_> { posts.iter().map(|post| log.confirmed(&post.to_string()).unwrap()).collect() };
    let expected = states(&before);
    before.stop().await;

    let after = harness.start_alone().await;
    assert_eq!(states(&after), expected);
    assert_eq!(after.accept(retitle(posts[0], 2)).await.version, 3);
}

pub(crate) async fn a_repeated_command_gets_the_first_receipt_after_a_restart<H: Harness>() {
    let harness = H::create(1).await;
    let before = harness.start_alone().await;
    let command = draft(Uuid::new_v4());
    let first = before.accept(command.clone()).await;
    before.stop().await;

    let after = harness.start_alone().await;
    assert_eq!(after.accept(command).await, first);
    assert_eq!(harness.valid(0).await.len(), 3, "two terms and one event");
}

/// Otherwise a log-in would be refused, and a vault's row swept, of an account that is in the log and not read yet.
pub(crate) async fn who_has_just_begun_knows_what_was_there_or_says_that_it_does_not<H: Harness>() {
    const POSTS: usize = 2_000;
    let harness = H::create(2).await;
    let first = harness.start_alone().await;
    let posts: Vec<Uuid> = (0..POSTS).map(|_| Uuid::new_v4()).collect();
    join_all(posts.iter().map(|post| first.accept(draft(*post)))).await;
    for _ in 0..3 {
        let newcomer = harness.start().await;
        let began = Instant::now();
        while !newcomer.unready().is_empty() {
            assert!(began.elapsed() < PATIENCE, "the newcomer does not read to the end");
            tokio::task::yield_now().await;
        }
        let unread = posts.iter().filter(|post| newcomer.version_of(&post.to_string()) == 0).count();
        assert_eq!(unread, 0, "it says that it has read, and has not read {unread} of {POSTS}");
        newcomer.stop().await;
    }
}
