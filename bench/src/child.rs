//! Processes that the benchmark starts, watches and ends.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::process::Command;

/// Variables for a process's environment.
pub(crate) type Environment = Vec<(String, String)>;

/// A process in the background; it does not outlive the benchmark.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) name: String,
    process: tokio::process::Child,
}

impl Child {
    /// Starts a program; what it says goes to a file.
    pub(crate) fn spawn(name: &str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let log = File::create(log).with_context(|| format!("creating {}", log.display()))?;
        let command = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        let process = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { name: name.to_owned(), process })
    }

    /// Resident memory in megabytes.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        self.megabytes("VmRSS:")
    }

    /// The most resident memory since [`Child::forget_peak`], in megabytes.
    pub(crate) fn peak(&self) -> anyhow::Result<f64> {
        self.megabytes("VmHWM:")
    }

    /// Has the kernel count the most memory from now on: a peak of milliseconds is none that a sampler would see.
    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        let file = format!("/proc/{}/clear_refs", self.pid()?);
        std::fs::write(&file, "5").with_context(|| format!("writing {file}"))
    }

    fn megabytes(&self, name: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.with_context(|| format!("{name} is not there"))?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Asks it to end with SIGTERM, and says how long it took.
    ///
    /// # Errors
    /// It does not end, or not well.
    pub(crate) async fn terminate(mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.signal("TERM").await?;
        let ended = tokio::time::timeout(Duration::from_secs(30), self.process.wait()).await;
        let status = ended.with_context(|| format!("{} does not end", self.name))??;
        anyhow::ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(began.elapsed())
    }

    /// Ends it as a crash does.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.process.kill().await?)
    }

    async fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let pid = self.pid()?.to_string();
        let status = Command::new("kill").args(["-s", signal, &pid]).status().await?;
        anyhow::ensure!(status.success(), "{} cannot be signalled", self.name);
        Ok(())
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.process.id().with_context(|| format!("{} has ended by itself", self.name))
    }
}
