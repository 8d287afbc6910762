//! `/v1/media`: pictures and files. What is brought is received into a file of this process (`receive.rs`), stored, and
//! said to be there by an event; only what the event names is ever served. Smaller sizes are made beside the requests
//! (`rendering.rs`), what is used no more is swept (`keeping.rs`), and the store is made to agree with the log
//! (`tidying.rs`).

pub mod alt;
pub mod args;
mod first;
mod keeping;
mod places;
mod receive;
mod rendering;
mod replies;
mod tidying;

pub use replies::MediaReply;

use std::sync::Arc;

use ::media::inspect::Found;
use ::media::store::{Object, Store};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::Role;
use domain::media::{Command as MediaCommand, Item, Media, Uploaded, permit_bringing};
use domain::posts::Posts;
use domain::values::{AltText, Sha256};
use event_log::EventLog;
use serde::{Deserialize, Serialize};
use service_kit::json::broken_rule;
use service_kit::network::Network;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Query, Quota, Route, routes, schemas};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::body::typed;
use crate::commands::{Caller, Command, CommandHeaders, Deadline, Decided, RepeatableHeaders};
use crate::freshness::stale;
use crate::part::{Part, Process};
use args::MediaArgs;
use places::Places;
use replies::{rejected, reply, unstored};

type Log = web::Data<Arc<EventLog<Media>>>;
type Shared = web::Data<Keeper>;

/// The context, as a part of a service.
pub const PART: Part = Part { start, forget: Some(keeping::forget), ..Part::of::<Media>(routes) };

/// What takes and keeps pictures and files.
#[derive(Debug)]
pub struct Keeper {
    store: Option<Store>,
    args: MediaArgs,
    places: Places,
}

fn start(process: &mut Process) -> anyhow::Result<()> {
    let args = process.args.media.clone();
    let (store, log) = (args.store.open()?, process.logs.of::<Media>()?);
    if store.is_none() {
        tracing::warn!("INKLOG_MEDIA_STORE is not set: no pictures and files are taken");
    }
    process.provide(Arc::new(alt::Rule::of(Arc::clone(&log), args.media_alt_required)));
    keeping::carry_out(process, store.clone(), &args)?;
    if let Some(store) = store.clone() {
        process.spawn(first::looked_at(store.clone()));
        process.spawn(tidying::run(store, log));
    }
    process.provide(Arc::new(Keeper { store, args, places: Places::default() }));
    Ok(())
}

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author), Quota::Uploads => upload;
        Access::AtLeast(Role::Author) => describe, delete;
    }
}

/// Whose item is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whose {
    /// Whose item it is, for editors; the caller's where it is missing.
    account_id: Option<Uuid>,
}

/// What is to be read where a picture is not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// One line of at most 1,000 characters; empty for none.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::AltText)]
    pub alt: AltText,
}

/// Brings a picture (JPEG, PNG, WebP, AVIF, GIF, SVG) or a file. The body is its bytes; what the request calls them is
/// not believed. What a picture tells of the camera, the place and the person is taken out. The reply's `sha256` is its
/// address: `/media/{sha256}`. Bringing the same again changes nothing, but that it is kept for longer.
#[utoipa::path(post, path = "/v1/media", tag = "media", params(RepeatableHeaders),
    request_body(content = schemas::Bytes, content_type = "application/octet-stream", description = "The bytes."),
    responses((status = 200, body = MediaReply, description = "The caller has it already."),
        (status = 201, body = MediaReply),
        (status = 415, description = "Pictures of this kind are not taken."),
        (status = 422, description = "It is not what it begins as, or something else besides; or has too many pixels."),
        (status = 507, description = "The account has as much as it may have, or the object store is full.")))]
pub async fn upload(
    caller: Caller,
    log: Log,
    keeper: Shared,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let account_id = caller.actor.id;
    permit_bringing(&caller.actor, account_id).map_err(rejected)?;
    let (store, place) = (keeper.store()?, keeper.places.take(account_id, Network::of(&request))?);
    first::made_ready(store, &log, caller.deadline).await?;
    let received = receive::receive(&request, payload, &keeper.args, &place).await?;
    let Found { media_type, size, bytes, sha256, renders } = received.found;
    let item = Item { account_id, sha256: sha256.clone() };
    let from_now = || from_now(&caller, &request);
    if let Err(problem) = keeper.room(&log, &item, bytes) {
        let caller = from_now();
        let command: Command<'_, Media> = caller.command(&log, item.id(), &("upload", &item.sha256));
        return reply(&item, command.accepted_or(problem, MediaCommand::Delete).await?);
    }
    // A place of its own for each attempt: what another attempt, or a deletion, does to its own changes nothing here.
    let object = Object { item: item.clone(), upload_id: Uuid::new_v4(), rendition: None };
    store.put(&object, received.file).await.map_err(unstored)?;
    let caller = from_now();
    let (now, (width, height)) = (event_log::now(), size.unzip());
    let uploaded = Uploaded {
        account_id,
        sha256,
        upload_id: object.upload_id,
        media_type: media_type.clone(),
        bytes: i64::try_from(bytes).map_err(Problem::internal)?,
        width: width.map(i64::from),
        height: height.map(i64::from),
        kept_until_at: now,
        render_from_at: renders.then_some(now),
    };
    let command: Command<'_, Media> = caller.command(&log, item.id(), &("upload", &item.sha256));
    let body = MediaCommand::Upload { item: uploaded, grace_ms: keeper.args.grace_ms() };
    let decided = command.execute(body, None).await?;
    if let Decided::Accepted(accepted) = &decided
        && !accepted.receipt.changed
    {
        // The caller has it by an earlier upload, which has a place of its own. Where that is kept for longer, this one
        // is tidied up.
        forget_object(store, object);
    }
    reply(&item, decided)
}

