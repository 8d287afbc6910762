//! Rebuilding views in Postgres.
//!
//! ```text
//! create tables ─► fill in bulk to near where the live projector is ─► create indexes ─► catch up
//!   ─► [ lock the live positions ─► read exactly up to them ─► compare ─► swap ] one transaction
//! ```

mod bulk;
mod parked;
mod swap;

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use event_log::subscription::PartitionId;
use sqlx::PgConnection;

use super::fill::{Judge, ParkThem, fill};
use super::reader::{Reader, Target, Targets};
use super::report::per_second;
use super::scratch::{self, NAME, Scratch};
use super::{BATCH, Options, Report, Tally};
use crate::content::{Bulk, Connector, Content, ContentView, needs_two, positions};
use crate::log::{Log, Positions, Source};
use crate::poison::Poison;
use crate::work::Work;
use parked::{Parked, copy_parked};

/// Events committed at once, and their bytes.
const AT_ONCE: (usize, usize) = (10_000, 16 << 20);
/// When a round of catching up finds fewer events than this, it is near enough.
const NEAR: u64 = 1_000;
/// How long the last stretch may take, during which the live projector waits.
const LAST_STRETCH: Duration = Duration::from_secs(20);
/// How many rounds to catch up in; a rebuild that is slower than the writers would never end.
const ROUNDS: usize = 100;

/// A rebuild under way.
struct Rebuild<'a, S> {
    connector: &'a Connector,
    /// The name of the live projector.
    live: &'static str,
    /// Those of the contexts that the views are made of; no others are read.
    partitions: Vec<PartitionId>,
    scratch: Scratch,
    /// What is parked; the rebuild's own list.
    parked: Parked,
    /// Fills the tables until they are nearly full. Its keeper holds the lock that keeps other rebuilds out, makes the
    /// tables and swaps them.
    bulk: Bulk<'a>,
    /// About how much has gone that way.
    read_bytes: usize,
    /// Fills them with what comes then, and with what cannot be had in bulk.
    filler: Content,
    reader: Reader<S>,
    options: Options,
    tally: Tally,
    /// How many events are parked, and so not in the rows.
    left_out: u64,
}

/// Rebuilds some views of one projector.
///
/// # Errors
/// Another rebuild is under way; an event cannot be handled that the live projector could; the rows differ and they
/// were to be compared; Postgres or the log fails. Nothing has changed then.
pub async fn rebuild<L: Log>(
    log: &L,
    connector: &Connector,
    views: &[ContentView],
    options: Options,
) -> anyhow::Result<Report> {
    let mut keeper = scratch::alone(connector).await?;
    let outcome = begin(log, connector, &mut keeper, views, options).await;
    if let Err(error) = swap::sweep_patiently(&mut keeper).await {
        // What it did, it did; the next rebuild drops what this one leaves.
        tracing::warn!(reason = format!("{error:#}"), "the tables of the rebuild could not be dropped");
    }
    if let Err(error) = scratch::release(&mut keeper).await {
        tracing::warn!(reason = format!("{error:#}"), "the connection's end has to say that this rebuild is over");
    }
    outcome
}

async fn begin<L: Log>(
    log: &L,
    connector: &Connector,
    keeper: &mut PgConnection,
    views: &[ContentView],
    options: Options,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let names: Vec<&str> = views.iter().map(|view| view.name).collect();
    let live = views.first().context("there is no view to rebuild")?.projector;
    ensure!(views.iter().all(|view| view.projector == live), "these views are not of one projector: {names:?}");
    let tally = Tally::new(&names.join(", "));
    let (tables, contexts) = (ContentView::table_names(views), ContentView::contexts_of(views));
    let schema = scratch::fresh_schema();
    let (beside, partitions) = (connector.to_schema(&schema), log.partitions(&contexts));
    // All of it is waiting for answers, most of it the broker's.
    let (prepared, second, reader) = tokio::join!(
        prepare(keeper, live, schema, tables, options),
        second(&beside, views),
        Reader::open(log, &contexts, BATCH, AT_ONCE)
    );
    let (scratch, parked) = prepared?;
    let mut second = second.context("connecting to Postgres")?;
    let bulk = Bulk::over(keeper, second.as_mut(), views);
    let reader = reader.context("opening the log")?;
    let filler = Content::beside(NAME, beside, partitions.clone(), views.to_vec());
    let mut rebuild = Rebuild {
        connector,
        live,
        partitions,
        scratch,
        parked,
        bulk,
        read_bytes: 0,
        filler,
        reader,
        options,
        tally,
        left_out: 0,
    };
    rebuild.check_log().await?;
    rebuild.run(&names, began).await
}

async fn second(beside: &Connector, views: &[ContentView]) -> Result<Option<PgConnection>, sqlx::Error> {
    if needs_two(views) { beside.connect().await.map(Some) } else { Ok(None) }
}

