//! One of our programs, running.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::eventually;
use crate::stack::{binaries, binary};

/// How long a program may take until it is ready: debug builds, on a machine that does much else.
const READY: Duration = Duration::from_secs(40);

/// A signal that tests send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End properly.
    Term,
    /// End now.
    Kill,
    /// Stand still.
    Stop,
    /// Go on.
    Cont,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
        }
    }
}

/// A running program with ports of its own. It is killed when dropped, or when the test's process ends in whatever
/// way; what it logged is shown if the test failed.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    watcher: Child,
    log: PathBuf,
    url: String,
    metrics_url: String,
    launch: Launch,
}

/// How it was started.
#[derive(Clone, Debug)]
struct Launch {
    program: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// Of HTTP, metrics, gRPC.
    ports: [u16; 3],
}

impl Process {
    /// Starts `program` with these arguments and environment; it listens on free ports.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(program: &str, arguments: &[&str], environment: &[(String, String)]) -> Self {
        Self::launch(Launch {
            program: program.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            environment: environment.to_vec(),
            ports: [free_port(), free_port(), free_port()],
        })
    }

    /// Starts it once more, as it was and where it was, after it has ended.
    ///
    /// # Panics
    /// It cannot be started, or runs.
    pub fn start_again(&mut self) {
        assert!(!self.is_running(), "{} runs", self.name);
        *self = Self::launch(self.launch.clone());
    }

    fn launch(launch: Launch) -> Self {
        let [http, metrics, grpc] = launch.ports;
        let name = format!("{}-{http}", launch.program);
        let folder = binaries().join("testkit-logs");
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        let log = folder.join(format!("{name}.log"));
        let out = File::create(&log).expect("the target folder can be written");
        let child = Command::new(binary(&launch.program))
            .args(&launch.arguments)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .env("INKLOG_LISTEN", format!("127.0.0.1:{http}"))
            .env("INKLOG_METRICS_LISTEN", format!("127.0.0.1:{metrics}"))
            .env("INKLOG_GRPC_LISTEN", format!("127.0.0.1:{grpc}"))
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a file can be shared"))
            .stderr(out)
            .spawn()
            .expect("a program that is there can be started");
        let watcher = watch(child.id());
        let [url, metrics_url] = [http, metrics].map(|port| format!("http://127.0.0.1:{port}"));
        Self { name, child, watcher, log, url, metrics_url, launch }
    }

    /// Where it answers HTTP.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it answers `/metrics`.
    #[must_use]
    pub fn metrics_url(&self) -> &str {
        &self.metrics_url
    }

    /// Waits until `/readyz` says yes.
    pub async fn ready(&mut self) {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(3)).build().expect("a client");
        let url = format!("{}/readyz", self.url);
        eventually(&format!("{} is ready", self.name), READY, async || {
            assert!(self.ended().is_none(), "{} has ended: {}", self.name, self.logged());
            http.get(&url).send().await.ok().filter(|answer| answer.status().is_success()).map(drop)
        })
        .await;
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// It has ended.
    pub fn signal(&self, signal: Signal) {
        let sent = Command::new("kill").args(["-s", signal.name(), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{} takes no signal", self.name);
    }

    /// Asks it to end and waits until it has: how, and after how long.
    ///
    /// # Panics
    /// It has not within `patience`.
    pub async fn end(&mut self, patience: Duration) -> (ExitStatus, Duration) {
        let began = Instant::now();
        self.signal(Signal::Term);
        let what = format!("{} ends", self.name);
        let status = eventually(&what, patience, async || self.ended()).await;
        (status, began.elapsed())
    }

    /// Kills it, as a crash does.
    ///
    /// # Panics
    /// It cannot be waited for.
    pub fn kill(&mut self) {
        self.signal(Signal::Kill);
        self.child.wait().expect("a child can be waited for");
    }

    /// The memory that it allocated and uses, in mebibytes: without the pages of its program, of which a debug build
    /// has a multiple; `make bench` counts these too, of a release build.
    ///
    /// # Panics
    /// It has ended.
    #[must_use]
    pub fn memory_mib(&self) -> u64 {
        self.status("RssAnon:").trim_end_matches(" kB").parse::<u64>().expect("a number of kB") / 1024
    }

    /// How many threads it has.
    ///
    /// # Panics
    /// It has ended.
    #[must_use]
    pub fn threads(&self) -> u64 {
        self.status("Threads:").parse().expect("a number")
    }

    /// What the kernel says of it.
    fn status(&self, what: &str) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        line.expect("a process has memory and threads").trim().to_owned()
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.ended().is_none()
    }

    /// What it has logged.
    #[must_use]
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked about")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Before the child, whose number may be another's afterwards.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let logged = self.logged();
            let lines: Vec<&str> = logged.lines().collect();
            eprintln!("--- {} ({})", self.name, self.log.display());
            lines.iter().skip(lines.len().saturating_sub(40)).for_each(|line| eprintln!("{line}"));
        }
    }
}

/// Statics are never dropped and tests may be killed, so another process watches: it waits for the end of its input,
/// which comes when we are gone.
fn watch(pid: u32) -> Child {
    Command::new("sh")
        .args(["-c", "read -r _; kill -s KILL \"$0\" 2>/dev/null", &pid.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell")
}

/// A port below those that outgoing connections are given, so that none of these takes it meanwhile.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 4_000).unwrap_or_default();
    loop {
        let port = 10_200 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 4_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
