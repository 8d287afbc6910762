//! Requests of people who have a password, and what is written down of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use checker::history::{self, Act, Answer, Call, Export, Exported, Nanos, Outcome, Refusal, Visit};
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use testkit::http::{Client as Connection, Request, Response};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::load::client::{self, AGAIN_MS, LONGEST, PATIENCE};
use crate::load::values::one_of;
use crate::load::{Accepted, World};

/// How long they wait for one answer, which may have to wait for passwords of others.
const ANSWERS: [Duration; 4] =
    [Duration::from_millis(600), Duration::from_secs(3), Duration::from_secs(6), Duration::from_secs(8)];

/// What is sent.
pub(super) struct Ask<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    /// The header `Authorization`.
    pub(super) bearer: Option<&'a str>,
    /// The `Idempotency-Key`.
    pub(super) key: Option<&'a str>,
    /// Null for none.
    pub(super) body: Value,
}

/// A command, of which an event will tell.
pub(super) struct Command<'a> {
    pub(super) kind: &'static str,
    pub(super) aggregate_id: String,
    pub(super) command_id: Uuid,
    /// What was asked, as events have it.
    pub(super) arguments: Value,
    pub(super) ask: Ask<'a>,
    /// Whose account it is in the name of, with which session, and which password is shown.
    pub(super) shown: Option<(Uuid, Uuid, Option<u64>)>,
}

/// What became of a command.
pub(super) struct Settled {
    /// The reply, if it was accepted or is promised.
    pub(super) accepted: Option<Accepted>,
    /// The last attempt's outcome.
    pub(super) outcome: Outcome,
}

/// Who asks, one thing after the other.
pub(super) struct Caller {
    world: Arc<World>,
    number: u64,
    pub(super) rng: StdRng,
    /// One at each instance, in their order.
    connections: Vec<(Connection, SocketAddr)>,
    present: usize,
    /// Whether it is time to stop: then nothing is asked again.
    stop: watch::Receiver<bool>,
    pub(super) calls: Vec<Call>,
    pub(super) visits: Vec<Visit>,
    pub(super) exports: Vec<Export>,
}

/// One request with its answer, if there was one.
struct Attempt {
    instance: u64,
    invoked_at: Nanos,
    answered_at: Nanos,
    response: Option<Response>,
}

impl Attempt {
    fn answered(&self) -> Option<Nanos> {
        self.response.as_ref().map(|_| self.answered_at)
    }

    fn has_status(&self, status: u16) -> bool {
        self.response.as_ref().is_some_and(|response| response.status == status)
    }
}

impl Caller {
    pub(super) fn new(world: Arc<World>, number: usize, rng: StdRng, stop: watch::Receiver<bool>) -> Self {
        let connections = world.commands.iter().map(|address| (Connection::new(*address, LONGEST), *address)).collect();
        let (number, calls, visits, exports) = (number as u64, Vec::new(), Vec::new(), Vec::new());
        Self { world, number, rng, connections, present: 0, stop, calls, visits, exports }
    }

    /// Whether there is no use in asking again.
    fn has_had_enough(&self, until: Instant) -> bool {
        Instant::now() >= until || *self.stop.borrow()
    }

    /// Asks until there is an answer that says what became of it, or patience ends. What is not known of an answer
    /// that is there is said by `means`, too: then it is asked again.
    pub(super) async fn visit(
        &mut self,
        account_id: Uuid,
        act: Act,
        ask: &Ask<'_>,
        means: fn(&Response) -> Answer,
    ) -> (Answer, Option<Response>) {
        let until = Instant::now() + PATIENCE;
        loop {
            let attempt = self.attempt(ask).await;
            let answer = attempt.response.as_ref().map_or(Answer::Unknown, means);
            self.note(account_id, act.clone(), &attempt, answer);
            if answer != Answer::Unknown || self.has_had_enough(until) {
                return (answer, attempt.response);
            }
            self.go_elsewhere().await;
        }
    }

    /// Writes down that the session was over in which something was asked that is about a password alone: the visits
    /// from the `first` on.
    pub(super) fn note_over(&mut self, account_id: Uuid, session: Uuid, first: usize) {
        let over = self.visits[first..].iter().filter(|visit| visit.answer == Answer::Over).cloned();
        let over: Vec<Visit> = over
            .map(|visit| Visit { act: Act::Use { session }, account_id: account_id.to_string(), ..visit })
            .collect();
        self.visits.extend(over);
    }

    /// Sends a command until it has an outcome, or patience ends: each attempt with the same key, at whichever
    /// instance.
    pub(super) async fn command(&mut self, command: &Command<'_>) -> Settled {
        let until = Instant::now() + PATIENCE;
        loop {
            let attempt = self.attempt(&command.ask).await;
            let (outcome, accepted) = outcome(command.kind, attempt.response.as_ref(), attempt.answered_at);
            self.note_shown(command, &attempt, &outcome);
            self.calls.push(Call {
                client: self.number,
                caller: command.shown.map(|(account_id, ..)| in_the_name_of(account_id)),
                command_id: command.command_id,
                kind: command.kind.to_owned(),
                aggregate_id: command.aggregate_id.clone(),
                expected: None,
                arguments: command.arguments.clone(),
                invoked_at: attempt.invoked_at,
                answered_at: attempt.answered(),
                outcome: outcome.clone(),
            });
            let again = matches!(outcome, Outcome::Unknown | Outcome::Refused { refusal: Refusal::Unavailable, .. });
            if !again || self.has_had_enough(until) {
                return Settled { accepted, outcome };
            }
            self.go_elsewhere().await;
        }
    }

