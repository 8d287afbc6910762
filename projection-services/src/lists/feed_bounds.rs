use clap::Args;
use clap::builder::RangedU64ValueParser;

/// How large feeds may become.
#[derive(Args, Clone, Copy, Debug)]
pub struct FeedBounds {
    /// How many posts of the authors whom a reader follows are kept ready in their feed, in Redis. What is older is
    /// looked for in Postgres.
    #[arg(long, env = "INKLOG_FEED_ENTRIES", value_name = "POSTS", default_value = "100")]
    #[arg(value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000))]
    pub feed_entries: usize,
    /// A post of an author who has more followers than this is not put into their feeds, but looked for when these are
    /// read.
    #[arg(long, env = "INKLOG_FEED_FOLLOWERS", value_name = "FOLLOWERS", default_value = "1000")]
    #[arg(value_parser = RangedU64ValueParser::<usize>::new().range(0..=10_000))]
    pub feed_followers: usize,
}

impl Default for FeedBounds {
    fn default() -> Self {
        Self { feed_entries: 100, feed_followers: 1_000 }
    }
}
