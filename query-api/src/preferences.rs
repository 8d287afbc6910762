//! What the token's subject prefers: `GET /v1/me/preferences`, and the schema of it. It is changed at the command API.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::accounts::{self, Chosen, EmailDigest, PostsPerPage, Theme, Visibility};
use domain::values::{Locale, TimeZone};
use domain::views;
use serde::Serialize;
use serde_json::{Value, json};
use service_kit::{Access, Authenticated, Problem, Query, Route, etag, routes, schemas};
use sqlx::QueryBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::database::Database;
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::reply::{Keep, Reply, unkept};
use crate::row::row;

/// The routes that answer from the read models, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => read;
    }
}

/// The routes whose answer is the same for all readers.
pub(crate) fn constant_routes() -> Vec<Route> {
    routes! {
        Access::Anyone => schema;
    }
}

/// Declares the preferences: as readers see them, and as the columns that hold what was chosen of them, from which
/// `accounts::Preferences` is made. A line is a field's name, its type, and the type of its column.
macro_rules! preferences {
    ($($(#[$meta:meta])* $field:ident: $type:ty as $column:ty,)+) => {
        /// What an account prefers, with the defaults filled in.
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct Preferences {
            $($(#[$meta])* $field: $type,)+
        }

        row! {
            /// What an account has chosen; all of it is null if it never chose anything.
            struct Row of "p" {
                account_version: i64 = "a.version",
                $($field: Option<$column>,)+
            }
        }

        impl Row {
            fn chosen(self) -> Chosen {
                Chosen { $($field: self.$field,)+ }
            }
        }

        impl From<accounts::Preferences> for Preferences {
            fn from(preferences: accounts::Preferences) -> Self {
                Self { $($field: preferences.$field,)+ }
            }
        }
    };
}

preferences! {
    /// In which language pages and mails are: a BCP 47 tag.
    #[schema(value_type = schemas::Locale)]
    locale: Locale as String,
    /// In which time zone times are shown: an IANA name.
    #[schema(value_type = schemas::TimeZone)]
    time_zone: TimeZone as String,
    /// How pages look: `system`, `light` or `dark`.
    #[schema(value_type = schemas::Theme)]
    theme: Theme as String,
    /// How many posts a page has.
    #[schema(value_type = schemas::PostsPerPage)]
    posts_per_page: PostsPerPage as i64,
    /// Whether a mail tells of a new follower.
    email_new_follower: bool as bool,
    /// Whether a mail tells of a comment on one's own post.
    email_comment: bool as bool,
    /// How often a summary comes by mail: `none`, `daily` or `weekly`.
    #[schema(value_type = schemas::EmailDigest)]
    email_digest: EmailDigest as String,
    /// Who may see the list of whom one follows: `public` or `private`.
    #[schema(value_type = schemas::Visibility)]
    following_list: Visibility as String,
    /// Who may see what one reacts to, and one's name among those who reacted: `public` or `private`.
    #[schema(value_type = schemas::Visibility)]
    reactions_list: Visibility as String,
    /// Who may see the list of what one comments: `public` or `private`.
    #[schema(value_type = schemas::Visibility)]
    comments_list: Visibility as String,
}

/// What the token's subject prefers
#[utoipa::path(
    get, path = "/v1/me/preferences", operation_id = "read_preferences", tag = "me", params(OneQuery),
    description = "All of it, with the defaults filled in. The entity tag is the account's version, as `If-Match` of \
                   the change takes it.",
    responses(
        (status = 200, description = "The preferences", body = Preferences, headers(
            ("ETag" = String, description = "Strong: the version of the account"),
        )),
        (status = 404, description = "`not-found`: the token's subject has no account"),
    )
)]
pub(crate) async fn read(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let Some(row) = find(&library.database, reader.id).await? else {
        return Err(reply.lists::<views::Preferences>().refused(missing()));
    };
    let tag = etag::of_version(row.account_version.cast_unsigned());
    let reply = reply.keep(Keep::Private).depends_on_the_reader().shows::<views::Preferences>([reader.id]);
    match reply.not_modified(&tag)? {
        Some(response) => Ok(response),
        None => reply.json_as(&tag, &Preferences::from(accounts::Preferences::of(&row.chosen()))),
    }
}

/// The JSON Schema (2020-12) of the preferences
#[utoipa::path(
    get, path = "/v1/me/preferences/schema", operation_id = "read_preferences_schema", tag = "me",
    responses(
        (status = 200, description = "The schema: of each field its type, its values and its default", body = Object,
            content_type = "application/schema+json", headers(
                ("ETag" = String, description = "Strong: other bytes, other tag"),
            )),
    )
)]
pub(crate) async fn schema(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut response = Reply::constant(&request).json(&*SCHEMA)?;
    if !response.status().is_redirection() {
        let media_type = actix_web::http::header::HeaderValue::from_static("application/schema+json");
        response.headers_mut().insert(actix_web::http::header::CONTENT_TYPE, media_type);
    }
    Ok(response)
}

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = serde_json::to_value(Preferences::schema()).expect("a schema has string keys only, so it is JSON");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Preferences");
    schema["additionalProperties"] = json!(false);
    let default = Preferences::from(accounts::Preferences::default());
    let default = serde_json::to_value(default).expect("preferences are texts, numbers and flags");
    let mut components = Vec::new();
    Preferences::schemas(&mut components);
    let components: BTreeMap<String, RefOr<Schema>> = components.into_iter().collect();
    let fields = schema["properties"].as_object_mut().expect("it is the schema of a struct");
    for (name, field) in fields.iter_mut() {
        resolve(field, &components);
        field["default"] = default[name].clone();
    }
    fields["time_zone"]["enum"] = TimeZone::names().collect();
    schema
});

/// Puts the component that a schema refers to in its place: this document stands alone.
fn resolve(field: &mut Value, components: &BTreeMap<String, RefOr<Schema>>) {
    let Some(Value::String(reference)) = field.as_object_mut().and_then(|field| field.remove("$ref")) else { return };
    let component = reference.rsplit('/').next().and_then(|name| components.get(name));
    let component = serde_json::to_value(component.expect("the struct knows the schemas that it refers to"));
    let component = component.expect("a schema has string keys only, so it is JSON");
    for (name, value) in component.as_object().into_iter().flatten() {
        field[name] = value.clone();
    }
}

async fn find(database: &Database, account_id: Uuid) -> Result<Option<Row>, Problem> {
    let mut query = QueryBuilder::new(format!("SELECT {} FROM content.authors a", Row::columns()));
    query.push(" LEFT JOIN content.preferences p ON p.account_id = a.account_id WHERE a.account_id = ");
    query.push_bind(account_id);
    database.run(query.build_query_as().fetch_optional(database.pool())).await
}

fn missing() -> Problem {
    unkept(Problem::not_found("the token's subject has no account"))
}

#[cfg(test)]
mod tests;
