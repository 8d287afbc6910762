//! `/v1/working-copies/{id}`: what an author types at a post, be it live or a draft, until it is released.
//!
//! A save is no event: the copy is a row that is replaced (`kept.rs`), so it costs the log nothing however long an
//! author types, and what was answered with 2xx is committed by Postgres. The release is one event, decided by the
//! leader; then the row goes. A process that dies in between leaves a row, and a note by which it is told from one that
//! is not released (`releases.rs`): such a copy is taken for none, and goes.

mod answers;
mod body;
mod kept;
mod releases;

pub use body::{CopyReply, SavedCopy, WorkingCopy};
pub(super) use releases::settle_what_is_left;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::posts::{Action, ArchiveRejection, Command as PostCommand, Post, Posts, Rejection, Release, State, Unique};
use domain::{Role, Timestamp};
use event_log::EventLog;
use service_kit::etag::Conditions;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::times::Rfc3339;
use service_kit::{Access, Json, Problem, Route, routes};
use uuid::Uuid;

use super::about::Rules;
use super::policy::ReviewPolicy;
use super::{EditPost, LARGEST, Log, Policy, PostReply, Showing, Shown, not_reserved, rejected, reply};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::{looked_up, read_on};
use crate::identity::vault::Vault;
use crate::media::alt;
use crate::moderation::sanctions::{Cases, may_take_part};
use crate::reply::Accepted;
use crate::reservations::{Bears, with_reservation};
use answers::{answered, missing, no_version, permit, saved};
use kept::{Kept, Save};
use releases::Begun;

/// The routes, and whom they answer.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => read;
        Access::AtLeast(Role::Author) => save, discard, release;
    }
}

/// So often it is looked again at what another request has just saved.
const LOST_RACES: usize = 3;

/// A post, as far as this instance has read, and its working copy.
struct Found {
    post: Post,
    version: u64,
    kept: Option<Kept>,
    /// The version of one that was released and is still there; 0 if there is none.
    released: u64,
}

/// The working copy of a post
///
/// Its authors and editors read it.
#[utoipa::path(get, path = "/v1/working-copies/{id}", tag = "working copies",
    params(("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = WorkingCopy, headers(("ETag" = String, description = "Its version"))),
        (status = 403, description = "Only its authors and editors read it."),
        (status = 404, description = "There is no such post, or no working copy of it.")))]
pub(super) async fn read(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let found = Found::of(&caller, &log, &vault, *id, Action::ReadDraft).await?;
    let Found { post, version: post_version, kept: Some(kept), .. } = found else { return Err(missing()) };
    let outdated = kept.base_revision != post.revision();
    let saved_at = Rfc3339(Timestamp(kept.saved_at_ms));
    let (version, base_version, saved_by, change) = (kept.version, kept.base_version, kept.saved_by, kept.change()?);
    let body = WorkingCopy { post_id: *id, version, base_version, post_version, outdated, change, saved_by, saved_at };
    Ok(answered(version, &body))
}

/// Saves the working copy of a post
///
/// As often as one likes: it is no event. `If-Match` says which version of the copy it takes the place of; the first
/// needs none, but `base_version`. What is there already, saved by the same account, is saved.
#[utoipa::path(put, path = "/v1/working-copies/{id}", tag = "working copies", request_body = SavedCopy,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = CopyReply),
        (status = 403, description = "Only its authors and editors write it."),
        (status = 409, description = "The post is deleted or archived, or `base_version` is not its present one \
                                      (`outdated`)."),
        (status = 412, description = "Another version is there by now: `version`, `saved_by`, `saved_at`, and in \
                                      `changed` the fields in which it differs from what was sent. Nothing is lost: \
                                      both are there, one in the answer to GET and one with the caller."),
        (status = 422, description = "A field of `change` may not be so; or the copy is new, and `base_version` does \
                                      not say which version of the post was seen."),
        (status = 428, description = "There is a copy: say in If-Match which version this takes the place of.")))]
