//! The way of a command to the instance that leads its partition: gRPC, both ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Decider;
use event_log::pace::Paces;
use event_log::{EventLog, Forward, ForwardError, Outcome, Request, now};
use parking_lot::Mutex;
use service_kit::Shutdown;
use service_kit::config::Secret;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

mod fidelity;

/// The generated contract.
#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod contract {
    tonic::include_proto!("inklog.bus.v1");
}

use contract::command_bus_client::CommandBusClient;
use contract::command_bus_server::{CommandBus, CommandBusServer};
use contract::{ExecuteReply, ExecuteRequest, ForwardReply, ForwardRequest};

/// How long connecting to another instance may take.
const CONNECT: Duration = Duration::from_millis(500);
/// How long an instance may be silent before its connection is given up.
const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// The longest a forwarded command is worked on, whatever its caller says.
const LONGEST: Duration = Duration::from_secs(60);
/// The clocks of instances differ by no more than this: so long after its caller's deadline a command may still be
/// begun.
const CLOCKS: Duration = Duration::from_secs(30);
/// Between complaints about an instance that takes no commands: there may be thousands of these a second.
const COMPLAINING: Duration = Duration::from_secs(60);
/// Connections that are kept: one to each instance, of which those that were replaced are not told apart.
const CHANNELS: usize = 256;
/// The metadata that carries the installation's secret.
const SECRET: &str = "inklog-bus-secret";
/// The largest message: a command of the largest body, as JSON.
const LARGEST_BYTES: usize = 4 * 1024 * 1024;

/// Hands commands to other instances; one connection each, kept.
pub struct Forwarder {
    handle: Handle,
    secret: Option<Secret<String>>,
    channels: Mutex<HashMap<String, Channel>>,
    complaints: Paces<String>,
}

impl Forwarder {
    /// A forwarder whose connections live on this runtime, and which proves itself with the secret.
    #[must_use]
    pub fn new(handle: Handle, secret: Option<Secret<String>>) -> Self {
        Self { handle, secret, channels: Mutex::default(), complaints: Paces::of(COMPLAINING) }
    }

    fn channel(&self, address: &str) -> Result<Channel, ForwardError> {
        if let Some(channel) = self.channels.lock().get(address) {
            return Ok(channel.clone());
        }
        let endpoint = Endpoint::from_shared(address.to_owned())
            .map_err(|error| ForwardError::NotApplied(error.to_string()))?
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(false);
        // A connection's tasks live where it is made; HTTP workers come and go.
        let _guard = self.handle.enter();
        let channel = endpoint.connect_lazy();
        let mut channels = self.channels.lock();
        if channels.len() >= CHANNELS {
            // What is under way has its own hold on its connection; those in use are made anew.
            channels.clear();
        }
        channels.insert(address.to_owned(), channel.clone());
        Ok(channel)
    }

    async fn send<C: Decider>(
        &self,
        address: &str,
        request: &Request<C>,
        deadline: Instant,
    ) -> Result<Outcome<C>, ForwardError> {
        let not_applied = |error: serde_json::Error| ForwardError::NotApplied(error.to_string());
        let body = serde_json::to_vec(request).map_err(not_applied)?;
        let left = deadline.saturating_duration_since(Instant::now());
        let mut client = CommandBusClient::new(self.channel(address)?)
            .max_encoding_message_size(LARGEST_BYTES)
            .max_decoding_message_size(LARGEST_BYTES);
        let mut message = tonic::Request::new(message(C::NAME, body, left));
        message.set_timeout(left);
        if let Some(secret) = self.secret.as_ref().and_then(|secret| secret.expose().parse().ok()) {
            message.metadata_mut().insert(SECRET, secret);
        }
        measures::commands::FORWARDED.with([C::NAME]).increment(1);
        match tokio::time::timeout_at(deadline, client.forward(message)).await {
            Ok(Ok(reply)) => outcome(reply.into_inner()),
            Ok(Err(status)) => Err(failure(&status)),
            Err(_) => Err(ForwardError::Unknown("no answer in time".into())),
        }
    }
}

