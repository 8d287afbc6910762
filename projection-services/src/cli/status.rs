use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::TierArgs;
use crate::content::{self, positions};
use crate::lists::{self, Keys, RedisStore};
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
        let in_postgres = positions::read(&mut postgres, content::LIVE).await.context("reading the positions")?;
        let parked_in_postgres = list_content(&mut postgres, content::LIVE).await?.len();
        let keys = Keys::live(&stores.redis_prefix);
        let mut redis = RedisStore::new(stores.redis);
        let in_redis = redis.positions(&keys).await.context("reading the positions")?;
        let parked_in_redis = redis.parked(&keys).await?.len();
        // Only the ends are wanted, and those are known whatever the positions are.
        let mut source =
            self.tier.log().await?.open(&content::CONTEXTS, Positions::new(), 1).await.context("opening the log")?;
        let ends = source.ends().await.context("asking for the ends of the log")?;
        let mut all = lines(content::LIVE, &content::CONTEXTS, &in_postgres, &ends);
        all.extend(lines(lists::LIVE, lists::CONTEXTS, &in_redis, &ends));
        if self.json {
            let parked = json!({content::LIVE: parked_in_postgres, lists::LIVE: parked_in_redis});
            println!("{}", json!({"positions": all, "parked": parked}));
        } else {
            print!("{}", table(&all));
            println!("parked: {parked_in_postgres} in content, {parked_in_redis} in lists");
        }
        Ok(())
    }
}
