//! Programs that do one thing and end.

use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a program to its end and brings what it printed. What its environment holds is not shown: there may be secrets.
///
/// # Errors
/// It fails, or takes longer than two minutes.
pub async fn output(command: &mut Command) -> anyhow::Result<String> {
    output_within(command, PATIENCE).await
}

/// The same of a program that may take so long.
///
/// # Errors
/// It fails, or takes longer.
pub async fn output_within(command: &mut Command, patience: Duration) -> anyhow::Result<String> {
    let output = finished_within(command, patience).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{}: {}: {said}", shown(command), output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same of a program whose failure says something too: how it ended, and what it printed.
///
/// # Errors
/// It cannot be started, or takes longer than two minutes.
pub async fn finished(command: &mut Command) -> anyhow::Result<Output> {
    finished_within(command, PATIENCE).await
}

async fn finished_within(command: &mut Command, patience: Duration) -> anyhow::Result<Output> {
    let shown = shown(command);
    let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(patience, running).await.with_context(|| format!("{shown}: too slow"))?;
    output.with_context(|| format!("starting {shown}"))
}

fn shown(command: &Command) -> String {
    let command = command.as_std();
    format!("{:?} {:?}", command.get_program(), command.get_args())
}
