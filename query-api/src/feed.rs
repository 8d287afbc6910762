//! What is new of what the caller follows: `GET /v1/me/feed`, newest first. It is merged of the posts of the authors,
//! tags, categories and series that they follow, as those are at the moment: what stands for another by now is resolved
//! here, so merges and moves rewrite nothing. What authors have written is ready in Redis for most readers; what is in
//! Postgres is the answer all the same, for each post that Redis names is looked up there.

mod merged;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Timestamp, views};
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::lists::{CONTEXTS, Ready};
use crate::page::{List, Order, Page, Paging, page_body, page_query, statement};
use crate::posts::{PostSummary, answer};
use crate::progress::Known;
use crate::reply::Keep;
use merged::{Authors, select};

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => list;
    }
}

page_body! {
    /// A page of a feed.
    pub(crate) struct FeedPage {
        /// The posts, newest first.
        posts: PostSummary,
    }
}

page_query! {
    /// The parameters of the feed.
    pub(crate) struct FeedQuery {}
    /// How many posts to give at most.
    limit
}

/// A page of a feed.
struct Feed<'a> {
    reader: Uuid,
    /// The posts of authors: which are looked at.
    authors: Authors<'a>,
    after: Option<TimeKey>,
    /// How many posts it has at most, and one more.
    most: u32,
}

/// What is new of what the token's subject follows
///
/// The posts of the authors, tags, categories and series that they follow, each once, as the lists have them: what is
/// only for who has its address, or in the archive, is not among them. A tag is followed under all of its names, and a
/// category with what is below it. Of tags, categories and series together those 1,000 are looked at that are followed
/// last, and of the series among these 100.
#[utoipa::path(
    get, path = "/v1/me/feed", operation_id = "read_feed", tag = "me", params(FeedQuery),
    responses(
        (status = 200, description = "A page of posts", body = FeedPage),
    )
)]
pub(crate) async fn list(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<FeedQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = query.paging();
    let after = paging.cursor.map(|cursor| id_of(reader.id).key(cursor)).transpose()?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let rows = library.database.run(read(&library, reader.id, after, paging.limit + 1)).await?;
    let page = cut(reader.id, rows, paging);
    let reply = reply.shows::<views::Follows>([reader.id]).shows::<views::FollowedSubjects>([reader.id]);
    let reply = reply.lists::<views::Posts>().lists::<views::Tags>().lists::<views::TagNames>();
    let reply = reply.lists::<views::Categories>().lists::<views::AllSeries>();
    answer::<_, FeedPage>(page, |post| post, &library, reply).await
}

/// All that is asked of Postgres is asked of its rows as they are at one moment: so Redis, which is asked after that
/// moment and is not used where it is behind it, has every post that these rows have.
async fn read(library: &Library, reader: Uuid, after: Option<TimeKey>, most: u32) -> sqlx::Result<Vec<PostSummary>> {
    let mut snapshot = library.database.snapshot().await?;
    let known = Known::unless_parked(&mut snapshot, &CONTEXTS).await?;
    let ready = match known {
        Some(known) => library.lists.feed(reader, &known).await,
        None => None,
    };
    let ready = ready.filter(|ready| ready.may_reach_beyond(after));
    if let Some(ready) = &ready {
        let feed = Feed { reader, authors: Authors::Named(ready), after, most };
        let rows = feed.rows(&mut snapshot).await?;
        if ready.has_all(&rows, most) {
            measures::queries::FEEDS.with(["redis"]).increment(1);
            snapshot.commit().await?;
            return Ok(rows);
        }
    }
    measures::queries::FEEDS.with(["postgres"]).increment(1);
    let rows = Feed { reader, authors: Authors::All, after, most }.rows(&mut snapshot).await?;
    snapshot.commit().await?;
    Ok(rows)
}

fn cut(reader: Uuid, mut rows: Vec<PostSummary>, paging: Paging<'_>) -> Page<PostSummary> {
    let more = rows.len() > paging.limit as usize;
    rows.truncate(paging.limit as usize);
    let next = rows.last().filter(|_| more).map(|post| id_of(reader).cursor(&Feed::key(post)));
    Page { entries: rows, next }
}

fn id_of(reader: Uuid) -> ListId {
    ListId::of(["feed", &reader.to_string()])
}

impl Ready {
    /// Whether it may have what comes after an entry.
    fn may_reach_beyond(&self, after: Option<TimeKey>) -> bool {
        after.is_none_or(|TimeKey(at, id)| self.floor.is_none_or(|floor| floor < (at.timestamp(), id)))
    }

    /// Whether a page that was made of it is whole: it ends above where the feed was cut.
    fn has_all(&self, rows: &[PostSummary], most: u32) -> bool {
        let reaches = |post: &PostSummary| {
            let TimeKey(at, id) = Feed::key(post);
            self.floor.is_none_or(|floor| floor < (at.timestamp(), id))
        };
        self.floor.is_none() || rows.len() == most as usize && rows.iter().all(reaches)
    }
}

impl Feed<'_> {
    async fn rows(&self, connection: &mut PgConnection) -> sqlx::Result<Vec<PostSummary>> {
        let mut query = statement(self, self.order(), self.after, false, self.most);
        query.build_query_as().fetch_all(connection).await
    }
}

impl List for Feed<'_> {
    type Key = TimeKey;
    type Entry = PostSummary;

    fn id(&self) -> ListId {
        id_of(self.reader)
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        select(self.reader, &self.authors, self.after, self.most)
    }

    fn order(&self) -> Order {
        Order::Descending(["f.published_at", "f.post_id"])
    }

    fn key(post: &PostSummary) -> TimeKey {
        TimeKey(post.published_at.unwrap_or_else(|| Time::nearest(Timestamp(0))), post.id)
    }
}
