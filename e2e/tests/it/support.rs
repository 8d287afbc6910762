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

    /// Only the write side.
    pub(crate) async fn writing(instances: usize) -> Self {
        Self::of_writers(instances, Scope::with_vault).await
    }

    async fn of_writers(instances: usize, scope: impl AsyncFnOnce() -> Scope) -> Self {
        let turn = TURN.lock().await;
        let scope = scope().await;
        let commands = (0..instances).map(|_| scope.start("command-services", &["all"])).collect();
        let mut system = Self { commands, readers: Vec::new(), scope, _turn: turn };
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

    /// A client with a token, at each instance of the write side.
    pub(crate) fn author(&self) -> Author {
        self.person(Uuid::new_v4(), "author")
    }

    pub(crate) fn person(&self, id: Uuid, role: &str) -> Author {
        let token = self.scope.keys.token(id, &[role]);
        let apis = self.commands.iter().map(|process| Api::new(process.url()).with_token(&token)).collect();
        Author { id, apis }
    }

    /// A client without a token, which reads.
    pub(crate) fn reader(&self) -> Api {
        Api::new(self.readers[1].url())
    }

    /// What a post looks like by a slug, once the event at `position` is visible.
    pub(crate) async fn read(&self, slug: &str, position: &str) -> Answer {
        self.reader().get(&format!("/v1/posts/{slug}")).header("Inklog-Position", position).send().await
    }
}

/// A client that writes.
pub(crate) struct Author {
    pub(crate) id: Uuid,
    /// At each instance.
    pub(crate) apis: Vec<Api>,
}

impl Author {
    /// At the first instance.
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
