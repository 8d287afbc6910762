//! The components that tests run on: found by the environment that `dev/stack env` prints, broken by `dev/stack`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the components are.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Kafka.
    pub brokers: String,
    /// The schema registry.
    pub registry_url: String,
    /// Postgres, as a role that may create databases.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
}

impl Stack {
    /// The stack that the environment names; without one, that of `make up`.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        Self {
            brokers: variable("INKLOG_KAFKA_BROKERS", "127.0.0.1:19092"),
            registry_url: variable("INKLOG_REGISTRY_URL", "http://127.0.0.1:18081/apis/ccompat/v7"),
            database_url: variable("INKLOG_DATABASE_URL", "postgres://inklog:inklog@127.0.0.1:15432/inklog"),
            redis_url: variable("INKLOG_REDIS_URL", "redis://127.0.0.1:16379"),
        }
    }
}

/// The root of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate is two folders below the root")
}

/// Where cargo put the programs of the profile that the test itself was built with.
#[must_use]
pub fn binaries() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // target/debug/deps/it-0123
    test.ancestors().nth(2).expect("tests are two folders below their profile's").to_owned()
}

/// One of our programs, built with the same profile as the test.
///
/// # Panics
/// It was not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let path = binaries().join(name);
    assert!(path.is_file(), "{} is not there: `cargo build -p {name}` makes it, or `make test`", path.display());
    path
}

/// A part of the stack that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// The broker.
    Kafka,
    /// The schema registry.
    Registry,
    /// Postgres.
    Postgres,
    /// Redis.
    Redis,
}

impl Component {
    fn name(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Registry => "registry",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// Asks it to end and waits until it has. It is started again when the outage ends, or is dropped.
    pub async fn stopped(self) -> Outage {
        Outage::begin(self, "stop").await
    }

    /// Kills it, as a crash does.
    pub async fn killed(self) -> Outage {
        Outage::begin(self, "kill").await
    }
}

/// A component that is away. However a test ends, it is back afterwards.
#[derive(Debug)]
pub struct Outage {
    component: Component,
    over: bool,
}

impl Outage {
    async fn begin(component: Component, verb: &'static str) -> Self {
        // Before it is broken, so that it is mended even if breaking it fails half way.
        let outage = Self { component, over: false };
        in_background(move || control(verb, component)).await;
        outage
    }

    /// Starts the component and waits until it answers.
    pub async fn end(mut self) {
        let component = self.component;
        in_background(move || control("start", component)).await;
        self.over = true;
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        if let Err(error) = control("start", self.component) {
            // A second panic would end the whole run.
            eprintln!("{} is still away: {error:#}", self.component.name());
        }
    }
}

async fn in_background(work: impl FnOnce() -> anyhow::Result<()> + Send + 'static) {
    let done = tokio::task::spawn_blocking(work).await.expect("it does not panic");
    done.expect("the stack does as it is told");
}

fn control(verb: &str, component: Component) -> anyhow::Result<()> {
    anyhow::ensure!(
        std::env::var_os("INKLOG_STACK_DIR").is_some(),
        "this test breaks components, so it wants a stack of its own: run it with `make test`"
    );
    let dev_stack = repository().join("dev/stack");
    let Output { status, stdout, stderr } = Command::new(dev_stack).args([verb, component.name()]).output()?;
    let said = [stdout, stderr].concat();
    anyhow::ensure!(status.success(), "dev/stack {verb} {}: {}", component.name(), String::from_utf8_lossy(&said));
    Ok(())
}
