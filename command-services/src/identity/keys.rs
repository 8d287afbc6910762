//! `command-services keys`: the key ring, and its rotation. To rotate: `keys add`, give the file to every process that
//! has it, `keys rewrap`; then no data key is wrapped by an older key (`keys list`), and those can be taken out of the
//! file. No event is touched by that, and no process has to be restarted.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use sealing::KeyRing;
use service_kit::Problem;
use service_kit::config::PostgresArgs;

use super::vault::Vault;

/// What can be done with the key ring.
#[derive(Debug, Subcommand)]
pub enum KeysTask {
    /// Make a further key: it wraps from now on, the former ones unwrap.
    Add(AddArgs),
    /// Wrap every data key by the newest key. It can be interrupted and repeated.
    Rewrap(RingArgs),
    /// List the keys, and how many data keys each wraps.
    List(RingArgs),
}

/// The file.
#[derive(Args, Clone, Debug)]
pub struct AddArgs {
    /// The file to add to; made if there is none.
    #[arg(long, env = "INKLOG_KEY_RING_FILE", value_name = "FILE")]
    pub key_ring_file: PathBuf,
    /// Do nothing if there is one already.
    #[arg(long)]
    pub if_missing: bool,
}

/// The ring, and the vault whose keys it wraps.
#[derive(Args, Clone, Debug)]
pub struct RingArgs {
    /// File with the keys, the newest first.
    #[arg(long, env = "INKLOG_KEY_RING_FILE", value_name = "FILE")]
    pub key_ring_file: KeyRing,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub postgres: PostgresArgs,
}

/// Does it.
///
/// # Errors
/// The file or the vault cannot be used.
pub async fn run(task: KeysTask) -> anyhow::Result<()> {
    match task {
        KeysTask::Add(AddArgs { key_ring_file, if_missing }) => {
            if !if_missing || !key_ring_file.exists() {
                println!("{}", KeyRing::add(&key_ring_file).context("INKLOG_KEY_RING_FILE")?);
            }
            Ok(())
        }
        KeysTask::Rewrap(args) => rewrap(&args).await,
        KeysTask::List(args) => list(&args).await,
    }
}

async fn rewrap(args: &RingArgs) -> anyhow::Result<()> {
    let (ring, vault) = (&args.key_ring_file, Vault::new(&args.postgres)?);
    let mut rewrapped = 0;
    loop {
        // An operator may add another meanwhile.
        let newest = ring.ids().into_iter().next().context("the key ring is empty")?;
        match vault.rewrap(ring, &newest).await.map_err(said)? {
            0 => {
                println!("{rewrapped} data keys are wrapped by {newest} now, as are all others");
                return Ok(());
            }
            some => rewrapped += some,
        }
    }
}

async fn list(args: &RingArgs) -> anyhow::Result<()> {
    let wrapping = Vault::new(&args.postgres)?.wrapping_keys().await.map_err(said)?;
    let ids = args.key_ring_file.ids();
    for id in &ids {
        let count = wrapping.iter().find(|(key, _)| key == id).map_or(0, |(_, count)| *count);
        println!("{id}: wraps {count} data keys");
    }
    for (id, count) in wrapping.iter().filter(|(id, _)| !ids.contains(id)) {
        println!("{id}: MISSING in the file, and wraps {count} data keys");
    }
    Ok(())
}

fn said(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{problem}")
}
