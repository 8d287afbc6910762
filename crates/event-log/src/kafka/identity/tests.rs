use domain::posts::Posts;
use parking_lot::Mutex;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use tokio::runtime::Runtime;

use super::*;
use crate::codec::Codec;
use crate::event_log::END;
use crate::kafka::KafkaConfig;
use crate::kafka::barriers::Questions;
use crate::kafka::gaps::STANDS_STILL;
use crate::kafka::leaders::Leaders;
use crate::kafka::producers::Producers;
use crate::kafka::threads::Pulse;
use crate::partition::Limits;
use crate::record::Record;
use crate::registry::Registry;
use crate::transport::End;
use crate::{EventLog, NoForward, Unremembered};

const TOPIC: &str = "mock.posts.v1";

/// An instance that has read one record of the first of two partitions, of which either has a broker's leader of its
/// own; and a watch that looks after it.
struct Bench {
    _runtime: Runtime,
    cluster: MockCluster<'static, DefaultProducerContext>,
    log: Arc<EventLog<Posts>>,
    watch: Watch,
    logs: Vec<Present>,
}

impl Bench {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let cluster = MockCluster::new(2).unwrap();
        cluster.create_topic(TOPIC, 2, 1).unwrap();
        (0..2).for_each(|partition| cluster.partition_leader(TOPIC, partition, Some(partition + 1)).unwrap());
        let config = KafkaConfig::of(cluster.bootstrap_servers(), "mock", 2);
        let producer: BaseProducer = config.client("test").create().unwrap();
        producer.send(BaseRecord::to(TOPIC).partition(0).key("key").payload("value")).unwrap();
        producer.flush(Duration::from_secs(10)).unwrap();
        let log = EventLog::<Posts>::new(2, "here", Limits::default(), Arc::new(NoForward));
        log.records_read(0, [(0, Record::Foreign)]);
        let leaders = Arc::new(Leaders::of(vec![1, 2]));
        let watched: Arc<dyn Watched> = Arc::clone(&log) as Arc<dyn Watched>;
        let joined = Joined {
            log: Arc::downgrade(&watched),
            context: "posts",
            topic: TOPIC.to_owned(),
            producers: Arc::new(Producers::new(&config, TOPIC, &leaders, 1_000_000).unwrap()),
            questions: Questions::open(&leaders),
            leaders,
            codec: Codec::new(Registry::new("http://127.0.0.1:9").unwrap()),
            known: Arc::new(Unremembered),
            asked_every: LOOK,
            asked: Mutex::default(),
        };
        let asker = Arc::new(Asking::open(&config).unwrap());
        let watch = Watch { asker, config, handle: runtime.handle().clone() };
        Self { _runtime: runtime, cluster, log, watch, logs: vec![(Arc::new(joined), watched)] }
    }

    /// Where the first partition is read on, after a look for what is no record.
    fn reads_on_at(&self) -> i64 {
        let mut stillness = Stillness::default();
        self.watch.pass_gaps(&self.logs, &mut stillness);
        std::thread::sleep(STANDS_STILL);
        self.watch.pass_gaps(&self.logs, &mut stillness);
        self.log.standing(0).next_offset
    }
}

/// The broker had told an end, and lost what was before it in a crash: that nothing was to be read there was true, and
/// the record that came next was at an offset that counted as read.
#[test]
fn an_end_that_a_broker_has_lost_since_is_not_passed_to() {
    let bench = Bench::start();
    let fresh_until = Instant::now() + Duration::from_secs(60);
    bench.log.barrier_answered(0, END, Some(End { offset: 2, fresh_until }));
    assert_eq!(bench.log.awaited(), [(0, 1, 2)]);
    assert_eq!(bench.reads_on_at(), 1);
    assert!(bench.log.unready().contains_key(&0), "what is there is not known");
}

#[test]
fn a_broker_that_is_away_hides_the_first_terms_of_its_own_partitions_only() {
    let bench = Bench::start();
    let partitions = || vec![(0, 0), (0, 1)];
    let look = || bench.watch.read_firsts(&bench.logs, partitions(), &|| true);
    let began = Instant::now();
    while look().len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    bench.cluster.broker_down(1).unwrap();
    // Of the other, which has no term.
    while look() != [((0, 1), None)] {
        assert!(began.elapsed() < Duration::from_secs(40));
    }
}

#[test]
fn who_leads_what_is_looked_up_now_and_then() {
    let bench = Bench::start();
    bench.cluster.partition_leader(TOPIC, 0, Some(2)).unwrap();
    bench.watch.look_for_leaders(&bench.logs, &Pulse::default());
    assert_eq!(bench.logs[0].0.leaders.leader(0), 2);
}
