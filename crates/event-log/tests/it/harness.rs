//! What the suite needs of a log, whatever carries it.

mod kafka;
mod memory;

pub(crate) use kafka::{Fails, Kafka, forget_schemas, registry_url};
pub(crate) use memory::Memory;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use domain::posts::{Event, Posts};
use event_log::partition::Limits;
use event_log::record::Record;
use event_log::subscription::Position;
use event_log::{EventLog, ExecuteError, Forward, ForwardError, Outcome, Receipt, Request, Validity};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

pub(crate) type Log = EventLog<Posts>;

/// How long anything in these tests may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A log of its own for each test.
#[async_trait]
pub(crate) trait Harness: Send + Sync + Sized + 'static {
    const NAME: &'static str;

    async fn create(partitions: i32) -> Self;
    fn partitions(&self) -> i32;
    fn directory(&self) -> &Arc<Directory>;
    /// Connects an instance.
    async fn connect(&self, log: &Arc<Log>);
    /// Everything in a partition, read anew.
    async fn records(&self, partition: i32) -> Vec<Record<Event>>;
    /// Appends as some other writer.
    async fn append(&self, partition: i32, record: Record<Event>);

    /// Starts an instance of the service.
    async fn start(&self) -> Instance {
        let address = format!("instance-{}", uuid::Uuid::new_v4());
        let forward = Arc::clone(self.directory());
        let log = EventLog::new(self.partitions(), &address, Limits::default(), forward);
        self.directory().0.lock().insert(address.clone(), Arc::downgrade(&log));
        self.connect(&log).await;
        Instance { log, address, directory: Arc::clone(self.directory()) }
    }

    /// Starts the only instance there is, and waits until it leads everywhere.
    async fn start_alone(&self) -> Instance {
        let instance = self.start().await;
        have_leaders(&[&instance]).await;
        instance
    }

    /// The records of a partition that count, with their offsets; judged here as any reader would.
    async fn valid(&self, partition: i32) -> Vec<(i64, Record<Event>)> {
        let mut position = Position::START;
        let records = (0..).zip(self.records(partition).await);
        records.filter(|(offset, record)| position.judge(*offset, record) == Validity::Valid).collect()
    }
}

/// Finds instances by address, in place of gRPC.
#[derive(Default)]
pub(crate) struct Directory(Mutex<HashMap<String, Weak<Log>>>);

#[async_trait]
impl Forward<Posts> for Directory {
    async fn forward(
        &self,
        address: &str,
        request: &Request<Posts>,
        deadline: Instant,
    ) -> Result<Outcome<Posts>, ForwardError> {
        let found = self.0.lock().get(address).and_then(Weak::upgrade);
        let Some(log) = found else { return Err(ForwardError::NotApplied(address.to_owned())) };
        log.execute_here(request.clone(), deadline).await.map_err(|error| ForwardError::Unknown(error.to_string()))
    }
}

/// A running instance. It is closed when dropped, so that a failed test leaves nothing running.
pub(crate) struct Instance {
    log: Arc<Log>,
    address: String,
    directory: Arc<Directory>,
}

impl std::ops::Deref for Instance {
    type Target = Arc<Log>;
    fn deref(&self) -> &Arc<Log> {
        &self.log
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.log.close();
        self.directory.0.lock().remove(&self.address);
    }
}

impl Instance {
    /// Stops it as SIGTERM does: partitions are handed over, then it cannot be reached any more.
    pub(crate) async fn stop(self) {
        tokio::task::spawn_blocking(move || drop(self)).await.unwrap();
    }

    /// The version of an aggregate as far as it has read; 0 also where that is not fresh.
    pub(crate) fn version_of(&self, id: &str) -> u64 {
        self.confirmed(id).map_or(0, |(version, _)| version)
    }

    /// The partitions it leads.
    pub(crate) fn led(&self) -> Vec<i32> {
        (0..self.partitions()).filter(|partition| self.standing(*partition).is_leader).collect()
    }

    /// Asks for something, patiently.
    pub(crate) async fn ask(&self, request: Request<Posts>) -> Result<Outcome<Posts>, ExecuteError> {
        self.execute(request, Instant::now() + PATIENCE).await
    }

    /// Asks for something that must be accepted.
    #[track_caller]
    pub(crate) fn accept(&self, request: Request<Posts>) -> impl Future<Output = Receipt> {
        let (at, log) = (std::panic::Location::caller(), Arc::clone(&self.log));
        async move {
            match log.execute(request, Instant::now() + PATIENCE).await {
                Ok(Outcome::Accepted(receipt)) => receipt,
                other => panic!("{at}: {other:?}"),
            }
        }
    }
}

/// Waits until these instances lead all partitions, and each has its share.
pub(crate) async fn have_leaders(instances: &[&Instance]) {
    let partitions = usize::try_from(instances[0].partitions()).unwrap();
    let shared_out = || {
        let led: Vec<usize> = instances.iter().map(|instance| instance.led().len()).collect();
        led.iter().sum::<usize>() == partitions && led.iter().all(|led| *led >= partitions / instances.len())
    };
    until("the partitions are shared out", shared_out).await;
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, so: impl Fn() -> bool) -> impl Future<Output = ()> {
    let (at, what) = (std::panic::Location::caller(), what.to_owned());
    async move {
        let deadline = Instant::now() + PATIENCE;
        while !so() {
            assert!(Instant::now() < deadline, "{at}: waited in vain until {what}");
            sleep(Duration::from_millis(5)).await;
        }
    }
}
