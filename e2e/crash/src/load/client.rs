mod together;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use checker::history::{Call, Caller, Nanos, Outcome, Position, Refusal};
use checker::ids;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, IteratorRandom as _};
use serde_json::Value;
use testkit::http::{Client as Connection, Request, Response};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Accepted, Generator, Intent, World};
use crate::load::files;
use crate::load::values::one_of;

/// How long a client waits for one answer: some give up before the service does, and ask again while the first request
/// is still under way.
const ANSWERS: [Duration; 4] =
    [Duration::from_millis(400), Duration::from_secs(2), Duration::from_secs(6), Duration::from_secs(6)];
/// How long a client goes on asking about one command.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
/// How long it waits before it asks again, in milliseconds.
pub(super) const AGAIN_MS: std::ops::Range<u64> = 5..40;
/// The longest that a connection may take to answer; [`ANSWERS`] are shorter.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// Whom a client acts for.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The header `Authorization`.
    pub bearer: String,
    /// Whether the token in it is an editor's, or an admin's.
    pub is_editor: bool,
    /// The greatest role in it.
    pub role: &'static str,
}

impl Person {
    /// What is recorded of who calls.
    pub(super) fn caller(&self) -> Caller {
        let Self { id, is_editor, role, .. } = self;
        Caller { account_id: id.to_string(), is_editor: *is_editor, role: Some((*role).to_owned()) }
    }
}

/// A client: it sends one command after the other.
pub(super) struct Client {
    pub(super) world: Arc<World>,
    pub(super) number: usize,
    pub(super) rng: StdRng,
    pub(super) person: Person,
    /// One at each instance; the first is the present one.
    connections: Vec<(Connection, SocketAddr)>,
    /// What asks for many commands at once, at the same instances.
    bulk: reqwest::Client,
    pub(super) calls: Vec<Call>,
}

impl Client {
    pub(super) fn new(world: Arc<World>, number: usize, rng: StdRng) -> Self {
        let person = world.persons[number % world.persons.len()].clone();
        let mut connections: Vec<_> =
            world.commands.iter().map(|address| (Connection::new(*address, LONGEST), *address)).collect();
        let instances = connections.len();
        connections.rotate_left(number % instances);
        Self { world, number, rng, person, connections, bulk: together::client(), calls: Vec::new() }
    }

    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> Vec<Call> {
        let interval = self.world.volume.clients as f64 / self.world.volume.rate;
        let mut next = Instant::now();
        while !*stop.borrow_and_update() {
            let world = Arc::clone(&self.world);
            if self.rng.random_bool(together::SHARE) {
                self.perform_together().await;
            } else {
                let (generator, intent) = self.draw(&world);
                let person = generator.sender().unwrap_or(&self.person).clone();
                if let Some(accepted) = self.perform(generator.context(), &person, &intent).await {
                    generator.learn(&intent, &accepted);
                }
            }
            next = (next + Duration::from_secs_f64(interval * self.rng.random_range(0.5..1.5))).max(Instant::now());
            tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                _ = stop.changed() => {}
            }
        }
        self.calls
    }

    /// What to send next.
    fn draw<'w>(&mut self, world: &'w World) -> (&'w Arc<dyn Generator>, Intent) {
        let generator = self.generator(world);
        (generator, generator.draw(&mut self.rng, &self.person))
    }

    /// Most commands are on posts. The other contexts share the rest; those first that the lab waits for, or a
    /// partition in which little happens would be silent for longer than it waits.
    fn generator<'a>(&mut self, world: &'a World) -> &'a Arc<dyn Generator> {
        if self.rng.random_bool(0.8) {
            return &world.generators[0];
        }
        let waits_for = |generator: &&Arc<dyn Generator>| world.pulse.waits_for(generator.context());
        let waited_for = world.generators.iter().filter(waits_for).choose(&mut self.rng);
        waited_for.unwrap_or_else(|| world.generators.choose(&mut self.rng).expect("there are contexts"))
    }

    /// Sends a command until it has an outcome, or patience ends: each attempt with the same key, at whichever
    /// instance.
    pub(super) async fn perform(&mut self, context: &str, person: &Person, intent: &Intent) -> Option<Accepted> {
        let until = Instant::now() + PATIENCE;
        let first = self.world.clock.now();
        loop {
            let invoked_at = self.world.clock.now();
            let answer = self.attempt(person, intent).await;
            let (accepted, again) = self.note((context, person, intent), (invoked_at, first), answer.as_ref());
            if !again || Instant::now() >= until {
                return accepted;
            }
            self.connections.rotate_left(1);
            sleep(Duration::from_millis(self.rng.random_range(AGAIN_MS))).await;
        }
    }

    /// Writes an attempt down, which was asked at a time as the command was `first` at another; whether it is worth
    /// another one.
    fn note(
        &mut self,
        (context, person, intent): (&str, &Person, &Intent),
        (invoked_at, first): (Nanos, Nanos),
        answer: Option<&Response>,
    ) -> (Option<Accepted>, bool) {
        let now = self.world.clock.now();
        let (outcome, accepted) = outcome(answer, now);
        let again = matches!(outcome, Outcome::Unknown | Outcome::Refused { refusal: Refusal::Unavailable, .. });
        self.calls.push(Call {
            client: self.number as u64,
            caller: Some(person.caller()),
            command_id: ids::command(context, &intent.aggregate_id, &person.id.to_string(), &intent.key),
            kind: intent.kind.to_owned(),
            aggregate_id: intent.aggregate_id.clone(),
            expected: intent.expected,
            arguments: arguments(intent),
            invoked_at,
            answered_at: answer.map(|_| now),
            outcome: said_of(intent, outcome),
        });
        if let Some(accepted) = &accepted {
            self.world.pulse.accepted(&accepted.position.1, first);
        }
        (accepted, again)
    }

    pub(super) async fn attempt(&mut self, person: &Person, intent: &Intent) -> Option<Response> {
        let mut headers = vec![("authorization", person.bearer.as_str()), ("idempotency-key", intent.key.as_str())];
        headers.extend(intent.if_match.as_deref().map(|tag| ("if-match", tag)));
        let body = match &intent.body {
            Value::Null => Vec::new(),
            // What is brought is no JSON, and named by its SHA-256.
            Value::String(sha256) => files::bytes(sha256).to_vec(),
            body => body.to_string().into_bytes(),
        };
        let request = Request { method: intent.method, path: &intent.path, headers: &headers, body: &body };
        let patience = one_of(&mut self.rng, &ANSWERS);
        let (connection, address) = &mut self.connections[0];
        timeout(patience, connection.send(&request.bytes(*address))).await.ok()?.ok()
    }
}

