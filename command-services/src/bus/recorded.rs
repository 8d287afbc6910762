//! Two versions side by side: an instance of an earlier one as it was recorded. What it sends is done, or refused as
//! not applied, and never done in part; what it answers is understood. Where a version cannot read a command of an
//! earlier one any more, it says so here: such commands wait during an upgrade until both are of the same version.
//!
//! `2026-11-29.json` has commands of all forms, `2026-11-29.client` and `.server` what went over the wire, in
//! hexadecimal. All are recorded when a release is made: see `crates/domain/src/testing/recorded.rs`, and
//! `RECORD_PEER=<date> cargo test -p command-services --lib -- --ignored a_peer_is_recorded`.

use std::time::Duration;

use domain::{Actor, BoundedContext, ContextVisitor, for_each_context};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::tests::{Leader, secret, signed};
use super::*;

const RECORDED: &str = include_str!("recorded/2026-11-29.json");
const CLIENT: &str = include_str!("recorded/2026-11-29.client");
const SERVER: &str = include_str!("recorded/2026-11-29.server");
/// Commands that this version does not read any more, by context and name.
const NOT_READ: &[&str] = &[];
/// Until when the recorded client waits, by its clock: the end of 2999.
const DEADLINE_AT_MS: u64 = 32_503_680_000_000;
/// What is on its way arrives within this.
const MOMENT: Duration = Duration::from_millis(300);
/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(20);

/// The commands of the recorded peer.
fn commands(context: &str) -> Vec<Value> {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    recorded[context].as_array().cloned().unwrap_or_default()
}

fn request_of(command: &Value) -> Value {
    let id = "5eb2a4f0-0000-4000-8000-000000000001";
    json!({
        "aggregate_id": command["aggregate_id"],
        "command": {"id": id, "digest": 7, "correlation_id": id, "traceparent": null},
        "expected": 3,
        "actor": Actor::new(id.parse().unwrap()),
        "body": command["body"],
    })
}

/// `posts.Put`, of a command in JSON.
fn name(context: &str, command: &Value) -> String {
    let name = match &command["body"] {
        Value::String(name) => name.as_str(),
        Value::Object(fields) => fields.keys().next().map_or("", String::as_str),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => "",
    };
    format!("{context}.{name}")
}

/// How many commands were read. A context that the recorded peer does not know has none.
struct Reads(usize);

impl ContextVisitor for Reads {
    fn visit<C: BoundedContext>(&mut self) {
        let commands = commands(C::NAME);
        self.0 += commands.len();
        for command in &commands {
            let (name, sent) = (name(C::NAME, command), request_of(command));
            let read: Result<Request<C>, String> = fidelity::read(sent.to_string().as_bytes());
            assert_eq!(read.is_ok(), !NOT_READ.contains(&name.as_str()), "{name}: {read:?} of {sent}");
        }
    }
}

#[test]
fn every_command_of_an_earlier_version_is_read_whole() {
    let mut reads = Reads(0);
    for_each_context(&mut reads);
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let all: usize = recorded.as_object().unwrap().values().map(|commands| commands.as_array().unwrap().len()).sum();
    assert_eq!(reads.0, all, "of each context that it knows");
}

/// The recorded client asks for these, one after the other.
fn asked() -> Vec<ForwardRequest> {
    let posts = commands("posts");
    let mut put = posts.iter().find(|command| name("posts", command) == "posts.Put").unwrap().clone();
    put["body"]["Put"]["lease"]["expires_at"] = Value::Null;
    let author = put["body"]["Put"]["content"]["author_id"].as_str().unwrap().parse().unwrap();
    let delete = json!({"aggregate_id": "00000000-0000-4000-8000-000000000009", "body": "Delete"});
    [&put, &delete]
        .into_iter()
        .map(|command| {
            let mut request = request_of(command);
            request["expected"] = Value::Null;
            request["command"]["id"] = json!(uuid::Uuid::new_v5(&uuid::Uuid::nil(), command.to_string().as_bytes()));
            request["actor"] = json!(Actor::new(author).with(domain::Role::Author));
            ForwardRequest {
                context: "posts".to_owned(),
                request: request.to_string().into_bytes(),
                deadline_ms: 20_000,
                deadline_at_ms: DEADLINE_AT_MS,
            }
        })
        .collect()
}

