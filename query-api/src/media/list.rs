use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Sha256;
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes, schemas};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Medium, named};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::listed::{left_to_its_authors, shown};
use crate::page::{List, Order, page_body, page_query};
use crate::posts::{PostSummary, answer};
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => mine, uses;
    }
}

/// A picture or a file of the reader's.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Own {
    #[serde(flatten)]
    #[sqlx(flatten)]
    medium: Medium,
    /// When it is swept, or looked at again, if no post uses it.
    #[schema(value_type = String, format = DateTime)]
    kept_until: Time,
    /// Its version: what a command names in `If-Match`.
    version: i64,
    #[serde(skip)]
    upload_id: Uuid,
    #[serde(skip)]
    since: Time,
}

/// A post that uses one.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Use {
    /// The post.
    #[sqlx(flatten)]
    post: PostSummary,
    #[serde(skip)]
    drafted_at: Time,
}

page_body! {
    /// A page of the reader's pictures and files.
    pub(crate) struct MediaList {
        /// They, newest first.
        media: Own,
    }
}

page_body! {
    /// A page of the posts that use one.
    pub(crate) struct UseList {
        /// The posts, the latest drafted first.
        posts: Use,
    }
}

page_query! {
    /// The parameters of these lists.
    pub(crate) struct MediaQuery {}
    /// How many to give at most.
    limit
}

/// What an account has.
struct Mine {
    account_id: Uuid,
}

/// The posts that use something, and that a reader can read.
struct Uses {
    sha256: Sha256,
    reader: Uuid,
}

/// The pictures and files of the token's subject
#[utoipa::path(
    get, path = "/v1/me/media", operation_id = "list_my_media", tag = "me", params(MediaQuery),
    responses(
        (status = 200, description = "A page of them", body = MediaList),
    )
)]
pub(crate) async fn mine(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<MediaQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let page = Mine { account_id: reader.id }.page(query.paging(), &library.database).await?;
    page.answer::<MediaList>(reply.lists::<views::Media>())
}

/// The posts that use a picture or a file
///
/// Those that everyone can read, and those of the token's subject.
#[utoipa::path(
    get, path = "/v1/me/media/{sha256}/posts", operation_id = "list_uses", tag = "me",
    params(("sha256" = inline(schemas::Sha256), Path, description = "What its bytes are"), MediaQuery),
    responses(
        (status = 200, description = "A page of posts", body = UseList),
        (status = 404, description = "`not-found`: that is no SHA-256"),
    )
)]
pub(crate) async fn uses(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    sha256: Path<String>,
    Query(query): Query<MediaQuery>,
) -> Result<HttpResponse, Problem> {
    let list = Uses { sha256: named(&sha256)?, reader: reader.id };
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let page = list.page(query.paging(), &library.database).await?;
    let reply = reply.lists::<views::MediaUses>().lists::<views::Posts>();
    answer::<_, UseList>(page, |used| &mut used.post, &library, reply).await
}

impl List for Mine {
    type Key = TimeKey;
    type Entry = Own;

    fn id(&self) -> ListId {
        ListId::of(["media", &self.account_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = Medium::columns();
        let mut query = QueryBuilder::new(format!(
            "SELECT {columns}, m.kept_until_at AS kept_until, m.version, m.upload_id, m.uploaded_at AS since \
             FROM content.media m WHERE m.active AND m.account_id = "
        ));
        query.push_bind(self.account_id);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["m.uploaded_at", "m.upload_id"])
    }

    fn key(own: &Own) -> TimeKey {
        TimeKey(own.since, own.upload_id)
    }
}

impl List for Uses {
    type Key = TimeKey;
    type Entry = Use;

    fn id(&self) -> ListId {
        ListId::of(["media uses", self.sha256.as_str(), &self.reader.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = PostSummary::columns();
        let mut query = QueryBuilder::new(format!(
            "SELECT {columns}, p.drafted_at FROM content.media_uses u JOIN content.posts p ON p.post_id = u.post_id \
             WHERE (u.sha256s @> "
        ));
        query.push_bind(vec![self.sha256.to_string()]);
        query.push(" OR u.cover_sha256 = ").push_bind(self.sha256.to_string());
        query.push(" OR u.custom_sha256s @> ").push_bind(vec![self.sha256.to_string()]);
        query.push(format_args!(") AND ({} OR {} AND (p.author_id = ", shown("p"), left_to_its_authors("p")));
        query.push_bind(self.reader);
        query.push(" OR p.co_author_ids @> ").push_bind(vec![self.reader]).push("))");
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["p.drafted_at", "p.post_id"])
    }

    fn key(used: &Use) -> TimeKey {
        TimeKey(used.drafted_at, used.post.id)
    }
}