pub(super) async fn save(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    rules: web::Data<Rules>,
    id: web::Path<Uuid>,
    body: Json<SavedCopy, LARGEST>,
) -> Result<HttpResponse, Problem> {
    let SavedCopy { base_version, change } = body.0;
    if base_version.is_some_and(|base| log.confirmed(&id.to_string()).is_ok_and(|(version, _)| version < base)) {
        // Another instance has told the caller of it.
        read_on(&log, &id.to_string(), caller.deadline).await?;
    }
    for _ in 0..LOST_RACES {
        let found = Found::of(&caller, &log, &vault, *id, Action::Edit).await?;
        if found.post.deleted {
            return Err(rejected(Rejection::Deleted, found.version));
        }
        if found.post.archived {
            return Err(rejected(ArchiveRejection::Archived.into(), found.version));
        }
        rules.permit(&caller, &log, *id, change.judged()).await.map_err(of_change)?;
        if let Some(kept) = &found.kept {
            if kept.is_the_same(&change, caller.actor.id, base_version)? {
                return Ok(saved(*id, kept, false));
            }
            permit(&caller.conditions, kept, Some(&change))?;
        } else if !caller.conditions.allow(0) {
            return Err(no_version());
        }
        let (base_version, base_revision) = found.base(base_version)?;
        let replaces = found.kept.as_ref().map_or(found.released, |kept| kept.version);
        let (owner_id, saved_by) = (found.post.author_id, caller.actor.id);
        let save = Save { post_id: *id, replaces, base_version, base_revision, owner_id, saved_by };
        if let Some(kept) = kept::save(&vault, save, &change).await? {
            return Ok(saved(*id, &kept, true));
        }
    }
    Err(Problem::unavailable("others save it at the same time; try again", 1))
}

/// Discards the working copy of a post
///
/// The post stays as it is. Without a copy nothing changes.
#[utoipa::path(delete, path = "/v1/working-copies/{id}", tag = "working copies",
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = CopyReply),
        (status = 428, description = "Say in If-Match which version is discarded.")))]
pub(super) async fn discard(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let found = Found::of(&caller, &log, &vault, *id, Action::Edit).await?;
    let Some(kept) = found.kept else {
        let nothing = CopyReply { post_id: *id, version: 0, base_version: found.version, changed: false };
        return if caller.conditions.allow(0) { Ok(answered(0, &nothing)) } else { Err(no_version()) };
    };
    permit(&caller.conditions, &kept, None)?;
    if kept::discard(&vault, *id, kept.version).await? {
        Ok(saved(*id, &kept, true))
    } else {
        Err(Problem::unavailable("another request saves or releases it at the same time; look at it again", 1))
    }
}

/// Releases the working copy of a post
///
/// The post is as the copy has it, with one event; of a live post everyone reads it from then on. `If-Match` says which
/// version of the copy is released.
#[utoipa::path(post, path = "/v1/working-copies/{id}/release", tag = "working copies",
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = PostReply),
        (status = 403, description = "Only its authors and editors release it; of what is public only those whom no \
                                      moderator has blocked (`blocked`), and what an editor has approved where that \
                                      is demanded (`not-approved`)."),
        (status = 404, description = "There is no such post, or no working copy of it."),
        (status = 409, description = "The post was edited beside the copy (`outdated`), is deleted or `archived`, or \
                                      the slug is taken (`slug-taken`)."),
        (status = 422, description = "A field of the copy breaks a rule; or the post is public, and would show a \
                                      picture that nothing describes (`alt-text-missing`)."),
        (status = 428, description = "Say in If-Match which version is released.")))]
pub(super) async fn release(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    (rules, alt, policy, cases): (web::Data<Rules>, web::Data<alt::Rule>, Policy, Cases),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let found = Found::of(&caller, &log, &vault, id, Action::Edit).await?;
    // The conditions are the copy's; the post is guarded by the revision.
    let of_post = Caller { conditions: Conditions::default(), ..caller.clone() };
    let command = releases::command(&of_post, &log, id);
    let demanded = found.kept.as_ref().map(|kept| permit(&caller.conditions, kept, None));
    let Some((kept, Ok(()))) = found.kept.as_ref().zip(demanded.clone()) else {
        let otherwise = match demanded {
            Some(Err(problem)) => problem,
            Some(Ok(())) | None if caller.conditions.allow(0) => missing(),
            Some(Ok(())) | None => no_version(),
        };
        return accepted_or(&command, id, otherwise).await;
    };
    let change = kept.change()?;
    if let Err(problem) = rules.permit(&caller, &log, id, change.judged()).await.map_err(of_change) {
        return accepted_or(&command, id, problem).await;
    }
    let begun = Begun { post_id: id, version: kept.version, account_id: caller.actor.id, key: caller.key.clone() };
    let (shown, may_take_part) = (Shown::sent(change.shows()), may_take_part(&cases, caller.actor.id));
    let showing = Showing { caller: &of_post, log: &log, alt: &alt, id, shown, may_take_part };
    let released = showing.decided(&command, async |version| {
        begun.note(&vault).await?;
        decided(&command, (id, version), (kept, change.clone()), (&found.post, **policy)).await
    });
    let decided = released.await.map_err(of_change)?;
    // What was accepted before the post was as it was seen here was another copy.
    let is_anothers = |before: &Accepted| before.receipt.changed && before.receipt.version <= found.version;
    let is_released = matches!(&decided, Decided::Accepted(accepted) if !is_anothers(accepted));
    if let Err(problem) = begun.settle(&vault, is_released).await {
        tracing::info!(post_id = %id, %problem, "a working copy is still there, and settled later");
    }
    match decided {
        Decided::Accepted(accepted) if is_anothers(&accepted) => Err(Problem::idempotency_key_reused()),
        decided => reply(id, decided).map_err(of_change),
    }
}

