//! The load: many clients that send commands (docs/reliability.md says which) over few aggregates, and sessions that
//! read. They use the public HTTP interfaces only, and write down everything.
//!
//! A context joins with one file that implements [`Generator`], and a line in `contexts.rs`. People who have a
//! password have a life of their own: `people.rs`.

mod client;
mod contexts;
mod feeds;
mod files;
mod kept;
mod people;
mod session;
mod typing;
mod values;

pub use client::Person;
pub use contexts::BUSY;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use checker::history::{Call, Export, Nanos, Position, Read, Seen, Typing, Visit};
use domain::Role;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Map, Value};
use testkit::http::Response;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::process::Tier;
use crate::pulse::{Clock, Pulse};
use crate::system::System;
use client::Client;
use people::People;
use session::Session;
use typing::{Desk, Typist};

/// Persons whom the clients act for: fewer than clients, so that some act for the same person at the same time.
const PERSONS: usize = 12;
/// The admin, who may give roles. No client acts for this person otherwise.
const ADMIN: Uuid = Uuid::from_u128(0xad);
/// What sets apart what people with passwords draw.
const PEOPLE_SALT: u64 = 0x0009_e091;
/// What sets apart what those draw who type together.
const TYPISTS_SALT: u64 = 0x0007_e9e5;
/// What sets apart what those draw who watch a partition each.
const WATCHERS_SALT: u64 = 0x003a_7c4e;
/// How long the clients may take to finish what they have begun.
const LAST_CALLS: Duration = Duration::from_secs(40);

/// What a context brings to the load.
pub trait Generator: Send + Sync {
    /// The context's name.
    fn context(&self) -> &'static str;
    /// A command that `caller` may send next, sensible or not.
    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent;
    /// Learns what became of an accepted command.
    fn learn(&self, intent: &Intent, accepted: &Accepted);
    /// Something that a reader may ask next, if there is anything to ask for.
    fn ask(&self, rng: &mut StdRng) -> Option<Question>;
    /// What shows that the last accepted command of a partition is seen, if a reader is to watch that.
    fn newest(&self, _partition: usize) -> Option<Question> {
        None
    }
    /// Its context has so many partitions from now on, in another log: positions of before are refused.
    fn moved(&self, _partitions: usize) {}
    /// Who sends its commands, if not those whom the clients act for.
    fn sender(&self) -> Option<&Person> {
        None
    }
}

/// A command that a client is about to send.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Context and verb, as [`Call::kind`] has it.
    pub kind: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// What it is for.
    pub aggregate_id: String,
    /// The value of `If-Match`.
    pub if_match: Option<String>,
    /// The version that it names.
    pub expected: Option<u64>,
    /// The body as it is sent; null for none.
    pub body: Value,
    /// What is recorded of it beside the body, or in place of a field of it: fields as an event has them. What the
    /// path says beside the aggregate; times.
    pub recorded: Map<String, Value>,
    /// The `Idempotency-Key`.
    pub key: String,
}

/// The reply to an accepted command.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The body.
    pub body: Value,
    /// The version that it says.
    pub version: u64,
    /// The position token as it came, and what it says.
    pub position: (String, Position),
    /// When the reply had come.
    pub at: Nanos,
}

/// A question that a reader is about to ask.
#[derive(Clone, Debug)]
pub struct Question {
    /// The path.
    pub path: String,
    /// The accepted command whose effect must be seen.
    pub after: Option<Accepted>,
    /// Whether to ask as an editor, who sees drafts.
    pub as_editor: bool,
    /// The person whose own it is, and who asks for it.
    pub own: Option<Uuid>,
    /// What the answer shows; `None` if nothing can be said about it.
    pub seen: Shows,
    /// The aggregate that is asked for, if it is one.
    pub aggregate_id: String,
}

/// What an answer to a question shows.
pub(crate) type Shows = fn(&Question, &Response) -> Option<Vec<Seen>>;

impl Question {
    /// A question for a list whose rows are of other contexts, too, whose positions the reader does not know. What it
    /// shows is not judged here, but that it waits: for a command, six times of ten.
    fn that_waits(rng: &mut StdRng, path: &str, last: &Accepted, own: Option<Uuid>) -> Self {
        let after = rng.random_bool(0.6).then(|| last.clone());
        let seen = |_: &Self, response: &Response| (response.status == 200).then(Vec::new);
        Self { path: path.to_owned(), after, as_editor: false, own, seen, aggregate_id: String::new() }
    }
}

/// How much load there is.
#[derive(Clone, Copy, Debug)]
pub struct Volume {
    /// Clients that send commands.
    pub clients: usize,
    /// Sessions that read.
    pub sessions: usize,
    /// Commands a second, all clients together, as long as the system keeps up.
    pub rate: f64,
}

/// What all of the load share.
pub struct World {
    /// When everything happens.
    pub clock: Clock,
    /// Signs of life.
    pub pulse: Pulse,
    generators: Vec<Arc<dyn Generator>>,
    persons: Vec<Person>,
    /// Whether editors approve what authors make public.
    review_is_demanded: bool,
    commands: Vec<SocketAddr>,
    queries: Vec<SocketAddr>,
    volume: Volume,
}

/// The load, under way.
pub struct Load {
    /// What it shares.
    pub world: Arc<World>,
    stop: watch::Sender<bool>,
    clients: Vec<JoinHandle<Vec<Call>>>,
    sessions: Vec<JoinHandle<Vec<Read>>>,
    people: Vec<JoinHandle<people::Written>>,
    typists: Vec<JoinHandle<(Vec<Call>, Vec<Typing>)>>,
}

