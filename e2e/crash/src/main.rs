//! `crash`: breaks the running system at random, and has the whole history judged; see docs/reliability.md.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use checker::{History, Verdict};
use clap::{Args, Parser, Subcommand};
use crash::episode::{self, Plan};
use crash::fault::drawing::rounds;
use crash::load::Volume;
use crash::quorum::Quorum;
use crash::result::{Outcome, Sum};
use crash::stack::{Stack, broker_names};
use crash::table::table;

#[derive(Debug, Parser)]
#[command(version, about = "Breaks the running system at random, and has the whole history judged.")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Break the system, seed after seed.
    Run(Box<RunArgs>),
    /// Judge a recorded run again.
    Check {
        /// The folder of a seed: target/crash/SEED.
        folder: PathBuf,
    },
    /// Add up the outcomes of seeds.
    Report {
        /// The folders of the seeds.
        folders: Vec<PathBuf>,
        /// Where the sum goes too, as JSON.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Print the faults that a seed draws.
    Schedule {
        /// The seed.
        seed: u64,
        /// How many rounds.
        #[arg(default_value_t = 50)]
        rounds: usize,
        /// How many brokers there are: with several, more is drawn.
        #[arg(long, default_value_t = 1, value_name = "N")]
        brokers: u16,
    },
}

#[derive(Args, Debug)]
struct RunArgs {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long things are broken in all.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// How long one seed lasts: each begins with an empty log.
    #[arg(long, default_value_t = 60)]
    seed_seconds: u64,
    /// Clients that send commands.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Sessions that read.
    #[arg(long, default_value_t = 8)]
    sessions: usize,
    /// Commands a second that the clients send together, if the system keeps up.
    #[arg(long, default_value_t = 1_500.0)]
    rate: f64,
    /// Draw only rounds of this kind of fault, as the report names it; may be repeated.
    #[arg(long, value_name = "KIND")]
    only: Vec<String>,
    /// Freeze and cut for minutes. A seed should last for ten of them, then.
    #[arg(long)]
    slow: bool,
    /// Give a context more partitions, once in each seed, under load.
    #[arg(long)]
    repartition: bool,
    /// Do not fail for times that are too long: those of programs that are built for debugging prove nothing.
    #[arg(long)]
    without_bounds: bool,
    /// Go on only until a seed finds something, which is then the aim: for builds that are broken on purpose.
    #[arg(long)]
    until_caught: bool,
    /// Where what is recorded goes: a folder for each seed.
    #[arg(long, value_name = "DIR", default_value = "target/crash")]
    folder: PathBuf,
    /// Where the summed report goes, as JSON.
    #[arg(long, value_name = "FILE", default_value = "target/crash.json")]
    json: PathBuf,
    #[command(flatten)]
    stack: Stack,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli: Cli = service_kit::config::parse();
    match cli.task {
        Task::Run(args) => {
            tokio::select! {
                outcome = run(&args) => outcome,
                // What was started ends with us.
                _ = interrupted() => anyhow::bail!("interrupted"),
            }
        }
        Task::Check { folder } => check(&folder),
        Task::Report { folders, json } => {
            let outcomes = folders.iter().map(|folder| Outcome::load(folder)).collect::<anyhow::Result<_>>()?;
            let sum = Sum::of(outcomes);
            json.map_or(Ok(()), |file| save(&sum, &file))?;
            Ok(report(&sum, true))
        }
        Task::Schedule { seed, rounds: count, brokers } => {
            let brokers = broker_names(brokers);
            rounds(seed, &brokers).take(count).enumerate().for_each(|(number, round)| println!("{number:>3}  {round}"));
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn interrupted() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

async fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    // Who takes part in a repartition must be of this version: the topic that it makes has this version's schemas.
    anyhow::ensure!(!args.repartition || args.stack.previous.is_none(), "PREVIOUS and REPARTITION exclude each other");
    let count = args.seconds.div_ceil(args.seed_seconds.max(1));
    let lasts = Duration::from_secs(args.seconds.min(args.seed_seconds));
    let volume = Volume { clients: args.clients, sessions: args.sessions, rate: args.rate };
    let quorum = Arc::new(Quorum::open(&args.stack.inner_links).await?);
    if !quorum.is_empty() {
        args.stack.up().await?;
    }
    let mut outcomes = Vec::new();
    for seed in args.seed..args.seed + count {
        println!("seed {seed}");
        let folder = args.folder.join(seed.to_string());
        let (only, slow, repartition) = (args.only.clone(), args.slow, args.repartition);
        let plan = Plan { seed, lasts, volume, only, slow, repartition };
        let outcome = episode::run(&plan, &args.stack, &quorum, &folder).await;
        let outcome = outcome.unwrap_or_else(|error| Outcome::failed(seed, args.stack.replication, &error));
        say(&outcome.verdict, &outcome.problems);
        if args.until_caught && !outcome.verdict.is_clean() {
            println!("caught by seed {seed}, the {}. of {count}", seed - args.seed + 1);
            return Ok(ExitCode::SUCCESS);
        }
        outcomes.push(outcome);
    }
    if args.until_caught {
        println!("not caught by {count} seeds");
        return Ok(ExitCode::FAILURE);
    }
    let sum = Sum::of(outcomes);
    save(&sum, &args.json)?;
    Ok(report(&sum, !args.without_bounds))
}

/// Writes a sum for programs.
fn save(sum: &Sum, file: &Path) -> anyhow::Result<()> {
    std::fs::write(file, serde_json::to_vec_pretty(&sum.json())?).with_context(|| format!("writing {}", file.display()))
}

fn say(verdict: &Verdict, problems: &[String]) {
    println!(
        "  {} accepted, {} void records, {} problems",
        verdict.counts.accepted,
        verdict.counts.void,
        problems.len()
    );
    problems.iter().for_each(|problem| println!("  PROBLEM  {problem}"));
    println!("  {verdict}");
}

fn report(sum: &Sum, bounds: bool) -> ExitCode {
    println!("\n{}", table(sum));
    let bad: Vec<u64> = sum.outcomes.iter().filter(|outcome| !outcome.is_clean()).map(|outcome| outcome.seed).collect();
    if !bad.is_empty() {
        println!("\nwhat was found by seeds {bad:?} is in their folders; `crash check DIR` judges one again");
    }
    if sum.is_clean() && (!bounds || sum.is_in_time()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(folder: &Path) -> anyhow::Result<ExitCode> {
    let verdict = checker::judge(&History::load(folder)?);
    say(&verdict, &[]);
    Ok(if verdict.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
