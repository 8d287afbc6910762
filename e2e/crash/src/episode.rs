//! One seed: the system is started, loaded, broken again and again, mended, and judged.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use checker::History;
use checker::history::Nanos;
use tokio::time::sleep;

use crate::fault::drawing::{repartition, rounds, slow_rounds};
use crate::fault::running::{self, Done};
use crate::fault::{Fault, Round, What};
use crate::load::{BUSY, Load, Volume, World, Written};
use crate::measure::{Struck, longest_unavailable_ms, measure};
use crate::quorum::Quorum;
use crate::record;
use crate::result::Outcome;
use crate::site::Site;
use crate::stack::Stack;
use crate::system::System;

/// How long the system may take to work as before after everything is mended.
const RECOVERY: Duration = Duration::from_secs(120);
/// After so long the components are started again that have ended, as their operator does. Ours are not.
const SUPERVISION: Duration = Duration::from_secs(3);
/// How long to wait when the system has begun to work: instances still join groups, and partitions change hands.
const SETTLE: Duration = Duration::from_secs(3);
/// How long nothing is broken at the beginning: what is measured then tells how quiet the machine is.
const CALM: Duration = Duration::from_secs(2);
/// How long nothing is broken between two rounds.
const BREATH: Duration = Duration::from_millis(200);

/// So many rounds are drawn at most: more than any seed has time for.
const DRAWN: usize = 20_000;
/// So many rounds come before a context gets more partitions, where one is to.
const BEFORE_REPARTITION: u32 = 3;

/// What to do with one seed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// For how long things are broken.
    pub lasts: Duration,
    /// How much load there is.
    pub volume: Volume,
    /// The kinds of faults that are drawn; all of them if it is empty.
    pub only: Vec<String>,
    /// Whether faults last for minutes.
    pub slow: bool,
    /// Whether a context gets more partitions.
    pub repartition: bool,
}

/// Does it; what was recorded and found is left in `folder`.
///
/// # Errors
/// The system cannot be started, or what it left behind cannot be read. What the system does wrong is in the outcome.
pub async fn run(plan: &Plan, stack: &Stack, quorum: &Arc<Quorum>, folder: &Path) -> anyhow::Result<Outcome> {
    let site = Site::open(stack, plan.seed, folder).await.context("preparing topics and tables")?;
    let system = System::start(site, Arc::clone(quorum)).await.context("starting the system")?;
    let load = Load::begin(&system, plan.seed, plan.volume)?;
    let mut problems = Vec::new();
    let mut struck = Vec::new();
    let calm = match warm_up(&system, &load.world).await {
        Ok(calm) => Some(calm),
        Err(error) => {
            problems.push(format!("before anything was broken: {error:#}"));
            None
        }
    };
    if problems.is_empty() {
        problems.extend(strike_all(plan, &system, &load.world, &mut struck).await);
    }
    let world = Arc::clone(&load.world);
    let Written { calls, reads, visits, exports, typing } = load.end().await?;
    record::all_has_come(&calls).await;
    if let Err(error) = system.upgrade().await {
        problems.push(format!("upgrading: {error:#}"));
    }
    if let Err(error) = record::forgotten(&system.site).await {
        problems.push(format!("{error:#}"));
    }
    // What happens by itself goes on for ever: pictures that posts show are kept again and again.
    problems.extend(system.end_writers().await);
    if let Err(error) = record::caught_up(&system.site).await {
        problems.push(format!("{error:#}"));
    }
    let (partitions, former) = record::log(&system.site).await.context("reading the log")?;
    let mut views = record::views(&system.site).await.context("reading the read models")?;
    views.insert("feeds".to_owned(), world.feeds().await.context("reading feeds")?);
    let media = views.get("media").map_or(&[][..], Vec::as_slice);
    let kept = world.kept(&system.site.media_folder(), media).await.context("reading pictures and files")?;
    views.insert("kept".to_owned(), kept);
    let (review_is_demanded, has_earlier_version) =
        (system.site.review_is_demanded, system.site.stack.previous.is_some());
    let settings = History { review_is_demanded, has_earlier_version, ..History::default() };
    let history = History { partitions, former, calls, reads, visits, exports, typing, views, ..settings };
    history.save(folder).context("saving the run")?;
    let verdict = judge(&history).await?;
    let kinds = measure(&history, &struck);
    let quiet_ms = calm.map(|calm| longest_unavailable_ms(&history, calm));
    let (site, not_ended) = system.end().await;
    problems.extend(not_ended);
    site.close().await.context("cleaning up")?;
    let outcome = Outcome { seed: plan.seed, brokers: stack.replication, quiet_ms, kinds, verdict, problems };
    outcome.save(folder)?;
    Ok(outcome)
}

/// Judging takes a while, and a core.
async fn judge(history: &History) -> anyhow::Result<checker::Verdict> {
    let history = history.clone();
    Ok(tokio::task::spawn_blocking(move || checker::judge(&history)).await?)
}

