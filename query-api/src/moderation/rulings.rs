//! What moderators decided of a person, or of what they wrote: the log that the person reads.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{Key, ListId};
use crate::database::Time;
use crate::library::Library;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => mine;
    }
}

row! {
    /// A ruling.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct RulingEntry of "r" {
        /// The case: what it is about.
        case_id: String,
        /// Its number there.
        ruling: i64,
        /// What it is: `hide`, `remove`, `warn`, `mute`, `block`; `lift` of such a measure, `answer` to an appeal; of
        /// moderators' lists, `dismiss`, too.
        kind: String,
        /// Against which rule of the house it was, of a measure.
        #[schema(required = true)]
        rule: Option<String>,
        /// Why; empty where there is nothing to tell, or the account was erased.
        explanation: String,
        /// By which role it was made.
        role: String = "r.moderator_role",
        /// When it was made.
        #[schema(value_type = String, format = DateTime)]
        ruled_at: Time,
        /// Until when it is in force, if it ends by itself.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        ends_at: Option<Time>,
        /// Of a block, the post that it is from; null: from all there is.
        #[schema(required = true)]
        blocked_post_id: Option<Uuid>,
        /// The case of the comment that it is for.
        #[schema(required = true)]
        about: Option<String> = "r.about_case",
        /// The ruling that it lifts, answers for, or takes the place of.
        #[schema(required = true)]
        former_ruling: Option<i64>,
        /// Of an answer, whether the measure stays in force.
        #[schema(required = true)]
        upheld: Option<bool>,
        /// Since when it is in force no more.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        lifted_at: Option<Time>,
        /// When the person appealed.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        appealed_at: Option<Time>,
        /// What they said then.
        appeal: String,
        /// When that was answered.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        answered_at: Option<Time>,
    }
}

page_body! {
    /// A page of rulings.
    pub(crate) struct RulingList {
        /// The rulings, the newest first.
        rulings: RulingEntry,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct RulingsQuery {}
    /// How many to give at most.
    limit
}

/// What concerns an account: what was decided of them, and what is in force on posts that others wrote then and that
/// are theirs by now.
struct Concerning(Uuid);

/// When a ruling was made, in which case, and its number there: two of one case are never of one time.
struct RulingKey(Time, String);

/// What moderators decided of the token's subject
///
/// And of what they wrote, with the reasons, and what became of it. Who reported something, and that something was
/// reported, is not in it. Of a post that was handed over to them while it was hidden, or removed, they read what is in
/// force: by which rule, and which ruling it is, against which they may appeal. What its former owner was told, and
/// what they said, is theirs: `explanation` and `appeal` are empty.
#[utoipa::path(
    get, path = "/v1/me/rulings", operation_id = "list_my_rulings", tag = "me", params(RulingsQuery),
    responses(
        (status = 200, description = "A page of rulings", body = RulingList),
    )
)]
pub(crate) async fn mine(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<RulingsQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader().lists::<views::Rulings>().lists::<views::Posts>();
    Concerning(reader.id).page(query.paging(), &library.database).await?.answer::<RulingList>(reply)
}

/// What both are told of a ruling.
const TOLD: &str = "s.case_id, s.ruling, s.kind, s.rule, s.moderator_role, s.ruled_at, s.ends_at, s.blocked_post_id, \
    s.about_case, s.former_ruling, s.upheld, s.lifted_at, s.appealed_at, s.answered_at";

impl List for Concerning {
    type Key = RulingKey;
    type Entry = RulingEntry;

    fn id(&self) -> ListId {
        ListId::of(["rulings", &self.0.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = RulingEntry::columns();
        let mut query = QueryBuilder::new(format!("SELECT {columns} FROM (SELECT {TOLD}, s.explanation, s.appeal"));
        query.push(" FROM content.rulings s WHERE s.subject_id = ").push_bind(self.0).push(" AND s.kind <> 'dismiss'");
        // The posts that others may not see have an index of their own: they are few, whatever their author wrote.
        query.push(format_args!(" UNION ALL SELECT {TOLD}, '' AS explanation, '' AS appeal FROM content.posts p"));
        query.push(" JOIN content.rulings s ON s.case_id = 'post:' || p.post_id WHERE p.visible <> 'all'");
        query.push(" AND p.author_id = ").push_bind(self.0).push(" AND s.subject_id <> ").push_bind(self.0);
        query.push(" AND s.kind IN ('hide', 'remove') AND s.lifted_at IS NULL) r WHERE true");
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["r.ruled_at", "r.case_id"])
    }

    fn key(entry: &RulingEntry) -> RulingKey {
        RulingKey(entry.ruled_at, entry.case_id.clone())
    }
}

impl Key for RulingKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0.timestamp().0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (at, case_id) = text.split_once('/')?;
        let at = Time::exactly(domain::Timestamp(at.parse().ok()?))?;
        // What is no case is no cursor of this list.
        let case: domain::moderation::Target = case_id.parse().ok()?;
        Some(Self(at, case.id()))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.1);
    }
}
