//! What every route does with a command: who asks, under which id, seeing which version, and until when.

mod deadline;
mod headers;

pub use deadline::{DEFAULT_DEADLINE, Deadline};
pub use headers::{CommandHeaders, RepeatableHeaders};

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::{Actor, Decider, Digest, Timestamp};
use event_log::record::CommandRef;
use event_log::{EventLog, ExecuteError, Outcome, Refusal, Request};
use futures::FutureExt as _;
use futures::future::{BoxFuture, LocalBoxFuture};
use serde::Serialize;
use service_kit::etag::Conditions;
use service_kit::{Authenticated, Problem, TraceContext, position};
use tokio::time::Instant;
use uuid::Uuid;

use crate::freshness::seen_version;
use crate::reply::{Accepted, outcome_unknown};
use headers::KEY;

/// Ids that are derived from other ids are derived in this namespace, for ever.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f0b_5a1e_31c4_4d0e_9c53_6a62_0d7c_3b19);

/// How often a command whose conditions several versions fit is made to another one, because the version that it was
/// made to has passed.
const LOST_RACES: usize = 3;

/// A version that no aggregate has: a command that is made to it is answered only if it was accepted before.
const NEVER: u64 = u64::MAX;

/// What the key of a caller who is not there begins with. No header has it: what a client sends is never taken for it.
const WITHIN: char = '\u{1}';

/// A caller with a command, before its aggregate is known.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// The `Idempotency-Key`, or one made up: a reply that did not come can be asked for again with it.
    pub key: String,
    /// What `If-Match` and `If-None-Match` demand of the aggregate.
    pub conditions: Conditions,
    /// Where this belongs.
    pub traceparent: String,
    /// When the caller has waited long enough.
    pub deadline: Instant,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let authenticated = Authenticated::from_request(request, payload);
        let anyone = Anyone::from_request(request, payload);
        let conditions = Conditions::of(request.headers());
        async move {
            // Who asks comes first: no caller learns what is wrong with a request that is not theirs to make.
            let Authenticated(actor) = authenticated.await?;
            Ok(Self { conditions: conditions?, ..anyone.await?.known_as(actor) })
        }
        .boxed_local()
    }
}

/// A caller who has yet to show who they are, with a password or a token that came by mail. Such a caller has seen no
/// version, and is not asked for one.
#[derive(Clone, Debug)]
pub struct Anyone(Caller);

impl Anyone {
    /// The caller, now that it is known who asks.
    #[must_use]
    pub fn known_as(self, actor: Actor) -> Caller {
        Caller { actor, ..self.0 }
    }

    /// See [`Caller::new_id`].
    #[must_use]
    pub fn new_id(&self, context: &str) -> Uuid {
        self.0.new_id(context)
    }
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = idempotency_key(request);
        let trace = TraceContext::from_request(request, payload);
        let (conditions, deadline) = (Conditions::default(), Deadline::of(request));
        async move {
            let (actor, traceparent) = (Actor::new(Uuid::nil()), trace.await?.traceparent());
            Ok(Self(Caller { actor, key: key?, conditions, traceparent, deadline }))
        }
        .boxed_local()
    }
}

fn idempotency_key(request: &HttpRequest) -> Result<String, Problem> {
    let Some(header) = request.headers().get(position::IDEMPOTENCY_KEY) else { return Ok(Uuid::now_v7().to_string()) };
    let key = header.to_str().unwrap_or_default();
    if KEY.check(key).is_ok() && key.chars().all(|c| c.is_ascii_graphic()) {
        Ok(key.to_owned())
    } else {
        Err(Problem::malformed("Idempotency-Key must have 1 to 200 visible ASCII characters"))
    }
}

impl Caller {
    /// A caller who is not there (any more): what is done in an account's name because it was asked for before, or
    /// because time has passed. `key` names it, so that it is done once however many do it. The account's own commands
    /// have other ids, whichever keys it sends.
    #[must_use]
    pub fn in_the_name_of(actor: Actor, key: &str, deadline: Instant) -> Self {
        let (conditions, traceparent) = (Conditions::default(), TraceContext::begin().traceparent());
        Self { actor, key: format!("{WITHIN}{key}"), conditions, traceparent, deadline }
    }

