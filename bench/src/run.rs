//! What is measured, in which order.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::effort::{Effort, FULL, QUICK};
use crate::report::{self, Figure};
use crate::site::{Site, Stack};
use crate::table::table;
use crate::{
    commands, creates, gateway, handover, import, logins, machine, memory, realworld, scale, schedules, uploads,
    visible, writer,
};

/// What to measure, and for how long.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArgs {
    /// A short run: to see that everything works, not to compare.
    #[arg(long)]
    quick: bool,
    /// Measure only this; may be repeated.
    #[arg(long, value_name = "NAME")]
    only: Vec<Part>,
    /// The folder of posts to import; only a quick run does without.
    #[arg(long, env = "INKLOG_CORPUS", value_name = "DIR", default_value = "../shared/corpus/digitalgov")]
    corpus: PathBuf,
    /// Where the figures go, as JSON.
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    json: PathBuf,
    #[command(flatten)]
    stack: Stack,
}

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// From accepted to visible.
    Visible,
    /// The log in this process, at 1, 64 and 512 callers.
    Writer,
    /// The command API at 64 clients.
    Http,
    /// The command API at 64 clients: posts that are new, and edits.
    Creates,
    /// Importing a corpus, and rebuilding the views.
    Import,
    /// Memory at rest, and how processes close; after the import, with its posts.
    Memory,
    /// An instance is stopped or dies under load.
    Handover,
    /// Verifying tokens, log-ins, and commands in a flood of log-ins.
    Logins,
    /// Posts that are released and files that are swept by themselves, ten thousand of each in a minute, and what other
    /// commands notice.
    Schedules,
    /// Memory that a process holds of files that are brought.
    Uploads,
    /// The gateway beside the services behind it: reads and edits, idle connections, and more load than is borne.
    Gateway,
    /// The RealWorld interface: an article that is created until it is read by anybody, and the reads of visitors. Left
    /// out where the gateway has none.
    Realworld,
    /// The same on a site with a million events, beside one with a tenth. Only where it is asked for by name: it takes
    /// some twenty minutes.
    Scale,
}

/// Measures, prints the table and writes the figures. The status tells whether every goal was met.
///
/// # Errors
/// Something could not be measured.
pub(crate) async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let effort = if args.quick { QUICK } else { FULL };
    let machine = machine::description();
    println!("{}", machine.join("\n"));
    let figures = measure(&args, effort).await?;
    println!("\n{}\n\n{}", machine.join("\n"), table(&figures));
    report::write(&figures, &args.json)?;
    println!("\nfigures in {}", args.json.display());
    let met = figures.iter().all(|figure| figure.met.unwrap_or(true));
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures the parts that are asked for, each on a site of its own.
async fn measure(args: &RunArgs, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let wanted = |part: Part| args.only.is_empty() || args.only.contains(&part);
    let corpus = wanted(Part::Import) || wanted(Part::Memory);
    // Said before minutes are spent: memory at rest is measured with the corpus in it, too.
    anyhow::ensure!(
        args.quick || !corpus || args.corpus.is_dir(),
        "there is no corpus at {}: name a folder of posts with INKLOG_CORPUS, or leave it out with --quick or --only",
        args.corpus.display()
    );
    let mut figures = Vec::new();
    // Before the floods: for half a minute after thousands of commits a second, a virtual disk was seen to take a
    // hundred times as long for each.
    if wanted(Part::Visible) {
        figures.extend(alone(args, "visible", async |site| visible::measure(site, effort).await).await?);
    }
    if wanted(Part::Writer) {
        figures.extend(alone(args, "writer", async |site| writer::measure(site, effort).await).await?);
    }
    if wanted(Part::Http) {
        figures.extend(alone(args, "http", async |site| commands::measure(site, effort).await).await?);
    }
    if wanted(Part::Creates) {
        figures.extend(alone(args, "creates", async |site| creates::measure(site, effort).await).await?);
    }
    if corpus {
        figures.extend(import_and_memory(args, effort, wanted(Part::Import), wanted(Part::Memory)).await?);
    }
    if wanted(Part::Handover) {
        figures.extend(alone(args, "handover", async |site| handover::measure(site, effort).await).await?);
    }
    if wanted(Part::Logins) {
        figures.extend(alone(args, "logins", async |site| logins::measure(site, effort).await).await?);
    }
    if wanted(Part::Schedules) {
        figures.extend(alone(args, "schedules", async |site| schedules::measure(site, effort).await).await?);
    }
    if wanted(Part::Uploads) {
        figures.extend(alone(args, "uploads", async |site| uploads::measure(site, effort).await).await?);
    }
    if wanted(Part::Gateway) {
        figures.extend(alone(args, "gateway", async |site| gateway::measure(site, effort).await).await?);
    }
    if wanted(Part::Realworld) {
        figures.extend(alone(args, "realworld", async |site| realworld::measure(site, effort).await).await?);
    }
    if args.only.contains(&Part::Scale) {
        figures.extend(scale(args, effort).await?);
    }
    Ok(figures)
}

/// The smaller one first, each on a site of its own.
async fn scale(args: &RunArgs, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let (all, tenth) = scale::sizes(args.quick);
    let mut found = Vec::new();
    for size in [tenth, all] {
        let site = begin(&args.stack, "scale").await?;
        found.push(scale::measure(&site, effort, size).await?);
        site.close().await?;
    }
    Ok(scale::figures(all, &found[1], &found[0]))
}

/// Measures one part on a site of its own.
async fn alone(
    args: &RunArgs,
    name: &str,
    part: impl AsyncFnOnce(&Site) -> anyhow::Result<Vec<Figure>>,
) -> anyhow::Result<Vec<Figure>> {
    let site = begin(&args.stack, name).await?;
    let figures = part(&site).await?;
    site.close().await?;
    Ok(figures)
}

/// Memory at rest is that of processes that hold something: what was imported last.
async fn import_and_memory(args: &RunArgs, effort: Effort, import: bool, memory: bool) -> anyhow::Result<Vec<Figure>> {
    let mut site = begin(&args.stack, "import").await?;
    let mut figures = Vec::new();
    if args.corpus.is_dir() {
        let mut rounds = vec![import::round(&site, &args.corpus).await?];
        while import && rounds.len() < effort.imports {
            site.close().await?;
            site = begin(&args.stack, "import").await?;
            rounds.push(import::round(&site, &args.corpus).await?);
        }
        figures.extend(import::figures(&rounds).into_iter().filter(|_| import));
    } else {
        println!("import: left out of this quick run, {} is not there (INKLOG_CORPUS)", args.corpus.display());
    }
    if memory {
        figures.extend(memory::measure(&site, effort).await?);
    }
    site.close().await?;
    Ok(figures)
}

async fn begin(stack: &Stack, name: &str) -> anyhow::Result<Site> {
    println!("\n== {name}");
    Site::open(stack, name).await
}