fn bytes(recorded: &str) -> Vec<u8> {
    let digits: Vec<u8> = recorded.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn what_a_recorded_client_asks_for_is_done_and_answered() {
    let leader = Leader::start(Some(secret())).await;
    let mut wire = TcpStream::connect(leader.address.trim_start_matches("http://")).await.unwrap();
    wire.write_all(&bytes(CLIENT)).await.unwrap();
    let mut answered = Vec::new();
    let both = async {
        while !(holds(&answered, "Accepted") && holds(&answered, "NotFound")) {
            assert!(wire.read_buf(&mut answered).await.unwrap() > 0, "it hangs up: {answered:?}");
        }
    };
    let in_time = tokio::time::timeout(LONG, both).await;
    assert!(in_time.is_ok(), "both commands are answered: {}", String::from_utf8_lossy(&answered));
    assert_eq!(leader.events(), 1, "a post was drafted, and one that is not there not deleted");
}

#[tokio::test]
async fn what_a_recorded_leader_answers_is_understood() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let leader = tokio::spawn(async move {
        let (mut wire, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 64 * 1024];
        // It answers when it is asked: after the greeting and the request.
        let mut seen = Vec::new();
        while !holds(&seen, "Delete") {
            let read = wire.read(&mut asked).await.unwrap();
            seen.extend_from_slice(&asked[..read]);
        }
        wire.write_all(&bytes(SERVER)).await.unwrap();
        tokio::time::sleep(LONG).await;
    });
    let forwarder = Forwarder::new(Handle::current(), Some(secret()));
    let request: Request<domain::posts::Posts> = serde_json::from_slice(&asked()[1].request).unwrap();
    let forwarded = forwarder.forward(&address, &request, Instant::now() + LONG).await;
    let rejection = domain::posts::Rejection::NotFound;
    assert_eq!(forwarded, Ok(Outcome::Refused(event_log::Refusal::Rejected { rejection, version: 0 })));
    leader.abort();
}

/// Asks a leader of this version, and writes down what both send.
async fn record(asked: Vec<ForwardRequest>) -> (Vec<u8>, Vec<u8>) {
    let leader = Leader::start(Some(secret())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let to = leader.address.trim_start_matches("http://").to_owned();
    let between = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(to).await.unwrap();
        let (mut sent, mut answered) = (Vec::new(), Vec::new());
        loop {
            let (mut one, mut other) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
            tokio::select! {
                read = client.read(&mut one) => {
                    let read = &one[..read.unwrap()];
                    sent.extend_from_slice(read);
                    server.write_all(read).await.unwrap();
                }
                read = server.read(&mut other) => {
                    let read = &other[..read.unwrap()];
                    answered.extend_from_slice(read);
                    client.write_all(read).await.unwrap();
                }
                () = tokio::time::sleep(MOMENT) => return (sent, answered),
            }
        }
    });
    let mut peer = CommandBusClient::connect(address).await.unwrap();
    for message in asked {
        let _ = peer.forward(signed(message)).await.unwrap();
    }
    between.await.unwrap()
}

#[tokio::test]
#[ignore = "it writes files that are kept"]
async fn a_peer_is_recorded() {
    let date = std::env::var("RECORD_PEER").expect("RECORD_PEER names the record");
    let write = |end: &str, bytes: &[u8]| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bus/recorded");
        let lines =
            bytes.chunks(50).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n");
        std::fs::write(folder.join(format!("{date}.{end}")), lines.collect::<String>()).unwrap();
    };
    write("client", &record(asked()).await.0);
    write("server", &record(asked().split_off(1)).await.1);
}