    /// The id of an aggregate that this command brings into being: the same for the same key, so that a repeated
    /// command finds the first one's partition.
    #[must_use]
    pub fn new_id(&self, context: &str) -> Uuid {
        derive(&[context, &self.actor.id.to_string(), &self.key])
    }

    /// Refuses a change whose caller does not say in `If-Match` which version it is made to; `seen` is the version that
    /// the caller is told.
    ///
    /// # Errors
    /// 428; 412, where what is seen is not as `If-None-Match` demands; or this instance cannot say what there is.
    pub fn must_say_version(&self, seen: impl FnOnce() -> Result<u64, Problem>) -> Result<(), Problem> {
        if self.conditions.expect_something() {
            return Ok(());
        }
        match seen()? {
            seen if self.conditions.allow(seen) => Err(Problem::precondition_required(seen)),
            seen => Err(Problem::version_conflict(seen)),
        }
    }

    /// This caller's command on an aggregate; `asked` is what the client sent.
    pub fn command<'a, C: Decider>(
        &'a self,
        log: &'a Arc<EventLog<C>>,
        aggregate_id: String,
        asked: &impl Serialize,
    ) -> Command<'a, C> {
        self.command_over(&**log, aggregate_id, asked)
    }

    /// The same, over whatever takes commands to their owners.
    pub fn command_over<'a, C: Decider>(
        &'a self,
        log: &'a dyn Executes<C>,
        aggregate_id: String,
        asked: &impl Serialize,
    ) -> Command<'a, C> {
        let text = serde_json::to_string(asked).unwrap_or_default();
        let id = derive(&[C::NAME, &aggregate_id, &self.actor.id.to_string(), &self.key]);
        Command { caller: self, log, aggregate_id, id, digest: Digest::of(&text).short() }
    }
}

/// What takes a command to its partition's leader and brings the outcome: a log, or a simulated one.
pub trait Executes<C: Decider>: Send + Sync {
    /// See [`EventLog::partition_of`].
    fn partition_of(&self, aggregate_id: &str) -> i32;

    /// See [`EventLog::execute`].
    fn execute(&self, request: Request<C>, deadline: Instant) -> BoxFuture<'_, Result<Outcome<C>, ExecuteError>>;

    /// What time it is by the clock of this process.
    fn now(&self) -> Timestamp;

    /// The version of an aggregate as far as this process has read; 0 where it reads nothing, or cannot answer for what
    /// it read. The leader says what there is.
    fn seen_version(&self, _aggregate_id: &str) -> u64 {
        0
    }
}

impl<C: Decider> Executes<C> for EventLog<C> {
    fn partition_of(&self, aggregate_id: &str) -> i32 {
        Self::partition_of(self, aggregate_id)
    }

    fn execute(&self, request: Request<C>, deadline: Instant) -> BoxFuture<'_, Result<Outcome<C>, ExecuteError>> {
        Self::execute(self, request, deadline).boxed()
    }

    fn now(&self) -> Timestamp {
        event_log::now()
    }

    fn seen_version(&self, aggregate_id: &str) -> u64 {
        seen_version(self, aggregate_id).unwrap_or(0)
    }
}

/// A command on one aggregate, and the id that all its steps are derived from.
pub struct Command<'a, C: Decider> {
    caller: &'a Caller,
    log: &'a dyn Executes<C>,
    aggregate_id: String,
    id: Uuid,
    digest: u64,
}

