//! A real corpus, imported through the command API; then every view made anew from the log. In rounds, each on a site
//! of its own: import and rebuild share the machine's mood.

mod reading;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Deserialize;

use crate::latency::median;
use crate::report::Figure;
use crate::site::{Service, Site};

/// How long the projectors may take to catch up.
const CATCH_UP: Duration = Duration::from_secs(60);
/// How long a rebuild may take.
const REBUILD: Duration = Duration::from_secs(900);
/// How often to look whether the projectors have read everything.
const LOOK: Duration = Duration::from_millis(200);
/// How often to rebuild in a round; the median counts.
const REBUILDS: usize = 5;

/// What one round measured. Times are those of processes from start to end, in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    posts: usize,
    first: f64,
    again: f64,
    rebuild: f64,
    rebuilt_rows_per_second: f64,
    copied_rows_per_second: f64,
}

#[derive(Deserialize)]
struct Import {
    posts: Tally,
    refused: Vec<Refused>,
}

/// A file that was not imported: of a post or of an author.
#[derive(Debug, Deserialize)]
struct Refused {
    file: String,
    line: usize,
    reason: String,
}

#[derive(Deserialize)]
struct Tally {
    imported: usize,
    unchanged: usize,
    changed: usize,
}

#[derive(Deserialize)]
struct Status {
    positions: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    lag: i64,
}

#[derive(Deserialize)]
struct Rebuilt {
    events: u64,
    rows: u64,
    rebuilds: Vec<Rebuild>,
}

#[derive(Deserialize)]
struct Rebuild {
    rows_per_second: f64,
    verified: bool,
    copy: Option<Copied>,
}

#[derive(Deserialize)]
struct Copied {
    rows_per_second: f64,
}

/// Imports the corpus twice (the second time nothing changes), rebuilds, and reads a post of what was rebuilt.
///
/// # Errors
/// A process does not start, a post or an author is refused, the rebuilt rows differ from the live ones, or the post
/// cannot be read.
pub(crate) async fn round(site: &Site, corpus: &Path) -> anyhow::Result<Round> {
    let commands = site.start(Service::Commands).await?;
    let projections = site.start(Service::Projections).await?;
    let url = format!("http://{}", commands.address);
    let folder = corpus.to_str().context("the corpus's path is no text")?;
    site.importer(&url).await?;
    let (first, first_took) = import(site, folder, &url).await?;
    let (again, again_took) = import(site, folder, &url).await?;
    let Tally { imported, unchanged, changed } = &again.posts;
    anyhow::ensure!((*imported, *changed) == (0, 0), "a second import changed {changed} posts and imported {imported}");
    caught_up(site, CATCH_UP, LOOK).await?;
    let compare = ["rebuild", "all", "--verify", "--dry-run", "--beside-copy", "--json"];
    let compared: Rebuilt = last_line(&site.run("projection-services", &compare).await?)?;
    anyhow::ensure!(compared.rebuilds.iter().all(|rebuild| rebuild.verified), "the rebuilt rows were not compared");
    let rebuilds = rebuilds(site).await?;
    reading::by_slug_tag_and_author(site).await?;
    projections.child.terminate().await?;
    commands.child.terminate().await?;
    println!("{} posts imported, none refused; again: {unchanged} unchanged", first.posts.imported);
    let times: Vec<String> = rebuilds.iter().map(|(seconds, _)| format!("{seconds:.2}")).collect();
    println!(
        "rebuilt from {} events: {} rows, equal to the live ones; then swapped in, {REBUILDS} times: {} s",
        compared.events,
        compared.rows,
        times.join(", ")
    );
    let copied = compared.rebuilds.into_iter().find_map(|rebuild| rebuild.copy).context("no COPY was measured")?;
    Ok(Round {
        posts: first.posts.imported,
        first: first_took,
        again: again_took,
        rebuild: median(rebuilds.iter().map(|(seconds, _)| *seconds).collect()),
        rebuilt_rows_per_second: median(rebuilds.iter().map(|(_, rows_per_second)| *rows_per_second).collect()),
        copied_rows_per_second: copied.rows_per_second,
    })
}

/// The medians of the rounds.
pub(crate) fn figures(rounds: &[Round]) -> Vec<Figure> {
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    let posts = rounds.first().map_or(0, |round| round.posts);
    let first = of(|round| round.first);
    vec![
        Figure::new(format!("import of {posts} posts over HTTP"), first, "s").at_most(60.0),
        Figure::new("import again, nothing changed", of(|round| round.again), "s").beside("first import", first),
        Figure::new("rebuild of all views", of(|round| round.rebuild), "s").beside("import", first).at_most_times(0.1),
        Figure::new("rebuild of the Postgres views", of(|round| round.rebuilt_rows_per_second), "rows/s")
            .beside("COPY of the same rows", of(|round| round.copied_rows_per_second)),
    ]
}

/// Imports all of a folder, for a part of it would be faster: what was reported, and how long it took from start to
/// end, in seconds.
async fn import(site: &Site, folder: &str, url: &str) -> anyhow::Result<(Import, f64)> {
    let began = Instant::now();
    // Most posts of the corpus have expired since: published all the same they are the load that figures are
    // compared by.
    let arguments = ["import", folder, "--json", "--url", url, "--publish-expired"];
    let output = site.attempt("command-services", &arguments).await?;
    let took = began.elapsed().as_secs_f64();
    let failure = || format!("the import: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    let import: Import = last_line(&String::from_utf8_lossy(&output.stdout)).with_context(failure)?;
    if let Some(Refused { file, line, reason }) = import.refused.first() {
        anyhow::bail!("{} files were refused, the first is {file}, line {line}: {reason}", import.refused.len());
    }
    anyhow::ensure!(output.status.success(), failure());
    Ok((import, took))
}

/// Rebuilds again and again; how long the process took from start to end each time, and the rows per second of the
/// Postgres views.
async fn rebuilds(site: &Site) -> anyhow::Result<Vec<(f64, f64)>> {
    let mut rebuilds = Vec::new();
    for _ in 0..REBUILDS {
        rebuilds.push(rebuild(site).await?);
    }
    Ok(rebuilds)
}

/// Makes every view anew; how long the process took from start to end, and the rows per second of the Postgres views.
///
/// # Errors
/// The rebuild fails.
pub(crate) async fn rebuild(site: &Site) -> anyhow::Result<(f64, f64)> {
    let began = Instant::now();
    let output = site.run_for(REBUILD, "projection-services", &["rebuild", "all", "--json"]).await?;
    let took = began.elapsed().as_secs_f64();
    let rebuilt: Rebuilt = last_line(&output)?;
    let in_postgres = rebuilt.rebuilds.first().context("nothing was rebuilt")?;
    Ok((took, in_postgres.rows_per_second))
}

/// Waits until every projector has read everything, looking every so often.
///
/// # Errors
/// They do not in time.
pub(crate) async fn caught_up(site: &Site, patience: Duration, every: Duration) -> anyhow::Result<()> {
    let until = Instant::now() + patience;
    loop {
        let status: Status = last_line(&site.run("projection-services", &["status", "--json"]).await?)?;
        if status.positions.iter().all(|line| line.lag == 0) {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < until, "the projectors do not catch up");
        tokio::time::sleep(every).await;
    }
}

fn last_line<T: serde::de::DeserializeOwned>(output: &str) -> anyhow::Result<T> {
    // A report may be printed over several lines; what comes before it is for people.
    let begin = output.find("\n{").map_or_else(|| output.find('{').unwrap_or(0), |at| at + 1);
    serde_json::from_str(&output[begin..]).with_context(|| format!("reading {output}"))
}
