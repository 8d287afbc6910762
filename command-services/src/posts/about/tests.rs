use std::sync::Arc;
use std::time::Duration;

use domain::posts::{Command as PostCommand, Drafted};
use domain::reservations::Lease;
use domain::{Actor, Role};
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use tokio::time::Instant;

use super::*;
use crate::lagging::behind;

const AUTHOR: Uuid = Uuid::from_u128(1);
const ORIGINAL: Uuid = Uuid::from_u128(2);
const POST: Uuid = Uuid::from_u128(3);

fn caller(account_id: Uuid) -> Caller {
    let actor = Actor::new(account_id).with(Role::Author);
    Caller::in_the_name_of(actor, "asked", Instant::now() + Duration::from_secs(60))
}

/// The original was drafted at another instance, which this one has not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_is_a_translation_of_one_that_was_drafted_a_moment_before() {
    let broker = MemoryBroker::new(1);
    let leader = EventLog::<Posts>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&leader);
    let content = Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap());
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    let author = caller(AUTHOR);
    author.command(&leader, ORIGINAL.to_string(), &"put").execute(put, None).await.unwrap();

    let rules = Rules(None);
    let log = behind(broker.records(0));
    let of_anothers = rules.permit(&caller(Uuid::from_u128(9)), &log, POST, (None, Some(ORIGINAL))).await;
    assert_eq!(of_anothers.unwrap_err().details().status, 422);
    let log = behind(broker.records(0));
    assert_eq!(rules.permit(&author, &log, POST, (None, Some(ORIGINAL))).await, Ok(()));
}
