use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::posts::CoAuthorEvent;
use crate::posts::co_authors::{CoAuthorJoined, CoAuthorLeft, HandedOver};

/// Who writes a post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writers {
    /// Whose it is.
    pub author_id: Uuid,
    /// Who else is named, in this order.
    pub co_author_ids: Vec<Uuid>,
}

impl Writers {
    /// Each once, in the order of their ids.
    #[must_use]
    pub fn each(&self) -> BTreeSet<Uuid> {
        self.co_author_ids.iter().copied().chain([self.author_id]).collect()
    }

    /// Who writes it after this.
    #[must_use]
    pub fn after(mut self, happened: &CoAuthorEvent) -> Self {
        match happened {
            CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id }) => self.name(*account_id),
            CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id }) => {
                self.co_author_ids.retain(|id| id != account_id);
            }
            CoAuthorEvent::HandedOver(HandedOver { from_account_id, to_account_id }) => {
                self.author_id = *to_account_id;
                self.co_author_ids.retain(|id| id != to_account_id);
                self.name(*from_account_id);
            }
            CoAuthorEvent::CoAuthorInvited(_)
            | CoAuthorEvent::InvitationWithdrawn(_)
            | CoAuthorEvent::InvitationDeclined(_) => {}
        }
        self
    }

    fn name(&mut self, co_author_id: Uuid) {
        if !self.co_author_ids.contains(&co_author_id) {
            self.co_author_ids.push(co_author_id);
        }
    }
}
