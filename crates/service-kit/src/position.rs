//! The position token: which event a reply stands for, so that a reader can ask to see it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::values::{Limited, Limits};
use uuid::Uuid;

/// The header that carries a [`PositionToken`], in replies of commands and in queries.
pub const POSITION: &str = "Inklog-Position";
/// The header of an answer that had not come as far as was asked: `true`.
pub const STALE: &str = "Inklog-Stale";
/// The header that makes a command repeatable.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The place of one event in the log. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PositionToken {
    /// The context whose topic it is in: `posts`.
    pub context: String,
    /// The partition.
    pub partition: i32,
    /// The event's own offset.
    pub offset: i64,
    /// Which log this is a position in; see `event_log::subscription::Position`.
    pub log_id: Uuid,
}

/// A text is not a position token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a position that a command replied")]
pub struct NotAPosition;

impl Limited for PositionToken {
    const LIMITS: Limits = Limits::of(1, 200).matching("^[A-Za-z0-9_-]+$");
}

impl fmt::Display for PositionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context, partition, offset, log_id } = self;
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{context}/{partition}/{offset}/{log_id}")))
    }
}

impl FromStr for PositionToken {
    type Err = NotAPosition;

    fn from_str(token: &str) -> Result<Self, NotAPosition> {
        if Self::LIMITS.check(token).is_err() {
            return Err(NotAPosition);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| NotAPosition)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| NotAPosition)?;
        let parts: Vec<&str> = text.split('/').collect();
        let [context, partition, offset, log_id] = parts.as_slice() else { return Err(NotAPosition) };
        let token = Self {
            context: name(context)?,
            partition: partition.parse().map_err(|_| NotAPosition)?,
            offset: offset.parse().map_err(|_| NotAPosition)?,
            log_id: log_id.parse().map_err(|_| NotAPosition)?,
        };
        if token.partition < 0 || token.offset < 0 { Err(NotAPosition) } else { Ok(token) }
    }
}

fn name(context: &str) -> Result<String, NotAPosition> {
    let fine = !context.is_empty() && context.len() <= 64 && context.bytes().all(|b| b.is_ascii_lowercase());
    if fine { Ok(context.to_owned()) } else { Err(NotAPosition) }
}

#[cfg(test)]
mod tests;
