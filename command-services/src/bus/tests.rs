use std::time::Duration;

use domain::posts::{Command, Posts};
use domain::{Actor, Decider};
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::record::{CommandRef, Record};
use event_log::{NoForward, Receipt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::*;

const SOON: Duration = Duration::from_secs(10);

pub(super) fn secret() -> Secret<String> {
    Secret::new("a secret of this test".to_owned())
}

/// An instance that leads its partition, and where it takes commands.
pub(super) struct Leader {
    broker: Arc<MemoryBroker<Posts>>,
    log: Arc<EventLog<Posts>>,
    pub(super) address: String,
    shutdown: Shutdown,
}

impl Leader {
    pub(super) async fn start(secret: Option<Secret<String>>) -> Self {
        let broker = MemoryBroker::new(1);
        let log = EventLog::<Posts>::new(1, "here", Limits::default(), Arc::new(NoForward));
        broker.join(&log);
        while !log.standing(0).is_leader {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let shutdown = Shutdown::new();
        let address = serve(Bus::new(secret).with(Posts::NAME, log.clone()), &shutdown).await;
        Self { broker, log, address, shutdown }
    }

    /// What a peer with the secret is told of a message.
    async fn told(&self, message: ForwardRequest) -> ForwardReply {
        let mut peer = CommandBusClient::connect(self.address.clone()).await.unwrap();
        peer.forward(signed(message)).await.unwrap().into_inner()
    }

    pub(super) fn events(&self) -> usize {
        self.broker.records(0).iter().filter(|record| matches!(record, Record::Event(_))).count()
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.shutdown.request();
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || log.close());
    }
}

async fn serve(bus: Bus, shutdown: &Shutdown) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(bus.serve(listener, shutdown.clone(), Duration::from_millis(50)));
    address
}

pub(super) fn signed<T>(message: T) -> tonic::Request<T> {
    let mut message = tonic::Request::new(message);
    message.metadata_mut().insert(SECRET, secret().expose().parse().unwrap());
    message
}

/// As the release before sent it, byte for byte: what is added since must not be needed.
fn recorded(id: Uuid) -> Value {
    json!({
        "aggregate_id": id.to_string(),
        "command": {"id": id, "digest": 7, "correlation_id": id, "traceparent": null},
        "expected": null,
        "actor": Actor::new(id),
        "body": Command::Delete,
    })
}

fn from_peer(request: &Value) -> ForwardRequest {
    message(Posts::NAME, request.to_string().into_bytes(), SOON)
}

fn request(id: Uuid) -> Request<Posts> {
    let command = CommandRef { id, digest: 7, correlation_id: id, traceparent: None };
    let actor = Actor::new(id);
    Request { aggregate_id: id.to_string(), command, expected: None, actor, body: Command::Delete }
}

#[tokio::test]
async fn what_this_version_would_lose_is_not_applied() {
    let leader = Leader::start(Some(secret())).await;
    let mut of_a_newer = recorded(Uuid::new_v4());
    of_a_newer["visible_from"] = json!(null);
    assert_eq!(
        leader.told(from_peer(&of_a_newer)).await.not_applied,
        "this version does not know `request.visible_from`"
    );
    let mut of_a_newer = recorded(Uuid::new_v4());
    of_a_newer["actor"]["tenant"] = json!("t");
    assert_eq!(
        leader.told(from_peer(&of_a_newer)).await.not_applied,
        "this version does not know `request.actor.tenant`"
    );
    let mut of_a_newer = recorded(Uuid::new_v4());
    of_a_newer["body"] = json!("Translate");
    let told = leader.told(from_peer(&of_a_newer)).await;
    assert!(told.not_applied.contains("Translate") && told.refused, "{told:?}");
    assert_eq!(leader.events(), 0);
}

#[tokio::test]
async fn the_release_before_is_answered() {
    let leader = Leader::start(Some(secret())).await;
    let mut peer = CommandBusClient::connect(leader.address.clone()).await.unwrap();
    let id = Uuid::new_v4();
    let request = recorded(id).to_string().into_bytes();
    let message = ExecuteRequest { context: Posts::NAME.to_owned(), request, deadline_ms: 10_000 };
    let reply = peer.execute(signed(message)).await.unwrap().into_inner();
    let outcome: Outcome<Posts> = serde_json::from_slice(&reply.outcome).unwrap();
    assert!(matches!(outcome, Outcome::Refused(_)), "there is no such post: {outcome:?}");
}

