use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::Instant;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use service_kit::postgres;

use super::{TierArgs, options};
use crate::content::{CONTEXTS, ContentView, kept};
use crate::lists::{Followed, Listed, Set};
use crate::log::Log;
use crate::rebuild::lists::Compared;
use crate::rebuild::{BATCH, Options, Report, Reports, content, lists, measure, shared};
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
    /// Try the parked events again instead of leaving them out; only with `all`, or with all that a projector keeps.
    #[arg(long)]
    pub retry_parked: bool,
    /// The log was begun anew: make everything from it, whatever the live positions say; only with `all`, or with all
    /// that a projector keeps.
    #[arg(long)]
    pub new_log: bool,
    /// Report as one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub tier: TierArgs,
}

/// What can be rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewName {
    /// A view in Postgres.
    One(ContentView),
    /// The lists in Redis.
    Lists,
    /// The feeds in Redis.
    Feeds,
    /// All of them.
    All,
}

impl ViewName {
    fn name(self) -> &'static str {
        match self {
            Self::One(view) => view.name,
            Self::Lists => Listed::LIVE,
            Self::Feeds => Followed::LIVE,
            Self::All => "all",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::One(view) => view.about,
            Self::Lists => "The lists in Redis",
            Self::Feeds => "The feeds in Redis",
            Self::All => "All of them",
        }
    }

    /// Those in Postgres, by projector.
    fn in_postgres(self) -> Vec<Vec<ContentView>> {
        match self {
            Self::One(view) => vec![vec![view]],
            Self::Lists | Self::Feeds => Vec::new(),
            Self::All => kept().iter().map(|kept| kept.views.to_vec()).collect(),
        }
    }

    /// Whether no projector keeps only a part of it: then its positions and what it has parked can change with it.
    fn is_whole(self) -> bool {
        match self {
            Self::One(view) => kept().iter().any(|kept| kept.views == [view]),
            Self::Lists | Self::Feeds | Self::All => true,
        }
    }
}

impl ValueEnum for ViewName {
    fn value_variants<'a>() -> &'a [Self] {
        static NAMES: LazyLock<Vec<ViewName>> = LazyLock::new(|| {
            let views = kept().into_iter().flat_map(|kept| kept.views).map(|view| ViewName::One(*view));
            views.chain([ViewName::Lists, ViewName::Feeds, ViewName::All]).collect()
        });
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.about()))
    }
}

impl RebuildArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        if (self.retry_parked || self.new_log) && !self.view.is_whole() {
            anyhow::bail!("--retry-parked and --new-log concern every view of a projector: use them with `all`");
        }
        postgres::require_sessions(&options(&self.tier.postgres)?).await?;
        let (log, stores) = (self.tier.log().await?.ahead(), self.tier.stores()?);
        let began = Instant::now();
        let (in_postgres, in_redis) = if self.view == ViewName::All {
            self.each(shared(&log, &CONTEXTS, BATCH), &stores).await?
        } else {
            self.each([log.clone(), log.clone(), log], &stores).await?
        };
        let took = began.elapsed();
        let in_redis = in_redis?;
        let mut all = Vec::new();
        for (report, views) in in_postgres?.into_iter().zip(self.view.in_postgres()) {
            let report =
                if self.beside_copy { report.beside(measure(&stores.connector, &views).await?) } else { report };
            all.push(report);
        }
        all.extend(in_redis);
        let reports = Reports::of(self.view.name(), all, took);
        if self.json {
            println!("{}", serde_json::to_string(&reports)?);
        } else {
            println!("{}", reports.lines().join("\n"));
        }
        Ok(ExitCode::from(reports.exit_status()))
    }

    /// Each store's is finished, or cleans up after itself, whatever becomes of the others'. In Postgres one projector
    /// follows the other: only one rebuild at a time holds what they write.
    async fn each<L: Log>(
        &self,
        [first, second, third]: [L; 3],
        stores: &Stores,
    ) -> anyhow::Result<(anyhow::Result<Vec<Report>>, anyhow::Result<Vec<Report>>)> {
        let (projectors, options, view) = (self.view.in_postgres(), self.options(), self.view);
        let connector = stores.connector.clone();
        let in_postgres = tokio::spawn(async move {
            let mut reports = Vec::new();
            for views in projectors {
                reports.push(content::rebuild(&first, &connector, &views, options).await?);
            }
            Ok(reports)
        });
        let lists = matches!(view, ViewName::Lists | ViewName::All);
        let lists = tokio::spawn(in_redis(lists.then_some(Listed), second, stores.clone(), options));
        let feeds = matches!(view, ViewName::Feeds | ViewName::All);
        let feeds = tokio::spawn(in_redis(feeds.then_some(Followed(stores.feeds)), third, stores.clone(), options));
        let (in_postgres, lists, feeds) = tokio::join!(in_postgres, lists, feeds);
        let in_redis = [lists?, feeds?].into_iter().filter_map(Result::transpose).collect();
        Ok((in_postgres?, in_redis))
    }

    fn options(&self) -> Options {
        let Self { verify, dry_run, retry_parked, new_log, .. } = *self;
        Options { verify, dry_run, retry_parked, new_log }
    }
}

/// That of a set in Redis, if it is wanted. One that is not reads with no other.
async fn in_redis<S: Compared, L: Log>(
    set: Option<S>,
    log: L,
    stores: Stores,
    options: Options,
) -> anyhow::Result<Option<Report>> {
    let Some(set) = set else { return Ok(None) };
    lists::rebuild(&log, set, &stores.redis, &stores.redis_prefix, options).await.map(Some)
}
