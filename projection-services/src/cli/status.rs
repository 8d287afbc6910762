use std::collections::BTreeMap;

use anyhow::Context;
use clap::Args;
use event_log::subscription::SubscribeError;
use serde_json::json;

use super::TierArgs;
use crate::content::{self, positions};
use crate::lists::{Followed, Keys, Listed, RedisStore, Set};
use crate::log::{Log, Positions, Source};
use crate::parked::list_content;
use crate::status::{lines, table};

/// What to say how.
#[derive(Args, Debug)]
#[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
pub struct StatusArgs {
    #[command(flatten)]
    pub tier: TierArgs,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

impl StatusArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let stores = self.tier.stores()?;
        let mut postgres = stores.connector.connect().await.context("connecting to Postgres")?;
        let mut in_postgres = Vec::new();
        for kept in content::kept() {
            let at = positions::read(&mut postgres, kept.name).await.context("reading the positions")?;
            in_postgres.push((kept, at, list_content(&mut postgres, kept.name).await?.len()));
        }
        let mut redis = RedisStore::new(stores.redis);
        let in_redis = [
            of_set::<Listed>(&mut redis, &stores.redis_prefix).await?,
            of_set::<Followed>(&mut redis, &stores.redis_prefix).await?,
        ];
        // Only the ends are wanted, and those are known whatever the positions are.
        let log = self.tier.log().await?;
        let mut source = log.open(domain::CONTEXTS, Positions::new(), 1).await.context("opening the log")?;
        let ends = source.ends().await.context("asking for the ends of the log")?;
        let mut refused = BTreeMap::new();
        let of_postgres = in_postgres.iter().map(|(kept, at, _)| (kept.name, kept.contexts, at));
        let of_redis = in_redis.iter().map(|set| (set.name, set.contexts, &set.at));
        for (name, contexts, at) in of_postgres.chain(of_redis) {
            if let Some(reason) = refusal(&log, contexts, at).await {
                refused.insert(name, reason);
            }
        }
        let of_each = in_postgres.iter().flat_map(|(kept, at, _)| lines(kept.name, kept.contexts, at, &ends));
        let of_sets = in_redis.iter().flat_map(|set| lines(set.name, set.contexts, &set.at, &ends));
        let all: Vec<_> = of_each.chain(of_sets).collect();
        let parked = in_postgres.iter().map(|(kept, _, parked)| (kept.name, *parked));
        let parked: Vec<(&str, usize)> = parked.chain(in_redis.iter().map(|set| (set.name, set.parked))).collect();
        if self.json {
            let parked: BTreeMap<&str, usize> = parked.into_iter().collect();
            println!("{}", json!({"positions": all, "parked": parked, "cannot_go_on": refused}));
        } else {
            print!("{}", table(&all));
            let parked: Vec<String> =
                parked.iter().map(|(projector, count)| format!("{count} in {projector}")).collect();
            println!("parked: {}", parked.join(", "));
            for (projector, reason) in refused {
                println!("cannot go on: {projector}: {reason}");
            }
        }
        Ok(())
    }
}

/// How far a projector in Redis has read, and how much it has parked.
struct InRedis {
    name: &'static str,
    contexts: &'static [&'static str],
    at: Positions,
    parked: usize,
}

async fn of_set<S: Set>(redis: &mut RedisStore, prefix: &str) -> anyhow::Result<InRedis> {
    let keys: Keys = S::live(prefix);
    let at = redis.positions(&keys).await.context("reading the positions")?;
    let parked = redis.parked(&keys).await?.len();
    Ok(InRedis { name: S::LIVE, contexts: S::CONTEXTS, at, parked })
}

/// Why a projector cannot go on from where it is: its positions are of another log.
async fn refusal(log: &impl Log, contexts: &[&str], at: &Positions) -> Option<String> {
    match log.open(contexts, at.clone(), 1).await {
        Err(refused @ SubscribeError::ForeignPosition { .. }) => Some(refused.to_string()),
        Ok(_) | Err(SubscribeError::Unusable(_)) => None,
    }
}
