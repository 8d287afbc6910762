use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use checker::history::Read;
use rand::Rng as _;
use rand::rngs::StdRng;
use testkit::http::{Client as Connection, Request, Response};
use tokio::sync::watch;
use tokio::time::sleep;

use super::client::is_of_another_version;
use super::{Question, World};

/// How long a reader waits for an answer: longer than the query API waits for a position.
const ANSWER: Duration = Duration::from_secs(6);
/// How long a reader thinks before its next question, in milliseconds.
const PAUSE_MS: std::ops::Range<u64> = 5..30;

/// A reader: it asks for one thing after the other.
pub(super) struct Session {
    world: Arc<World>,
    number: usize,
    rng: StdRng,
    /// One at each instance; the first is the present one.
    connections: Vec<(Connection, SocketAddr)>,
    reads: Vec<Read>,
}

impl Session {
    pub(super) fn new(world: Arc<World>, number: usize, rng: StdRng) -> Self {
        let connections = world.queries.iter().map(|address| (Connection::new(*address, ANSWER), *address)).collect();
        Self { world, number, rng, connections, reads: Vec::new() }
    }

    /// Reads whatever there is.
    pub(super) async fn run(self, stop: watch::Receiver<bool>) -> Vec<Read> {
        let anything = |world: &World, rng: &mut StdRng| {
            let place = if rng.random_bool(0.75) { 0 } else { rng.random_range(0..world.generators.len()) };
            world.generators[place].ask(rng)
        };
        self.go_on(stop, anything).await
    }

    /// Reads what was written last in one partition, again and again: how soon it is seen is measured by that.
    pub(super) async fn watch(self, partition: usize, stop: watch::Receiver<bool>) -> Vec<Read> {
        let newest =
            |world: &World, _: &mut StdRng| world.generators.iter().find_map(|generator| generator.newest(partition));
        self.go_on(stop, newest).await
    }

    async fn go_on(
        mut self,
        mut stop: watch::Receiver<bool>,
        next: impl Fn(&World, &mut StdRng) -> Option<Question>,
    ) -> Vec<Read> {
        while !*stop.borrow_and_update() {
            let world = Arc::clone(&self.world);
            if let Some(question) = next(&world, &mut self.rng) {
                self.put(&question).await;
            }
            tokio::select! {
                () = sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))) => {}
                _ = stop.changed() => {}
            }
        }
        self.reads
    }

    /// What was read.
    pub(super) fn into_reads(self) -> Vec<Read> {
        self.reads
    }

    /// Asks once; an answer that is none (503, a broken connection) is not a read.
    pub(super) async fn put(&mut self, question: &Question) {
        // A reader that goes from one instance to another must not go back in time either.
        if self.rng.random_bool(0.3) {
            self.connections.rotate_left(1);
        }
        let invoked_at = self.world.clock.now();
        let Some(response) = self.attempt(question).await else {
            self.connections.rotate_left(1);
            return;
        };
        let answered_at = self.world.clock.now();
        let after = question.after.as_ref().filter(|_| response.header("inklog-stale").is_none());
        let Some(seen) = (question.seen)(question, &response) else { return };
        if let Some(after) = after {
            self.world.pulse.visible(&after.position.1, after.at);
        }
        self.reads.push(Read {
            session: self.number as u64,
            what: format!("GET {}", question.path),
            position: after.map(|after| after.position.1.clone()),
            monotone: true,
            sees_drafts: question.as_editor,
            invoked_at,
            answered_at,
            seen,
        });
    }

    async fn attempt(&mut self, question: &Question) -> Option<Response> {
        let mut headers = Vec::new();
        let persons = &self.world.persons;
        let reader = match question.own {
            Some(id) => persons.iter().find(|person| person.id == id),
            None => persons.first().filter(|_| question.as_editor),
        };
        headers.extend(reader.map(|person| ("authorization", person.bearer.as_str())));
        headers.extend(question.after.as_ref().map(|after| ("inklog-position", after.position.0.as_str())));
        let request = Request { method: "GET", path: &question.path, headers: &headers, body: "" };
        let (connection, address) = &mut self.connections[0];
        let response = connection.send(&request.bytes(*address)).await.ok()?;
        let lacks_it = || {
            let body = serde_json::from_slice(&response.body).unwrap_or_default();
            is_of_another_version(response.status, &body)
        };
        // Bodies of what is found are read once, by who looks at them.
        let answers = response.status < 400 || response.status < 500 && !lacks_it();
        answers.then_some(response)
    }
}
