//! What each process holds at rest, and how it closes.

use std::time::Duration;

use crate::effort::Effort;
use crate::report::Figure;
use crate::site::{Service, Site};

/// The goal, in megabytes.
const MOST: f64 = 60.0;

/// Starts every process, lets it rest, reads its memory and ends it with SIGTERM.
///
/// # Errors
/// A process does not start, or does not end well.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let commands = site.start(Service::Commands).await?;
    let projections = site.start(Service::Projections).await?;
    let queries = site.start(Service::Queries).await?;
    tokio::time::sleep(Duration::from_secs_f64(effort.settle_seconds * 2.0)).await;
    let mut figures = Vec::new();
    for running in [queries, projections, commands] {
        let name = running.child.name.clone();
        figures.push(Figure::new(format!("{name} at rest"), running.child.memory()?, "MB").at_most(MOST));
        let took = running.child.terminate().await?;
        println!("{name} closed after SIGTERM in {:.2} s, with status 0", took.as_secs_f64());
    }
    Ok(figures)
}
