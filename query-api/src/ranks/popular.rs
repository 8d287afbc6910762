//! Popular posts.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use service_kit::{Access, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use super::ITS_POST;
use crate::cursor::{Key, ListId};
use crate::library::Library;
use crate::listed::listed;
use crate::page::{List, Order, Page, page_body, page_query};
use crate::posts::{PostSummary, answer};

/// The sums of points, each with an index of the most.
const SUMS: [&str; 3] = ["content.reaction_points", "content.comment_points", "reads.points"];
/// Of each sum so many posts are ranked, those with the most.
const OF_EACH: usize = 250;
/// A score in a cursor has at most so many digits: more than a century's.
const DIGITS: usize = 4_000;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

page_body! {
    /// A page of popular posts.
    pub(crate) struct PopularList {
        /// The posts, the most popular first.
        posts: PostSummary,
    }
}

page_query! {
    /// The parameters of the list of popular posts.
    pub(crate) struct PopularQuery {}
    /// How many posts to give at most.
    limit
}

/// Popular posts, the most popular first
///
/// By what readers did: a reading counts 1, a reaction 10, a comment 20, and a tenth of that ten days later. Ranked are
/// the posts in the lists that are among the first 250 by readings, by reactions or by comments. Who pages on while
/// readers go on may meet a post twice or not at all.
#[utoipa::path(
    get, path = "/v1/popular", operation_id = "list_popular_posts", tag = "posts", params(PopularQuery),
    responses(
        (status = 200, description = "A page of posts", body = PopularList),
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<PopularQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let Page { entries, next } = Popular.page(query.paging(), &library.database).await?;
    let page = Page { entries: entries.into_iter().map(|ranked| ranked.post).collect(), next };
    // The order is made of all of them.
    let reply = reply.lists::<views::Posts>().lists::<views::Comments>().lists::<views::Reactions>();
    answer::<PostSummary, PopularList>(page, |post| post, &library, reply).await
}

/// A post, and its points.
#[derive(FromRow)]
struct Ranked {
    #[sqlx(flatten)]
    post: PostSummary,
    score: String,
}

/// A number of points, in digits, and the post that has them.
struct ScoreKey(String, Uuid);

impl Key for ScoreKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (score, id) = text.split_once('/')?;
        let is_number = (1..=DIGITS).contains(&score.len()) && score.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Some(Self(score.to_owned(), id.parse().ok()?)))?
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_unseparated("::numeric").push_bind(self.1);
    }
}

/// All popular posts.
struct Popular;

impl List for Popular {
    type Key = ScoreKey;
    type Entry = Ranked;

    fn id(&self) -> ListId {
        ListId::of(["popular"])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let most = SUMS.map(most).join(" UNION ");
        let points = SUMS.map(points).join(" + ");
        QueryBuilder::new(format!(
            "SELECT {}, s.score::text AS score FROM (SELECT m.post_id, {points} AS score FROM ({most}) m OFFSET 0) s \
             {ITS_POST} WHERE {} AND s.score > 0",
            PostSummary::columns(),
            listed("p")
        ))
    }

    fn order(&self) -> Order {
        Order::Descending(["s.score", "p.post_id"])
    }

    fn key(ranked: &Ranked) -> ScoreKey {
        ScoreKey(ranked.score.clone(), ranked.post.id)
    }
}

/// The posts in the lists with the most points of a sum.
fn most(sum: &str) -> String {
    format!(
        "(SELECT x.post_id FROM {sum} x, LATERAL (SELECT FROM content.posts p WHERE p.post_id = x.post_id AND {} \
         OFFSET 0) p ORDER BY x.points DESC, x.post_id DESC LIMIT {OF_EACH})",
        listed("p")
    )
}

/// The points that a post has of a sum.
fn points(sum: &str) -> String {
    format!("COALESCE((SELECT x.points FROM {sum} x WHERE x.post_id = m.post_id), 0)")
}
