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
        let file = format!("/proc/{}/clear_refs", self.id()?);
        std::fs::write(&file, "5").with_context(|| format!("writing {file}"))
    }

    fn megabytes(&self, name: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.with_context(|| format!("{name} is not there"))?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Seconds of processor time that it has taken so far, in hundredths.
    pub(crate) fn processor_seconds(&self) -> anyhow::Result<f64> {
        processor_seconds(&self.id()?.to_string())
    }

    /// How many files it may have open: the limit now, and the most that it can be raised to.
    pub(crate) fn open_files(&self) -> anyhow::Result<(u64, u64)> {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.id()?))?;
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        let line = line.context("the limit of open files is not there")?;
        let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap_or(u64::MAX));
        Ok((numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
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
        let pid = self.id()?.to_string();
        let status = Command::new("kill").args(["-s", signal, &pid]).status().await?;
        anyhow::ensure!(status.success(), "{} cannot be signalled", self.name);
        Ok(())
    }

    /// The process's number.
    pub(crate) fn id(&self) -> anyhow::Result<u32> {
        self.process.id().with_context(|| format!("{} has ended by itself", self.name))
    }
}

/// Seconds of processor time that a process has taken so far; `self` is this one. The kernel tells them in hundredths.
pub(crate) fn processor_seconds(pid: &str) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; user and system time are the 12th and 13th words after it.
    let (_, words) = stat.rsplit_once(')').context("no name in the statistics of a process")?;
    let times = words.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / 100.0)
}