#[async_trait]
impl<C: Decider> Forward<C> for Forwarder {
    async fn forward(
        &self,
        address: &str,
        request: &Request<C>,
        deadline: Instant,
    ) -> Result<Outcome<C>, ForwardError> {
        let forwarded = self.send(address, request, deadline).await;
        if let Err(ForwardError::NotApplied(reason)) = &forwarded
            && self.complaints.is_due(address)
        {
            tracing::warn!(context = C::NAME, address, reason, "a command was not taken; it is tried again");
        }
        forwarded
    }
}

fn message(context: &str, request: Vec<u8>, left: Duration) -> ForwardRequest {
    let deadline_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    let deadline_at_ms = u64::try_from(now().0).unwrap_or(0).saturating_add(deadline_ms);
    ForwardRequest { context: context.to_owned(), request, deadline_ms, deadline_at_ms }
}

fn outcome<C: Decider>(reply: ForwardReply) -> Result<Outcome<C>, ForwardError> {
    if !reply.not_applied.is_empty() {
        return Err(ForwardError::NotApplied(reply.not_applied));
    }
    serde_json::from_slice(&reply.outcome).map_err(|error| match reply.refused {
        true => ForwardError::NotApplied(format!("for a reason that this version does not know: {error}")),
        false => ForwardError::Unknown(error.to_string()),
    })
}

/// Even where a connection was refused, an earlier try on another may have got through: that is not known. What the
/// other instance itself turns away before it looks at the command is not applied.
fn failure(status: &Status) -> ForwardError {
    match status.code() {
        Code::Unauthenticated | Code::Unimplemented => ForwardError::NotApplied(status.to_string()),
        _ => ForwardError::Unknown(status.to_string()),
    }
}

/// What this instance says of a forwarded command.
pub enum Answer {
    /// The outcome as JSON, and whether it is that nothing was applied.
    Outcome(Vec<u8>, bool),
    /// It is not applied, and never will be.
    NotApplied(String),
    /// It may be applied: there was no outcome in time.
    Unknown(String),
}

/// Executes a context's forwarded commands.
#[async_trait]
pub trait ExecuteForwarded: Send + Sync {
    /// Executes a command; it and its outcome are JSON.
    async fn execute(&self, request: &[u8], deadline: Instant) -> Answer;
}

#[async_trait]
impl<C: Decider> ExecuteForwarded for EventLog<C> {
    async fn execute(&self, request: &[u8], deadline: Instant) -> Answer {
        let request: Request<C> = match fidelity::read(request) {
            Ok(request) => request,
            Err(reason) => return Answer::NotApplied(reason),
        };
        let outcome = match self.execute_here(request, deadline).await {
            Ok(outcome) => outcome,
            Err(error) => return Answer::Unknown(error.to_string()),
        };
        let refused = match &outcome {
            Outcome::Accepted(_) => false,
            Outcome::Refused(_) | Outcome::Moved | Outcome::Overloaded => true,
        };
        match serde_json::to_vec(&outcome) {
            Ok(json) => Answer::Outcome(json, refused),
            Err(error) => Answer::Unknown(error.to_string()),
        }
    }
}

/// The receiving end, for every context of this process.
pub struct Bus {
    contexts: HashMap<&'static str, Arc<dyn ExecuteForwarded>>,
    secret: Option<Secret<String>>,
}

impl Bus {
    /// Takes commands of no context yet, from callers that know the secret; from no caller where there is none.
    #[must_use]
    pub fn new(secret: Option<Secret<String>>) -> Self {
        Self { contexts: HashMap::new(), secret }
    }

    fn admits(&self, metadata: &tonic::metadata::MetadataMap) -> bool {
        // Who speaks here speaks for any actor: on the loopback device, too, other users do.
        let Some(secret) = &self.secret else { return false };
        let shown = metadata.get(SECRET).map(|value| value.as_bytes()).unwrap_or_default();
        // Compared by digest, so that the time it takes says nothing of how much was right.
        Sha256::digest(shown) == Sha256::digest(secret.expose().as_bytes())
    }

    fn demand_secret(&self, metadata: &tonic::metadata::MetadataMap) -> Result<(), Status> {
        if self.admits(metadata) {
            return Ok(());
        }
        Err(Status::unauthenticated("not an instance of this installation"))
    }

