//! Rebuilding the lists in Redis: fills keys beside the live ones and renames them in one script. The positions come
//! along, so the live projector is not held meanwhile: it finds them moved and reads on from there.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::fill::{ParkThem, fill};
use super::reader::{Reader, Target, Targets};
use super::report::per_second;
use super::{BATCH, Options, Report, Tally};
use crate::lists::{InRedis, Keys, RedisStore};
use crate::log::{Log, Positions, Source, same};

mod compare;
mod compare_feeds;
mod pages;

pub use compare::Compared;

/// The bytes of events that are committed at once.
const BYTES_AT_ONCE: usize = 8 << 20;
/// How often to try to get ahead of the live projector.
const ATTEMPTS: usize = 100;
/// How long the live projector may take to come as far as the rebuild and stand still; cut off, it pauses for a moment.
const PATIENCE: Duration = Duration::from_secs(30);

struct Rebuild<S, R> {
    live: RedisStore,
    live_keys: Keys,
    filler: InRedis<S>,
    reader: Reader<R>,
    options: Options,
    tally: Tally,
}

/// Rebuilds a set of lists.
///
/// # Errors
/// Another rebuild is under way; the lists differ and they were to be compared; Redis or the log fails. Nothing has
/// changed then.
pub async fn rebuild<S: Compared, L: Log>(
    log: &L,
    set: S,
    client: &redis::Client,
    prefix: &str,
    options: Options,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let keys = S::beside(prefix);
    let mut store = RedisStore::new(client.clone());
    store.delete(&keys).await.context("clearing what an earlier rebuild left")?;
    let reader = Reader::open(log, S::CONTEXTS, BATCH, (S::AT_ONCE, BYTES_AT_ONCE)).await.context("opening the log")?;
    let mut rebuild = Rebuild {
        live: RedisStore::new(client.clone()),
        live_keys: S::live(prefix),
        filler: InRedis::beside(set, store, keys.clone()),
        reader,
        options,
        tally: Tally::new(S::LIVE),
    };
    let outcome = rebuild.run(&keys).await;
    rebuild.tally.finish();
    if outcome.is_err() || options.dry_run {
        rebuild.live.delete(&keys).await.context("clearing up")?;
    }
    let (rows, parked) = outcome?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(Report {
        views: vec![S::LIVE.to_owned()],
        events: rebuild.tally.events,
        rows,
        parked,
        seconds,
        rows_per_second: per_second(rows, seconds),
        verified: options.verify,
        swapped: !options.dry_run,
        copy: None,
        ratio: None,
    })
}

impl<S: Compared, R: Source> Rebuild<S, R> {
    /// Gives the number of rows, and of parked events.
    async fn run(&mut self, keys: &Keys) -> anyhow::Result<(u64, u64)> {
        // In this order: the live projector may be past an end that was asked for earlier.
        let stored = self.live.positions(&self.live_keys).await?;
        let ends = self.reader.ends().await.context("asking for the ends of the log")?;
        if !self.options.new_log
            && let Some((partition, _)) =
                stored.iter().find(|(partition, at)| at.next_offset > ends.get(*partition).copied().unwrap_or(0))
        {
            bail!(
                "{}/{}: the live projector is past the end of this log; if the log was begun anew, \
                 `rebuild all --new-log` takes it as it is",
                partition.context,
                partition.partition
            );
        }
        self.fill(ends.into_iter().map(|(partition, end)| (partition, Target::AtLeast(end))).collect()).await?;
        self.tally.stage("filled");
        if self.options.verify {
            self.verify(keys).await?;
        }
        if self.options.dry_run {
            return Ok(self.live.count(keys).await?);
        }
        for _ in 0..ATTEMPTS {
            let counted = self.live.count(keys).await?;
            if self.live.swap(&self.live_keys, keys, self.options.new_log).await? {
                return Ok(counted);
            }
            let live = self.live.positions(&self.live_keys).await?;
            self.fill(at_least(live)).await?;
        }
        bail!("the live projector is always ahead of this rebuild; nothing was swapped")
    }

    /// Compares while both stand at the same place. A live projector at work moves on, and one that was cut off from
    /// Redis may not have come as far yet.
    async fn verify(&mut self, keys: &Keys) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let live = self.live.positions(&self.live_keys).await?;
            self.fill(at_least(live)).await?;
            let before = self.live.positions(&self.live_keys).await?;
            let rebuilt = self.live.positions(keys).await?;
            if !same(&before, &rebuilt) {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            let difference = S::compare(&mut self.live, &self.live_keys, keys).await?;
            if same(&before, &self.live.positions(&self.live_keys).await?) {
                return match difference {
                    Some(difference) => bail!("the rebuilt {} differ from the live ones: {difference}", S::LIVE),
                    None => Ok(()),
                };
            }
        }
        bail!("the live projector never stood still for long enough to be compared with")
    }

    async fn fill(&mut self, targets: Targets) -> anyhow::Result<u64> {
        let Self { filler, reader, tally, .. } = self;
        fill(filler, reader, &targets, &mut ParkThem, tally).await
    }
}

fn at_least(live: Positions) -> Targets {
    live.into_iter().map(|(partition, at)| (partition, Target::AtLeast(at.next_offset))).collect()
}
