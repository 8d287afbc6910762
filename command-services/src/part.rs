//! What a service is made of.

use std::future::Future;
use std::sync::Arc;

use actix_web::web;
use domain::Decider;
use event_log::kafka::KafkaConfig;
use event_log::partition::Limits;
use event_log::{EventLog, Forward};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use service_kit::auth::RevokedSessions;
use service_kit::{Problem, Route};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::args::ServiceArgs;
use crate::bus::Forwarder;
use crate::commands::{Caller, Command, Decided};
use crate::freshness::{can_deny, stale};
use crate::identity::vault::Vault;
use crate::logs::Logs;

/// A part of a service: a context with its routes, or what else a process does.
#[derive(Clone, Copy)]
pub struct Part {
    /// The name of its context, if it is one.
    pub context: Option<&'static str>,
    /// The names of contexts whose aggregates its handlers look up: its process follows their logs.
    pub looks_up: &'static [&'static str],
    /// Opens the log of its context.
    pub open: fn(&Opener, &mut Logs),
    /// Its routes.
    pub routes: fn() -> Vec<Route>,
    /// Begins what it does in the background, and provides what its handlers take.
    pub start: fn(&mut Process) -> anyhow::Result<()>,
    /// Ends what is an account's in its context, when the account is erased.
    pub forget: Option<Forget>,
    /// Whether it erases accounts: its process follows the logs of all contexts that forget.
    pub erases: bool,
}

/// Ends an account's aggregates in one context. It is repeated until it succeeds.
pub type Forget = for<'a> fn(&'a Logs, &'a Caller, Uuid) -> BoxFuture<'a, Result<(), Problem>>;

/// So many aggregates of an account are ended at once.
const AT_ONCE: usize = 64;

/// Executes the commands that `end` makes of the aggregates that end with an account, each on its aggregate: what a
/// [`Forget`] does. One that cannot be ended does not hold the others up.
/// What does not fit into the caller's deadline is left to the next attempt.
///
/// # Errors
/// This instance has not read the context's log; or one of the commands was refused, or has no outcome in time: all
/// others were executed all the same.
pub async fn end_each<C: Decider>(
    logs: &Logs,
    caller: &Caller,
    account_id: Uuid,
    end: impl Fn(&str, &C::State) -> Option<C::Command> + Send,
) -> Result<(), Problem> {
    let log = &logs.of::<C>().map_err(Problem::internal)?;
    can_deny(log)?;
    let ends = log.ending_with(account_id, |id, state| end(id, state).map(|command| (id.to_owned(), command)));
    let ends = ends.map_err(stale)?;
    let ending = futures::stream::iter(ends).map(|(id, body)| async move {
        let command: Command<'_, C> = caller.command(log, id, &"erase");
        match command.execute(body, None).await? {
            Decided::Accepted(_) => Ok(()),
            Decided::Refused(refusal) => {
                Err(Problem::internal(format!("an end in {} was refused: {refusal:?}", C::NAME)))
            }
        }
    });
    first_failure(ending.buffer_unordered(AT_ONCE).collect().await)
}

/// The first failure of what was done one beside the other, if there is one; the log says how many there are.
///
/// # Errors
/// That failure.
pub fn first_failure(outcomes: Vec<Result<(), Problem>>) -> Result<(), Problem> {
    let failed: Vec<Problem> = outcomes.into_iter().filter_map(Result::err).collect();
    if failed.len() > 1 {
        tracing::info!(failed = failed.len(), "what ends with an account cannot all be ended now");
    }
    failed.into_iter().next().map_or(Ok(()), Err)
}

impl Part {
    /// A part that does nothing.
    pub const NOTHING: Self = Self {
        context: None,
        looks_up: &[],
        open: |_, _| {},
        routes: Vec::new,
        start: |_| Ok(()),
        forget: None,
        erases: false,
    };

    /// A context and its routes.
    #[must_use]
    pub const fn of<C: Decider>(routes: fn() -> Vec<Route>) -> Self {
        Self { context: Some(C::NAME), open: Opener::open::<C>, routes, ..Self::NOTHING }
    }
}

/// Opens logs.
pub struct Opener {
    /// The service whose parts are being opened; `None` if the process only follows them.
    pub service: Option<&'static str>,
    /// Which topics the contexts are in, with how many partitions.
    pub kafka: KafkaConfig,
    /// Where other instances reach this one.
    pub address: String,
    /// What may wait at a partition.
    pub limits: Limits,
    /// Takes commands to other instances.
    pub forwarder: Arc<Forwarder>,
}

impl Opener {
    fn open<C: Decider>(&self, logs: &mut Logs) {
        let forward = Arc::clone(&self.forwarder) as Arc<dyn Forward<C>>;
        logs.add(
            self.service,
            EventLog::<C>::new(self.kafka.partitions_of(C::NAME), &self.address, self.limits, forward),
        );
    }
}

/// What the parts of a process share.
pub struct Process {
    /// How it was started.
    pub args: ServiceArgs,
    /// Which topics the contexts are in.
    pub kafka: KafkaConfig,
    /// Its logs.
    pub logs: Logs,
    /// The secrets.
    pub vault: Vault,
    /// Sessions that are over.
    pub revoked: RevokedSessions,
    /// What ends with an account, of every context.
    pub forgets: Vec<Forget>,
    background: Vec<JoinHandle<()>>,
    provided: Vec<Provide>,
}

type Provide = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

impl Process {
    /// A process of which no part has started.
    #[must_use]
    pub fn new(
        args: ServiceArgs,
        kafka: KafkaConfig,
        logs: Logs,
        vault: Vault,
        revoked: RevokedSessions,
        forgets: Vec<Forget>,
    ) -> Self {
        Self { args, kafka, logs, vault, revoked, forgets, background: Vec::new(), provided: Vec::new() }
    }

    /// Does something in the background for as long as the process takes requests.
    pub fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.background.push(tokio::spawn(work));
    }

    /// Ends what is done in the background.
    pub fn end_background(&self) {
        self.background.iter().for_each(JoinHandle::abort);
    }

    /// Lets handlers take this as `web::Data<T>`.
    pub fn provide<T: Send + Sync + 'static>(&mut self, shared: Arc<T>) {
        self.provided.push(Arc::new(move |config| {
            config.app_data(web::Data::from(Arc::clone(&shared)));
        }));
    }

    /// Registers what handlers take, for each of the server's workers.
    pub fn data(&self) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static {
        let (logs, provided) = (self.logs.clone(), self.provided.clone());
        move |config| {
            logs.iter().for_each(|log| Arc::clone(log).provide(config));
            provided.iter().for_each(|provide| provide(config));
        }
    }
}