/// Until every partition takes commands and shows them, and a while longer: from when to when it was calm.
async fn warm_up(system: &System, world: &World) -> anyhow::Result<(Nanos, Nanos)> {
    let partitions = usize::try_from(system.site.stack.kafka.partitions)?;
    let until = Instant::now() + RECOVERY;
    while world.pulse.partitions(BUSY) < partitions || !world.pulse.shows_since(BUSY, 1) {
        anyhow::ensure!(Instant::now() < until, "not every partition takes commands and shows them");
        sleep(Duration::from_millis(50)).await;
    }
    sleep(SETTLE).await;
    let began = world.clock.now();
    sleep(CALM).await;
    Ok((began, world.clock.now()))
}

/// Round after round; ends early where the system does not recover, which is the problem that it brings.
async fn strike_all(plan: &Plan, system: &System, world: &World, struck: &mut Vec<Struck>) -> Option<String> {
    let until = Instant::now() + plan.lasts;
    let wanted =
        |round: &Round| plan.only.is_empty() || round.0.iter().all(|(_, fault)| plan.only.contains(&fault.what.kind()));
    let brokers = system.site.stack.brokers();
    let drawn: Box<dyn Iterator<Item = Round> + Send> =
        if plan.slow { Box::new(slow_rounds(plan.seed, &brokers)) } else { Box::new(rounds(plan.seed, &brokers)) };
    // Were none of them wanted, there would be no end to drawing.
    let drawn = drawn.take(DRAWN).filter(wanted);
    // In the middle of what else happens.
    let mut repartition = plan.repartition.then(|| repartition(plan.seed));
    let mut between = 0;
    let drawn = drawn.flat_map(move |round| {
        between += 1;
        std::iter::once(round).chain(repartition.take_if(|_| between == BEFORE_REPARTITION))
    });
    for (number, round) in drawn.enumerate() {
        if Instant::now() >= until {
            break;
        }
        match strike(&round, system, world).await {
            Ok(done) => {
                let recovery = done.accepts.max(done.shows).saturating_sub(done.mended()) / 1_000_000;
                println!("  {number:>3}  {round}: back after {recovery} ms{}", done.notes());
                struck.push(done);
            }
            Err(error) => {
                println!("  {number:>3}  {round}: {error:#}");
                return Some(format!("round {number}, {round}: {error:#}"));
            }
        }
        sleep(BREATH).await;
    }
    struck.is_empty().then(|| format!("nothing was broken: no round in {DRAWN} is of {:?} alone", plan.only))
}

async fn strike(round: &Round, system: &System, world: &World) -> anyhow::Result<Struck> {
    let done = running::run(round, system, world).await?;
    let mended = done.iter().map(|done| done.mended).max().unwrap_or_default();
    let fills_disks = round.0.iter().any(|(_, Fault { what, .. })| matches!(what, What::DiskFull(_)));
    let (accepts, shows) = recover(system, world, mended, fills_disks).await?;
    Ok(Struck { faults: done, accepts, shows, recovered: world.clock.now() })
}

/// Waits until everything works as before, without help: when commands were accepted again in every partition of the
/// busy context, and when they were shown. The other contexts are waited for, too, and clients ask there for what is
/// waited for; but seconds may pass until one asks in a certain partition, which tells nothing of the system.
async fn recover(system: &System, world: &World, mended: Nanos, supervise: bool) -> anyhow::Result<(Nanos, Nanos)> {
    let began = Instant::now();
    let (mut accepts, mut shows) = (None, None);
    world.pulse.wait_for(mended);
    while accepts.is_none() || shows.is_none() || !world.pulse.silent_since(mended).is_empty() {
        if accepts.is_none() && world.pulse.accepts_in_since(BUSY, mended) {
            accepts = Some(world.clock.now());
        }
        if shows.is_none() && world.pulse.shows_since(BUSY, mended) {
            shows = Some(world.clock.now());
        }
        let (silent, showing) = (world.pulse.silent_since(mended), shows.is_some());
        anyhow::ensure!(
            began.elapsed() < RECOVERY,
            "everything is mended, and the system does not recover (silent: {silent:?}, shows commands: {showing})"
        );
        if supervise && began.elapsed() > SUPERVISION {
            start_components(&system.site.stack).await?;
        }
        sleep(Duration::from_millis(5)).await;
    }
    system.ready(RECOVERY).await?;
    Ok((accepts.unwrap_or(mended), shows.unwrap_or(mended)))
}

async fn start_components(stack: &Stack) -> anyhow::Result<()> {
    for component in stack.brokers().iter().map(String::as_str).chain(["registry", "postgres", "redis"]) {
        stack.start(component).await?;
    }
    Ok(())
}

impl Struck {
    /// When the last fault was mended.
    #[must_use]
    pub fn mended(&self) -> Nanos {
        self.faults.iter().map(|done| done.mended).max().unwrap_or_default()
    }

    fn notes(&self) -> String {
        let skipped = |done: &Done| done.skipped.as_ref().map(|reason| format!(" (skipped: {reason})"));
        self.faults.iter().filter_map(skipped).collect()
    }
}
