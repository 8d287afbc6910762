//! `POST /v1/register`.
//!
//! The order is: password hashed, data key drawn, vault written, names reserved, event appended, vault settled. A crash
//! between any two leaves nothing that another request could trip over: an unsettled row of the vault is settled or
//! forgotten by the instance that repeats the request, logs in, or sweeps; a reservation expires.

use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::accounts::{Accounts, Registered, Rejection};
use domain::security::Note;
use domain::values::{Bio, DisplayName, ImageUrl, UserName};
use event_log::Refusal;
use serde::Deserialize;
use service_kit::json::broken_rule;
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::email::Email;
use super::passwords::{Password, Verdict};
use super::report::report;
use super::throttling::{Network, Whose};
use super::vault::people::{Person, Prepared};
use super::{Identity, Shared};
use crate::accounts::identifiers;
use crate::accounts::replies::{AccountReply, erased, not_reserved, reply};
use crate::body::{empty, typed};
use crate::commands::{Anyone, Command, Decided, RepeatableHeaders};
use crate::reservations::NotReserved;

/// The largest body of a registration: a few words about the person are 5,000 characters, of which JSON may escape each
/// with twelve bytes.
const LARGEST: usize = 96 * 1024;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => register;
    }
}

/// A person who wants an account.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Letters a to z, digits, `.`, `_` and `-`; 1 to 64. Unique without regard to case.
    #[schema(value_type = schemas::UserName)]
    pub user_name: UserName,
    /// Where they read mail. No other account sees it.
    pub email: Email,
    /// 8 to 128 characters of any kind, but none that is common.
    pub password: Password,
    /// What the person wants to be called: at most 200 characters.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::DisplayName)]
    pub display_name: DisplayName,
    /// A few words about the person: at most 5,000 characters.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::Bio)]
    pub bio: Bio,
    /// An http or https address of a picture, or nothing.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::ImageUrl)]
    pub image_url: ImageUrl,
}

/// Registers an account that logs in. A letter asks its reader to confirm the address.
#[utoipa::path(post, path = "/v1/register", tag = "accounts", request_body = NewAccount, params(RepeatableHeaders),
    responses((status = 200, body = AccountReply, description = "It was registered before, just so."),
        (status = 201, body = AccountReply), (status = 409, description = "The user name or the address is taken.")))]
pub async fn register(
    request: HttpRequest,
    anyone: Anyone,
    identity: Shared,
    body: Json<NewAccount, LARGEST>,
) -> Result<HttpResponse, Problem> {
    let from = Network::of(&request);
    identity.throttle.stranger("register", &from).await?;
    let NewAccount { user_name, email, password, display_name, bio, image_url } = body.0;
    let email_key = identity.email_key.email(&email);
    // The names are part of it, for another caller may have thought of the same Idempotency-Key.
    let id = anyone.new_id(&format!("accounts/{}/{email_key}", user_name.canonical()));
    let caller = anyone.known_as(Actor::new(id));
    identity.reserved_names.permit(&caller.actor, None, &user_name)?;
    let hash = hash(&identity, &password, &user_name, &email).await?;
    // Before the address is written down: an account that was forgotten stays so.
    identity.sealer(id).await?;
    let prepared = identity.vault.prepare(id, email.as_str(), &hash).await?;
    if let Prepared::Known(person) = &prepared {
        same_password(&identity, &password, person, &from).await?;
    }
    // And only now for good: a request that gave up before this one was noted took the key along.
    let sealer = identity.sealer(id).await?;
    let (display_name, bio) = (sealer.seal(display_name), sealer.seal(bio));
    let profile = Registered { user_name, display_name, bio, image_url: sealer.seal(image_url), email_key };
    // The password is no part of what the command is remembered by: that is in the log.
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &("register", &profile));
    let decided = match identifiers::register(&command, id, &profile).await {
        Ok(Decided::Accepted(accepted)) => Decided::Accepted(accepted),
        Ok(Decided::Refused(Refusal::Rejected { rejection: Rejection::Erased, .. })) => return Err(erased()),
        // It was registered with this key long ago and has changed since.
        Ok(Decided::Refused(Refusal::Rejected { .. })) => return Err(Problem::idempotency_key_reused()),
        // Nothing was written: the caller may try again, and the sweeper forgets them otherwise.
        Ok(refused) => return reply(id, refused),
        Err((value, why)) => {
            withdraw(&identity, id, &prepared, &why).await;
            return Err(not_reserved(&value, why));
        }
    };
    settle(&identity, id, &profile.user_name).await;
    report(Note::Registered, Some(id), None);
    reply(id, decided)
}

/// Where a value is taken, no account comes of it; where the outcome is not known the account may be there, or come, by
/// this request or by one that was there before it: then the sweeper asks the log.
async fn withdraw(identity: &Identity, id: Uuid, prepared: &Prepared, why: &NotReserved) {
    if let (NotReserved::Taken, Prepared::New(written_at)) = (why, prepared) {
        // Whether that works or not: the sweeper does it otherwise.
        let _ = identity.vault.withdraw(id, *written_at).await;
    }
}

/// The account is a fact by now, whatever becomes of this: the next log-in, or the sweeper, does it otherwise.
async fn settle(identity: &Identity, id: Uuid, user_name: &UserName) {
    if let Err(problem) = identity.vault.settle(id, user_name.as_str()).await {
        tracing::info!(%problem, "an account was registered and not settled");
    }
}

async fn hash(
    identity: &Identity,
    password: &Password,
    user_name: &UserName,
    email: &Email,
) -> Result<String, Problem> {
    let local_part = email.as_str().split('@').next().unwrap_or_default();
    let about = [user_name.as_str(), email.as_str(), local_part];
    let hash = identity.passwords.hash(password, &about).await?;
    hash.map_err(|invalid| broken_rule("/password", invalid))
}

/// A repeated request is one with the same password. It counts like a log-in, for it tells as much: the key can be one
/// that another caller knows.
async fn same_password(
    identity: &Identity,
    password: &Password,
    person: &Person,
    from: &Network,
) -> Result<(), Problem> {
    let account_id = person.account_id;
    let attempt = identity.throttle.log_in(&Whose::Account(account_id), from).await?;
    match identity.passwords.verify(&password.presented(), Some(&person.password_hash)).await? {
        Verdict::Good(_) => identity.throttle.logged_in(&attempt).await,
        Verdict::Wrong => {
            report(Note::LogInFailed, Some(account_id), None);
            identity.failures.note(&identity.vault, Some(account_id));
            Err(Problem::idempotency_key_reused())
        }
    }
}
