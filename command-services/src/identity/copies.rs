//! Whose working copies are: the log says it, and their rows repeat it. A hand-over that Postgres did not hear of, or a
//! save by an instance that had not read of one, leaves a row that names a former owner, with whom the words of the
//! present one would go.

use std::sync::Arc;

use domain::posts::{Posts, State};
use event_log::EventLog;
use service_kit::Problem;
use tokio::time::Instant;
use uuid::Uuid;

use super::Identity;
use crate::freshness::{read_to_the_end, stale};

impl Identity {
    /// Has the rows name whose they are, as far as this instance has read: those that name this account, and those of
    /// posts that it was handed.
    pub(super) async fn settle_copies(&self, account_id: Uuid) -> Result<(), Problem> {
        let copies = self.copies(account_id)?;
        let mut after = Uuid::nil();
        while let Some((_, last)) = copies.own_after(self, after).await? {
            after = last;
        }
        Ok(())
    }

    /// Forgets the working copies of an account's posts, and of others' that it saved them.
    pub(super) async fn forget_copies(&self, account_id: Uuid, deadline: Instant) -> Result<(), Problem> {
        // A post that was handed over a moment ago is not its own.
        let posts = self.posts()?;
        read_to_the_end(&posts, deadline).await?;
        let copies = self.copies(account_id)?;
        let mut after = Uuid::nil();
        while let Some((own, last)) = copies.own_after(self, after).await? {
            self.vault.forget_working_copies(&own).await?;
            after = last;
        }
        self.vault.forget_who_saved(account_id).await
    }

    fn posts(&self) -> Result<Arc<EventLog<Posts>>, Problem> {
        self.logs.of::<Posts>().map_err(Problem::internal)
    }

    fn copies(&self, account_id: Uuid) -> Result<Copies, Problem> {
        let posts = self.posts()?;
        // Who is handed a post was its co-author.
        let may_own = posts.ending_with(account_id, |id, _| id.parse().ok()).map_err(stale)?;
        Ok(Copies { posts, account_id, may_own })
    }
}

/// The working copies that may be an account's.
struct Copies {
    posts: Arc<EventLog<Posts>>,
    account_id: Uuid,
    /// Posts that it may own besides those whose rows say so.
    may_own: Vec<Uuid>,
}

impl Copies {
    /// Looks at some, after this post's: which are its own, and the last that was looked at. The rows of others name
    /// their owners from then on.
    async fn own_after(&self, identity: &Identity, after: Uuid) -> Result<Option<(Vec<Uuid>, Uuid)>, Problem> {
        let rows = identity.vault.owners_of_copies(self.account_id, &self.may_own, after).await?;
        let Some((last, _)) = rows.last().copied() else { return Ok(None) };
        let mut own = Vec::new();
        for (post_id, named) in rows {
            let owner_id = self.owner_of(post_id)?.unwrap_or(named);
            if owner_id != named {
                identity.vault.copy_is_of(post_id, owner_id).await?;
            }
            if owner_id == self.account_id {
                own.push(post_id);
            }
        }
        Ok(Some((own, last)))
    }

    fn owner_of(&self, post_id: Uuid) -> Result<Option<Uuid>, Problem> {
        Ok(match self.posts.confirmed(&post_id.to_string()).map_err(stale)?.1 {
            State::Post(post) => Some(post.author_id),
            State::Nothing | State::Reservation(..) => None,
        })
    }
}
