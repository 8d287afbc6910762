//! Who follows whom: `GET /v1/authors/{user_name}/followers` and `…/following`, newest first.
//!
//! An account that was forgotten is in no list, from the moment at which its row says so; the numbers beside an author
//! follow as the pairs are ended, which for many takes a while.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::values::UserName;
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::authors::below;
use crate::cursor::{ListId, TimeKey};
use crate::database::{Database, Time};
use crate::library::Library;
use crate::names::{NamedAuthor, asked_for, not_at_present};
use crate::page::{List, Order, page_body, page_query};
use crate::privacy;
use crate::reply::{Keep, Reply};
use crate::row::row;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => followers, following;
    }
}

row! {
    /// An account that follows, or is followed.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Follow of "a" {
        /// The account's id.
        id: Uuid = "a.account_id",
        /// What they are called in addresses.
        user_name: String,
        /// What they want to be called; may be empty.
        display_name: String,
        /// Their picture; may be empty.
        image_url: String,
        /// Since when they follow, or are followed.
        #[schema(value_type = String, format = DateTime)]
        since: Time = "f.since",
    }
}

page_body! {
    /// A page of followers.
    pub(crate) struct FollowerList {
        /// Who follows, the newest first.
        followers: Follow,
    }
}

page_body! {
    /// A page of those who are followed.
    pub(crate) struct FollowingList {
        /// Who is followed, the newest first.
        following: Follow,
    }
}

page_query! {
    /// The parameters of these lists.
    pub(crate) struct FollowsQuery {}
    /// How many to give at most.
    limit
}

/// Whose list it is.
#[derive(FromRow)]
struct Owner {
    account_id: Uuid,
    following_list: Option<String>,
}

/// One of the two lists.
struct Follows {
    side: Side,
    /// Whose list it is.
    owner: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Followers,
    Following,
}

/// Who follows an author
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/followers", operation_id = "list_followers", tag = "authors",
    params(("user_name" = String, Path, description = "The user name"), FollowsQuery),
    responses(
        (status = 200, description = "A page of followers", body = FollowerList),
        NamedAuthor,
    )
)]
pub(crate) async fn followers(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<FollowsQuery>,
) -> Result<HttpResponse, Problem> {
    let name = asked_for(&name)?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let Some(owner) = owner(&library.database, &name).await? else {
        return not_at_present(&name, reply, &library.database, below(&request, "/followers")).await;
    };
    let reply = owner.shown_in(reply);
    let list = Follows { side: Side::Followers, owner: owner.account_id };
    list.page(query.paging(), &library.database).await?.answer::<FollowerList>(reply)
}

/// Whom an author follows
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/following", operation_id = "list_following", tag = "authors",
    description = "An author who prefers so (`following_list`) keeps this list to themselves; it does not hide them \
                   from the lists of those whom they follow.",
    params(("user_name" = String, Path, description = "The user name"), FollowsQuery),
    responses(
        (status = 200, description = "A page of those who are followed", body = FollowingList),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: its owner keeps this list to themselves"),
        NamedAuthor,
    ),
    security((), ("token" = []))
)]
pub(crate) async fn following(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<FollowsQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let name = asked_for(&name)?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let Some(owner) = owner(&library.database, &name).await? else {
        return not_at_present(&name, reply, &library.database, below(&request, "/following")).await;
    };
    let reply = owner.shown_in(reply);
    let reply = reply.keep(owner.shows_following_to(reader.as_ref())?).depends_on_the_reader();
    let list = Follows { side: Side::Following, owner: owner.account_id };
    list.page(query.paging(), &library.database).await?.answer::<FollowingList>(reply)
}

async fn owner(database: &Database, name: &UserName) -> Result<Option<Owner>, Problem> {
    let query = sqlx::query_as(
        "SELECT a.account_id, p.following_list FROM content.authors a \
         LEFT JOIN content.preferences p ON p.account_id = a.account_id WHERE lower(a.user_name) = $1 LIMIT 1",
    )
    .bind(name.canonical());
    database.run(query.fetch_optional(database.pool())).await
}

impl Owner {
    /// Says what an answer with a list of theirs shows.
    fn shown_in<'a>(&self, reply: Reply<'a>) -> Reply<'a> {
        reply.shows::<views::Follows>([self.account_id]).lists::<views::Authors>()
    }

    /// Who may keep the list of whom they follow; 403 for who may not see it.
    fn shows_following_to(&self, reader: Option<&Actor>) -> Result<Keep, Problem> {
        let why = "whom this author follows is shown to themselves only";
        privacy::shown(self.following_list.as_deref(), self.account_id, reader, why)
    }
}

impl List for Follows {
    type Key = TimeKey;
    type Entry = Follow;

    fn id(&self) -> ListId {
        let name = match self.side {
            Side::Followers => "followers",
            Side::Following => "following",
        };
        ListId::of([name, &self.owner.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let (listed, owner) = match self.side {
            Side::Followers => ("follower_id", "followee_id"),
            Side::Following => ("followee_id", "follower_id"),
        };
        let mut query = QueryBuilder::new(format!("SELECT {} FROM content.follows f", Follow::columns()));
        query
            .push(format_args!(" JOIN content.authors a ON a.account_id = f.{listed} WHERE f.active AND f.{owner} = "));
        query.push_bind(self.owner).push(" AND NOT starts_with(a.user_name, ").push_bind(DELETED_PREFIX).push(")");
        query
    }

    /// Each list has an index in its own order, so a page costs the same in a list of millions.
    fn order(&self) -> Order {
        Order::Descending(match self.side {
            Side::Followers => ["f.since", "f.follower_id"],
            Side::Following => ["f.since", "f.followee_id"],
        })
    }

    fn key(follow: &Follow) -> TimeKey {
        TimeKey(follow.since, follow.id)
    }
}
