use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::TierArgs;
use crate::content::{Kept, kept};
use crate::lists::{Followed, InRedis, Listed, RedisStore, Set};
use crate::log::Log;
use crate::parked::{Parked, ParkedEntry, Replayed, list_content, replay};
use crate::run::Stores;

/// What to do about parked events.
#[derive(Debug, Subcommand)]
pub enum ParkedCommand {
    /// List them, of all projectors.
    List(ListArgs),
    /// Try them again, in order per aggregate; what works is taken off the list.
    Replay(ReplayArgs),
}

/// How to list.
#[derive(Args, Debug)]
#[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
pub struct ListArgs {
    #[command(flatten)]
    pub tier: TierArgs,
    /// As JSON: an array.
    #[arg(long)]
    pub json: bool,
}

/// What to replay.
#[derive(Args, Debug)]
#[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
pub struct ReplayArgs {
    /// An event, as `parked list` calls it; with it go all parked events of its aggregate.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub id: Option<String>,
    /// Everything.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub tier: TierArgs,
}

impl ParkedCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(args) => args.run().await,
            Self::Replay(args) => args.run().await,
        }
    }
}

impl ListArgs {
    async fn run(self) -> anyhow::Result<()> {
        let stores = self.tier.stores()?;
        let (in_postgres, in_redis) = tokio::join!(in_postgres(&stores), in_redis_all(&stores));
        // What one store says is of use even while the other is away.
        let mut all = in_postgres.as_deref().unwrap_or_default().to_vec();
        all.extend(in_redis.as_deref().unwrap_or_default().iter().cloned());
        if self.json {
            println!("{}", serde_json::to_string(&all)?);
        } else {
            all.iter().for_each(|parked| println!("{}", parked.line()));
        }
        in_postgres?;
        in_redis?;
        Ok(())
    }
}

impl ReplayArgs {
    async fn run(self) -> anyhow::Result<()> {
        let (log, stores) = (self.tier.log().await?, self.tier.stores()?);
        let mut in_postgres: Vec<(Kept, Vec<ParkedEntry>)> = Vec::new();
        for kept in kept() {
            in_postgres.push((kept, self.chosen(parked_by(kept, &stores).await?)));
        }
        let of_lists = self.chosen(in_redis::<Listed>(&stores).await?);
        let of_feeds = self.chosen(in_redis::<Followed>(&stores).await?);
        in_postgres.retain(|(_, chosen)| !chosen.is_empty());
        if let (Some(id), true) = (&self.id, in_postgres.is_empty() && of_lists.is_empty() && of_feeds.is_empty()) {
            bail!("there is no parked event {id}");
        }
        let mut replayed = Vec::new();
        for (kept, chosen) in in_postgres {
            let mut live = kept.live(&stores.connector, &log);
            replayed.push((kept.name, replay(&log, kept.contexts, &mut live, &chosen).await?));
        }
        replayed.extend(replay_in_redis(&log, Listed, &stores, &of_lists).await?);
        replayed.extend(replay_in_redis(&log, Followed(stores.feeds), &stores, &of_feeds).await?);
        let mut failed = 0;
        for (projector, replayed) in replayed {
            println!("{projector}: {} applied, {} still waiting", replayed.applied, replayed.waiting);
            failed += replayed.failed.len();
            for (place, reason) in replayed.failed {
                println!("{projector}/{place}: {reason}");
            }
        }
        if failed > 0 {
            bail!("{failed} events still cannot be handled");
        }
        Ok(())
    }

    /// Everything, or the event with that id and whatever else is parked of its aggregate.
    fn chosen(&self, parked: Vec<Parked>) -> Vec<ParkedEntry> {
        let aggregate = |parked: &Parked| (parked.entry.context.clone(), parked.entry.key.clone());
        let named = parked.iter().find(|parked| Some(&parked.id) == self.id.as_ref()).map(aggregate);
        let chosen = |parked: &Parked| self.all || named.as_ref().is_some_and(|named| *named == aggregate(parked));
        parked.into_iter().filter(chosen).map(|parked| parked.entry).collect()
    }
}

async fn in_postgres(stores: &Stores) -> anyhow::Result<Vec<Parked>> {
    let mut all = Vec::new();
    for kept in kept() {
        all.extend(parked_by(kept, stores).await?);
    }
    Ok(all)
}

async fn parked_by(kept: Kept, stores: &Stores) -> anyhow::Result<Vec<Parked>> {
    let mut connection = stores.connector.connect().await.context("connecting to Postgres")?;
    let entries = list_content(&mut connection, kept.name).await.context("reading parked events in Postgres")?;
    Ok(entries.into_iter().map(|entry| Parked::of(kept.name, entry)).collect())
}

async fn in_redis_all(stores: &Stores) -> anyhow::Result<Vec<Parked>> {
    Ok([in_redis::<Listed>(stores).await?, in_redis::<Followed>(stores).await?].concat())
}

async fn in_redis<S: Set>(stores: &Stores) -> anyhow::Result<Vec<Parked>> {
    let mut store = RedisStore::new(stores.redis.clone());
    let entries = store.parked(&S::live(&stores.redis_prefix)).await.context("reading parked events in Redis")?;
    Ok(entries.into_iter().map(|entry| Parked::of(S::LIVE, entry)).collect())
}

/// What became of those that were chosen, if any were.
async fn replay_in_redis<S: Set>(
    log: &impl Log,
    set: S,
    stores: &Stores,
    chosen: &[ParkedEntry],
) -> anyhow::Result<Option<(&'static str, Replayed)>> {
    if chosen.is_empty() {
        return Ok(None);
    }
    let mut live = InRedis::live_of(set, RedisStore::new(stores.redis.clone()), &stores.redis_prefix);
    Ok(Some((S::LIVE, replay(log, S::CONTEXTS, &mut live, chosen).await?)))
}
