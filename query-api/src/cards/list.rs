use std::ops::ControlFlow;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::values::{ReactionKind, Tag};
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes, schemas};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::Type;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::card::{Card, Look};
use crate::database::Database;
use crate::freshness::{self, Position};
use crate::library::Library;
use crate::limit::{self, Limit};
use crate::listed::listed;
use crate::names::{NamedAuthor, asked_for, bearer, not_at_present};
use crate::page::with;
use crate::privacy;
use crate::reply::Reply;
use crate::tags;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// Beyond so many entries nothing is skipped: each that is costs time.
const FARTHEST: u32 = 100_000;

/// A page of cards.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CardList {
    /// The posts, newest first.
    cards: Vec<Card>,
    /// How many there are on all pages.
    total: i64,
}

/// How many entries are skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct Offset(u32);

impl TryFrom<u32> for Offset {
    type Error = String;
    fn try_from(offset: u32) -> Result<Self, String> {
        if offset <= FARTHEST { Ok(Self(offset)) } else { Err(format!("must be 0 to {FARTHEST}")) }
    }
}

fn offset() -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer).default(Some(0.into()));
    number.minimum(Some(0_u32)).maximum(Some(FARTHEST))
}

/// The parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardsQuery {
    /// Only posts with this tag, under whichever of its names.
    #[param(required = false, schema_with = tag)]
    tag: Option<Tag>,
    /// Only posts that the account of this user name wrote.
    author: Option<String>,
    /// Only posts to which the account of this user name gave a reaction of the kind.
    reacted_by: Option<String>,
    /// Only posts of authors whom the reader follows; without a token there are none.
    #[param(value_type = Option<bool>, default = false)]
    followed: Option<bool>,
    /// Which kind of reaction is counted: `like` where it is missing.
    #[param(inline, value_type = Option<schemas::ReactionKind>)]
    kind: Option<ReactionKind>,
    /// How many posts to give at most.
    #[param(required = false, schema_with = limit::schema::<20, 100>)]
    limit: Option<Limit<20, 100>>,
    /// How many posts to skip.
    #[param(required = false, schema_with = offset)]
    offset: Option<Offset>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

fn tag() -> ObjectBuilder {
    use domain::values::Limited as _;
    schemas::text(Tag::LIMITS)
}

/// Which posts a list holds.
struct Filter {
    look: Look,
    author: Option<Uuid>,
    reacted_by: Option<Uuid>,
    followed: bool,
    tags: Option<Vec<String>>,
}

/// Posts as cards, newest first
///
/// The published posts that are in the lists, by numbers: those that are added meanwhile move the others.
#[utoipa::path(
    get, path = "/v1/cards", operation_id = "list_cards", tag = "cards", params(CardsQuery),
    responses(
        (status = 200, description = "A page of posts", body = CardList),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: who reacted keeps to themselves to what"),
        NamedAuthor,
    ),
    security((), ("token" = []))
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<CardsQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let look = Look::of(reader, query.kind.as_ref());
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let people = People { database: &library.database, request: &request };
    let (reply, author) = match people.named("author", query.author.as_deref(), reply).await? {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(moved) => return Ok(moved),
    };
    let (reply, reacted_by) = match people.named("reacted_by", query.reacted_by.as_deref(), reply).await? {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(moved) => return Ok(moved),
    };
    if let Some(account_id) = reacted_by {
        people.shows_reactions(account_id, &look).await?;
    }
    let tags = match &query.tag {
        Some(tag) => {
            let present = tags::meant(&library.database, tag.as_str()).await?;
            Some(tags::names_of(&library.database, &present).await?)
        }
        None => None,
    };
    let filter = Filter { look, author, reacted_by, followed: query.followed.unwrap_or(false), tags };
    let (limit, offset) = (query.limit.unwrap_or_default().get(), query.offset.unwrap_or_default().0);
    let mut page = filter.page(limit, offset, &library.database).await?;
    tags::resolve(page.cards.iter_mut().map(|card| &mut card.tags).collect(), &library.database).await?;
    let reply = filter.look.shown_in(&page.cards, reply.lists::<views::Posts>());
    reply.lists::<views::TagNames>().lists::<views::Follows>().json(&page)
}