/// A caller whose command has all of its time: to receive a body takes longer.
fn from_now(caller: &Caller, request: &HttpRequest) -> Caller {
    Caller { deadline: Deadline::of(request), ..caller.clone() }
}

/// Says what is to be read where a picture is not seen.
#[utoipa::path(put, path = "/v1/media/{sha256}/alt", tag = "media", request_body = Description,
    params(CommandHeaders, Whose, ("sha256" = inline(schemas::Sha256), Path, description = "Which it is")),
    responses((status = 200, body = MediaReply),
        (status = 422, description = "A post that is public shows it, and says nothing else in its place \
                                      (`alt-text-missing`).")))]
pub async fn describe(
    caller: Caller,
    log: Log,
    (posts, alt): (web::Data<Arc<EventLog<Posts>>>, web::Data<alt::Rule>),
    (sha256, Query(whose)): (web::Path<String>, Query<Whose>),
    body: Json<Description>,
) -> Result<HttpResponse, Problem> {
    let item = item(&caller, &sha256, &whose)?;
    let command: Command<'_, Media> = caller.command(&log, item.id(), &("describe", &body.0));
    let is_taken_back = body.0.alt.as_str().is_empty() && permit_bringing(&caller.actor, item.account_id).is_ok();
    let permitted = if is_taken_back { alt.without(&item, &posts, caller.deadline).await } else { Ok(()) };
    reply(&item, command.execute_if(permitted, MediaCommand::Describe(body.0.alt)).await?)
}

/// Deletes a picture or a file: it is not served any more, and its bytes are deleted. Posts that show it are not
/// changed.
#[utoipa::path(delete, path = "/v1/media/{sha256}", operation_id = "delete_media", tag = "media",
    params(CommandHeaders, Whose, ("sha256" = inline(schemas::Sha256), Path, description = "Which it is")),
    responses((status = 200, body = MediaReply)))]
pub async fn delete(
    caller: Caller,
    log: Log,
    keeper: Shared,
    sha256: web::Path<String>,
    Query(whose): Query<Whose>,
) -> Result<HttpResponse, Problem> {
    let item = item(&caller, &sha256, &whose)?;
    let stored = log.confirmed(&item.id()).map_err(stale)?.1.0;
    let command: Command<'_, Media> = caller.command(&log, item.id(), &"delete");
    let decided = command.execute(MediaCommand::Delete, None).await?;
    if let (Decided::Accepted(accepted), Some(stored), Some(store)) = (&decided, stored, &keeper.store)
        && accepted.receipt.changed
    {
        // The rest of it, and what is left where this fails, is tidied up.
        forget_object(store, Object { item: item.clone(), upload_id: stored.upload_id, rendition: None });
    }
    reply(&item, decided)
}

fn item(caller: &Caller, sha256: &str, whose: &Whose) -> Result<Item, Problem> {
    let sha256: Sha256 = sha256.parse().map_err(|_| Problem::not_found("there is no such item"))?;
    Ok(Item { account_id: whose.account_id.unwrap_or(caller.actor.id), sha256 })
}

/// Deletes an object that is no item's, without a caller waiting for it.
fn forget_object(store: &Store, object: Object) {
    let store = store.clone();
    tokio::spawn(async move {
        if let Err(error) = store.delete(&object, &[]).await {
            tracing::info!(%error, "an object is left to be tidied up");
        }
    });
}

impl Keeper {
    fn store(&self) -> Result<&Store, Problem> {
        self.store.as_ref().ok_or_else(|| Problem::not_found("no store of pictures and files is configured here"))
    }

    /// Whether an account may have an item of so many bytes, as far as this instance has read. One that it has already
    /// takes no more room.
    fn room(&self, log: &EventLog<Media>, item: &Item, bytes: u64) -> Result<(), Problem> {
        let (account_id, same) = (item.account_id, item.id());
        let other = |id: &str, state: &domain::media::State| state.0.as_ref().filter(|_| id != same).map(|it| it.bytes);
        let has = log.ending_with(account_id, other).map_err(stale)?;
        let most = self.args.media_account_bytes;
        if has.iter().filter_map(|bytes| u64::try_from(*bytes).ok()).sum::<u64>().saturating_add(bytes) <= most {
            return Ok(());
        }
        let detail = format!("the account would have more than {most} bytes of pictures and files; delete some first");
        Err(Problem::new(&Kind::STORAGE_FULL, detail))
    }
}

/// The problem of bytes that are not taken.
fn not_taken(detail: impl std::fmt::Display) -> Problem {
    broken_rule("", detail)
}
