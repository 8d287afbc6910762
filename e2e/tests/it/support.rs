//! What the tests share: the whole system in a scope of its own, and a client that writes without pause.

pub(crate) mod load;
pub(crate) mod members;

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Api, Process, Scope};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Some tests break what the others stand on.
static TURN: Mutex<()> = Mutex::const_new(());

/// What stands between a process and its clock; the crash lab's.
const CLOCK: &str = include_str!("../../crash/src/fault/running/clock.c");

/// Long enough for anything that is to happen at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Our programs, running; dropped from first to last.
pub(crate) struct System {
    /// What people ask; none where a test asks each process by itself.
    pub(crate) gateways: Vec<Process>,
    pub(crate) commands: Vec<Process>,
    pub(crate) readers: Vec<Process>,
    pub(crate) scope: Scope,
    _turn: MutexGuard<'static, ()>,
}

impl System {
    /// So many instances of the write side, and one each of projectors and queries.
    pub(crate) async fn start(instances: usize) -> Self {
        let mut system = Self::of_writers(instances, Scope::create).await;
        system.readers =
            vec![system.scope.start("projection-services", &["all"]), system.scope.start("query-api", &[])];
        for reader in &mut system.readers {
            reader.ready().await;
        }
        system
    }

    /// The same as people meet it: they ask the gateway, and nothing else.
    pub(crate) async fn behind_gateway(instances: usize) -> Self {
        let mut system = Self::start(instances).await;
        system.open_gateway().await;
        system
    }

    /// Two of everything, behind one gateway.
    pub(crate) async fn doubled() -> Self {
        let mut system = Self::start(2).await;
        for (program, arguments) in [("projection-services", &["all"][..]), ("query-api", &[][..])] {
            let mut process = system.scope.start(program, arguments);
            process.ready().await;
            system.readers.push(process);
        }
        system.open_gateway().await;
        system
    }

    /// A further gateway before all that runs.
    pub(crate) async fn open_gateway(&mut self) {
        let mut environment = self.scope.environment();
        environment.push(("INKLOG_UPSTREAM_COMMANDS".into(), replicas(self.commands.iter())));
        // Of the readers each second one is a query-api.
        let queries = self.readers.iter().skip(1).step_by(2);
        environment.push(("INKLOG_UPSTREAM_QUERIES".into(), replicas(queries)));
        // All tests come from one address, and wait for nothing between two requests.
        environment.push(("INKLOG_RATE_FACTOR".into(), "100".into()));
        let mut gateway = Process::start("gateway", &[], &environment);
        gateway.ready().await;
        self.gateways.push(gateway);
    }

    /// Only the write side.
    pub(crate) async fn writing(instances: usize) -> Self {
        Self::of_writers(instances, Scope::with_vault).await
    }

    async fn of_writers(instances: usize, scope: impl AsyncFnOnce() -> Scope) -> Self {
        let turn = TURN.lock().await;
        let scope = scope().await;
        let commands = (0..instances).map(|_| scope.start("command-services", &["all"])).collect();
        let mut system = Self { gateways: Vec::new(), commands, readers: Vec::new(), scope, _turn: turn };
        for process in &mut system.commands {
            process.ready().await;
        }
        system
    }

    /// A further instance of the write side.
    pub(crate) async fn join(&mut self) {
        self.join_with(&[]).await;
    }

    /// The same with these arguments.
    pub(crate) async fn join_with(&mut self, arguments: &[&str]) {
        let mut process = self.scope.start("command-services", &[&["all"], arguments].concat());
        process.ready().await;
        self.commands.push(process);
    }

    /// The same with a clock that is ahead by so many seconds, or behind. How much time passes is right.
    pub(crate) async fn join_with_clock(&mut self, seconds: i64) {
        let folder = std::env::temp_dir().join(&self.scope.name);
        std::fs::create_dir_all(&folder).expect("the system's folder for what is temporary can be written");
        let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
        std::fs::write(&source, CLOCK).expect("a file can be written");
        let compile = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).status();
        assert!(
            compile.is_ok_and(|status| status.success()),
            "cc compiles the library between a process and its clock"
        );
        let told = [("LD_PRELOAD", library.display().to_string()), ("CRASH_CLOCK_AHEAD_SECONDS", seconds.to_string())];
        let told = told.map(|(name, value)| (name.to_owned(), value));
        let environment = [self.scope.environment(), told.to_vec()].concat();
        // Without identity, whose keys are too new to sign by a clock that is behind.
        let mut process = Process::start("command-services", &["publishing"], &environment);
        process.ready().await;
        self.commands.push(process);
    }

    /// Where people send commands.
    pub(crate) fn door(&self) -> &str {
        self.gateways.first().unwrap_or(&self.commands[0]).url()
    }

    /// A client with a token, at each gateway; where there is none, at each instance of the write side.
    pub(crate) fn author(&self) -> Author {
        self.person(Uuid::new_v4(), "author")
    }

    pub(crate) fn person(&self, id: Uuid, role: &str) -> Author {
        let token = self.scope.keys.token(id, &[role]);
        let asked = if self.gateways.is_empty() { &self.commands } else { &self.gateways };
        let apis = asked.iter().map(|process| Api::new(process.url()).with_token(&token).held_to_documents()).collect();
        Author { id, apis }
    }

    /// A client without a token, which reads. As a person's, it is held to the documents.
    pub(crate) fn reader(&self) -> Api {
        Api::new(self.gateways.first().unwrap_or(&self.readers[1]).url()).held_to_documents()
    }

    /// What a post looks like by a slug, once the event at `position` is visible.
    pub(crate) async fn read(&self, slug: &str, position: &str) -> Answer {
        self.reader().get(&format!("/v1/posts/{slug}")).header("Inklog-Position", position).send().await
    }
}

/// Where they are, as a gateway is told.
fn replicas<'a>(processes: impl Iterator<Item = &'a Process>) -> String {
    processes.map(Process::url).collect::<Vec<_>>().join(",")
}

/// A client that writes.
pub(crate) struct Author {
    pub(crate) id: Uuid,
    /// At each instance, or gateway.
    pub(crate) apis: Vec<Api>,
}

impl Author {
    /// At the first of them.
    pub(crate) fn api(&self) -> &Api {
        &self.apis[0]
    }

    pub(crate) async fn draft(&self, slug: &str, tags: &[&str]) -> Answer {
        let body = json!({"title": "Version 1", "slug": slug, "tags": tags});
        self.api().post("/v1/posts").json(&body).send().await.expect(201)
    }

    pub(crate) async fn publish(&self, id: &str) -> Answer {
        self.api().post(&format!("/v1/posts/{id}/publish")).send().await.expect(200)
    }

    pub(crate) async fn edit(&self, id: &str, version: u64, change: Value) -> Answer {
        self.api().patch(&format!("/v1/posts/{id}")).json(&change).if_match(version).send().await
    }
}

/// Whether a program can be run here that only tests need, without which something is not shown. `dev/stack install`
/// brings it where CI runs: a test that skips itself would never be missed.
pub(crate) fn is_there(program: &str, shown: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing (`CI=true dev/stack install` brings it)");
        eprintln!("SKIPPED: no {program} here, so it is not shown {shown}");
    }
    there
}

/// A name that no other test has.
pub(crate) fn unique(stem: &str) -> String {
    format!("{stem}-{}", &Uuid::new_v4().simple().to_string()[..12])
}
