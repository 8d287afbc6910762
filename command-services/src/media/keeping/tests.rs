use std::time::Duration;

use domain::posts::{Command as PostCommand, Drafted, Edited, Event};
use domain::reservations::Lease;
use domain::{Actor, Role};
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::record::Record;
use futures::future::ready;
use tokio::time::Instant;

use super::*;
use crate::commands::Decided;
use crate::lagging::behind;

const AUTHOR: Uuid = Uuid::from_u128(1);
const LONG: Duration = Duration::from_secs(60);

fn picture() -> Sha256 {
    "5a".repeat(32).parse().unwrap()
}

/// The records of a log in which a post was drafted, and then came to show the picture, as its release makes it.
async fn released() -> Vec<Record<Event>> {
    let broker = MemoryBroker::new(1);
    let log = EventLog::<Posts>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let content = Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap());
    let body = format!("![An engine](/media/{})", picture()).parse().unwrap();
    let change = Edited { body: Some(body), ..Edited::default() };
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    for (key, command) in [("put", put), ("edit", PostCommand::Edit { change, lease: None })] {
        let actor = Actor::new(AUTHOR).with(Role::Author);
        let caller = Caller::in_the_name_of(actor, key, Instant::now() + LONG);
        let decided = caller.command(&log, "p".to_owned(), &key).execute(command, None).await.unwrap();
        assert!(matches!(decided, Decided::Accepted(_)), "{decided:?}");
    }
    broker.records(0)
}

/// The copy was released at another instance, and is gone; this one has not read yet what the post shows since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_release_shows_is_not_swept_where_it_is_not_read_yet() {
    let posts = behind(released().await);
    assert!(!is_used(&posts, &picture()).unwrap(), "it is not read");
    assert!(is_shown(&posts, ready(Ok(false)), &picture()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nothing_shows_is_swept_once_that_is_known() {
    let posts = behind(released().await);
    let other: Sha256 = "6b".repeat(32).parse().unwrap();
    assert!(is_shown(&posts, ready(Ok(true)), &other).await.unwrap(), "a copy shows it");
    assert!(!is_shown(&posts, ready(Ok(false)), &other).await.unwrap());
    // No end can be had any more.
    assert!(is_shown(&posts, ready(Ok(false)), &other).await.is_err());
}

/// A newer version of this program had the post show a picture, by an event that this one cannot read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_swept_on_the_strength_of_what_cannot_be_read() {
    let mut records = released().await;
    let Some(Record::Event(last)) = records.pop() else { panic!("the last one is an event") };
    let (stamp, aggregate_id) = (last.stamp, last.recorded.aggregate_id);
    records.push(Record::Unreadable { stamp, aggregate_id, reason: "a newer version's".to_owned() });
    let posts = behind(records);
    assert!(is_shown(&posts, ready(Ok(false)), &picture()).await.is_err());
}
