//! What the import command can be told.

use std::fmt;
use std::path::PathBuf;

use crate::date::Zone;

/// Import a folder of Markdown posts with YAML front matter.
#[derive(Clone, clap::Args)]
pub struct ImportArgs {
    /// The folder: posts in any Markdown file, authors in `authors/NAME/_index.md`, topics in `topics/NAME/_index.md`.
    pub dir: PathBuf,

    /// Where the command API is.
    #[arg(long, env = "INKLOG_COMMANDS_URL", default_value = "http://127.0.0.1:8081")]
    pub url: String,

    /// The bearer token; its subject owns posts that name no author, and it needs the role `editor`.
    #[arg(long, env = "INKLOG_TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// A name for this folder's origin. Entries are recognised again by origin and path, so give two folders whose
    /// paths may coincide different names.
    #[arg(long, env = "INKLOG_IMPORT_SOURCE", default_value = "")]
    pub source: String,

    /// How many commands may be in flight.
    #[arg(
        long,
        env = "INKLOG_IMPORT_IN_FLIGHT",
        default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub in_flight: u16,

    /// For how many seconds one command is tried again while the server does not answer, or answers that it cannot
    /// take it now.
    #[arg(
        long,
        env = "INKLOG_IMPORT_PATIENCE",
        default_value_t = 60,
        value_parser = clap::value_parser!(u16).range(1..=3600)
    )]
    pub patience: u16,

    /// Publish posts whose date of expiry has passed, as Hugo does with `--buildExpired`. Else they become drafts.
    #[arg(long, env = "INKLOG_IMPORT_PUBLISH_EXPIRED")]
    pub publish_expired: bool,

    /// The zone of dates that name none: its IANA name, such as `Europe/Lisbon`.
    #[arg(long, env = "INKLOG_IMPORT_TIME_ZONE", value_name = "ZONE", default_value = "UTC")]
    pub time_zone: Zone,

    /// A file that remembers what was imported. With it, entries whose files are as they were are left as they are
    /// here, whatever was done to them since; without it, what is there is made as the files say, each time.
    #[arg(long, env = "INKLOG_IMPORT_STATE", value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Read and check everything, and send nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// Print the closing report as JSON.
    #[arg(long)]
    pub json: bool,
}

impl ImportArgs {
    /// The arguments for a folder, all else as by default.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, url: impl Into<String>, token: Option<String>) -> Self {
        Self {
            dir: dir.into(),
            url: url.into(),
            token,
            source: String::new(),
            in_flight: 64,
            patience: 60,
            publish_expired: false,
            time_zone: Zone::UTC,
            state: None,
            dry_run: false,
            json: false,
        }
    }
}

// By hand, so that the token is in no log.
impl fmt::Debug for ImportArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dir, url, token, source, in_flight, patience, publish_expired, time_zone, state, dry_run, json } =
            self;
        f.debug_struct("ImportArgs")
            .field("dir", dir)
            .field("url", url)
            .field("token", &token.as_ref().map(|_| "…"))
            .field("source", source)
            .field("in_flight", in_flight)
            .field("patience", patience)
            .field("publish_expired", publish_expired)
            .field("time_zone", time_zone)
            .field("state", state)
            .field("dry_run", dry_run)
            .field("json", json)
            .finish()
    }
}