    async fn take(&self, context: &str, request: &[u8], left: Duration) -> Answer {
        match self.contexts.get(context) {
            Some(log) => log.execute(request, Instant::now() + left.min(LONGEST)).await,
            None => Answer::NotApplied(format!("context {context} is not here")),
        }
    }

    /// Counts a command that came from another instance. What it says of its context is not believed.
    fn measure(&self, context: &str, answer: &Answer, took: Duration) {
        let context = self.contexts.get_key_value(context).map_or("unknown", |(name, _)| name);
        let outcome = match answer {
            Answer::Outcome(..) => "answered",
            Answer::NotApplied(_) => "not-applied",
            Answer::Unknown(_) => "unknown",
        };
        measures::commands::BUS.with([context, outcome]).increment(1);
        measures::commands::BUS_DURATION.with([context]).record(took);
    }

    /// Takes commands of a further context.
    #[must_use]
    pub fn with(mut self, context: &'static str, log: Arc<dyn ExecuteForwarded>) -> Self {
        self.contexts.insert(context, log);
        self
    }

    /// Answers on `listener` until `shutdown` is requested, and then what is under way, for at most `patience`: a
    /// connection whose peer died without a word does not end.
    ///
    /// # Errors
    /// The listener cannot be used.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: Shutdown,
        patience: Duration,
    ) -> Result<(), tonic::transport::Error> {
        let requested = shutdown.clone();
        let given_up = async {
            requested.requested().await;
            tokio::time::sleep(patience).await;
        };
        tokio::select! {
            ended = self.answer(listener, shutdown) => ended,
            () = given_up => {
                tracing::warn!("a connection of the command bus does not end");
                Ok(())
            }
        }
    }

    async fn answer(self, listener: TcpListener, shutdown: Shutdown) -> Result<(), tonic::transport::Error> {
        let service = CommandBusServer::new(self)
            .max_encoding_message_size(LARGEST_BYTES)
            .max_decoding_message_size(LARGEST_BYTES);
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        let requested = async move { shutdown.requested().await };
        let server = tonic::transport::Server::builder().tcp_nodelay(true).add_service(service);
        server.serve_with_incoming_shutdown(incoming, requested).await
    }
}

#[tonic::async_trait]
impl CommandBus for Bus {
    async fn forward(&self, request: tonic::Request<ForwardRequest>) -> Result<tonic::Response<ForwardReply>, Status> {
        self.demand_secret(request.metadata())?;
        let ForwardRequest { context, request, deadline_ms, deadline_at_ms } = request.into_inner();
        let began = Instant::now();
        let late_after = deadline_at_ms.saturating_add(u64::try_from(CLOCKS.as_millis()).unwrap_or(u64::MAX));
        let answer = if u64::try_from(now().0).unwrap_or(0) > late_after {
            Answer::NotApplied("it came after its deadline".into())
        } else {
            self.take(&context, &request, Duration::from_millis(deadline_ms)).await
        };
        self.measure(&context, &answer, began.elapsed());
        let reply = match answer {
            Answer::Outcome(outcome, refused) => ForwardReply { outcome, refused, not_applied: String::new() },
            Answer::NotApplied(not_applied) => ForwardReply { outcome: Vec::new(), refused: true, not_applied },
            Answer::Unknown(reason) => return Err(Status::deadline_exceeded(reason)),
        };
        Ok(tonic::Response::new(reply))
    }

    async fn execute(&self, request: tonic::Request<ExecuteRequest>) -> Result<tonic::Response<ExecuteReply>, Status> {
        self.demand_secret(request.metadata())?;
        let ExecuteRequest { context, request, deadline_ms } = request.into_inner();
        match self.take(&context, &request, Duration::from_millis(deadline_ms)).await {
            Answer::Outcome(outcome, _) => Ok(tonic::Response::new(ExecuteReply { outcome })),
            Answer::NotApplied(reason) => Err(Status::failed_precondition(reason)),
            Answer::Unknown(reason) => Err(Status::deadline_exceeded(reason)),
        }
    }
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
