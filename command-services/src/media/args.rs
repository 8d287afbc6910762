//! The settings of pictures and files.

use std::path::PathBuf;
use std::time::Duration;

use ::media::store::StoreArgs;
use clap::Args;
use service_kit::config::duration;

/// Pictures and files.
#[derive(Args, Clone, Debug)]
pub struct MediaArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub store: StoreArgs,
    /// The largest picture or file that is taken, in bytes.
    #[arg(long, env = "INKLOG_MEDIA_MAX_BYTES", value_name = "N", default_value_t = 20 * 1024 * 1024,
          value_parser = clap::value_parser!(u64).range(1..=1_073_741_824))]
    pub media_max_bytes: u64,
    /// The most pixels that a picture may have. One that is made smaller takes up to eight bytes of memory for each.
    #[arg(long, env = "INKLOG_MEDIA_MAX_PIXELS", value_name = "N", default_value_t = 40_000_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub media_max_pixels: u64,
    /// How many bytes of pictures and files an account may have.
    #[arg(long, env = "INKLOG_MEDIA_ACCOUNT_BYTES", value_name = "N", default_value_t = 2 * 1024 * 1024 * 1024)]
    pub media_account_bytes: u64,
    /// How long a picture or file is kept though no post uses it.
    #[arg(long, env = "INKLOG_MEDIA_GRACE", value_name = "DURATION", default_value = "30d", value_parser = duration)]
    pub media_grace: Duration,
    /// Whether a post with a picture is published only if it says what is to be read in its place.
    #[arg(long, env = "INKLOG_MEDIA_ALT_REQUIRED", value_name = "BOOL", default_value_t = true,
          action = clap::ArgAction::Set)]
    pub media_alt_required: bool,
    /// The folder in which pictures and files are received before they are stored; that of the system where it is
    /// missing. A process needs room in it for seventeen of the largest.
    #[arg(long, env = "INKLOG_MEDIA_SPOOL", value_name = "FOLDER")]
    pub media_spool: Option<PathBuf>,
}

impl MediaArgs {
    /// For how long an item is kept though nothing uses it, in milliseconds.
    #[must_use]
    pub fn grace_ms(&self) -> i64 {
        i64::try_from(self.media_grace.as_millis()).unwrap_or(i64::MAX)
    }

    /// The folder in which bytes are received.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.media_spool.clone().unwrap_or_else(std::env::temp_dir)
    }
}
