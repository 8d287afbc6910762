//! Who follows whom: `GET /v1/authors/{user_name}/followers` and `…/following`, newest first.
//!
//! An account that was forgotten is in no list, from the moment at which its row says so; the numbers beside an author
//! follow as the pairs are ended, which for many takes a while.

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::list_of_author::{Begun, ListOfAuthor};
use crate::names::NamedAuthor;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Reply;
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

/// Who follows an author.
const FOLLOWERS: ListOfAuthor<'static> = ListOfAuthor { what: "/followers", kept_by: None };
/// Whom an author follows, unless they keep that to themselves.
const FOLLOWING: ListOfAuthor<'static> = ListOfAuthor {
    what: "/following",
    kept_by: Some(("following_list", "whom this author follows is shown to themselves only")),
};

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
    let begun = FOLLOWERS.begin(&library, &request, (None, &name), query.position.as_ref()).await?;
    let Begun { account_id: owner, reply, .. } = match begun {
        ControlFlow::Break(moved) => return Ok(moved),
        ControlFlow::Continue(begun) => begun,
    };
    let reply = shown_in(owner, reply);
    let list = Follows { side: Side::Followers, owner };
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
    let begun = FOLLOWING.begin(&library, &request, (reader.as_ref(), &name), query.position.as_ref()).await?;
    let Begun { account_id: owner, keep, reply, .. } = match begun {
        ControlFlow::Break(moved) => return Ok(moved),
        ControlFlow::Continue(begun) => begun,
    };
    let reply = shown_in(owner, reply).keep(keep).depends_on_the_reader();
    let list = Follows { side: Side::Following, owner };
    list.page(query.paging(), &library.database).await?.answer::<FollowingList>(reply)
}

/// Says what an answer with a list of an account's shows.
fn shown_in(account_id: Uuid, reply: Reply<'_>) -> Reply<'_> {
    reply.shows::<views::Follows>([account_id]).lists::<views::Authors>()
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
