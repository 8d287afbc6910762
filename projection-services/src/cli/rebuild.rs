use std::time::Instant;

use clap::{Args, ValueEnum};

use super::TierArgs;
use crate::content::ContentView;
use crate::log::KafkaLog;
use crate::rebuild::{Options, Report, Reports, content, lists, measure};
use crate::run::Stores;

/// What to rebuild, and how.
#[derive(Args, Debug)]
#[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
pub struct RebuildArgs {
    /// The view.
    pub view: ViewName,
    /// Compare every row with the live one before swapping, and fail if any differs.
    #[arg(long, conflicts_with_all = ["retry_parked", "new_log"])]
    pub verify: bool,
    /// Rebuild (and compare), but do not swap.
    #[arg(long)]
    pub dry_run: bool,
    /// Measure a plain COPY of the same rows in the same run.
    #[arg(long)]
    pub beside_copy: bool,
    /// Try the parked events again instead of leaving them out; only with `all`.
    #[arg(long)]
    pub retry_parked: bool,
    /// The log was begun anew: make everything from it, whatever the live positions say; only with `all`.
    #[arg(long)]
    pub new_log: bool,
    /// Report as one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub tier: TierArgs,
}

/// What can be rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ViewName {
    /// Every post.
    Posts,
    /// Everyone who has an account.
    Authors,
    /// Every slug that a post ever had.
    Slugs,
    /// What is listed under which tag, in Postgres.
    Tags,
    /// The lists in Redis.
    Lists,
    /// All of them.
    All,
}

impl ViewName {
    fn in_postgres(self) -> Vec<ContentView> {
        match self {
            Self::Posts => vec![ContentView::Posts],
            Self::Authors => vec![ContentView::Authors],
            Self::Slugs => vec![ContentView::Slugs],
            Self::Tags => vec![ContentView::Tags],
            Self::Lists => Vec::new(),
            Self::All => ContentView::ALL.to_vec(),
        }
    }

    fn in_redis(self) -> bool {
        match self {
            Self::Lists | Self::All => true,
            Self::Posts | Self::Authors | Self::Slugs | Self::Tags => false,
        }
    }
}

impl RebuildArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        if (self.retry_parked || self.new_log) && self.view != ViewName::All {
            anyhow::bail!("--retry-parked and --new-log concern every view: use them with `all`");
        }
        let (log, stores) = (self.tier.log(), self.tier.stores()?);
        let began = Instant::now();
        // Each is finished, or cleans up after itself, whatever becomes of the other.
        let (in_postgres, in_redis) = tokio::join!(self.in_postgres(&log, &stores), self.in_redis(&log, &stores));
        let took = began.elapsed();
        let (mut in_postgres, in_redis) = (in_postgres?, in_redis?);
        if let Some(report) = in_postgres.take_if(|_| self.beside_copy) {
            in_postgres = Some(report.beside(measure(&stores.connector, &self.view.in_postgres()).await?));
        }
        let name = self.view.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let reports = Reports::of(&name, in_postgres.into_iter().chain(in_redis).collect(), took);
        if self.json {
            println!("{}", serde_json::to_string(&reports)?);
        } else {
            println!("{}", reports.lines().join("\n"));
        }
        Ok(())
    }

    async fn in_postgres(&self, log: &KafkaLog, stores: &Stores) -> anyhow::Result<Option<Report>> {
        let views = self.view.in_postgres();
        if views.is_empty() {
            return Ok(None);
        }
        content::rebuild(log, &stores.connector, &views, self.options()).await.map(Some)
    }

    async fn in_redis(&self, log: &KafkaLog, stores: &Stores) -> anyhow::Result<Option<Report>> {
        if !self.view.in_redis() {
            return Ok(None);
        }
        lists::rebuild(log, &stores.redis, &stores.redis_prefix, self.options()).await.map(Some)
    }

    fn options(&self) -> Options {
        let Self { verify, dry_run, retry_parked, new_log, .. } = *self;
        Options { verify, dry_run, retry_parked, new_log }
    }
}
