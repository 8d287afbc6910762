//! The settings of comments.

use std::time::Duration;

use clap::Args;
use service_kit::config::duration;

/// Comments.
#[derive(Args, Clone, Debug)]
pub struct CommentArgs {
    /// How many answers below each other a thread of comments may have: of 0 there are none but to the post. What is
    /// deeper already stays.
    #[arg(long, env = "INKLOG_COMMENT_DEPTH", value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u8).range(0..=50))]
    pub comment_depth: u8,
    /// How long after it was written a comment may be edited. Those that are there keep the time that they were written
    /// with.
    #[arg(long, env = "INKLOG_COMMENT_EDIT_WINDOW", value_name = "DURATION", default_value = "15m",
          value_parser = duration)]
    pub comment_edit_window: Duration,
}

impl CommentArgs {
    /// How long a comment may be edited, in milliseconds.
    #[must_use]
    pub fn edit_window_ms(&self) -> i64 {
        i64::try_from(self.comment_edit_window.as_millis()).unwrap_or(i64::MAX)
    }
}
