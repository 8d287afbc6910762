use std::time::Duration;

use domain::Actor;
use domain::posts::{Command as PostCommand, Drafted};
use domain::reservations::Lease;
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use tokio::time::Instant;

use super::*;
use crate::lagging::behind;

const AUTHOR: Uuid = Uuid::from_u128(1);
const POST: Uuid = Uuid::from_u128(2);

/// The post was drafted at another instance, which this one has not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_that_was_drafted_a_moment_before_is_put_into_a_series() {
    let broker = MemoryBroker::new(1);
    let leader = EventLog::<Posts>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&leader);
    let actor = Actor::new(AUTHOR).with(Role::Author);
    let author = Caller::in_the_name_of(actor, "asked", Instant::now() + Duration::from_secs(60));
    let content = Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap());
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    author.command(&leader, POST.to_string(), &"put").execute(put, None).await.unwrap();

    let log = behind(broker.records(0));
    assert_eq!(permit_post(&author, &log, POST).await, Ok(Some(Ok(()))));
    assert_eq!(permit_post(&author, &leader, Uuid::from_u128(9)).await, Ok(None));
}
