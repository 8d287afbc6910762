//! The settings of moderation.

use std::time::Duration;

use clap::Args;
use domain::values::HouseRule;
use service_kit::config::duration;

use crate::reactions::args::Names;

/// Moderation.
#[derive(Args, Clone, Debug)]
pub struct ModerationArgs {
    /// The rules of the house, by which people report and moderators decide, as `spam,harassment`: words of lower-case
    /// letters, digits and hyphens. What was reported and decided by one that is taken out stays. Every instance has to
    /// have the same.
    #[arg(
        long,
        env = "INKLOG_HOUSE_RULES",
        value_name = "NAMES",
        default_value = "spam,harassment,hate,violence,sexual-content,personal-data,illegal,off-topic,other"
    )]
    pub house_rules: Names<HouseRule>,
    /// For how long a moderator who has claimed a case is the only one who decides it.
    #[arg(long, env = "INKLOG_CLAIM_TIME", value_name = "DURATION", default_value = "15m", value_parser = duration)]
    pub claim_time: Duration,
}

impl ModerationArgs {
    /// How long a claim holds, in milliseconds.
    #[must_use]
    pub fn claim_ms(&self) -> i64 {
        i64::try_from(self.claim_time.as_millis()).unwrap_or(i64::MAX)
    }
}
