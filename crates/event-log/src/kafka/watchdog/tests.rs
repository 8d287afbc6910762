use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// So much of a broker that a client takes it for one: it says which requests it knows, and who the brokers are.
struct Broker {
    port: u16,
    names_no_broker: Arc<AtomicBool>,
}

const API_VERSIONS: i16 = 18;
const METADATA: i16 = 3;
/// The last version of the question for metadata without tags and compact lengths.
const METADATA_VERSION: i16 = 4;

impl Broker {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let broker = Self { port: listener.local_addr().unwrap().port(), names_no_broker: Arc::default() };
        let (port, names_no_broker) = (broker.port, Arc::clone(&broker.names_no_broker));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let names_no_broker = Arc::clone(&names_no_broker);
                std::thread::spawn(move || serve(connection, port, &names_no_broker));
            }
        });
        broker
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// Answers until the client hangs up.
fn serve(mut connection: TcpStream, port: u16, names_no_broker: &AtomicBool) -> Option<()> {
    loop {
        let mut size = [0; 4];
        connection.read_exact(&mut size).ok()?;
        let mut request = vec![0; usize::try_from(i32::from_be_bytes(size)).ok()?];
        connection.read_exact(&mut request).ok()?;
        let mut answer = request[4..8].to_vec();
        match i16::from_be_bytes([request[0], request[1]]) {
            API_VERSIONS => answer.extend(versions()),
            METADATA => answer.extend(metadata(port, names_no_broker.load(Ordering::Acquire))),
            _ => return None,
        }
        connection.write_all(&i32::try_from(answer.len()).ok()?.to_be_bytes()).ok()?;
        connection.write_all(&answer).ok()?;
    }
}

/// No error; two requests, each with its versions and no tags; no throttling; no tags.
fn versions() -> Vec<u8> {
    let mut bytes = vec![0, 0, 3];
    for (key, last) in [(API_VERSIONS, 3), (METADATA, METADATA_VERSION)] {
        bytes.extend([key, 0, last].map(i16::to_be_bytes).concat());
        bytes.push(0);
    }
    bytes.extend([0; 5]);
    bytes
}

fn metadata(port: u16, no_broker: bool) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    bytes.extend(i32::from(!no_broker).to_be_bytes());
    if !no_broker {
        bytes.extend(1_i32.to_be_bytes());
        text(&mut bytes, "127.0.0.1");
        bytes.extend(i32::from(port).to_be_bytes());
        bytes.extend((-1_i16).to_be_bytes());
    }
    text(&mut bytes, "cluster");
    bytes.extend(1_i32.to_be_bytes());
    // One topic that is not there: UNKNOWN_TOPIC_OR_PARTITION.
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(3_i16.to_be_bytes());
    text(&mut bytes, "t");
    bytes.push(0);
    bytes.extend(0_i32.to_be_bytes());
    bytes
}

/// A client whose broker named none for a moment.
fn disappointed() -> (Broker, BaseConsumer) {
    let broker = Broker::start();
    let client: BaseConsumer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", broker.address())
        .set("group.id", "t")
        .set("reconnect.backoff.max.ms", "100")
        .create()
        .unwrap();
    assert!(knows_a_broker(&client));
    std::thread::sleep(Duration::from_millis(300));
    broker.names_no_broker.store(true, Ordering::Release);
    let _ = client.fetch_metadata(Some("t"), ANSWER);
    std::thread::sleep(Duration::from_millis(700));
    broker.names_no_broker.store(false, Ordering::Release);
    std::thread::sleep(Duration::from_millis(100));
    (broker, client)
}

fn knows_a_broker(client: &BaseConsumer) -> bool {
    client.fetch_metadata(Some("t"), ANSWER).is_ok_and(|said| !said.brokers().is_empty())
}

/// About one in four loses its broker for good: of twelve, nearly always one.
#[test]
fn a_client_that_lost_all_brokers_is_told_of_them_again() {
    let heals = || {
        let (broker, client) = disappointed();
        BrokerWatchdog::asking_after(&broker.address(), "t", Duration::ZERO).silent(&client);
        knows_a_broker(&client)
    };
    for _ in 0..3 {
        let clients: Vec<_> = (0..4).map(|_| std::thread::spawn(heals)).collect();
        assert!(clients.into_iter().all(|client| client.join().unwrap()));
    }
}