/// The accounts that a list names.
struct People<'a> {
    database: &'a Database,
    request: &'a HttpRequest,
}

impl<'a> People<'a> {
    /// The account that a parameter names; or all of the answer, where it has another name by now.
    async fn named(
        &self,
        parameter: &str,
        name: Option<&str>,
        reply: Reply<'a>,
    ) -> Result<ControlFlow<HttpResponse, (Reply<'a>, Option<Uuid>)>, Problem> {
        let Some(name) = name else { return Ok(ControlFlow::Continue((reply, None))) };
        let name = asked_for(name)?;
        if let Some(id) = bearer(self.database, &name).await? {
            return Ok(ControlFlow::Continue((reply.shows::<views::Authors>([id]), Some(id))));
        }
        let address =
            |present: &str| (self.request.path().to_owned(), with(parameter, present, self.request.query_string()));
        not_at_present(&name, reply, self.database, address).await.map(ControlFlow::Break)
    }

    /// Whether an account shows what it reacted to.
    async fn shows_reactions(&self, account_id: Uuid, look: &Look) -> Result<(), Problem> {
        let wish = sqlx::query_scalar("SELECT reactions_list FROM content.preferences WHERE account_id = $1");
        let wish: Option<Option<String>> =
            self.database.run(wish.bind(account_id).fetch_optional(self.database.pool())).await?;
        let why = "what this author reacted to is shown to themselves only";
        privacy::shown(wish.flatten().as_deref(), account_id, look.reader.as_ref(), why).map(drop)
    }
}

#[derive(FromRow)]
struct Counted {
    total: i64,
}

impl Filter {
    async fn page(&self, limit: u32, offset: u32, database: &Database) -> Result<CardList, Problem> {
        let mut count = QueryBuilder::new("SELECT count(*) AS total FROM content.posts p WHERE ");
        self.push_conditions(&mut count);
        let mut query = QueryBuilder::new("SELECT ");
        self.look.push_columns(&mut query);
        query.push(" FROM content.posts p LEFT JOIN content.authors a ON a.account_id = p.author_id WHERE ");
        self.push_conditions(&mut query);
        query.push(" ORDER BY p.published_at DESC, p.post_id DESC LIMIT ").push_bind(i64::from(limit));
        query.push(" OFFSET ").push_bind(i64::from(offset));
        // Both as the rows are at one moment: a page and its total fit each other.
        let read = async {
            let mut snapshot = database.snapshot().await?;
            let Counted { total } = count.build_query_as().fetch_one(&mut *snapshot).await?;
            let cards = query.build_query_as().fetch_all(&mut *snapshot).await?;
            snapshot.commit().await?;
            Ok(CardList { cards, total })
        };
        database.run(read).await
    }

    fn push_conditions(&self, query: &mut QueryBuilder<Postgres>) {
        query.push(listed("p"));
        if let Some(author) = self.author {
            query.push(" AND p.author_id = ").push_bind(author);
        }
        if let Some(account) = self.reacted_by {
            query.push(" AND p.post_id IN (SELECT r.target_id FROM content.reactions r WHERE r.active AND ");
            query.push("r.target_kind = 'post' AND r.kind = ").push_bind(self.look.kind.clone());
            query.push(" AND r.account_id = ").push_bind(account).push(")");
        }
        if self.followed {
            query.push(" AND p.author_id IN (SELECT f.followee_id FROM content.follows f WHERE f.active AND ");
            query.push("f.follower_id = ").push_bind(self.look.reader_id()).push(")");
        }
        if let Some(tags) = &self.tags {
            query.push(" AND p.post_id IN (SELECT t.post_id FROM content.post_tags t WHERE t.tag = ANY(");
            query.push_bind(tags.clone()).push("))");
        }
    }
}
