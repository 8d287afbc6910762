//! What an item is found by, and how it begins.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Kept, Stored, Uploaded};
use crate::Timestamp;
use crate::values::{AltText, Sha256};

/// A place for an item: what an account has of these bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Item {
    /// The account.
    pub account_id: Uuid,
    /// What the bytes are, as they are served.
    pub sha256: Sha256,
}

impl Item {
    /// The aggregate's id: `<account>:<sha256>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}", self.account_id, self.sha256)
    }

    /// The item of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (account, sha256) = id.split_once(':')?;
        Some(Self { account_id: account.parse().ok()?, sha256: sha256.parse().ok()? })
    }
}

impl Stored {
    pub(super) fn of(uploaded: &Uploaded) -> Self {
        Self {
            account_id: uploaded.account_id,
            upload_id: uploaded.upload_id,
            bytes: uploaded.bytes,
            is_image: uploaded.media_type.is_image(),
            alt: AltText::default(),
            kept_until: uploaded.kept_until_at,
            render_from: uploaded.render_from_at,
        }
    }

    /// What becomes of an item that is brought again: not every time an event, and it is never swept soon after.
    pub(super) fn brought_again(&self, now: Timestamp, grace_ms: i64) -> Option<Kept> {
        let is_soon = self.kept_until < now.plus_millis(grace_ms / 2);
        is_soon.then(|| Kept { kept_until_at: now.plus_millis(grace_ms.max(1_000)) })
    }
}

impl Uploaded {
    /// The same, as it is decided now: what is rendered is so from now on.
    pub(super) fn at(self, now: Timestamp, grace_ms: i64) -> Self {
        Self {
            kept_until_at: now.plus_millis(grace_ms.max(1_000)),
            render_from_at: self.render_from_at.map(|_| now),
            ..self
        }
    }
}
