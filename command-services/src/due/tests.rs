use std::collections::HashSet;

use domain::Role;
use domain::posts::schedule::{Command as ScheduleCommand, Moment};
use domain::posts::{Command as PostCommand, Drafted, Posts};
use domain::reservations::Lease;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::{NoForward, now};
use futures::FutureExt as _;
use futures::future::ready;
use parking_lot::Mutex;

use super::*;

type Log = Arc<EventLog<Posts>>;

/// A draft that is to be released in so many milliseconds; its id.
async fn scheduled(log: &Log, name: &str, in_ms: i64) -> String {
    let (author, id) = (Uuid::new_v4(), Uuid::new_v4().to_string());
    let caller = |key| Caller::in_the_name_of(Actor::new(author).with(Role::Author), key, Instant::now() + DEADLINE);
    let content = Drafted::new(author, name.parse().unwrap(), name.parse().unwrap());
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    let moment = Moment { at: now().plus_millis(in_ms), local: None };
    let schedule = PostCommand::Schedule(ScheduleCommand::Release(Some(moment)));
    for (key, body) in [("put", put), ("schedule", schedule)] {
        let decided = caller(key).command(log, id.clone(), &key).execute(body, None).await.unwrap();
        assert!(matches!(decided, Decided::Accepted(_)), "{decided:?}");
    }
    id
}

/// A partition in which something could not be judged was looked at every five seconds only, and what else was due in
/// it came that much too late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_carried_out_makes_nothing_else_late() {
    let broker = MemoryBroker::new(1);
    let log: Log = EventLog::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let bad = scheduled(&log, "bad", 10).await;
    let (tried, open) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(HashSet::new())));
    let (noted, opened) = (Arc::clone(&tried), Arc::clone(&open));
    let judge = move |due: &Due<Posts>| {
        noted.lock().push(due.aggregate_id.to_string());
        let is_open = opened.lock().contains(&*due.aggregate_id);
        let closed = || Problem::unavailable("it cannot be judged", 1);
        ready(if is_open { Ok(due.command.clone()) } else { Err(closed()) }).boxed()
    };
    let carrying = {
        let log = Arc::clone(&log);
        tokio::spawn(async move { carry_out_of(&log, 0, &judge).await })
    };
    let version = |id: &str| log.confirmed(id).unwrap().0;
    // By then the pauses have grown to more than three seconds.
    sleep(Duration::from_millis(3_500)).await;
    let attempts = tried.lock().len();
    assert!((3..=7).contains(&attempts), "{attempts} attempts");

    let good = scheduled(&log, "good", 50).await;
    open.lock().insert(good.clone());
    sleep(Duration::from_millis(700)).await;
    assert_eq!((version(&good), version(&bad)), (3, 2));

    // And it is not given up.
    open.lock().insert(bad.clone());
    let until = Instant::now() + 2 * LONGEST_PAUSE;
    while version(&bad) < 3 {
        assert!(Instant::now() < until);
        sleep(LOOK).await;
    }
    carrying.abort();
    log.close();
}
