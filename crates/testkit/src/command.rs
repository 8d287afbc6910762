//! Programs that do one thing and end.

use std::process::Stdio;
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
    let shown = format!("{:?} {:?}", command.as_std().get_program(), command.as_std().get_args());
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let output =
        tokio::time::timeout(PATIENCE, command.output()).await.with_context(|| format!("{shown}: too slow"))?;
    let output = output.with_context(|| format!("starting {shown}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{shown}: {}: {said}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