/// What was accepted under this key is answered as it was, whatever has become of the copy, or of its author, since.
async fn accepted_or(command: &Command<'_, Posts>, id: Uuid, problem: Problem) -> Result<HttpResponse, Problem> {
    match releases::accepted(command).await? {
        Some(accepted) => reply(id, Decided::Accepted(accepted)),
        None => Err(problem),
    }
}

/// What is wrong with the fields of a copy is told by where a client sent them, and finds them.
fn of_change(problem: Problem) -> Problem {
    problem.within("/change")
}

async fn decided(
    command: &Command<'_, Posts>,
    (id, version): (Uuid, Option<u64>),
    (kept, change): (&Kept, EditPost),
    (post, policy): (&Post, ReviewPolicy),
) -> Result<Decided<Posts>, Problem> {
    let (revision, copy_sha256) = (kept.base_revision, Some(kept.digest()));
    let slug = change.slug.clone();
    let change = change.change();
    let Some(slug) = slug else {
        let release = Release { change, revision, copy_sha256, lease: None };
        return command.execute(policy.on(PostCommand::Release(release)), version).await;
    };
    let act = |lease| {
        let (change, copy_sha256, lease) = (change.clone(), copy_sha256.clone(), Some(lease));
        policy.on(PostCommand::Release(Release { change, revision, copy_sha256, lease }))
    };
    let seen = (version, Bears::of(Some(post.slug()), &slug));
    with_reservation(command, &Unique::Slug(slug.clone()), id, seen, act).await.map_err(not_reserved)
}

/// The digest of a version of a working copy.
///
/// # Errors
/// 412: another version is there, or none; or Postgres does not answer.
pub(super) async fn digest_of(vault: &Vault, post_id: Uuid, version: u64) -> Result<String, Problem> {
    match kept::find(vault, post_id).await? {
        Some(kept) if kept.version == version => Ok(kept.digest()),
        Some(kept) => Err(Problem::version_conflict(kept.version)),
        None => Err(no_version()),
    }
}

impl Found {
    /// A post on which the caller may do this.
    async fn of(
        caller: &Caller,
        log: &Arc<EventLog<Posts>>,
        vault: &Vault,
        id: Uuid,
        action: Action,
    ) -> Result<Self, Problem> {
        let permitted = |state: &State| match state {
            State::Post(post) => post.permit(&caller.actor, action),
            State::Nothing | State::Reservation(..) => Err(Rejection::NotFound),
        };
        let is_permitted = |state: &State| permitted(state).is_ok();
        let (version, state) = looked_up(log, &id.to_string(), caller.deadline, is_permitted).await?;
        let post = match (permitted(&state), state) {
            (Ok(()), State::Post(post)) => post,
            // The same of a post that the caller may not see as of none.
            (Ok(()), State::Nothing | State::Reservation(..)) | (Err(Rejection::NotFound), _) => {
                return Err(if caller.conditions.allow(0) { rejected(Rejection::NotFound, 0) } else { no_version() });
            }
            (Err(rejection), _) => return Err(rejected(rejection, 0)),
        };
        let found = Self { post, version, kept: None, released: 0 };
        let Some(kept) = kept::find(vault, id).await? else { return Ok(found) };
        let place = (id, kept.version);
        if found.post.revision() > kept.base_revision
            && releases::is_released(vault, log, place, caller.deadline).await?
        {
            return Ok(Self { released: kept.version, ..found });
        }
        Ok(Self { kept: Some(kept), ..found })
    }

    /// The version that a save is made to, and its revision.
    fn base(&self, asked: Option<u64>) -> Result<(u64, u64), Problem> {
        match (asked, &self.kept) {
            (None, Some(kept)) => Ok((kept.base_version, kept.base_revision)),
            (Some(asked), Some(kept)) if asked == kept.base_version => Ok((asked, kept.base_revision)),
            // Else an edit that the caller has not seen would be undone by the release, and nobody be told.
            (None, None) => {
                let why = "says which version of the post the change was made to, where there is no working copy yet";
                Err(broken_rule("/base_version", why).version(self.version))
            }
            (Some(asked), _) if asked == self.version => Ok((asked, self.post.revision())),
            (Some(_), _) => {
                let detail = "`base_version` is not the post's present version; look at what changed";
                Err(Problem::new(&Kind::OUTDATED, detail).version(self.version))
            }
        }
    }
}
