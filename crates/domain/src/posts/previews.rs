//! Preview links: who reads a post without an account before it is public. That a link was given, by which account and
//! until when, and that it was revoked, is history. The link itself is not: an event has a digest of its token only.

pub(super) mod event;

pub use event::{PreviewEvent, PreviewGiven, PreviewRevoked};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// How many links of a post are good at the same time.
pub const MOST: usize = 20;
/// How long a link is good at most: 90 days.
const LONGEST_MS: i64 = 90 * 86_400_000;

/// What can be asked about a post's preview links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PreviewCommand {
    /// Give one.
    Give(PreviewGiven),
    /// Have one be good no more.
    Revoke(Uuid),
}

/// Why such a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum PreviewRejection {
    /// A link is good for a while that has not passed.
    #[error("must be later than now, and within 90 days")]
    Expiry,
    /// There are as many links as there may be.
    #[error("a post has at most 20 preview links that are good; revoke one")]
    TooMany,
}

/// A link, as a decision knows it.
#[derive(Clone, Debug, PartialEq)]
struct Link {
    preview_id: Uuid,
    expires_at: Timestamp,
}

/// The links that a post has. Few posts have any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Previews(Vec<Link>);

impl Previews {
    /// Decides a command on the links of a post.
    pub(super) fn decide(
        &self,
        asked: &PreviewCommand,
        now: Timestamp,
    ) -> Result<Option<PreviewEvent>, PreviewRejection> {
        match asked {
            PreviewCommand::Give(given) if self.has(given.preview_id) => Ok(None),
            PreviewCommand::Give(given) if !(1..=LONGEST_MS).contains(&(given.expires_at.0 - now.0)) => {
                Err(PreviewRejection::Expiry)
            }
            PreviewCommand::Give(_) if self.0.iter().filter(|link| link.expires_at > now).count() >= MOST => {
                Err(PreviewRejection::TooMany)
            }
            PreviewCommand::Give(given) => Ok(Some(PreviewEvent::PreviewGiven(given.clone()))),
            PreviewCommand::Revoke(preview_id) => {
                let revoked = PreviewRevoked { preview_id: *preview_id };
                Ok(self.has(*preview_id).then_some(PreviewEvent::PreviewRevoked(revoked)))
            }
        }
    }

    fn has(&self, preview_id: Uuid) -> bool {
        self.0.iter().any(|link| link.preview_id == preview_id)
    }

    /// The links after an event.
    pub(super) fn evolve(&mut self, event: &PreviewEvent) {
        match event {
            PreviewEvent::PreviewGiven(PreviewGiven { preview_id, expires_at, .. }) => {
                self.0.retain(|link| link.preview_id != *preview_id);
                self.0.push(Link { preview_id: *preview_id, expires_at: *expires_at });
                // At most so many are good, so the others that were given expired before these do.
                self.0.sort_by_key(|link| link.expires_at);
                self.0.drain(..self.0.len().saturating_sub(MOST));
            }
            PreviewEvent::PreviewRevoked(PreviewRevoked { preview_id }) => {
                self.0.retain(|link| link.preview_id != *preview_id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