async fn prepare(
    keeper: &mut PgConnection,
    live: &str,
    schema: String,
    tables: Vec<&'static str>,
    options: Options,
) -> anyhow::Result<(Scratch, Parked)> {
    let scratch = Scratch::create(keeper, schema, tables).await?;
    if !options.retries_parked() {
        copy_parked(keeper, live).await?;
    }
    let parked = Parked::read(keeper).await?;
    Ok((scratch, parked))
}

impl<S: Source> Rebuild<'_, S> {
    async fn run(&mut self, views: &[&str], began: Instant) -> anyhow::Result<Report> {
        self.tally.stage("begun");
        self.fill_in_bulk().await?;
        self.tally.stage("filled");
        self.scratch.index(&mut self.bulk).await?;
        self.tally.stage("indexed");
        self.catch_up().await?;
        self.tally.stage("caught up");
        self.finish().await?;
        let seconds = began.elapsed().as_secs_f64();
        self.tally.finish();
        let rows = self.scratch.rows(self.bulk.keeper(), !self.options.dry_run).await?;
        Ok(Report {
            views: views.iter().map(ToString::to_string).collect(),
            events: self.tally.events,
            rows,
            parked: self.left_out,
            seconds,
            rows_per_second: per_second(rows, seconds),
            verified: self.options.verify,
            swapped: !self.options.dry_run,
            copy: None,
            ratio: None,
        })
    }

    /// A live position past the end of the log would be waited for for ever.
    async fn check_log(&mut self) -> anyhow::Result<()> {
        if self.options.new_log {
            return Ok(());
        }
        let live = positions::read(self.bulk.keeper(), self.live).await?;
        let ends = self.reader.ends().await.context("asking for the ends of the log")?;
        for partition in &self.partitions {
            let (at, end) = (live.get(partition).map_or(0, |at| at.next_offset), ends.get(partition).copied());
            ensure!(
                at <= end.unwrap_or(0),
                "{}/{}: the live projector is at offset {at}, past the end of this log; if the log was begun anew, \
                 `rebuild all --new-log` takes it as it is",
                partition.context,
                partition.partition
            );
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> anyhow::Result<()> {
        for _ in 0..ROUNDS {
            let live = positions::read(self.bulk.keeper(), self.live).await?;
            let targets = self.targets(live).await?;
            if self.fill(&targets).await? < NEAR {
                return Ok(());
            }
        }
        bail!("the log grows faster than this rebuild reads it")
    }

    async fn targets(&mut self, live: Positions) -> anyhow::Result<Targets> {
        if self.options.new_log {
            let ends = self.reader.ends().await.context("asking for the ends of the log")?;
            return Ok(ends.into_iter().map(|(partition, end)| (partition, Target::AtLeast(end))).collect());
        }
        let is_read = |partition: &PartitionId| self.partitions.contains(partition);
        let live = live.into_iter().filter(|(partition, _)| is_read(partition));
        Ok(live.map(|(partition, at)| (partition, Target::Exactly(at))).collect())
    }

    async fn fill(&mut self, targets: &Targets) -> anyhow::Result<u64> {
        let Self { connector, live, filler, reader, tally, .. } = self;
        if self.options.retries_parked() {
            fill(filler, reader, targets, &mut ParkThem, tally).await
        } else {
            fill(filler, reader, targets, &mut AsLive { connector, live }, tally).await
        }
    }
}

impl Options {
    fn retries_parked(self) -> bool {
        self.retry_parked || self.new_log
    }
}

/// Leaves out what the live projector has parked; anything else that cannot be handled fails the rebuild.
struct AsLive<'a> {
    connector: &'a Connector,
    live: &'a str,
}

impl Judge for AsLive<'_> {
    async fn judge(&mut self, poison: Vec<Poison>, _: &mut Work) -> anyhow::Result<()> {
        const KNOWN: &str = r#"SELECT EXISTS (SELECT FROM projection.parked_events
            WHERE projector = $1 AND context = $2 AND partition = $3 AND "offset" = $4)"#;
        // It may have been parked since we looked. The rebuild's own connection may be in its transaction, of which
        // others see nothing yet.
        let mut scout = self.connector.connect().await.context("connecting to Postgres")?;
        copy_parked(&mut scout, self.live).await?;
        for Poison { partition, offset, view, reason } in poison {
            let known: bool = sqlx::query_scalar(KNOWN)
                .bind(NAME)
                .bind(&partition.context)
                .bind(partition.partition)
                .bind(offset)
                .fetch_one(&mut scout)
                .await?;
            let place = format!("{}/{}/{offset}", partition.context, partition.partition);
            ensure!(known, "the event {place} cannot be handled, but the live projector did: {view:?}: {reason}");
        }
        Ok(())
    }
}