#[tokio::test]
async fn what_comes_after_its_deadline_is_not_applied() {
    let leader = Leader::start(Some(secret())).await;
    let mut late = from_peer(&recorded(Uuid::new_v4()));
    // It lay in the socket of a leader that was frozen for an hour.
    late.deadline_at_ms -= 3_600_000;
    assert_eq!(leader.told(late).await.not_applied, "it came after its deadline");
}

#[tokio::test]
async fn without_the_secret_no_caller_speaks_on_the_bus() {
    for kept in [None, Some(secret())] {
        let leader = Leader::start(kept).await;
        for shown in [None, Some(Secret::new("another secret of no worth".to_owned()))] {
            let forwarder = Forwarder::new(Handle::current(), shown);
            let id = Uuid::new_v4();
            let forwarded = forwarder.forward(&leader.address, &request(id), Instant::now() + SOON).await;
            assert!(matches!(forwarded, Err(ForwardError::NotApplied(_))), "{forwarded:?}");
        }
    }
}

#[tokio::test]
async fn a_command_is_forwarded_and_its_outcome_comes_back() {
    let leader = Leader::start(Some(secret())).await;
    let forwarder = Forwarder::new(Handle::current(), Some(secret()));
    let forwarded = forwarder.forward(&leader.address, &request(Uuid::new_v4()), Instant::now() + SOON).await;
    assert!(matches!(forwarded, Ok(Outcome::Refused(_))), "{forwarded:?}");
}

#[test]
fn a_refusal_that_this_version_does_not_know_is_known_not_to_be_applied() {
    let reply = |refused| ForwardReply { outcome: br#"{"Refused":"TooBold"}"#.to_vec(), refused, ..Default::default() };
    assert!(matches!(outcome::<Posts>(reply(true)), Err(ForwardError::NotApplied(_))));
    assert!(matches!(outcome::<Posts>(reply(false)), Err(ForwardError::Unknown(_))));
    let receipt = Receipt { version: 1, offset: 1, log_id: None, changed: true, note: None };
    let accepted = serde_json::to_vec(&Outcome::<Posts>::Accepted(receipt.clone())).unwrap();
    let reply = ForwardReply { outcome: accepted, ..Default::default() };
    assert_eq!(outcome::<Posts>(reply), Ok(Outcome::Accepted(receipt)));
}

#[test]
fn an_instance_of_the_release_before_that_knows_no_such_call_did_not_apply_it() {
    assert!(matches!(failure(&Status::unimplemented("Forward")), ForwardError::NotApplied(_)));
    assert!(matches!(failure(&Status::unavailable("connection reset")), ForwardError::Unknown(_)));
}

/// Takes commands, says so, and never answers: what a peer that died asked for.
struct Stuck(mpsc::Sender<()>);

#[async_trait]
impl ExecuteForwarded for Stuck {
    async fn execute(&self, _: &[u8], _: Instant) -> Answer {
        let _ = self.0.send(()).await;
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_connection_that_does_not_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (taken, mut takes) = mpsc::channel(1);
    let bus = Bus::new(Some(secret())).with(Posts::NAME, Arc::new(Stuck(taken)));
    let shutdown = Shutdown::new();
    let serving = tokio::spawn(bus.serve(listener, shutdown.clone(), Duration::from_millis(50)));
    let mut peer = CommandBusClient::connect(address).await.unwrap();
    let message = signed(message(Posts::NAME, Vec::new(), Duration::from_secs(60)));
    let waiting = tokio::spawn(async move { peer.forward(message).await });
    takes.recv().await.unwrap();

    shutdown.request();

    let ended = tokio::time::timeout(Duration::from_secs(10), serving).await;
    ended.expect("it ends though its peer does not").unwrap().unwrap();
    waiting.abort();
}
