//! What every route does with a command: who asks, under which id, seeing which version, and until when.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::{Actor, Decider, Digest, Timestamp};
use event_log::record::CommandRef;
use event_log::{EventLog, ExecuteError, Outcome, Refusal, Request, Stale, Unready};
use futures::FutureExt as _;
use futures::future::{BoxFuture, LocalBoxFuture};
use serde::Serialize;
use service_kit::etag::{self, IfMatch};
use service_kit::{Authenticated, Problem, TraceContext, position};
use tokio::time::Instant;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::reply::{Accepted, outcome_unknown};

/// Ids that are derived from other ids are derived in this namespace, for ever.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f0b_5a1e_31c4_4d0e_9c53_6a62_0d7c_3b19);

/// How long a command may take when nothing else is configured.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// How long a command may take, as the application is configured.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Duration);

/// Headers that every command takes, for the OpenAPI document; [`Caller`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it is read by the derive only")]
pub struct CommandHeaders {
    /// Makes the command repeatable: the same key again within 24 hours gets the first reply, and nothing is done
    /// twice.
    #[param(rename = "Idempotency-Key", max_length = 200)]
    idempotency_key: Option<String>,
    /// The version that the caller saw, such as `"7"`.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
    /// W3C trace context.
    traceparent: Option<String>,
}

/// A caller with a command, before its aggregate is known.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// The `Idempotency-Key`, or one made up: a reply that did not come can be asked for again with it.
    pub key: String,
    /// What `If-Match` demands.
    pub if_match: Option<IfMatch>,
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
        async move {
            // Who asks comes first: no caller learns what is wrong with a request that is not theirs to make.
            let Authenticated(actor) = authenticated.await?;
            Ok(anyone.await?.known_as(actor))
        }
        .boxed_local()
    }
}

/// A caller who has yet to show who they are, with a password or a token that came by mail.
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
        let if_match = etag::if_match(request.headers());
        let trace = TraceContext::from_request(request, payload);
        let deadline = request.app_data::<Deadline>().map_or(DEFAULT_DEADLINE, |deadline| deadline.0);
        async move {
            let (actor, traceparent) = (Actor::new(Uuid::nil()), trace.await?.traceparent());
            let deadline = Instant::now() + deadline;
            Ok(Self(Caller { actor, key: key?, if_match: if_match?, traceparent, deadline }))
        }
        .boxed_local()
    }
}

fn idempotency_key(request: &HttpRequest) -> Result<String, Problem> {
    let Some(header) = request.headers().get(position::IDEMPOTENCY_KEY) else { return Ok(Uuid::now_v7().to_string()) };
    let key = header.to_str().unwrap_or_default();
    if (1..=200).contains(&key.len()) && key.chars().all(|c| c.is_ascii_graphic()) {
        Ok(key.to_owned())
    } else {
        Err(Problem::malformed("Idempotency-Key must have 1 to 200 visible ASCII characters"))
    }
}

impl Caller {
    /// A caller who is not there (any more): what is done in an account's name because it was asked for before, or
    /// because time has passed. `key` names it, so that it is done once however many do it.
    #[must_use]
    pub fn in_the_name_of(actor: Actor, key: &str, deadline: Instant) -> Self {
        Self { actor, key: key.to_owned(), if_match: None, traceparent: TraceContext::begin().traceparent(), deadline }
    }

    /// The id of an aggregate that this command brings into being: the same for the same key, so that a repeated
    /// command finds the first one's partition.
    #[must_use]
    pub fn new_id(&self, context: &str) -> Uuid {
        derive(&[context, &self.actor.id.to_string(), &self.key])
    }

    /// The one version that `If-Match` names; `None` if it names none or any.
    ///
    /// # Errors
    /// It names several: a command is made to one.
    pub fn expected(&self) -> Result<Option<u64>, Problem> {
        match &self.if_match {
            None | Some(IfMatch::Any) => Ok(None),
            // A tag that is no version of ours matches nothing, and version 0 is what never is.
            Some(IfMatch::Versions(versions)) if versions.is_empty() => Ok(Some(0)),
            Some(IfMatch::Versions(versions)) if versions.len() == 1 => Ok(versions.first().copied()),
            Some(IfMatch::Versions(_)) => Err(Problem::malformed("If-Match must name one version")),
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
    /// Has the command decided.
    ///
    /// # Errors
    /// No outcome in time, as the client should read it.
    pub async fn execute(&self, body: C::Command, expected: Option<u64>) -> Result<Decided<C>, Problem> {
        let command = self.reference(self.id, self.digest);
        self.send(Request {
            aggregate_id: self.aggregate_id.clone(),
            command,
            expected,
            actor: self.caller.actor.clone(),
            body,
        })
        .await
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

/// The present version of an aggregate as far as this instance has read: for saying, not for deciding.
///
/// # Errors
/// What was read is not fresh.
pub fn seen_version<C: Decider>(log: &EventLog<C>, aggregate_id: &str) -> Result<u64, Problem> {
    Ok(log.confirmed(aggregate_id).map_err(stale)?.0)
}

/// What a client reads where this instance does not hear from the log.
#[must_use]
pub fn stale(why: Stale) -> Problem {
    Problem::unavailable(format!("{why}; nothing was done"), 1)
}

/// Whether this instance can say of an aggregate that it is not there.
///
/// # Errors
/// It cannot: it has not read the log yet, or does not hear from it any more.
pub fn can_deny<C: Decider>(log: &EventLog<C>) -> Result<(), Problem> {
    match log.unready().into_iter().next() {
        None => Ok(()),
        Some((partition, Unready::Silent)) => Err(stale(Stale { context: C::NAME, partition })),
        Some((_, Unready::CatchingUp | Unready::Stuck | Unready::Leaderless)) => Err(Problem::moving(1)),
    }
}

#[cfg(test)]
mod tests;
