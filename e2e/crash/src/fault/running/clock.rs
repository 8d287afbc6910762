//! Clocks that are wrong: a small library stands between an instance and its clock. How much time passes is right, as
//! it is where a machine's clock was set wrongly.

use std::path::PathBuf;
use std::time::Duration;

use testkit::command::output;
use tokio::process::Command;
use tokio::time::sleep;

use super::{Trouble, come_back};
use crate::fault::TOLERATED_SECONDS;
use crate::process::Tier;
use crate::system::System;

/// The library. Others there are show another time to the functions that wait, too, and not to all of them alike.
const LIBRARY: &str = include_str!("clock.c");
/// What an instance says whose clock is wrong by too much.
const SAID: &str = "clock differs by too much";

/// Starts an instance with a wrong clock and, after a while, again with the right one. It says that its clock is wrong
/// where it is by more than is tolerated, and only there.
pub(super) async fn set_wrong(system: &System, number: usize, seconds: i64, lasts: Duration) -> Result<(), Trouble> {
    let library = compiled(system).await.map_err(|error| Trouble::Skipped(format!("{error:#}")))?;
    let mut instance = system.instance(Tier::Commands, number).lock().await;
    instance.end().await?;
    let before = instance.said()?.len();
    instance.start_with_clock(&library, seconds)?;
    come_back(&mut instance).await?;
    sleep(lasts).await;
    let says_so = instance.said()?.get(before..).is_some_and(|said| said.contains(SAID));
    instance.end().await?;
    instance.start()?;
    if says_so == (seconds.abs() > TOLERATED_SECONDS) {
        return Ok(());
    }
    let what = if says_so { "says that its clock is wrong" } else { "does not say that its clock is wrong" };
    Err(Trouble::Failed(anyhow::anyhow!("an instance {what}, which is off by {seconds} s")))
}

/// The library, made anew: two rounds may want it at once.
async fn compiled(system: &System) -> anyhow::Result<PathBuf> {
    let folder = std::path::absolute(&system.site.folder)?.join(uuid::Uuid::new_v4().simple().to_string());
    std::fs::create_dir_all(&folder)?;
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, LIBRARY)?;
    output(Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source])).await?;
    Ok(library)
}
