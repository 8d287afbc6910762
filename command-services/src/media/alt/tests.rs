use std::time::Duration;

use domain::media::{Command as MediaCommand, Event};
use domain::values::Sha256;
use domain::{Actor, Role};
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::record::Record;

use super::*;
use crate::commands::{Caller, Decided};
use crate::lagging::{behind, uploaded};

const AUTHOR: Uuid = Uuid::from_u128(1);
const LONG: Duration = Duration::from_secs(60);

fn sha256() -> Sha256 {
    "5a".repeat(32).parse().unwrap()
}

/// The records of a log in which an author brings a picture, and says this of it, if anything.
async fn brought(alt: Option<&str>) -> Vec<Record<Event>> {
    let broker = MemoryBroker::new(1);
    let log = EventLog::<Media>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let item = uploaded(&Item { account_id: AUTHOR, sha256: sha256() }, Uuid::from_u128(2));
    let upload = MediaCommand::Upload { item, grace_ms: 60_000 };
    let describe = alt.map(|alt| MediaCommand::Describe(alt.parse().unwrap()));
    for (key, command) in std::iter::once(upload).chain(describe).enumerate() {
        let actor = Actor::new(AUTHOR).with(Role::Author);
        let caller = Caller::in_the_name_of(actor, &key.to_string(), Instant::now() + LONG);
        let id = Item { account_id: AUTHOR, sha256: sha256() }.id();
        let decided = caller.command(&log, id, &key).execute(command, None).await.unwrap();
        assert!(matches!(decided, Decided::Accepted(_)), "{decided:?}");
    }
    broker.records(0)
}

async fn missing(rule: &Rule) -> Result<Vec<FieldError>, Problem> {
    let shown = [Reference { sha256: sha256(), described: false }];
    rule.missing(&shown, None, &[AUTHOR], Instant::now() + Duration::from_millis(500)).await
}

/// The picture was brought at another instance, whose caller publishes a post with it here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_is_not_read_yet_is_judged() {
    let rule = Rule::of(behind(brought(None).await), true);
    assert_eq!(missing(&rule).await.unwrap().len(), 1);
    // No end can be had any more.
    let unknown = missing(&rule).await.unwrap_err();
    assert_eq!(unknown.details().status, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_description_that_is_not_read_yet_counts() {
    let rule = Rule::of(behind(brought(Some("An engine")).await), true);
    assert_eq!(missing(&rule).await.unwrap(), []);
}
