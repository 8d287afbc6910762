use std::time::Duration;

use domain::media::{Command as MediaCommand, Item, Media};
use domain::posts::{Drafted, Edited};
use domain::reservations::Lease;
use domain::values::Sha256;
use domain::{Actor, Decider, Role};
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use tokio::time::Instant;

use super::*;
use crate::lagging::{behind, uploaded};

const AUTHOR: Uuid = Uuid::from_u128(1);
const POST: Uuid = Uuid::from_u128(2);

fn owner<C: Decider>() -> (Arc<MemoryBroker<C>>, Arc<EventLog<C>>) {
    let broker = MemoryBroker::new(1);
    let log = EventLog::<C>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    (broker, log)
}

fn caller(key: &str) -> Caller {
    let actor = Actor::new(AUTHOR).with(Role::Author);
    Caller::in_the_name_of(actor, key, Instant::now() + Duration::from_secs(60))
}

async fn done<C: Decider>(log: &Arc<EventLog<C>>, id: String, key: &str, command: C::Command) {
    let decided = caller(key).command(log, id, &key).execute(command, None).await.unwrap();
    assert!(matches!(decided, Decided::Accepted(_)), "{decided:?}");
}

fn sha256() -> Sha256 {
    "5a".repeat(32).parse().unwrap()
}

/// The rule, and a picture of which nothing is said.
async fn rule() -> Rule {
    let (_, log) = owner::<Media>();
    let brought = Item { account_id: AUTHOR, sha256: sha256() };
    let (item, id) = (uploaded(&brought, Uuid::from_u128(3)), brought.id());
    done(&log, id, "bring", MediaCommand::Upload { item, grace_ms: 60_000 }).await;
    Rule::of(log, true)
}

/// The leader of a post that had one text after the other, and an instance that has not read the last.
async fn texts(texts: [&str; 2]) -> (Arc<EventLog<Posts>>, Arc<EventLog<Posts>>) {
    let (broker, leader) = owner::<Posts>();
    let content = Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap());
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    done(&leader, POST.to_string(), "put", put).await;
    for text in texts {
        let change = Edited { body: Some(text.parse().unwrap()), ..Edited::default() };
        done(&leader, POST.to_string(), text, PostCommand::Edit { change, lease: None }).await;
    }
    (leader, behind(broker.records(0)))
}

/// The leader of a post that was drafted and then published, and an instance that has not read the latter.
async fn published() -> (Arc<EventLog<Posts>>, Arc<EventLog<Posts>>) {
    let (broker, leader) = owner::<Posts>();
    let content = Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap());
    let put = PostCommand::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    done(&leader, POST.to_string(), "put", put).await;
    done(&leader, POST.to_string(), "publish", PostCommand::Publish).await;
    let log = behind(broker.records(0));
    (leader, log)
}

/// What is decided, of a post that is judged by what is read at an instance that is behind.
async fn decided(
    both: &(Arc<EventLog<Posts>>, Arc<EventLog<Posts>>),
    shown: Shown,
    body: PostCommand,
) -> Result<Decided<Posts>, Problem> {
    decided_of(both, shown, body, Ok(())).await
}

/// The same of a caller who may take part, or may not.
async fn decided_of(
    (leader, log): &(Arc<EventLog<Posts>>, Arc<EventLog<Posts>>),
    shown: Shown,
    body: PostCommand,
    may_take_part: Result<(), Problem>,
) -> Result<Decided<Posts>, Problem> {
    let (caller, alt) = (caller("asked"), rule().await);
    let command = caller.command(leader, POST.to_string(), &"asked");
    let showing = Showing { caller: &caller, log, alt: &alt, id: POST, shown, may_take_part };
    showing.decided(&command, async |version| command.execute(body.clone(), version).await).await
}

fn shows_it() -> String {
    format!("![](/media/{})", sha256())
}

/// It was shown by an edit at another instance, whose caller publishes it here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_what_was_judged() {
    let refused = decided(&texts(["A text", &shows_it()]).await, Shown::Whole, PostCommand::Publish).await;
    assert_eq!(refused.unwrap_err().details().kind, "urn:inklog:problem:alt-text-missing");
    let published = decided(&texts([&shows_it(), "A text"]).await, Shown::Whole, PostCommand::Publish).await;
    assert!(matches!(published, Ok(Decided::Accepted(_))), "{published:?}");
}

/// The post was published at another instance, which the one that is asked to edit it has not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_is_judged_where_the_post_is_public_by_now() {
    let both = published().await;
    let text = shows_it().parse().unwrap();
    let change = Edited { body: Some(text), ..Edited::default() };
    let sent = Shown::sent((change.body.as_ref(), None));
    let refused = decided(&both, sent, PostCommand::Edit { change: change.clone(), lease: None }).await;
    assert_eq!(refused.unwrap_err().details().kind, "urn:inklog:problem:alt-text-missing");
}

/// A co-author published it at another instance, which the one that is asked has not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_blocked_author_sends_does_not_land_on_what_is_published_meanwhile() {
    let change = Edited { body: Some("A text".parse().unwrap()), ..Edited::default() };
    let sent = || Shown::sent((change.body.as_ref(), None));
    let edit = || PostCommand::Edit { change: change.clone(), lease: None };
    let blocked = || Err(Problem::new(&service_kit::problem::Kind::BLOCKED, "a moderator has blocked the account"));
    let refused = decided_of(&published().await, sent(), edit(), blocked()).await;
    assert_eq!(refused.unwrap_err().details().kind, "urn:inklog:problem:blocked");
    let of_a_draft = decided_of(&texts(["One", "Two"]).await, sent(), edit(), blocked()).await;
    assert!(matches!(of_a_draft, Ok(Decided::Accepted(_))), "{of_a_draft:?}");
}
