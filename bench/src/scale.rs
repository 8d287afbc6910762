//! What becomes slower where there is more: the same questions and commands, on a site with a million events and on one
//! with a tenth of everything. It takes long, so it is measured only where it is asked for by name.

mod asking;
mod fan_out;
mod filling;
mod world;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::effort::Effort;
use crate::import;
use crate::report::Figure;
use crate::schedules;
use crate::site::{Service, Site};
use asking::Asked;
use world::{Size, World};

/// How long the projectors may take to read all that was written.
const CATCH_UP: Duration = Duration::from_secs(1_200);
/// How often to look whether they have: a look is a process, and takes from them.
const LOOK: Duration = Duration::from_secs(2);
/// How many kinds of question were not answered.
const REFUSED: &str = "kinds of question that were refused";
/// The first page of the thread that has 10,000 comments, and how long it may take.
const THREAD: &str = "comments on the most popular post, 10,000 of them: p99";
const THREAD_MS: f64 = 15.0;
/// Each run has the same world, so that two can be compared.
const SEED: u64 = 0x0051_ca1e;
/// Commands are sent to so many posts.
const EDITED: usize = 10;
/// What a figure stands beside.
const TENTH: &str = "a tenth of the size";

/// Figures of one size, by what they are of; with the unit.
pub(crate) type Found = BTreeMap<&'static str, (f64, &'static str)>;

/// Fills a site, and measures on it.
///
/// # Errors
/// A process does not start, a request is refused, or the projectors do not catch up.
pub(crate) async fn measure(site: &Site, effort: Effort, size: Size) -> anyhow::Result<Found> {
    let world = World::new(site, size, SEED)?;
    let commands = site.start(Service::Commands).await?;
    let projections = site.start(Service::Projections).await?;
    let queries = site.start(Service::Queries).await?;
    let began = Instant::now();
    filling::fill(&world, commands.address).await?;
    println!("{} posts, {} accounts: written in {:.0?}", size.posts, size.accounts(), began.elapsed());
    import::caught_up(site, CATCH_UP, LOOK).await?;
    println!("all of it is visible after {:.0?}", began.elapsed());
    let mut found = Found::from([(REFUSED, (0.0, ""))]);
    let edited = world.hottest(EDITED);
    let idle = schedules::edit(commands.address, &world.editor, &edited, effort.paced_seconds).await?;
    println!("edit, 100/s  {}", idle.line());
    found.insert("edit, 100/s: p99", (idle.percentile(99.0), "ms"));
    let asked = Asked { world: &world, address: queries.address };
    asked.all(&mut found).await?;
    println!("all questions were asked after {:.0?}", began.elapsed());
    let fan_out = fan_out::FanOut { asked: &asked, commands: commands.address, seconds: effort.paced_seconds };
    fan_out.measure(&edited, &mut found).await?;
    // Nothing else takes from the machine while views are made anew.
    for running in [queries, commands] {
        running.child.terminate().await?;
    }
    let (took, rows_per_second) = import::rebuild(site).await?;
    println!("all views were rebuilt in {took:.1} s; all of it took {:.0?}", began.elapsed());
    found.insert("rebuild of the Postgres views", (rows_per_second, "rows/s"));
    projections.child.terminate().await?;
    Ok(found)
}

/// Each figure beside the same at a tenth of the size. What only one of them has is left out.
pub(crate) fn figures(size: Size, all: &Found, tenth: &Found) -> Vec<Figure> {
    let figure = |(name, (ours, unit)): (&&'static str, &(f64, &'static str))| {
        let (reference, _) = tenth.get(name)?;
        let figure = Figure::new(format!("{} posts: {name}", size.posts), *ours, unit).beside(TENTH, *reference);
        Some(match *name {
            REFUSED => figure.goal("none".to_owned(), ours + reference == 0.0),
            THREAD => figure.at_most(THREAD_MS),
            _ => figure,
        })
    };
    all.iter().filter_map(figure).collect()
}

/// How much there is: all of it, and a tenth; of a short run a tenth of both.
pub(crate) fn sizes(is_quick: bool) -> (Size, Size) {
    let (all, tenth) = (Size::ALL, Size::ALL.tenth());
    if is_quick { (tenth, tenth.tenth()) } else { (all, tenth) }
}