impl<C: Decider> Command<'_, C> {
    /// Has the command decided, if the aggregate is as the caller demands; `expected` is a version that the command has
    /// to be made to besides.
    ///
    /// # Errors
    /// No outcome in time, as the client should read it.
    pub async fn execute(&self, body: C::Command, expected: Option<u64>) -> Result<Decided<C>, Problem> {
        let conditions = &self.caller.conditions;
        let seen = || self.log.seen_version(&self.aggregate_id);
        let besides = expected.filter(|version| conditions.allow(*version));
        let mut made_to = besides.or_else(|| conditions.expected(seen));
        for _ in 0..LOST_RACES {
            match self.execute_at(made_to, body.clone()).await? {
                // This instance had not read that far, or another command was faster.
                Decided::Refused(Refusal::VersionConflict { current })
                    if besides.is_none() && conditions.allow(current) =>
                {
                    made_to = conditions.expected(|| current);
                }
                decided => return Ok(decided),
            }
        }
        self.execute_at(made_to, body).await
    }

    /// The outcome of this command, if it was accepted before: for a handler that would refuse it by what it has looked
    /// up by now. `body` is any that can be decided: it is not.
    ///
    /// # Errors
    /// No outcome in time, or the id was used for something else.
    pub async fn remembered(&self, body: C::Command) -> Result<Option<Accepted>, Problem> {
        match self.execute_at(Some(NEVER), body).await? {
            Decided::Accepted(accepted) => Ok(Some(accepted)),
            Decided::Refused(Refusal::IdReused) => Err(Problem::idempotency_key_reused()),
            Decided::Refused(_) => Ok(None),
        }
    }

    /// Has the command decided, if what was looked up permits it: `permitted`. Where it does not, what was accepted
    /// before is answered as it was then, whatever has become since of what was looked up.
    ///
    /// # Errors
    /// What `permitted` says, or as [`Command::execute`].
    pub async fn execute_if(&self, permitted: Result<(), Problem>, body: C::Command) -> Result<Decided<C>, Problem> {
        match permitted {
            Ok(()) => self.execute(body, None).await,
            Err(problem) => self.accepted_or(problem, body).await,
        }
    }

    /// The outcome of this command, if it was accepted before; else the problem that it has by now. `body` is any that
    /// can be decided: it is not.
    ///
    /// # Errors
    /// The problem, or as [`Command::remembered`].
    pub async fn accepted_or(&self, problem: Problem, body: C::Command) -> Result<Decided<C>, Problem> {
        self.remembered(body).await?.map(Decided::Accepted).ok_or(problem)
    }

    /// Whether the caller's conditions allow this version.
    #[must_use]
    pub fn allows(&self, version: u64) -> bool {
        self.caller.conditions.allow(version)
    }

    async fn execute_at(&self, expected: Option<u64>, body: C::Command) -> Result<Decided<C>, Problem> {
        let (aggregate_id, actor) = (self.aggregate_id.clone(), self.caller.actor.clone());
        let command = self.reference(self.id, self.digest);
        self.send(Request { aggregate_id, command, expected, actor, body }).await
    }

    /// Has a step of the command decided, on whichever aggregate; `step` names it among the command's steps, and says
    /// all that it asks: a step whose meaning changes needs another text.
    ///
    /// # Errors
    /// See [`Command::execute`].
    pub async fn step(&self, step: &str, aggregate_id: String, body: C::Command) -> Result<Decided<C>, Problem> {
        let command = self.step_reference(step);
        let actor = self.caller.actor.clone();
        self.send(Request { aggregate_id, command, expected: None, actor, body }).await
    }

    /// Id and digest of a step. Both are stored in the log, and a repeat is known by them: they are made of the step's
    /// text alone, for the body is a type of this version, and its JSON changes when a field is renamed.
    fn step_reference(&self, step: &str) -> CommandRef {
        self.reference(derive(&[&self.id.to_string(), step]), Digest::of(step).short())
    }

    /// See [`Executes::now`].
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.log.now()
    }

    async fn send(&self, request: Request<C>) -> Result<Decided<C>, Problem> {
        let partition = self.log.partition_of(&request.aggregate_id);
        let outcome = self.log.execute(request, self.caller.deadline).await;
        let outcome = outcome.map_err(|error| outcome_unknown(error, &self.caller.key))?;
        match outcome {
            Outcome::Accepted(receipt) => Ok(Decided::Accepted(Accepted { context: C::NAME, partition, receipt })),
            Outcome::Refused(refusal) => Ok(Decided::Refused(refusal)),
            Outcome::Moved | Outcome::Overloaded => Err(Problem::moving(1)),
        }
    }

    fn reference(&self, id: Uuid, digest: u64) -> CommandRef {
        CommandRef { id, digest, correlation_id: self.id, traceparent: Some(self.caller.traceparent.clone()) }
    }
}

/// What became of a command that has an outcome.
#[derive(Debug)]
pub enum Decided<C: Decider> {
    /// It holds.
    Accepted(Accepted),
    /// It does not, and why.
    Refused(Refusal<C>),
}

fn derive(parts: &[&str]) -> Uuid {
    // A separator that no part contains, so that ("a", "bc") and ("ab", "c") differ.
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

#[cfg(test)]
mod tests;
