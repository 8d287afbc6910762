//! What the gateway costs, and what it bears: reads and a command through it and past it, connections that are idle,
//! and three times the load that the service behind it can bear.

mod beside;
mod idle;
mod overload;

use std::net::SocketAddr;

use domain::Role;
use uuid::Uuid;

use crate::effort::Effort;
use crate::posts;
use crate::report::Figure;
use crate::site::{Running, Service, Site};

/// Posts that are there to be read and edited.
const POSTS: usize = 256;

/// Where the services are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    pub(crate) commands: SocketAddr,
    pub(crate) queries: SocketAddr,
}

impl Sides {
    /// One service for all.
    const fn both(address: SocketAddr) -> Self {
        Self { commands: address, queries: address }
    }
}

/// Measures all of it.
///
/// # Errors
/// A process does not start, or a request is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![beside::own_cost(site, effort).await?];
    // Before anything raises this process's limit of open files, which those that it starts have from it.
    figures.push(idle::measure(site, effort).await?);
    let commands = site.start(Service::Commands).await?;
    let projections = site.start(Service::Projections).await?;
    let queries = site.start(Service::Queries).await?;
    let gateway = start(site, Sides { commands: commands.address, queries: queries.address }).await?;
    let token = site.token(&[Role::Author])?;
    let ids: Vec<Uuid> = (0..POSTS).map(|_| Uuid::new_v4()).collect();
    posts::publish(commands.address, &token, &ids).await?;
    let file = posts::file(site.logs(), &ids)?;
    let ways = beside::Ways { gateway: &gateway, commands: &commands, queries: &queries, token: &token, posts: &file };
    ways.until_all_can_be_read(&ids).await?;
    figures.extend(ways.measure(effort).await?);
    for running in [gateway, queries, projections, commands] {
        running.child.terminate().await?;
    }
    figures.extend(overload::measure(site, effort).await?);
    Ok(figures)
}

/// A gateway as it is by default, but that all comes from a proxy of ours, so that one address may have all the
/// connections, and that its limits, which are counted as ever, are out of reach.
///
/// # Errors
/// It does not become ready.
pub(crate) async fn start(site: &Site, Sides { commands, queries }: Sides) -> anyhow::Result<Running> {
    let told = [
        ("INKLOG_UPSTREAM_COMMANDS", format!("http://{commands}")),
        ("INKLOG_UPSTREAM_QUERIES", format!("http://{queries}")),
        ("INKLOG_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ("INKLOG_RATE_FACTOR", "100000".to_owned()),
    ];
    site.start_told(Service::Gateway, &told).await
}
