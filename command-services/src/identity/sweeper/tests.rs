use std::sync::Arc;

use domain::Timestamp;
use domain::accounts::Registered;
use domain::reservations::Lease;
use domain::values::EmailKey;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::record::Record;
use event_log::{EventLog, ExecuteError, NoForward, Outcome, Request};
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::*;

fn log() -> Arc<EventLog<Accounts>> {
    EventLog::new(1, "http://127.0.0.1:2", Limits::default(), Arc::new(NoForward))
}

async fn done(log: &Arc<EventLog<Accounts>>, account_id: Uuid, command: AccountCommand) {
    let caller = Caller::in_the_name_of(Actor::new(account_id), &Uuid::new_v4().to_string(), Instant::now() + DEADLINE);
    let asked: Command<'_, Accounts> = caller.command(log, account_id.to_string(), &"asked");
    assert!(matches!(asked.execute(command, None).await, Ok(Decided::Accepted(accepted)) if accepted.receipt.changed));
}

fn registration(account_id: Uuid) -> AccountCommand {
    let profile = Registered {
        user_name: "ada".parse().unwrap(),
        display_name: "".parse().unwrap(),
        bio: "".parse().unwrap(),
        image_url: "".parse().unwrap(),
        email_key: EmailKey::none(),
    };
    let (lease, email_lease) = (Lease::CONFIRMED, Lease::CONFIRMED);
    AccountCommand::Register { account_id, profile, lease, email_lease }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leader_says_whether_there_is_an_account_and_nothing_comes_of_the_question() {
    let (broker, log, account_id) = (MemoryBroker::new(1), log(), Uuid::new_v4());
    broker.join(&log);
    assert!(!is_registered(&*log, account_id).await.unwrap());
    done(&log, account_id, registration(account_id)).await;
    assert!(is_registered(&*log, account_id).await.unwrap());
    done(&log, account_id, AccountCommand::Change { account_id, change: Change::Deactivate }).await;
    assert!(is_registered(&*log, account_id).await.unwrap());
    assert!(!is_registered(&*log, Uuid::new_v4()).await.unwrap());
    // A term, and two events.
    assert_eq!(broker.records(0).len(), 3);
    log.close();
}

/// What was begun before the question is answered before it, however long it is on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_on_its_way_is_waited_for() {
    let (broker, log, account_id) = (MemoryBroker::new(1), log(), Uuid::new_v4());
    broker.join(&log);
    assert!(!is_registered(&*log, account_id).await.unwrap());
    broker.hold();
    let registering = tokio::spawn({
        let log = Arc::clone(&log);
        async move { done(&log, account_id, registration(account_id)).await }
    });
    // The one before the other.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let asking = tokio::spawn({
        let log = Arc::clone(&log);
        async move { is_registered(&*log, account_id).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!asking.is_finished(), "it is not known yet");
    broker.release();
    registering.await.unwrap();
    assert!(asking.await.unwrap().unwrap());
    log.close();
}

/// Its producer was given up, so the owner said no: and that is so, though the record lands after all.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_account_where_the_owner_said_so_once() {
    let (broker, log, account_id) = (MemoryBroker::new(1), log(), Uuid::new_v4());
    broker.join(&log);
    assert!(!is_registered(&*log, account_id).await.unwrap());
    broker.hold();
    let until = Instant::now() + Duration::from_millis(50);
    let caller = Caller::in_the_name_of(Actor::new(account_id), "register", until);
    let asked: Command<'_, Accounts> = caller.command(&log, account_id.to_string(), &"asked");
    assert!(asked.execute(registration(account_id), None).await.is_err(), "its outcome is not known");
    log.producer_failed(0);
    assert!(!is_registered(&*log, account_id).await.unwrap());
    broker.release();
    let landed = broker.records(0).len();
    log.read_to_the_end(DEADLINE).await.unwrap();
    assert!(matches!(broker.records(0)[landed - 1], Record::Event(_)), "it landed");
    assert!(!is_registered(&*log, account_id).await.unwrap());
    assert_eq!(log.confirmed(&account_id.to_string()).unwrap().0, 0);
    log.close();
}

struct NoLeader;

impl Executes<Accounts> for NoLeader {
    fn partition_of(&self, _: &str) -> i32 {
        0
    }

    fn execute(&self, _: Request<Accounts>, _: Instant) -> BoxFuture<'_, Result<Outcome<Accounts>, ExecuteError>> {
        std::future::ready(Err(ExecuteError::Unknown)).boxed()
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

/// What this instance has read says of no account that it is not there.
#[tokio::test]
async fn where_no_leader_answers_it_is_not_known_whether_there_is_an_account() {
    assert!(is_registered(&NoLeader, Uuid::new_v4()).await.is_err());
}
