//! A case by its id: what waits in it, and what was decided.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::moderation::Target;
use domain::{Role, Timestamp, views};
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes, schemas};
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rulings::RulingEntry;
use crate::author_refs::{self, AuthorRef};
use crate::database::{Database, Time};
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Moderator) => by_id;
    }
}

/// So many rulings are shown of a case, the last ones.
const MOST_RULINGS: i64 = 100;

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseEntry {
    /// Its id.
    case_id: String,
    /// Whom it concerns.
    subject: AuthorRef,
    /// The reports that wait, in their order.
    reports: Vec<ReportEntry>,
    /// The rulings against which appeals wait.
    appealed_rulings: Vec<i64>,
    /// The moderator who has claimed it.
    #[schema(required = true)]
    claimed_by: Option<Uuid>,
    /// Until when that holds.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    claimed_until: Option<Time>,
    /// The last 100 rulings, the newest first.
    rulings: Vec<RulingEntry>,
    /// The version of the case: what `If-Match` takes at the command API.
    version: i64,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportEntry {
    /// Whose it is. They are not told to whom it is about.
    reporter: AuthorRef,
    /// Against which rule of the house it is.
    rule: String,
    /// What they say; may be empty.
    statement: String,
    /// When they did.
    #[schema(value_type = String, format = DateTime)]
    reported_at: Time,
}

#[derive(FromRow)]
struct Row {
    subject_id: Uuid,
    reporter_ids: Vec<Uuid>,
    rules: Vec<String>,
    statements: Vec<String>,
    reported_at: Vec<i64>,
    appealed_rulings: Vec<i64>,
    claimed_by: Option<Uuid>,
    claimed_until_at: Option<Time>,
    version: i64,
}

/// A case
///
/// What was reported is shown until it is answered. One's own case is dealt with by others: it is as if it were not
/// there.
#[utoipa::path(
    get, path = "/v1/moderation/cases/{case}", operation_id = "read_case", tag = "moderation",
    params(("case" = inline(schemas::CaseId), Path, description = "Its id"), OneQuery),
    responses(
        (status = 200, description = "The case", body = CaseEntry),
        (status = 403, description = "`forbidden`: this needs the role moderator"),
        (status = 404, description = "`not-found`: nothing was reported or decided of it, or it is the caller's own"),
    )
)]
pub(crate) async fn by_id(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    id: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Never).depends_on_the_reader().shows_named::<views::Cases>(std::slice::from_ref(&id));
    let found = match Target::of(&id) {
        Some(target) => find(&library.database, &target.id(), reader.id).await?,
        None => None,
    };
    // Whom reports are about learns neither of them nor of who made them, moderator or not, nor do who write the post.
    let found = found.filter(|row| row.subject_id != reader.id);
    let row = found.ok_or_else(|| reply.refused(Problem::not_found("nothing was reported or decided of it")))?;
    let rulings = rulings(&library.database, &id).await?;
    let mut entry = row.entry(id.into_inner(), rulings);
    let reporters = entry.reports.iter_mut().map(|report| &mut report.reporter);
    let people = reporters.chain([&mut entry.subject]).collect();
    let people = author_refs::look_up(people, &library.database).await?;
    reply.lists::<views::Rulings>().shows::<views::Authors>(people).json(&entry)
}

async fn find(database: &Database, id: &str, reader_id: Uuid) -> Result<Option<Row>, Problem> {
    let query = sqlx::query_as(
        "SELECT subject_id, reporter_ids, rules, statements, reported_at, appealed_rulings, claimed_by, \
         claimed_until_at, version FROM content.cases k WHERE case_id = $1 AND NOT (target_kind = 'post' AND EXISTS \
         (SELECT FROM content.posts p WHERE p.post_id = k.target_id AND $2 = ANY(p.author_id || p.co_author_ids)))",
    )
    .bind(id)
    .bind(reader_id);
    database.run(query.fetch_optional(database.pool())).await
}

async fn rulings(database: &Database, id: &str) -> Result<Vec<RulingEntry>, Problem> {
    let columns = RulingEntry::columns();
    let sql = format!("SELECT {columns} FROM content.rulings r WHERE r.case_id = $1 ORDER BY r.ruling DESC LIMIT $2");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).bind(MOST_RULINGS);
    database.run(query.fetch_all(database.pool())).await
}

impl Row {
    fn entry(self, case_id: String, rulings: Vec<RulingEntry>) -> CaseEntry {
        let said = self.rules.into_iter().zip(self.statements).zip(self.reported_at);
        let reports = self.reporter_ids.into_iter().zip(said).map(|(id, ((rule, statement), at))| ReportEntry {
            reporter: AuthorRef::from(id),
            rule,
            statement,
            reported_at: Time::nearest(Timestamp(at)),
        });
        CaseEntry {
            case_id,
            subject: AuthorRef::from(self.subject_id),
            reports: reports.collect(),
            appealed_rulings: self.appealed_rulings,
            claimed_by: self.claimed_by,
            claimed_until: self.claimed_until_at,
            rulings,
            version: self.version,
        }
    }
}