/// Commands of which the reply says no version.
const REPORTS: [&str; 3] = ["moderation.report", "moderation.withdraw_report", "moderation.appeal"];

/// What was asked, as the checker wants it.
fn arguments(intent: &Intent) -> Value {
    let mut arguments = intent.body.as_object().cloned().unwrap_or_default();
    arguments.extend(intent.recorded.clone());
    arguments.into()
}

/// What an outcome says of the command's aggregate. The release of a working copy is refused for what the copy is, of
/// which there are no events; and the version that it names may be the copy's. So may it be in its review.
fn said_of(intent: &Intent, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Refused { refusal, .. }
            if intent.kind == "posts.release" && !matches!(refusal, Refusal::Unavailable | Refusal::NotApproved) =>
        {
            Outcome::Refused { refusal: Refusal::Invalid, version: None }
        }
        Outcome::Refused { refusal: Refusal::VersionConflict, .. } if intent.body["what"] == "working-copy" => {
            Outcome::Refused { refusal: Refusal::VersionConflict, version: None }
        }
        // Who does not moderate is told no version of a case: what they asked was done, at that place. Where it was so
        // already, any event may be the one that it was so from.
        Outcome::Accepted { version: 0, changed, position } if REPORTS.contains(&intent.kind) => {
            Outcome::Promised { done: changed, position }
        }
        outcome => outcome,
    }
}

