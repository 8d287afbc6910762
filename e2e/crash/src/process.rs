//! Processes of ours: started, broken, and started again at the same address.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use testkit::command::output;
use testkit::http::{Client, Request};
use tokio::process::{Child, Command};

/// How long a process may take to end when it is asked to.
const END: Duration = Duration::from_secs(30);
/// How long `/readyz` may take.
const PROBE: Duration = Duration::from_secs(3);

/// Where free ports are looked for.
const FIRST_PORT: u16 = 27_000;
const PORTS: u16 = 4_000;

/// Variables for a process's environment.
pub type Environment = Vec<(String, String)>;

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// `command-services all`.
    Commands,
    /// `projection-services all`.
    Projections,
    /// `query-api`.
    Queries,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Commands, Self::Projections, Self::Queries];

    /// The program's name.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Commands => "command-services",
            Self::Projections => "projection-services",
            Self::Queries => "query-api",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Commands | Self::Projections => &["all"],
            Self::Queries => &[],
        }
    }
}

/// One instance of a program. It does not outlive its owner.
#[derive(Debug)]
pub struct Instance {
    /// Which program.
    pub tier: Tier,
    /// Where it answers HTTP.
    pub address: SocketAddr,
    /// Where its program is; else it is found by name.
    folder: Option<PathBuf>,
    environment: Environment,
    log: PathBuf,
    child: Option<Child>,
}

impl Instance {
    /// An instance that is not started yet, of the program in this folder, or the one that is found by name. What it
    /// says goes to the end of `log`.
    #[must_use]
    pub fn new(tier: Tier, address: SocketAddr, told: Environment, log: &Path, folder: Option<&Path>) -> Self {
        let (folder, log) = (folder.map(Path::to_owned), log.to_owned());
        Self { tier, address, folder, environment: told, log, child: None }
    }

    /// Starts it; see [`Instance::is_ready`].
    ///
    /// # Errors
    /// The program is not there.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.start_told(Environment::new())
    }

    /// Starts it, and tells it something more.
    fn start_told(&mut self, more: Environment) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("opening {}", self.log.display()))?;
        let name = self.tier.program();
        let mut command = Command::new(self.folder.as_ref().map_or_else(|| name.into(), |folder| folder.join(name)));
        command
            .args(self.tier.arguments())
            .envs(self.environment.iter().chain(&more).map(|(name, value)| (name, value)))
            .env("INKLOG_LISTEN", self.address.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        self.child = Some(command.spawn().with_context(|| format!("starting {}", self.tier.program()))?);
        Ok(())
    }

    /// Ends it, if it is of another version, and starts today's program in its place.
    ///
    /// # Errors
    /// See [`Instance::end`] and [`Instance::start`].
    pub async fn upgrade(&mut self) -> anyhow::Result<()> {
        if self.folder.take().is_some() {
            self.end().await?;
            self.start()?;
        }
        Ok(())
    }

    /// Starts it with a clock that is ahead by so many seconds, or behind, by way of a library (`running/clock.c`).
    ///
    /// # Errors
    /// The program is not there.
    pub fn start_with_clock(&mut self, library: &Path, seconds: i64) -> anyhow::Result<()> {
        let variables =
            [("LD_PRELOAD", library.display().to_string()), ("CRASH_CLOCK_AHEAD_SECONDS", seconds.to_string())];
        self.start_told(variables.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// What it has said so far, all starts together.
    ///
    /// # Errors
    /// Its log cannot be read.
    pub fn said(&self) -> anyhow::Result<String> {
        let bytes = std::fs::read(&self.log).with_context(|| format!("reading {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether it was started, and not ended since.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.child.is_some()
    }

    /// Whether it says that it is ready.
    pub async fn is_ready(&self) -> bool {
        let probe = Request { method: "GET", path: "/readyz", headers: &[], body: "" }.bytes(self.address);
        Client::new(self.address, PROBE).send(&probe).await.is_ok_and(|response| response.status == 200)
    }

    /// How it ended, if it has without being told to.
    pub fn has_died(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().ok().flatten())
    }

    /// Ends it as a crash does.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// It does not in time, or does not end well.
    pub async fn end(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.signal("TERM").await?;
        let Some(mut child) = self.child.take() else { return Ok(Duration::ZERO) };
        let program = self.tier.program();
        let status = tokio::time::timeout(END, child.wait()).await;
        let status = status.with_context(|| format!("{program} does not end"))??;
        anyhow::ensure!(status.success(), "{program} was asked to end, and ended with {status}");
        Ok(began.elapsed())
    }

    /// Sends a signal, such as `STOP` or `CONT`.
    ///
    /// # Errors
    /// It does not run.
    pub async fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let program = self.tier.program();
        let pid = self.child.as_ref().and_then(Child::id).with_context(|| format!("{program} does not run"))?;
        output(Command::new("kill").args(["-s", signal, &pid.to_string()])).await.map(drop)
    }
}

/// An address that no process listens on, below the ports that outgoing connections are given: an instance that is down
/// for a while finds it free when it comes back.
///
/// # Errors
/// There is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap_or_default();
    for _ in 0..PORTS {
        let port = FIRST_PORT + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    anyhow::bail!("no port is free")
}
