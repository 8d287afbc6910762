use std::time::Duration;

use domain::media::{Command as MediaCommand, Event};
use domain::posts::{Command as PostCommand, Drafted};
use domain::reservations::Lease;
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

/// The account's words for a picture are all that its public post says of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_not_taken_back_that_a_public_post_has_no_others_for() {
    let item = Item { account_id: AUTHOR, sha256: sha256() };
    let showing = format!("![](/media/{})", sha256());
    let described = format!("![An engine](/media/{})", sha256());
    let without = async |text: &str, is_public: bool, required: bool| {
        let rule = Rule::of(behind(brought(Some("An engine")).await), required);
        let posts = posted(text, is_public).await;
        rule.without(&item, &posts, Instant::now() + LONG).await
    };
    let refused = without(&showing, true, true).await.unwrap_err();
    assert_eq!(refused.details().kind, "urn:inklog:problem:alt-text-missing");
    assert_eq!(without(&showing, false, true).await, Ok(()), "it is a draft");
    assert_eq!(without(&described, true, true).await, Ok(()));
    assert_eq!(without(&showing, true, false).await, Ok(()), "it is not demanded");
}

/// A log with a post of this text, which was published at another instance where it is public.
async fn posted(text: &str, is_public: bool) -> Arc<EventLog<Posts>> {
    let broker = MemoryBroker::new(1);
    let log = EventLog::<Posts>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let content =
        Drafted { body: text.parse().unwrap(), ..Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap()) };
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    for command in std::iter::once(put).chain(is_public.then_some(PostCommand::Publish)) {
        let actor = Actor::new(AUTHOR).with(Role::Author);
        let caller = Caller::in_the_name_of(actor, &format!("{command:?}"), Instant::now() + LONG);
        let id = Uuid::from_u128(3).to_string();
        let decided = caller.command(&log, id, &"asked").execute(command, None).await.unwrap();
        assert!(matches!(decided, Decided::Accepted(_)), "{decided:?}");
    }
    behind(broker.records(0))
}
