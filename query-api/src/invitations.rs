//! Invitations to write a post together: `GET /v1/me/invitations`, those of the reader, and `GET
//! /v1/posts/{slug}/invitations`, those that its owner and editors see. They are made and answered at the command API.
//!
//! Who is invited to a draft reads its title and no more: the rest is for its authors.

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::posts::Action;
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs::{self, AuthorRef};
use crate::comments::Reader;
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::listed::left_to_its_authors;
use crate::named_post::ListOfPost;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => mine, of_post;
    }
}

row! {
    /// An invitation of the reader's.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Invitation of "i" {
        /// The post: what the answer names it by.
        post_id: Uuid,
        /// Its title.
        title: String = "p.title",
        /// Its slug; null while it is a draft, or hidden, of which who is invited reads the title and no more.
        #[schema(required = true)]
        slug: Option<String> = "CASE WHEN p.published AND p.visible = 'all' THEN p.slug END",
        /// Whose it is.
        #[sqlx(try_from = "Uuid")]
        owner: AuthorRef = "p.author_id",
        /// Who invited.
        #[sqlx(try_from = "Uuid")]
        invited_by: AuthorRef,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        invited_at: Time = "i.since",
    }
}

row! {
    /// An invitation to a post.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Invited of "i" {
        /// Who is invited.
        #[sqlx(try_from = "Uuid")]
        account: AuthorRef = "i.account_id",
        /// Who invited.
        #[sqlx(try_from = "Uuid")]
        invited_by: AuthorRef,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        invited_at: Time = "i.since",
    }
}

page_body! {
    /// A page of the reader's invitations.
    pub(crate) struct InvitationList {
        /// The invitations, newest first.
        invitations: Invitation,
    }
}

page_body! {
    /// A page of a post's invitations.
    pub(crate) struct InvitedList {
        /// The invitations, newest first.
        invitations: Invited,
    }
}

page_query! {
    /// The parameters of these lists.
    pub(crate) struct InvitationsQuery {}
    /// How many to give at most.
    limit
}

/// The open invitations of an account.
struct Mine {
    account_id: Uuid,
}

/// The open invitations to a post.
struct OfPost {
    post_id: Uuid,
}

/// The open invitations of the token's subject
///
/// One to a post that was deleted, or removed by moderators, or whose owner was forgotten, or blocks the subject or is
/// blocked by them, is left out.
#[utoipa::path(
    get, path = "/v1/me/invitations", operation_id = "list_my_invitations", tag = "me", params(InvitationsQuery),
    responses(
        (status = 200, description = "A page of invitations", body = InvitationList),
    )
)]
pub(crate) async fn mine(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<InvitationsQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let list = Mine { account_id: reader.id };
    let mut page = list.page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().flat_map(|entry| [&mut entry.owner, &mut entry.invited_by]).collect();
    let named = author_refs::look_up(people, &library.database).await?;
    let reply = reply.lists::<views::Invitations>().lists::<views::PersonBlocks>();
    page.answer::<InvitationList>(reply.shows::<views::Authors>(named))
}

/// Who sees the invitations to a post.
const OPEN: ListOfPost = ListOfPost {
    list: "invitations",
    keep: Keep::Private,
    action: Action::SeeInvited,
    why: "only its owner sees who is invited",
};

/// The open invitations to a post
///
/// Only its owner and editors see them.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/invitations", operation_id = "list_invitations", tag = "posts",
    params(("slug" = String, Path, description = "Its slug, or a former one"), InvitationsQuery),
    responses(
        (status = 200, description = "A page of invitations", body = InvitedList),
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
    Query(query): Query<InvitationsQuery>,
) -> Result<HttpResponse, Problem> {
    let (post_id, reply) = match OPEN.begin(&library, &request, (&reader, &named), query.position.as_ref()).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(moved) => return Ok(moved),
    };
    let mut page = OfPost { post_id }.page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().flat_map(|entry| [&mut entry.account, &mut entry.invited_by]).collect();
    let named = author_refs::look_up(people, &library.database).await?;
    page.answer::<InvitedList>(reply.shows::<views::Authors>(named))
}

impl List for Mine {
    type Key = TimeKey;
    type Entry = Invitation;

    fn id(&self) -> ListId {
        ListId::of(["invitations", &self.account_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT {} FROM content.invitations i JOIN content.posts p ON p.post_id = i.post_id \
             WHERE i.open AND {} AND NOT EXISTS (SELECT FROM content.authors a \
             WHERE a.account_id = p.author_id AND starts_with(a.user_name, ",
            Invitation::columns(),
            left_to_its_authors("p")
        ));
        query.push_bind(DELETED_PREFIX).push(")) AND i.account_id = ").push_bind(self.account_id);
        Reader::Account(self.account_id).not_apart(&mut query, "p.author_id");
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["i.since", "i.post_id"])
    }

    fn key(invitation: &Invitation) -> TimeKey {
        TimeKey(invitation.invited_at, invitation.post_id)
    }
}

impl List for OfPost {
    type Key = TimeKey;
    type Entry = Invited;

    fn id(&self) -> ListId {
        ListId::of(["invited", &self.post_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = Invited::columns();
        let mut query = QueryBuilder::new(format!("SELECT {columns} FROM content.invitations i WHERE i.open"));
        query.push(" AND i.post_id = ").push_bind(self.post_id);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["i.since", "i.account_id"])
    }

    fn key(invited: &Invited) -> TimeKey {
        TimeKey(invited.invited_at, invited.account.id)
    }
}
