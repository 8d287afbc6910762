//! Posts that are new over HTTP at 64 clients, beside edits. One that is new claims its slug first: it is three
//! commands, to the slug, to the post and to the slug again, where an edit is one.

use domain::Role;

use crate::commands::{CLIENTS, Rounds, load, posts_to_edit};
use crate::effort::Effort;
use crate::report::Figure;
use crate::site::{Service, Site};

/// The goal: so many times the rate of edits.
const GOAL: f64 = 0.4;
const EDIT: &str = "edit";

/// Measures the rate and the latency of both, in turn.
///
/// # Errors
/// A process does not start, or a command is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let token = site.token(&[Role::Author])?;
    let commands = site.start(Service::Commands).await?;
    let file = posts_to_edit(site, commands.address, &token).await?;
    let (mut creates, mut edits) = (Rounds::default(), Rounds::default());
    for _ in 0..effort.rounds {
        creates.add(load(commands.address, &token, None, effort.seconds * 1.5).await?);
        edits.add(load(commands.address, &token, Some(&file), effort.seconds * 1.5).await?);
    }
    commands.child.terminate().await?;
    creates.print("create with claim");
    edits.print(EDIT);
    let name = |what: &str| format!("create with claim, {CLIENTS} clients: {what}");
    let latency =
        |of: f64, what: &str| Figure::new(name(what), creates.percentile(of), "ms").beside(EDIT, edits.percentile(of));
    let rate = Figure::new(name("rate"), creates.rate(), "/s").beside(EDIT, edits.rate());
    Ok(vec![rate.at_least_times(GOAL), latency(50.0, "p50"), latency(99.0, "p99")])
}
