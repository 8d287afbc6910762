//! What the logs of a process share. Each client of Kafka has three or four threads, and each thread of ours memory of
//! its own, and a process has a log for each of its contexts. So one client asks for all of them, and two threads look
//! after them.
//!
//! What a log does not share: the reader, for one log that is long is not to hold up the others when a process starts;
//! the member of the group, whose name is that of the context, for instances of other versions are in it; and the
//! producers, for what one topic refuses ends the terms of all partitions that share them.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use tokio::runtime::Handle;

use super::asking::Asking;
use super::identity::Watch;
use super::threads::{Pulse, spawn};
use super::watched::Joined;
use super::{KafkaConfig, KafkaError, TICK};

type Admin = AdminClient<DefaultClientContext>;

/// What the logs of a process share. It lasts until it is dropped and they are closed.
pub struct Clients {
    config: KafkaConfig,
    asker: Arc<Asking>,
    admin: Mutex<Weak<Admin>>,
    joined: Mutex<Vec<Arc<Joined>>>,
}

impl Clients {
    /// Begins to look after logs, of which there are none yet. To be called inside a runtime.
    ///
    /// # Errors
    /// The settings are none that a client takes.
    pub fn open(config: &KafkaConfig) -> Result<Arc<Self>, KafkaError> {
        let asker = Arc::new(Asking::open(config)?);
        let (admin, joined) = (Mutex::new(Weak::new()), Mutex::default());
        let clients = Arc::new(Self { config: config.clone(), asker, admin, joined });
        let (asker, config) = (Arc::clone(&clients.asker), config.clone());
        let watch = Watch { asker, config, handle: Handle::current() };
        // None of them is waited for: without logs and clients to look after they end.
        drop(spawn("identity", "all", watch.run(clients.logs())));
        drop(spawn("tick", "all", tick(clients.logs())));
        Ok(clients)
    }

    /// How the broker is reached.
    pub(super) fn config(&self) -> &KafkaConfig {
        &self.config
    }

    pub(super) fn asker(&self) -> &Arc<Asking> {
        &self.asker
    }

    /// One for all that ask at the same time; it goes when they have asked.
    pub(super) fn admin(&self) -> Result<Arc<Admin>, KafkaError> {
        let mut shared = self.admin.lock();
        if let Some(admin) = shared.upgrade() {
            return Ok(admin);
        }
        let admin: Arc<Admin> = Arc::new(self.config.client("admin").create()?);
        *shared = Arc::downgrade(&admin);
        Ok(admin)
    }

    /// From now on the log is looked after.
    pub(super) fn join(&self, log: Joined) {
        self.joined.lock().push(Arc::new(log));
    }

    /// The log of this topic is looked after no more.
    pub(super) fn leave(&self, topic: &str) {
        self.joined.lock().retain(|joined| joined.topic != topic);
    }

    /// What tells the logs that are looked after; nothing once this is dropped.
    fn logs(self: &Arc<Self>) -> impl Fn() -> Option<Vec<Arc<Joined>>> + Send + use<> {
        let clients = Arc::downgrade(self);
        move || clients.upgrade().map(|clients| clients.joined.lock().clone())
    }
}

/// Looks after producers and idle partitions, time and again.
fn tick(logs: impl Fn() -> Option<Vec<Arc<Joined>>>) -> impl FnOnce(Pulse) {
    move |pulse| {
        while let Some(logs) = logs() {
            pulse.beat();
            logs.iter().for_each(|log| log.tick(|| pulse.beat()));
            drop(logs);
            std::thread::sleep(TICK);
        }
    }
}
