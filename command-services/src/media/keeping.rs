//! What happens to an item by itself: smaller sizes are made of it, and once its time has passed and no post uses it,
//! it is swept. Whether one is used the log of posts says, which this process reads to its end before it sweeps, and
//! the working copies, which are in no log: a post that comes to use it a moment later finds that it is gone, as it
//! would have had it come later.

use std::sync::Arc;

use ::media::store::{Object, Store};
use domain::media::{Command as MediaCommand, Item, Media};
use domain::posts::{Posts, State as PostState};
use domain::values::Sha256;
use event_log::{Due, EventLog};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use service_kit::Problem;
use uuid::Uuid;

use super::args::MediaArgs;
use super::rendering::Renderer;
use crate::commands::Caller;
use crate::due;
use crate::freshness::{TO_THE_END, can_deny, read_to_the_end, stale};
use crate::identity::vault::Vault;
use crate::logs::Logs;
use crate::part::{Process, end_each};

/// What it is judged by.
struct Keeping {
    posts: Arc<EventLog<Posts>>,
    vault: Vault,
    renderer: Renderer,
    grace_ms: i64,
}

/// Carries out what is due; see [`crate::due`].
///
/// # Errors
/// The process has no log of media, or none of posts.
pub(super) fn carry_out(process: &mut Process, store: Option<Store>, args: &MediaArgs) -> anyhow::Result<()> {
    let (posts, vault, grace_ms) = (process.logs.of::<Posts>()?, process.vault.clone(), args.grace_ms());
    let renderer = Renderer::start(process, store, args);
    let keeping = Arc::new(Keeping { posts, vault, renderer, grace_ms });
    due::carry_out::<Media, _>(process, move |due: &Due<Media>| {
        let (keeping, due) = (Arc::clone(&keeping), due.clone());
        async move { keeping.judge(&due).await }.boxed()
    })
}

impl Keeping {
    /// # Errors
    /// The sizes are not made yet, or this instance cannot say whether a post, or a working copy, uses the item.
    async fn judge(&self, due: &Due<Media>) -> Result<MediaCommand, Problem> {
        let planned = || due.command.clone();
        let Some(item) = Item::of(&due.aggregate_id) else { return Ok(planned()) };
        match &due.command {
            MediaCommand::Render { upload_id, .. } => {
                let original = Object { item, upload_id: *upload_id, rendition: None };
                let renditions = self.renderer.renditions(&original)?;
                Ok(MediaCommand::Render { upload_id: *upload_id, renditions })
            }
            MediaCommand::Sweep { since } => {
                let is_copied = self.vault.is_in_a_working_copy(&item.sha256);
                let is_shown = is_shown(&self.posts, is_copied, &item.sha256).await?;
                let keep = MediaCommand::Keep { since: *since, grace_ms: self.grace_ms };
                Ok(if is_shown { keep } else { planned() })
            }
            MediaCommand::Keep { .. }
            | MediaCommand::Upload { .. }
            | MediaCommand::Describe(_)
            | MediaCommand::Delete => Ok(planned()),
        }
    }
}

/// Whether these bytes are shown: in a working copy, which `is_copied` looks up, or a post. The copies first, and then
/// all that is in the log of posts by then: one that was released meanwhile, or before, is found in the post.
async fn is_shown(
    posts: &EventLog<Posts>,
    is_copied: impl Future<Output = Result<bool, Problem>>,
    sha256: &Sha256,
) -> Result<bool, Problem> {
    if is_copied.await? || is_used(posts, sha256)? {
        return Ok(true);
    }
    posts.read_to_the_end(TO_THE_END).await.map_err(stale)?;
    is_used(posts, sha256)
}

/// Whether a post refers to these bytes. A deleted one does: it can be restored.
fn is_used(posts: &EventLog<Posts>, sha256: &Sha256) -> Result<bool, Problem> {
    can_deny(posts)?;
    let used = posts.ending_with(sha256.id(), |_, state| match state {
        PostState::Post(post) => post.uses(sha256).then_some(()),
        PostState::Nothing | PostState::Reservation(..) => None,
    });
    Ok(!used.map_err(stale)?.is_empty())
}

/// Deletes what an account has that no post uses. What posts show stays with them, as their texts do, and is swept once
/// none does. What only a working copy shows, be it another's, goes: nothing of it was ever released.
pub(super) fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    async move {
        let (media, posts): (Arc<EventLog<Media>>, _) =
            (logs.of::<Media>().map_err(Problem::internal)?, logs.of::<Posts>().map_err(Problem::internal)?);
        // What a post shows since a moment ago stays.
        read_to_the_end(&posts, caller.deadline).await?;
        let has = media.ending_with(account_id, |id, state| state.0.as_ref().and_then(|_| Item::of(id)));
        let mut unused = Vec::new();
        for item in has.map_err(stale)? {
            if item.account_id == account_id && !is_used(&posts, &item.sha256)? {
                unused.push(item.id());
            }
        }
        end_each::<Media>(logs, caller, account_id, |id, state| {
            let ends = state.0.is_some() && unused.iter().any(|unused| unused == id);
            ends.then_some(MediaCommand::Delete)
        })
        .await
    }
    .boxed()
}

#[cfg(test)]
mod tests;
