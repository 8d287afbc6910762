//! Links by which a post is read without an account before it is public: `GET /v1/previews/{token}` follows one, and
//! `GET /v1/posts/{slug}/previews` lists those of a post for its authors. They are given and revoked at the command
//! API.

mod read;

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::posts::Action;
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs::{self, AuthorRef};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::named_post::ListOfPost;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    let of_posts = routes! {
        Access::Account => of_post;
    };
    [of_posts, read::routes()].concat()
}

row! {
    /// A link. Its token is not known here.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct PreviewLink of "v" {
        /// Which link: what it is revoked by.
        preview_id: Uuid,
        /// Which account gave it.
        #[sqlx(try_from = "Uuid")]
        given_by: AuthorRef,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        given_at: Time,
        /// Until when it is good.
        #[schema(value_type = String, format = DateTime)]
        expires_at: Time,
    }
}

/// A link of a post, and whether it still leads there.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct OwnLink {
    #[serde(flatten)]
    #[sqlx(flatten)]
    link: PreviewLink,
    /// Whether it has ended: who gave it could give it no more. It counts until it is revoked, or expires.
    ended: bool,
}

page_body! {
    /// A page of a post's links.
    pub(crate) struct PreviewList {
        /// The links that were neither revoked nor have expired, newest first.
        previews: OwnLink,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct PreviewsQuery {}
    /// How many links to give at most.
    limit
}

/// Which links have ended with who gave them: a condition on rows of `content.previews` and `content.posts`, which the
/// statement calls `v` and `p`. Who gave one still has its address. So it is good while they could give it anew: they
/// write the post, or edit all, and the account is not deactivated or erased. Of who has no account (a token of an
/// operator's) no role is known: those who wrote the post and left it have a row among `invitations`, and no others.
const ENDED: &str = "(COALESCE((SELECT g.deactivated OR starts_with(g.user_name, '~deleted-') \
    FROM content.authors g WHERE g.account_id = v.given_by), false) \
    OR v.given_by <> p.author_id AND NOT (v.given_by = ANY(p.co_author_ids)) \
    AND COALESCE((SELECT NOT (g.roles && '{editor,admin}') FROM content.authors g WHERE g.account_id = v.given_by), \
    EXISTS (SELECT FROM content.invitations i \
    WHERE i.account_id = v.given_by AND i.post_id = v.post_id AND i.since > v.given_at)))";

/// The links of a post that have not expired.
struct OfPost {
    post_id: Uuid,
}

/// Who sees the links of a post.
const LINKS: ListOfPost = ListOfPost {
    list: "previews",
    keep: Keep::Never,
    action: Action::ReadDraft,
    why: "only its authors see its preview links",
};

/// The preview links of a post
///
/// Those that were neither revoked nor have expired.
/// Its authors and editors see them.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/previews", operation_id = "list_previews", tag = "posts",
    params(("slug" = String, Path, description = "Its slug, or a former one"), PreviewsQuery),
    responses(
        (status = 200, description = "A page of links", body = PreviewList),
        (status = 301, description = "The post has another slug, or is asked for in another case", headers(
            ("Location" = String, description = "Where"),
        )),
        (status = 403, description = "`not-the-author`: the post is another's"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    )
)]
pub(crate) async fn of_post(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    named: Path<String>,
    Query(query): Query<PreviewsQuery>,
) -> Result<HttpResponse, Problem> {
    let (post_id, reply) = match LINKS.begin(&library, &request, (&reader, &named), query.position.as_ref()).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(moved) => return Ok(moved),
    };
    let mut page = OfPost { post_id }.page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().map(|entry| &mut entry.link.given_by).collect();
    let named = author_refs::look_up(people, &library.database).await?;
    page.answer::<PreviewList>(reply.shows::<views::Authors>(named))
}

impl List for OfPost {
    type Key = TimeKey;
    type Entry = OwnLink;

    fn id(&self) -> ListId {
        ListId::of(["previews", &self.post_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = PreviewLink::columns();
        let mut query = QueryBuilder::new(format!(
            "SELECT {columns}, {ENDED} AS ended FROM content.previews v \
             JOIN content.posts p ON p.post_id = v.post_id WHERE NOT v.revoked AND v.expires_at > now()"
        ));
        query.push(" AND v.post_id = ").push_bind(self.post_id);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["v.given_at", "v.preview_id"])
    }

    fn key(OwnLink { link, .. }: &OwnLink) -> TimeKey {
        TimeKey(link.given_at, link.preview_id)
    }
}
