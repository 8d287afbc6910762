//! `/v1/me/preferences`: what people prefer. Here it is changed; readers, and the schema, are the query API's.

use actix_web::HttpResponse;
use domain::accounts::{Change, EmailDigest, Patch, PostsPerPage, PreferencesChange, Theme, Visibility};
use domain::values::{Locale, TimeZone};
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;

use super::changes;
use super::replies::{AccountReply, reply};
use crate::body::patch;
use crate::commands::{Caller, CommandHeaders};
use crate::identity::Shared;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => change;
    }
}

/// Preferences to change, as a JSON merge patch (RFC 7396): what is missing stays as it is, null means the default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPreferences {
    /// In which language pages and mails are: a BCP 47 tag.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<schemas::Locale>)]
    pub locale: Patch<Locale>,
    /// In which time zone times are shown: an IANA name.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<schemas::TimeZone>)]
    pub time_zone: Patch<TimeZone>,
    /// How pages look: `system`, `light` or `dark`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<schemas::Theme>)]
    pub theme: Patch<Theme>,
    /// How many posts a page has: 10 to 100.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<schemas::PostsPerPage>)]
    pub posts_per_page: Patch<PostsPerPage>,
    /// Whether a mail tells of a new follower.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    pub email_new_follower: Patch<bool>,
    /// Whether a mail tells of a comment on one's own post.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    pub email_comment: Patch<bool>,
    /// How often a summary comes by mail: `none`, `daily` or `weekly`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<schemas::EmailDigest>)]
    pub email_digest: Patch<EmailDigest>,
    /// Who may see the list of whom one follows: `public` or `private`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<schemas::Visibility>)]
    pub following_list: Patch<Visibility>,
    /// Who may see what one reacts to: `public` or `private`.
    // It came later: the digest of a request without it is as it was.
    #[serde(default, deserialize_with = "patch", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<schemas::Visibility>)]
    pub reactions_list: Patch<Visibility>,
    /// Who may see the list of what one comments: `public` or `private`.
    #[serde(default, deserialize_with = "patch", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<schemas::Visibility>)]
    pub comments_list: Patch<Visibility>,
}

/// Changes some preferences of the token's subject. `If-Match` may say which version of the account was seen.
#[utoipa::path(patch, path = "/v1/me/preferences", tag = "accounts", request_body = EditPreferences,
    params(CommandHeaders), responses((status = 200, body = AccountReply)))]
pub async fn change(caller: Caller, identity: Shared, body: Json<EditPreferences>) -> Result<HttpResponse, Problem> {
    let (id, wanted) = (caller.actor.id, Change::Preferences(Box::new(body.0.clone().change())));
    reply(id, changes::change(&caller, &identity, id, ("prefer", &body.0), wanted).await?)
}

impl EditPreferences {
    fn change(self) -> PreferencesChange {
        let Self {
            locale,
            time_zone,
            theme,
            posts_per_page,
            email_new_follower,
            email_comment,
            email_digest,
            following_list,
            reactions_list,
            comments_list,
        } = self;
        PreferencesChange {
            locale,
            time_zone,
            theme,
            posts_per_page,
            email_new_follower,
            email_comment,
            email_digest,
            following_list,
            reactions_list,
            comments_list,
        }
    }
}