/// What all clients wrote down.
#[derive(Debug, Default)]
pub struct Written {
    /// The commands, in the order in which they were asked.
    pub calls: Vec<Call>,
    /// What readers were shown, in the same order.
    pub reads: Vec<Read>,
    /// What people did with passwords and sessions.
    pub visits: Vec<Visit>,
    /// What they were given who asked for what is held about them.
    pub exports: Vec<Export>,
    /// What was done with working copies.
    pub typing: Vec<Typing>,
}

impl World {
    /// A context has got more partitions.
    pub fn moved(&self, context: &str, partitions: usize) {
        self.generators.iter().filter(|generator| generator.context() == context).for_each(|it| it.moved(partitions));
    }
}

impl Load {
    /// Begins to send commands and to read.
    ///
    /// # Errors
    /// There is no key to sign tokens with.
    pub fn begin(system: &System, seed: u64, volume: Volume) -> anyhow::Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let partitions = usize::try_from(system.site.stack.kafka.partitions).context("partitions")?;
        let admin = person(system, ADMIN, Role::Admin)?;
        let people = Arc::new(People::new(system, admin.clone())?);
        let world = Arc::new(World {
            clock: Clock::begin(),
            pulse: Pulse::default(),
            generators: contexts::generators(partitions, admin),
            persons: persons(system, &mut rng)?,
            review_is_demanded: system.site.review_is_demanded,
            commands: system.addresses(Tier::Commands),
            queries: system.addresses(Tier::Queries),
            volume,
        });
        let stop = watch::Sender::new(false);
        let mut seeds = || seeded(&mut rng);
        let clients = (0..volume.clients)
            .map(|number| tokio::spawn(Client::new(Arc::clone(&world), number, seeds()).run(stop.subscribe())));
        let clients = clients.collect();
        let sessions = (0..volume.sessions)
            .map(|number| tokio::spawn(Session::new(Arc::clone(&world), number, seeds()).run(stop.subscribe())));
        let mut sessions: Vec<_> = sessions.collect();
        // Drawn apart, as what follows is.
        let mut rng = StdRng::seed_from_u64(seed ^ WATCHERS_SALT);
        sessions.extend((0..partitions).map(|partition| {
            let number = volume.sessions + people::count(&volume) + partition;
            let watcher = Session::new(Arc::clone(&world), number, seeded(&mut rng));
            tokio::spawn(watcher.watch(partition, stop.subscribe()))
        }));
        // Drawn apart, for they came later: the others go on doing what they did.
        let mut rng = StdRng::seed_from_u64(seed ^ PEOPLE_SALT);
        let people = (0..people::count(&volume)).map(|number| {
            let (people, world, rng) = (Arc::clone(&people), Arc::clone(&world), seeded(&mut rng));
            tokio::spawn(people.live(world, number, rng, stop.subscribe()))
        });
        let people = people.collect();
        let mut rng = StdRng::seed_from_u64(seed ^ TYPISTS_SALT);
        let desk = Arc::new(Desk::default());
        let typists = (0..typing::count(&volume)).map(|number| {
            let number = volume.clients + people::count(&volume) + number;
            let typist = Typist::new(Arc::clone(&world), number, seeded(&mut rng), Arc::clone(&desk));
            tokio::spawn(typist.run(stop.subscribe()))
        });
        let typists = typists.collect();
        Ok(Self { world, stop, clients, sessions, people, typists })
    }

    /// Has all clients finish what they have begun, and brings what they wrote down.
    ///
    /// # Errors
    /// A client does not finish.
    pub async fn end(self) -> anyhow::Result<Written> {
        self.stop.send_replace(true);
        let typists = join_all(self.typists);
        let all = async {
            let (clients, sessions) = (join_all(self.clients).await, join_all(self.sessions).await);
            (clients, sessions, join_all(self.people).await, typists.await)
        };
        let all = tokio::time::timeout(LAST_CALLS, all).await.context("a client does not come to an end")?;
        let mut written = Written::default();
        for calls in all.0 {
            written.calls.extend(calls.context("a client panicked")?);
        }
        for reads in all.1 {
            written.reads.extend(reads.context("a reader panicked")?);
        }
        for people in all.2 {
            let (calls, reads, visits, exports) = people.context("a person with a password panicked")?;
            written.exports.extend(exports);
            written.calls.extend(calls);
            written.reads.extend(reads);
            written.visits.extend(visits);
        }
        for typist in all.3 {
            let (calls, typing) = typist.context("an author who types panicked")?;
            written.calls.extend(calls);
            written.typing.extend(typing);
        }
        written.calls.sort_by_key(|call| call.invoked_at);
        written.reads.sort_by_key(|read| read.invoked_at);
        written.visits.sort_by_key(|visit| visit.invoked_at);
        written.typing.sort_by_key(|typing| typing.invoked_at);
        Ok(written)
    }
}

/// A generator of its own, drawn from another.
fn seeded(rng: &mut StdRng) -> StdRng {
    StdRng::seed_from_u64(rng.random())
}

/// All but two may change everything, which makes for conflicts; these may change only what is theirs, and the one of
/// them rules on what is not: not where an earlier version runs, too, which may not know the role.
fn persons(system: &System, rng: &mut StdRng) -> anyhow::Result<Vec<Person>> {
    let moderates = system.site.stack.previous.is_none();
    let role = |number| match PERSONS - number {
        1 => Role::Author,
        2 if moderates => Role::Moderator,
        _ => Role::Editor,
    };
    (0..PERSONS).map(|number| person(system, values::id(rng), role(number))).collect()
}

fn person(system: &System, id: Uuid, role: Role) -> anyhow::Result<Person> {
    let bearer = format!("Bearer {}", system.site.token(id, &[role])?);
    Ok(Person { id, bearer, is_editor: role >= Role::Editor, role: role.name() })
}
