use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use domain::posts::Posts;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use uuid::Uuid;

use super::*;
use crate::codec::{Wire, header};
use crate::partition::Limits;
use crate::record::TermStarted;
use crate::registry::Registry;
use crate::{NoForward, Unready, schemas};

const TOPIC: &str = "mock.posts.v1";
const SOON: Duration = Duration::from_secs(10);

/// A follower of a broker inside this process, with a topic of two partitions.
struct Bench {
    _broker: MockCluster<'static, DefaultProducerContext>,
    producer: BaseProducer,
    codec: Codec,
    log: Arc<EventLog<Posts>>,
    open: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bench {
    /// The partitions are taken to end at `ends` as it begins.
    fn start(registry: &str, ends: &[i64]) -> Self {
        let broker = MockCluster::new(1).unwrap();
        broker.create_topic(TOPIC, 2, 1).unwrap();
        let config = KafkaConfig::of(broker.bootstrap_servers(), "mock", 2);
        let codec = Codec::new(Registry::new(registry).unwrap());
        codec.know(TOPIC, schemas::TERM_STARTED, 1).unwrap();
        codec.know(TOPIC, "inklog.posts.Drafted", 2).unwrap();
        let log = EventLog::new(2, "here", Limits::default(), Arc::new(NoForward));
        log.catch_up_to(ends, Instant::now() + 6 * SOON);
        let open = Arc::new(AtomicBool::new(true));
        let watchdog = BrokerWatchdog::new(&config.brokers, TOPIC);
        let reader = consumer(&config, TOPIC).unwrap();
        let follow = run(reader, watchdog, &log, codec.clone(), &open, Handle::current());
        let producer = config.client("test").create().unwrap();
        Self {
            _broker: broker,
            producer,
            codec,
            log,
            open,
            thread: Some(std::thread::spawn(move || follow(Pulse::default()))),
        }
    }

    fn append(&self, partition: i32, value: &[u8], headers: &[(&str, &str)]) {
        let insert = |all: OwnedHeaders, (key, value): &(&str, &str)| all.insert(Header { key, value: Some(*value) });
        let headers = headers.iter().fold(OwnedHeaders::new(), insert);
        let record = BaseRecord::to(TOPIC).partition(partition).key("key").payload(value).headers(headers);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        self.producer.flush(SOON).unwrap();
    }

    /// A record that is not ours, written so many milliseconds from now by its writer's clock.
    fn append_at(&self, partition: i32, ms: i64) {
        let at = crate::now().plus_millis(ms).0;
        let record = BaseRecord::to(TOPIC).partition(partition).key("key").payload("foreign").timestamp(at);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        self.producer.flush(SOON).unwrap();
    }

    fn append_term(&self, partition: i32, term: u64) {
        self.append_term_by(&self.codec, partition, term);
    }

    fn append_term_by(&self, codec: &Codec, partition: i32, term: u64) {
        let (owner, nonce) = (Uuid::new_v4(), Uuid::new_v4());
        let started = TermStarted { term, owner, address: "there".into(), nonce };
        let Wire { value, headers, .. } = codec.encode::<Posts>(TOPIC, &Record::TermStarted(started)).unwrap();
        let headers: Vec<_> = headers.iter().collect();
        self.append(partition, &value, &headers);
    }

    #[track_caller]
    fn wait_until(&self, what: &str, holds: impl Fn(&EventLog<Posts>) -> bool) {
        let until = Instant::now() + SOON;
        while !holds(&self.log) {
            assert!(Instant::now() < until, "{what}: {:?} {:?}", self.log.standing(0), self.log.standing(1));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.open.store(false, Ordering::Release);
        self.thread.take().map(JoinHandle::join);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_term_that_cannot_be_read_stops_its_partition_only() {
    let bench = Bench::start("http://127.0.0.1:9", &[0, 0]);
    bench.append_term(0, 1);
    bench.append_term(1, 1);
    bench.append(0, b"garbage", &[(header::TYPE, schemas::TERM_STARTED)]);
    bench.append_term(0, 2);
    bench.wait_until("it is stuck", |log| log.standing(0).stuck.is_some());
    bench.append_term(1, 2);
    bench.wait_until("the other goes on", |log| log.standing(1).term == 2);
    let stuck = bench.log.standing(0);
    assert_eq!((stuck.next_offset, stuck.term), (1, 1));
    let why = "stuck at offset 1: a record that begins a term cannot be read: does not begin with the magic byte 0";
    assert!(stuck.stuck.as_ref().is_some_and(|stuck| stuck == why), "{stuck:?}");
    assert_eq!(bench.log.unready(), [(0, Unready::Stuck)].into());
}

/// A registry that knows one schema, and says so when it is told to.
fn registry(answers: &Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::clone(answers);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 16 * 1024]);
            let body = r#"{"schema":"{\"type\":\"record\",\"name\":\"Other\",\"fields\":[]}"}"#;
            let status = if answers.load(Ordering::Acquire) { "200 OK" } else { "503 Service Unavailable" };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_is_read_on_without_a_gap_when_its_schema_is_known() {
    let answers = Arc::new(AtomicBool::new(false));
    let bench = Bench::start(&registry(&answers), &[0, 0]);
    bench.append_term(1, 1);
    bench.append_term(0, 1);
    // Schema 9, which is none of ours.
    bench.append(0, &[0, 0, 0, 0, 9], &[]);
    bench.append_term(0, 2);
    bench.wait_until("it is stuck", |log| log.standing(0).stuck.is_some() && log.standing(1).term == 1);
    assert_eq!(bench.log.standing(0).term, 1);
    bench.append_term(0, 3);

    answers.store(true, Ordering::Release);

    bench.wait_until("it is read on", |log| log.standing(0).term == 3);
    assert_eq!(bench.log.standing(0).next_offset, 4);
    assert!(bench.log.unready().is_empty());
}

/// A registry that was begun anew after the log's beginning has the beginning's ids, and others since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_is_another_schema_in_the_log_stops_an_instance_that_catches_up() {
    let another = Codec::new(Registry::new("http://127.0.0.1:9").unwrap());
    another.know(TOPIC, schemas::TERM_STARTED, 2).unwrap();
    let bench = Bench::start("http://127.0.0.1:9", &[2, 1]);
    bench.append_term(0, 1);
    bench.append_term_by(&another, 0, 2);
    bench.append_term(1, 1);
    bench.wait_until("it is stuck", |log| log.standing(0).stuck.is_some() && log.standing(1).term == 1);
    let why = bench.log.standing(0).stuck.unwrap();
    let expected = "schema 2 is inklog.log.TermStarted by the log, and inklog.posts.Drafted by the registry";
    assert!(why.starts_with("stuck at offset 1: ") && why.contains(expected), "{why}");
    assert_eq!(bench.log.unready(), [(0, Unready::Stuck)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_is_another_schema_does_not_stop_an_instance_that_has_caught_up() {
    let another = Codec::new(Registry::new("http://127.0.0.1:9").unwrap());
    another.know(TOPIC, schemas::TERM_STARTED, 2).unwrap();
    let bench = Bench::start("http://127.0.0.1:9", &[0, 0]);
    bench.append_term_by(&another, 0, 1);
    bench.append_term(1, 1);
    bench.wait_until("both are read", |log| log.standing(0).term == 1 && log.standing(1).term == 1);
    assert!(bench.log.unready().is_empty());
}

#[test]
fn a_record_says_by_whose_clock_it_was_stamped() {
    let at = domain::Timestamp(5);
    assert_eq!(stamped(Timestamp::NotAvailable), None);
    assert_eq!(stamped(Timestamp::CreateTime(5)), Some(Stamped::ByWriter(at)));
    assert_eq!(stamped(Timestamp::LogAppendTime(5)), Some(Stamped::ByBroker(at)));
}

/// The time on a record is its writer's here, as on a topic that was made by an earlier version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_from_the_future_shows_that_this_clock_is_behind() {
    let bench = Bench::start("http://127.0.0.1:9", &[]);
    let is_wrong = |log: &EventLog<Posts>| log.clock_ahead_ms().is_some();
    bench.append_at(0, 20_000);
    bench.append_term(1, 1);
    bench.wait_until("it is read", |log| log.standing(1).term == 1 && log.standing(0).next_offset == 1);
    assert!(!is_wrong(&bench.log), "so much is tolerated");
    bench.append_at(0, 40_000);
    bench.wait_until("it is shown", is_wrong);
}
