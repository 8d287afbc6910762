//! Names of authors in addresses, in a path or in a parameter. All behave alike: any case will do; a former name leads
//! to the same address with the present one; a name that no account has is not found, and never an empty list.

use actix_web::HttpResponse;
use domain::values::UserName;
use domain::views::{Authors, DELETED_PREFIX};
use service_kit::Problem;
use service_kit::problem::Kind;
use utoipa::IntoResponses;
use uuid::Uuid;

use crate::database::Database;
use crate::reply::{Reply, unkept};

/// What every address that has an author's name in it can answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described here, made where they arise")]
pub(crate) enum NamedAuthor {
    /// It is a former user name: `Location` has the same address with the present one
    #[response(status = 301)]
    Renamed,
    /// `not-found`: no account has this name
    #[response(status = 404)]
    NotFound,
    /// `account-erased`: the person has been forgotten
    #[response(status = 410)]
    Erased,
}

/// The user name in an address. A text that is none names no account, and is not worth a question.
///
/// # Errors
/// 404, or 410 for a name that stands for a person who has been forgotten.
pub(crate) fn asked_for(name: &str) -> Result<UserName, Problem> {
    if name.starts_with(DELETED_PREFIX) {
        return Err(unkept(Problem::new(&Kind::ACCOUNT_ERASED, "the person has been forgotten")));
    }
    name.parse().map_err(|_| missing())
}

/// The account that has a name at present.
pub(crate) async fn bearer(database: &Database, name: &UserName) -> Result<Option<Uuid>, Problem> {
    let query = sqlx::query_scalar("SELECT account_id FROM content.authors WHERE lower(user_name) = $1 LIMIT 1")
        .bind(name.canonical());
    database.run(query.fetch_optional(database.pool())).await
}

/// The answer where no account has the name at present: `address` makes path and query of the present one, if it was an
/// account's formerly.
///
/// # Errors
/// 404 if no account had it ever.
pub(crate) async fn not_at_present(
    name: &UserName,
    reply: Reply<'_>,
    database: &Database,
    address: impl FnOnce(&str) -> (String, String),
) -> Result<HttpResponse, Problem> {
    let present = "SELECT account_id, user_name FROM content.authors WHERE former_user_names @> ARRAY[$1]
        ORDER BY registered_at DESC LIMIT 1";
    let query = sqlx::query_as::<_, (Uuid, String)>(present).bind(name.canonical());
    match database.run(query.fetch_optional(database.pool())).await? {
        Some((id, present)) => {
            let (path, query) = address(&present);
            Ok(reply.shows::<Authors>([id]).moved(&path, &query))
        }
        None => Err(reply.lists::<Authors>().refused(missing())),
    }
}

fn missing() -> Problem {
    unkept(Problem::not_found("no account has this user name"))
}
