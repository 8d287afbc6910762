//! `/v1/accounts`: profiles.

use actix_web::{HttpResponse, web};
use domain::accounts::{Accounts, Change, Command as AccountCommand, ProfileChanged, Registered, Rejection, Unique};
use domain::values::{Bio, DisplayName, EmailKey, ImageUrl, UserName};
use serde::Deserialize;
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::replies::{AccountReply, not_reserved, reply};
use crate::body::{empty, new_text_or_empty, typed};
use crate::commands::{Caller, Command, CommandHeaders};
use crate::freshness::seen_version;
use crate::identity::{Identity, Shared};
use crate::reservations::{Bears, with_reservation};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => register, put, change_profile;
    }
}

/// A profile as it should be.
// It cannot be serialized: a command is remembered by what is sealed, never by what was typed.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Letters a to z, digits, `.`, `_` and `-`; 1 to 64. Unique without regard to case.
    #[schema(value_type = schemas::UserName)]
    pub user_name: UserName,
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

/// Fields of a profile to change, as a JSON merge patch (RFC 7396): what is missing stays as it is, null empties it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditProfile {
    /// The new name.
    #[serde(default, deserialize_with = "new_text_or_empty")]
    #[schema(value_type = Option<schemas::DisplayName>)]
    pub display_name: Option<DisplayName>,
    /// The new words.
    #[serde(default, deserialize_with = "new_text_or_empty")]
    #[schema(value_type = Option<schemas::Bio>)]
    pub bio: Option<Bio>,
    /// The new picture.
    #[serde(default, deserialize_with = "new_text_or_empty")]
    #[schema(value_type = Option<schemas::ImageUrl>)]
    pub image_url: Option<ImageUrl>,
}

/// Registers the account of the token's subject.
#[utoipa::path(post, path = "/v1/accounts", operation_id = "create_profile", tag = "accounts", request_body = Profile,
    params(CommandHeaders),
    responses((status = 200, body = AccountReply, description = "It was registered before, just so."),
        (status = 201, body = AccountReply), (status = 409, description = "The user name is taken.")))]
pub async fn register(caller: Caller, identity: Shared, body: Json<Profile>) -> Result<HttpResponse, Problem> {
    put_account(&caller, &identity, caller.actor.id, body.0, "register").await
}

/// Makes an account be as given: one's own, or for editors anyone's.
#[utoipa::path(put, path = "/v1/accounts/{id}", operation_id = "put_profile", tag = "accounts", request_body = Profile,
    params(CommandHeaders, ("id" = Uuid, Path)), responses((status = 200, body = AccountReply),
        (status = 201, body = AccountReply), (status = 428)))]
pub async fn put(
    caller: Caller,
    identity: Shared,
    id: web::Path<Uuid>,
    body: Json<Profile>,
) -> Result<HttpResponse, Problem> {
    put_account(&caller, &identity, *id, body.0, "put").await
}

async fn put_account(
    caller: &Caller,
    identity: &Identity,
    id: Uuid,
    body: Profile,
    verb: &str,
) -> Result<HttpResponse, Problem> {
    // Before a key is drawn and a name reserved that the caller could not use.
    may_write(caller, id)?;
    let borne = identity.account(id)?.map(|account| account.user_name);
    identity.reserved_names.permit(&caller.actor, borne.as_ref(), &body.user_name)?;
    let overwrite = caller.conditions.expect_something();
    let Profile { user_name, display_name, bio, image_url } = body;
    let (sealer, email_key) = (identity.sealer(id).await?, EmailKey::none());
    let (display_name, bio, image_url) = (sealer.seal(display_name), sealer.seal(bio), sealer.seal(image_url));
    let profile = Registered { user_name: user_name.clone(), display_name, bio, image_url, email_key };
    // Remembered by what is sealed: a digest of it is in the log.
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &(verb, &profile));
    let act = |lease| AccountCommand::Put { account_id: id, profile: profile.clone(), overwrite, lease };
    let borne = borne.map(|borne| borne.canonical());
    let seen = (None, Bears::of(borne.as_ref(), &user_name.canonical()));
    let user_name = Unique::UserName(user_name);
    let decided = with_reservation(&command, &user_name, id, seen, act).await;
    reply(id, decided.map_err(|why| not_reserved(&user_name, why))?)
}

fn may_write(caller: &Caller, id: Uuid) -> Result<(), Problem> {
    if caller.actor.may_write_as(id) {
        Ok(())
    } else {
        Err(Problem::not_the_author(Rejection::NotTheOwner.to_string()))
    }
}

/// Changes some fields of a profile. `If-Match` says which version was seen.
#[utoipa::path(patch, path = "/v1/accounts/{id}", tag = "accounts", request_body = EditProfile,
    params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = AccountReply), (status = 428)))]
pub async fn change_profile(
    caller: Caller,
    identity: Shared,
    id: web::Path<Uuid>,
    body: Json<EditProfile>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    caller.must_say_version(|| seen_version(&identity.log, &id.to_string()))?;
    may_write(&caller, id)?;
    let EditProfile { display_name, bio, image_url } = body.0;
    let sealer = identity.sealer(id).await?;
    let display_name = display_name.map(|name| sealer.seal(name));
    let (bio, image_url) = (bio.map(|bio| sealer.seal(bio)), image_url.map(|url| sealer.seal(url)));
    let change = ProfileChanged { display_name, bio, image_url };
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &("change", &change));
    let change = Change::Profile(change);
    reply(id, command.execute(AccountCommand::Change { account_id: id, change }, None).await?)
}
