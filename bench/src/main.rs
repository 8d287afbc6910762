//! `bench`: measures what inklog promises, each figure beside a reference in the same run; see docs/benchmarks.md.
//!
//! Reading order: [`run`] says what is measured and in which order, one file per measure: [`writer`], [`commands`]
//! (HTTP), [`creates`], [`visible`], [`import`], [`handover`], [`memory`], [`logins`], [`schedules`], [`uploads`],
//! [`gateway`], [`realworld`], [`scale`]. They stand on [`site`] (topics, database and processes of their own),
//! [`callers`] and [`latency`], and end in a [`report`].
//! [`twin`], [`load`], [`upstream`] and [`arrivals`] are programs of their own that `bench` starts from its own file.

mod arrivals;
mod callers;
mod child;
mod commands;
mod creates;
mod effort;
mod gateway;
mod handover;
mod import;
mod latency;
mod load;
mod logins;
mod machine;
mod memory;
mod posts;
mod realworld;
mod report;
mod run;
mod scale;
mod schedules;
mod site;
mod table;
mod twin;
mod uploads;
mod upstream;
mod visible;
mod writer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(version, about = "Measures what inklog promises, each figure beside a reference in the same run.")]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    run: run::RunArgs,
}

/// The programs that `bench` starts from its own file.
#[derive(Debug, Subcommand)]
enum Task {
    /// Answer the commands' requests with one insert into Postgres each.
    #[command(hide = true)]
    Twin(Box<twin::TwinArgs>),
    /// Send commands over HTTP and print what became of them.
    #[command(hide = true)]
    Load(load::LoadArgs),
    /// Answer after a fixed time, a fixed number of requests at once.
    #[command(hide = true)]
    Upstream(upstream::UpstreamArgs),
    /// Send reads at a pace, whatever becomes of those before, and print what did.
    #[command(hide = true)]
    Arrivals(arrivals::ArrivalsArgs),
}

fn main() -> anyhow::Result<ExitCode> {
    let cli: Cli = service_kit::config::parse();
    let mut runtime = match &cli.task {
        // The load shares the machine with what it measures: one thread is enough, and takes the least from it.
        Some(Task::Load(_) | Task::Arrivals(_) | Task::Upstream(_)) => tokio::runtime::Builder::new_current_thread(),
        Some(Task::Twin(_)) | None => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    runtime.block_on(async {
        match cli.task {
            Some(Task::Twin(args)) => twin::serve(*args).await.map(|()| ExitCode::SUCCESS),
            Some(Task::Load(args)) => load::run(args).await.map(|()| ExitCode::SUCCESS),
            Some(Task::Upstream(args)) => upstream::serve(args).await.map(|()| ExitCode::SUCCESS),
            Some(Task::Arrivals(args)) => arrivals::run(args).await.map(|()| ExitCode::SUCCESS),
            None => run::run(cli.run).await,
        }
    })
}
