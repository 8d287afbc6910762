use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::values::UserName;
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, FieldError, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::freshness::{self, Position};
use crate::library::Library;
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// So many people are looked up at once.
const MOST: usize = 100;

/// A person, as a card shows them.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Person {
    /// The account's id.
    #[serde(rename = "id")]
    author_id: Uuid,
    /// What they are called in addresses; null where no account was registered under the id.
    #[schema(required = true)]
    user_name: Option<String>,
    /// What they want to be called; may be empty.
    display_name: String,
    /// A few words about them; may be empty.
    bio: String,
    /// Their picture; may be empty.
    image_url: String,
    /// Whether the reader follows them.
    followed: bool,
}

impl Person {
    pub(super) fn account_id(&self) -> Uuid {
        self.author_id
    }

    /// Pushes what a person is read from, of whom `id` is the account; `a` is their row, where there is one.
    pub(super) fn push_columns(id: &str, reader: Uuid, query: &mut QueryBuilder<Postgres>) {
        query.push(format_args!(
            "{id} AS author_id, a.user_name, COALESCE(a.display_name, '') AS display_name, \
             COALESCE(a.bio, '') AS bio, COALESCE(a.image_url, '') AS image_url, \
             EXISTS (SELECT FROM content.follows f WHERE f.active AND f.followee_id = {id} AND f.follower_id = "
        ));
        query.push_bind(reader).push(") AS followed");
    }
}

/// People.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeopleList {
    /// Those of them who have an account, in no order.
    people: Vec<Person>,
}

/// Who is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleQuery {
    /// The ids of accounts, with commas between them.
    #[param(
        max_length = 3700,
        pattern = "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\
                                          (,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){0,99})?$"
    )]
    ids: Option<String>,
    /// User names, whatever their case, with commas between them. Former names lead to nobody here.
    #[param(max_length = 6500, pattern = "^[^,]*(,[^,]*){0,99}$")]
    user_names: Option<String>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

/// People as cards show them
///
/// At most 100 at once. Whom there is not is left out.
#[utoipa::path(
    get, path = "/v1/people", operation_id = "list_people", tag = "cards", params(PeopleQuery),
    responses(
        (status = 200, description = "Those who have an account", body = PeopleList),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(asked): Query<PeopleQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let (ids, names) = (asked.ids()?, asked.names()?);
    let reply = library.reply(&request, asked.position.as_ref()).await?.depends_on_the_reader();
    let reply = if reader.is_some() { reply.keep(Keep::Private) } else { reply };
    if ids.is_empty() && names.is_empty() {
        // Whoever asks for nobody waits for the position.
        return reply.json(&PeopleList { people: Vec::new() });
    }
    let mut query = QueryBuilder::new("SELECT ");
    Person::push_columns("a.account_id", reader.map_or(Uuid::nil(), |reader| reader.id), &mut query);
    query.push(" FROM content.authors a WHERE a.account_id = ANY(").push_bind(ids);
    query.push(") OR lower(a.user_name) = ANY(").push_bind(names).push(")");
    let people: Vec<Person> = library.database.run(query.build_query_as().fetch_all(library.database.pool())).await?;
    let reply = reply.lists::<views::Authors>().shows::<views::Follows>(people.iter().map(Person::account_id));
    reply.json(&PeopleList { people })
}

impl PeopleQuery {
    fn ids(&self) -> Result<Vec<Uuid>, Problem> {
        let ids = parts(self.ids.as_deref()).map(|id| id.parse().map_err(|_| wrong("ids", "has what is no id")));
        few("ids", ids)
    }

    /// In the form that is unique. What is no name is nobody's.
    fn names(&self) -> Result<Vec<String>, Problem> {
        let names = parts(self.user_names.as_deref()).filter_map(|name| name.parse::<UserName>().ok());
        few("user_names", names.map(|name| Ok(name.canonical())))
    }
}

fn parts(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default().split(',').filter(|part| !part.is_empty())
}

fn few<T>(parameter: &'static str, all: impl Iterator<Item = Result<T, Problem>>) -> Result<Vec<T>, Problem> {
    let all = all.take(MOST + 1).collect::<Result<Vec<T>, Problem>>()?;
    if all.len() > MOST { Err(wrong(parameter, "has more than 100")) } else { Ok(all) }
}

fn wrong(parameter: &'static str, detail: &'static str) -> Problem {
    Problem::invalid(vec![FieldError::parameter(parameter, detail)])
}
