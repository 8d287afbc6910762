//! The logs of a process, whatever their contexts are.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context as _;
use async_trait::async_trait;
use domain::Decider;
use event_log::codec::Codec;
use event_log::kafka::{self, Clients, KafkaConfig};
use event_log::subscription::PartitionId;
use event_log::{EventLog, KnownLogs, Stale, Unready};

use crate::bus::ExecuteForwarded;

/// How long the broker and the registry are waited for at the start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A context's log, as far as it can be dealt with without knowing the context.
#[async_trait]
pub trait Log: ExecuteForwarded {
    /// The context's name.
    fn context(&self) -> &'static str;

    /// Connects it to Kafka, as a member of this service; without one it follows and forwards only. See
    /// [`kafka::connect`].
    ///
    /// # Errors
    /// Kafka or the registry does not answer in time, or is not as it must be.
    async fn connect(
        self: Arc<Self>,
        clients: &Arc<Clients>,
        codec: &Codec,
        known: Arc<dyn KnownLogs>,
        service: Option<&str>,
    ) -> anyhow::Result<()>;

    /// See [`EventLog::is_catching_up`].
    fn is_catching_up(&self) -> bool;

    /// See [`EventLog::unready`].
    fn unready(&self) -> BTreeMap<i32, Unready>;

    /// See [`EventLog::shown_ends`].
    ///
    /// # Errors
    /// See [`EventLog::shown_ends`].
    async fn shown_ends(&self, patience: Duration) -> Result<Vec<(i32, i64)>, Stale>;

    /// See [`EventLog::is_any_sealed`].
    fn is_any_sealed(&self) -> bool;

    /// Hands the partitions over and closes the log.
    ///
    /// # Errors
    /// A thread of it panicked.
    async fn close(self: Arc<Self>) -> anyhow::Result<()>;

    /// Lets handlers take it as `web::Data<Arc<EventLog<C>>>`.
    fn provide(self: Arc<Self>, config: &mut web::ServiceConfig);

    /// Itself, for [`Logs::of`].
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

#[async_trait]
impl<C: Decider> Log for EventLog<C> {
    fn context(&self) -> &'static str {
        C::NAME
    }

    async fn connect(
        self: Arc<Self>,
        clients: &Arc<Clients>,
        codec: &Codec,
        known: Arc<dyn KnownLogs>,
        service: Option<&str>,
    ) -> anyhow::Result<()> {
        let connected = kafka::connect(&self, clients, codec, known, service, PATIENCE).await;
        connected.with_context(|| format!("opening the log of {}", C::NAME))
    }

    fn is_catching_up(&self) -> bool {
        Self::is_catching_up(self)
    }

    fn unready(&self) -> BTreeMap<i32, Unready> {
        Self::unready(self)
    }

    async fn shown_ends(&self, patience: Duration) -> Result<Vec<(i32, i64)>, Stale> {
        Self::shown_ends(self, patience).await
    }

    fn is_any_sealed(&self) -> bool {
        Self::is_any_sealed(self)
    }

    async fn close(self: Arc<Self>) -> anyhow::Result<()> {
        // Handing the partitions over blocks on their leaders' threads.
        tokio::task::spawn_blocking(move || Self::close(&self)).await.context("closing the log")
    }

    fn provide(self: Arc<Self>, config: &mut web::ServiceConfig) {
        config.app_data(web::Data::new(self));
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// The logs of a process. Each is had as a member of the service that its context belongs to; or, without one, for
/// following and forwarding only. Clones share them.
#[derive(Clone, Default)]
pub struct Logs(Vec<(Option<&'static str>, Arc<dyn Log>)>);

impl Logs {
    /// Adds one.
    pub fn add(&mut self, service: Option<&'static str>, log: Arc<dyn Log>) {
        self.0.push((service, log));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Log>> {
        self.0.iter().map(|(_, log)| log)
    }

    /// Those that the process has as a member of their service: it may lead their partitions, and is not ready before
    /// it has read them.
    pub fn members(&self) -> impl Iterator<Item = &Arc<dyn Log>> {
        self.0.iter().filter_map(|(service, log)| service.map(|_| log))
    }

    /// Where the partitions of all of them end at least, as far as no broker's word is good enough for that; see
    /// [`EventLog::shown_ends`].
    ///
    /// # Errors
    /// One was not read to its end within `patience`.
    pub async fn shown_ends(&self, patience: Duration) -> Result<HashMap<PartitionId, i64>, Stale> {
        let ends = self.iter().map(|log| async move {
            let (context, ends) = (log.context(), log.shown_ends(patience).await?);
            let of = move |(partition, end)| (PartitionId { context: context.to_owned(), partition }, end);
            Ok(ends.into_iter().map(of).collect::<Vec<_>>())
        });
        Ok(futures::future::try_join_all(ends).await?.into_iter().flatten().collect())
    }

    /// The log of a context.
    ///
    /// # Errors
    /// This process has none.
    pub fn of<C: Decider>(&self) -> anyhow::Result<Arc<EventLog<C>>> {
        let found = self.iter().find_map(|log| Arc::clone(log).as_any().downcast().ok());
        found.with_context(|| format!("this process has no log of {}", C::NAME))
    }

    /// Connects all. Most of it is waiting for answers, so they are connected at once.
    ///
    /// # Errors
    /// See [`Log::connect`]; of several that fail the first is named.
    pub async fn connect(&self, config: &KafkaConfig, codec: &Codec, known: &Arc<dyn KnownLogs>) -> anyhow::Result<()> {
        let clients = &Clients::open(config)?;
        let connecting =
            self.0.iter().map(|(service, log)| Arc::clone(log).connect(clients, codec, Arc::clone(known), *service));
        futures::future::join_all(connecting).await.into_iter().collect()
    }

    /// Closes all.
    ///
    /// # Errors
    /// See [`Log::close`].
    pub async fn close(&self) -> anyhow::Result<()> {
        futures::future::try_join_all(self.iter().map(|log| Arc::clone(log).close())).await.map(drop)
    }
}
