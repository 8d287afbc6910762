//! The long way: from the beginning of the log to near where the live projector is, in bulks. While one is written, the
//! next is read and decoded. What does not go in that way goes in as the live projector would write it.

use anyhow::{Context, bail};
use event_log::subscription::{PartitionId, Position};

use super::parked::Parked;
use super::{AT_ONCE, NEAR, ROUNDS, Rebuild};
use crate::content::{Fitting, positions};
use crate::log::{Positions, Source};
use crate::rebuild::reader::{Target, Targets};
use crate::rebuild::scratch::NAME;
use crate::work::Work;

/// Bytes of the first bulks. They are small, so that there is soon something to write, and little left to write when
/// all is read.
const FIRST: usize = 2 << 20;
/// Later ones have an eighth of what was read before: a row that later events touch is written once per bulk.
const PART: usize = 8;
/// Bytes of the largest. About three times as much is held in memory: read, folded, and on its way.
const LARGEST: usize = 32 << 20;
/// Events of the largest.
const MOST_EVENTS: usize = 50_000;

impl<S: Source> Rebuild<'_, S> {
    /// Fills the tables until few events are missing.
    pub(super) async fn fill_in_bulk(&mut self) -> anyhow::Result<()> {
        let mut settled = Positions::new();
        for _ in 0..ROUNDS {
            let live = positions::read(self.bulk.keeper(), self.live).await?;
            let targets = self.targets(live).await?;
            let before = self.tally.events;
            self.bulks(&targets, &mut settled).await?;
            if self.tally.events - before < NEAR {
                self.reader.limit(AT_ONCE);
                return self.place_filler(&settled).await;
            }
        }
        bail!("the log grows faster than this rebuild reads it")
    }

    /// One round up to the targets. All up to `settled` is in the tables.
    async fn bulks(&mut self, targets: &Targets, settled: &mut Positions) -> anyhow::Result<()> {
        let mut folded = 0;
        loop {
            let read_so_far = self.reader.positions().clone();
            self.reader.limit((MOST_EVENTS, (self.read_bytes / PART).clamp(FIRST, LARGEST)));
            let (written, read) = tokio::join!(self.bulk.write(), self.reader.next(targets));
            let read = read.context("reading the log")?;
            let mut fitting = written.context("writing rebuilt rows")?;
            if fitting == Fitting::Yes {
                *settled = read_so_far;
                self.tally.add(folded);
                let Some(work) = read else { return Ok(()) };
                self.read_bytes += work.bytes();
                self.tally.stage("a bulk read");
                fitting = self.fold(&work).await?;
                folded = work.events();
            }
            if fitting == Fitting::No {
                self.one_by_one(settled).await?;
                folded = 0;
            }
        }
    }

    async fn fold(&mut self, work: &Work) -> anyhow::Result<Fitting> {
        match self.parked.rest(work) {
            Some(events) => self.bulk.fold(&events).await.context("reading rebuilt rows"),
            None => Ok(Fitting::No),
        }
    }

    /// Commits what was read since `settled` as the live projector would.
    async fn one_by_one(&mut self, settled: &mut Positions) -> anyhow::Result<()> {
        self.bulk.forget();
        let read = self.reader.positions().clone();
        let targets: Targets = read.iter().map(|(id, at)| (id.clone(), Target::Exactly(*at))).collect();
        tracing::info!(rebuild = self.tally.what(), "going through some events one by one");
        self.reader.go_back(settled);
        self.reader.limit(AT_ONCE);
        self.place_filler(settled).await?;
        self.fill(&targets).await?;
        self.parked = Parked::read(self.bulk.keeper()).await?;
        *settled = read;
        Ok(())
    }

    /// What writes event by event begins where the bulks ended.
    async fn place_filler(&mut self, settled: &Positions) -> anyhow::Result<()> {
        let at = |id: &PartitionId| (id.clone(), settled.get(id).copied().unwrap_or(Position::START));
        let at = self.partitions.iter().map(at).collect();
        Ok(positions::put(self.bulk.keeper(), NAME, &at).await?)
    }
}