    /// What the answer to a command says of the session and the password with which it was sent.
    fn note_shown(&mut self, command: &Command<'_>, attempt: &Attempt, outcome: &Outcome) {
        let Some((account_id, session, password)) = command.shown else { return };
        if attempt.has_status(401) {
            self.note(account_id, Act::Use { session }, attempt, Answer::Over);
        }
        let Some(password) = password else { return };
        let good = matches!(outcome, Outcome::Accepted { .. } | Outcome::Promised { .. });
        let wrong = attempt.response.as_ref().is_some_and(is_about_the_password);
        if good || wrong {
            let answer = if good { Answer::Granted { session: None } } else { Answer::Wrong };
            self.note(account_id, Act::Show { password }, attempt, answer);
        }
    }

    fn note(&mut self, account_id: Uuid, act: Act, attempt: &Attempt, answer: Answer) {
        self.visits.push(Visit {
            client: self.number,
            account_id: account_id.to_string(),
            instance: attempt.instance,
            act,
            invoked_at: attempt.invoked_at,
            answered_at: attempt.answered(),
            answer,
        });
    }

    async fn attempt(&mut self, ask: &Ask<'_>) -> Attempt {
        let mut headers = Vec::new();
        headers.extend(ask.bearer.map(|bearer| ("authorization", bearer)));
        headers.extend(ask.key.map(|key| ("idempotency-key", key)));
        let body = if ask.body.is_null() { String::new() } else { ask.body.to_string() };
        let request = Request { method: ask.method, path: ask.path, headers: &headers, body: &body };
        // A caller who was at one instance goes on at another as well.
        if self.rng.random_bool(0.3) {
            self.present = (self.present + 1) % self.connections.len();
        }
        let (patience, instance) = (one_of(&mut self.rng, &ANSWERS), self.present as u64);
        let (connection, address) = &mut self.connections[self.present];
        let invoked_at = self.world.clock.now();
        let sent = timeout(patience, connection.send(&request.bytes(*address))).await;
        Attempt { instance, invoked_at, response: sent.ok().and_then(Result::ok), answered_at: self.world.clock.now() }
    }

    /// Asks once, for what no answer says anything of.
    pub(super) async fn send(&mut self, ask: &Ask<'_>) {
        self.attempt(ask).await;
    }

    /// Asks for what is held about an account, once: of an answer that is whole, `read` makes the events in it.
    pub(super) async fn export(&mut self, account_id: Uuid, bearer: &str, read: fn(&str) -> Option<Vec<Exported>>) {
        let url = format!("http://{}/v1/me/export", self.connections[self.present].1);
        let invoked_at = self.world.clock.now();
        // Where it is not to be had now, or was cut off, nothing is promised.
        let Some(text) = whole(&url, bearer).await else { return };
        let Some(events) = read(&text) else { return };
        let (client, answered_at) = (self.number, self.world.clock.now());
        self.exports.push(Export { client, account_id: account_id.to_string(), invoked_at, answered_at, events });
    }

    async fn go_elsewhere(&mut self) {
        self.present = (self.present + 1) % self.connections.len();
        sleep(Duration::from_millis(self.rng.random_range(AGAIN_MS))).await;
    }
}

/// A person with a password, who may not see more than others.
fn in_the_name_of(account_id: Uuid) -> history::Caller {
    history::Caller { account_id: account_id.to_string(), is_editor: false, role: None }
}

/// An answer that comes in pieces, with all of them.
async fn whole(url: &str, bearer: &str) -> Option<String> {
    let client = reqwest::Client::builder().no_proxy().timeout(LONGEST).build().ok()?;
    let answer = client.get(url).header("authorization", bearer).send().await.ok()?;
    if answer.status() == 200 { answer.text().await.ok() } else { None }
}

/// Whether an answer says that the password that was shown is another.
pub(super) fn is_about_the_password(response: &Response) -> bool {
    is_about(response, "/current_password")
}

/// Whether an answer says that a field is not as it has to be.
pub(super) fn is_about(response: &Response, field: &str) -> bool {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let about = |error: &Value| error["pointer"] == field;
    response.status == 422 && body["errors"].as_array().is_some_and(|errors| errors.iter().any(about))
}

/// What an answer, or none, says of the command.
fn outcome(kind: &str, answer: Option<&Response>, at: Nanos) -> (Outcome, Option<Accepted>) {
    let Some(response) = answer else { return (Outcome::Unknown, None) };
    let erases = kind == "accounts.erase";
    match response.status {
        status @ (202 | 204) if erases => {
            let token = response.header("inklog-position").map(str::to_owned);
            let position = token.as_deref().and_then(client::position);
            let accepted = token.zip(position.clone());
            let accepted = accepted.map(|position| Accepted { body: Value::Null, version: 0, position, at });
            (Outcome::Promised { done: status == 204, position }, accepted)
        }
        // Whether the account is there is said by what the instance has read.
        404 | 410 if erases || kind == "accounts.enroll" => not_shown(),
        401 => not_shown(),
        422 if kind == "accounts.confirm" || is_about_the_password(response) || is_about(response, "/code") => {
            not_shown()
        }
        404 if kind == "accounts.deactivate" => not_shown(),
        _ => client::outcome(answer, at),
    }
}

fn not_shown() -> (Outcome, Option<Accepted>) {
    (Outcome::Refused { refusal: Refusal::NotShown, version: None }, None)
}
