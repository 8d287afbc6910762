use domain::posts::Posts;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::*;
use crate::event_log::END;
use crate::kafka::threads::spawn;
use crate::kafka::{KafkaConfig, reader_config};
use crate::partition::Limits;
use crate::{NoForward, Unready};

const TOPIC: &str = "mock.posts.v1";
const LEASE: Duration = Duration::from_secs(3);
const SOON: Duration = Duration::from_secs(20);

/// An instance that has read two empty partitions, of which either has a broker's leader of its own, and asks where
/// they end.
struct Bench {
    cluster: MockCluster<'static, DefaultProducerContext>,
    config: KafkaConfig,
    log: Arc<EventLog<Posts>>,
    questions: Arc<Questions>,
}

impl Bench {
    fn start() -> Self {
        let cluster = MockCluster::new(2).unwrap();
        cluster.create_topic(TOPIC, 2, 1).unwrap();
        cluster.partition_leader(TOPIC, 0, Some(1)).unwrap();
        cluster.partition_leader(TOPIC, 1, Some(2)).unwrap();
        let config = KafkaConfig { read_lease: LEASE, ..KafkaConfig::of(cluster.bootstrap_servers(), "mock", 2) };
        let client = Arc::new(reader_config(&config, "test").create().unwrap());
        let asker = Arc::new(Asker { client, topic: TOPIC.to_owned(), lease: LEASE });
        let (questions, log) = (
            Questions::open(&Arc::new(Leaders::of(vec![1, 2]))),
            EventLog::new(2, "here", Limits::default(), Arc::new(NoForward)),
        );
        for _ in 0..2 {
            let watchdog = BrokerWatchdog::new(&config.brokers, TOPIC);
            let answer = Arc::clone(&asker).answer(watchdog, Arc::downgrade(&log), Arc::clone(&questions));
            spawn("barrier", "test", answer);
        }
        Self { cluster, config, log, questions }
    }

    /// The partitions for which the instance cannot answer.
    fn silent(&self) -> Vec<i32> {
        let silent = |(partition, why)| (why == Unready::Silent).then_some(partition);
        self.log.unready().into_iter().filter_map(silent).collect()
    }

    #[track_caller]
    fn asks_until(&self, silent: &[i32]) {
        let began = Instant::now();
        while self.silent() != silent {
            assert!(began.elapsed() < SOON, "{:?} instead of {silent:?}", self.silent());
            self.questions.ask_all(END);
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.questions.close();
    }
}

#[test]
fn a_broker_that_is_away_makes_its_own_partitions_stale_and_no_other() {
    let bench = Bench::start();
    assert_eq!(bench.silent(), [0, 1], "nothing was asked yet");
    bench.asks_until(&[]);

    bench.cluster.broker_down(1).unwrap();
    bench.asks_until(&[0]);
    // A lease was renewed all the while.
    let until = Instant::now() + LEASE;
    while Instant::now() < until {
        bench.questions.ask_all(END);
        assert_eq!(bench.silent(), [0]);
        std::thread::sleep(Duration::from_millis(50));
    }

    bench.cluster.broker_up(1).unwrap();
    bench.asks_until(&[]);
}

#[test]
fn one_broker_is_asked_for_all_that_waits_at_once_and_by_one_thread() {
    let (leaders, mut state) = (Leaders::of(vec![1, 2, 1]), State::default());
    state.waiting.extend([(0, 0), (0, 5), (1, 0), (2, 0)]);
    assert_eq!(state.take(&leaders), Some((1, vec![(0, 0), (0, 5), (2, 0)])));
    state.waiting.insert((2, 7));
    assert_eq!(state.take(&leaders), Some((2, vec![(1, 0)])), "the other does not wait for it");
    assert_eq!(state.take(&leaders), None, "both are being asked");
    state.busy.remove(&1);
    assert_eq!(state.take(&leaders), Some((1, vec![(2, 7)])));
}

/// Only where a broker had not answered was it looked up who leads: questions went with those to a broker of before.
#[test]
fn a_partition_that_moves_is_asked_for_with_those_of_its_broker() {
    let bench = Bench::start();
    let (client, leaders) = (reader_config(&bench.config, "test").create().unwrap(), &bench.questions.leaders);
    bench.cluster.partition_leader(TOPIC, 0, Some(2)).unwrap();
    leaders.look(&client, TOPIC, DEADLINE).unwrap();
    assert_eq!((leaders.leader(0), leaders.leader(1), leaders.leader(2)), (2, 2, -1));
    bench.cluster.broker_down(1).unwrap();
    bench.asks_until(&[]);
}
