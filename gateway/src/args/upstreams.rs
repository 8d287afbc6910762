use std::time::Duration;

use clap::Args;
use service_kit::config::duration;

use crate::discovery::Replicas;
use crate::upstream::Name;

/// Where the services are, each by its replicas.
#[derive(Args, Clone, Debug)]
pub struct UpstreamArgs {
    /// The services that take commands, where one has no entry of its own: `http://host:port`, several with commas;
    /// `dns:host:port` for each address of a name, `srv:_http._tcp.name` for each of its records.
    #[arg(long, env = "INKLOG_UPSTREAM_COMMANDS", value_name = "REPLICAS", default_value = "http://127.0.0.1:8081")]
    pub upstream_commands: Replicas,
    /// Accounts, sessions, following.
    #[arg(long, env = "INKLOG_UPSTREAM_IDENTITY", value_name = "REPLICAS")]
    pub upstream_identity: Option<Replicas>,
    /// Posts, categories, tags, series, media, bookmarks.
    #[arg(long, env = "INKLOG_UPSTREAM_PUBLISHING", value_name = "REPLICAS")]
    pub upstream_publishing: Option<Replicas>,
    /// Comments, reactions, moderation.
    #[arg(long, env = "INKLOG_UPSTREAM_COMMUNITY", value_name = "REPLICAS")]
    pub upstream_community: Option<Replicas>,
    /// Queries.
    #[arg(long, env = "INKLOG_UPSTREAM_QUERIES", value_name = "REPLICAS", default_value = "http://127.0.0.1:8082")]
    pub upstream_queries: Replicas,
    /// How often names are looked up.
    #[arg(long, env = "INKLOG_UPSTREAM_RESOLVE", value_name = "DURATION", default_value = "5s",
          value_parser = duration)]
    pub upstream_resolve: Duration,
    /// How often each replica is asked whether it is ready.
    #[arg(long, env = "INKLOG_UPSTREAM_CHECK", value_name = "DURATION", default_value = "1s",
          value_parser = duration)]
    pub upstream_check: Duration,
    /// How many requests a service may have to answer at a time, of this gateway; it has fewer where more slow it down.
    #[arg(long, env = "INKLOG_UPSTREAM_CONCURRENCY", value_name = "N", default_value_t = 512,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub upstream_concurrency: u32,
}

impl UpstreamArgs {
    /// Each upstream with its replicas. Services that share an entry are one upstream: one is slow where the other is.
    pub(crate) fn entries(&self) -> Vec<(Name, Replicas)> {
        let mut entries = vec![(Name::Queries, self.upstream_queries.clone())];
        let own = [
            (Name::Identity, &self.upstream_identity),
            (Name::Publishing, &self.upstream_publishing),
            (Name::Community, &self.upstream_community),
        ];
        if own.iter().any(|(_, entry)| entry.is_none()) {
            entries.push((Name::Commands, self.upstream_commands.clone()));
        }
        entries.extend(own.into_iter().filter_map(|(name, entry)| Some((name, entry.clone()?))));
        entries
    }
}