/// What an answer, or none, says of the command.
pub(super) fn outcome(answer: Option<&Response>, at: Nanos) -> (Outcome, Option<Accepted>) {
    let Some(answer) = answer else { return (Outcome::Unknown, None) };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let version = body["version"].as_u64();
    if answer.is_success() {
        let (version, changed) = (version.unwrap_or(0), body["changed"].as_bool().unwrap_or(false));
        let token = answer.header("inklog-position").map(str::to_owned);
        let position = token.as_deref().and_then(position);
        let accepted = token.zip(position.clone()).map(|position| Accepted { body, version, position, at });
        return (Outcome::Accepted { version, changed, position }, accepted);
    }
    let refused = |refusal| (Outcome::Refused { refusal, version }, None);
    if is_of_another_version(answer.status, &body) {
        return refused(Refusal::Unavailable);
    }
    match answer.status {
        500 | 502 | 504 => (Outcome::Unknown, None),
        // 408: the request did not arrive in time, so nothing was done with it. 507: the disk is full.
        408 | 429 | 503 | 507 => refused(Refusal::Unavailable),
        412 => refused(Refusal::VersionConflict),
        404 => refused(Refusal::NotFound),
        428 => refused(Refusal::Differs),
        403 if is_problem(&body, "not-approved") => refused(Refusal::NotApproved),
        403 => refused(Refusal::NotPermitted),
        409 if is_problem(&body, "deleted") => refused(Refusal::Deleted),
        // It names the version that it is said of.
        409 if OF_A_VERSION.iter().any(|name| is_problem(&body, name)) => refused(Refusal::Invalid),
        409 => refused(Refusal::Taken),
        422 if is_problem(&body, "idempotency-key-reused") => refused(Refusal::IdReused),
        _ => refused(Refusal::Invalid),
    }
}

/// How a post, or a case, stands that cannot be what was asked.
const OF_A_VERSION: [&str; 6] = ["published", "not-published", "archived", "expired", "claimed", "not-in-force"];

/// Whether the body is a problem of this type.
pub(super) fn is_problem(body: &Value, name: &str) -> bool {
    body["type"].as_str().and_then(|kind| kind.strip_prefix("urn:inklog:problem:")) == Some(name)
}

/// Whether the instance lacks what was asked for, or a field of it: it is of an earlier version, and another one may
/// have it. Nothing was done.
pub(super) fn is_of_another_version(status: u16, body: &Value) -> bool {
    match status {
        404 => is_problem(body, "no-such-address") || has_only_words_for_it(body),
        405 => true,
        422 => {
            let is_unknown = |error: &Value| error["code"] == "unknown" || has_only_words_for_it(error);
            body["errors"].as_array().is_some_and(|errors| errors.iter().any(is_unknown))
        }
        _ => false,
    }
}

/// The same from an instance of a version before those that say it to programs, which may run beside today's.
fn has_only_words_for_it(said: &Value) -> bool {
    let begins = ["there is nothing at this address", "is not known here", "unknown variant"];
    let is_told_to_programs = !said["code"].is_null();
    !is_told_to_programs && said["detail"].as_str().is_some_and(|detail| begins.iter().any(|it| detail.starts_with(it)))
}

/// What a position token says: clients need not know, but the checker must.
pub(super) fn position(token: &str) -> Option<Position> {
    use base64::Engine as _;
    let text = String::from_utf8(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let parts: Vec<&str> = text.split('/').collect();
    let [context, partition, offset, log_id] = parts.as_slice() else { return None };
    Some(Position {
        context: (*context).to_owned(),
        partition: partition.parse().ok()?,
        offset: offset.parse().ok()?,
        log_id: Some(log_id.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_earlier_version_lacks_is_asked_of_another_instance() {
        let problem = |name: &str| json!({"type": format!("urn:inklog:problem:{name}"), "detail": "in words"});
        let errors = |code: Value| json!({"errors": [{"pointer": "/series", "detail": "in words", "code": code}]});
        assert!(is_of_another_version(404, &problem("no-such-address")));
        assert!(is_of_another_version(405, &problem("method-not-allowed")));
        assert!(is_of_another_version(422, &errors(json!("unknown"))));
        assert!(!is_of_another_version(404, &problem("not-found")));
        assert!(!is_of_another_version(422, &errors(Value::Null)));
    }

    #[test]
    fn an_instance_of_before_says_it_in_words() {
        let says = |detail| json!({"type": "urn:inklog:problem:not-found", "detail": detail});
        let errors = |detail| json!({"errors": [{"pointer": "/series", "detail": detail}]});
        assert!(is_of_another_version(404, &says("there is nothing at this address")));
        assert!(is_of_another_version(422, &errors("is not known here; expected one of title, body")));
        assert!(!is_of_another_version(404, &says("there is no such post")));
        assert!(!is_of_another_version(422, &errors("is too long")));
    }
}
