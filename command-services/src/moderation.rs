//! `/v1/moderation`, and what people report, appeal against and block, below `/v1/me`. What is decided of a post or a
//! comment is carried out on it by `effects.rs`; what is in force against a person the other contexts ask of
//! `sanctions.rs`.

mod appeals;
pub mod args;
mod blocks;
mod cases;
mod effects;
mod filters;
mod reports;
pub mod sanctions;
mod subjects;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use anyhow::Context as _;
use domain::Decider as _;
use domain::accounts::Accounts;
use domain::comments::Comments;
use domain::moderation::{About, Ask, Command as ModerationCommand, Moderation, Pair, Rejection, State, Target};
use domain::personal::{Personal, PersonalText};
use domain::posts::Posts;
use domain::values::{Explanation, HouseRule};
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sealing::KeyRing;
use serde::Serialize;
use service_kit::etag::Conditions;
use service_kit::json::broken_rule;
use service_kit::position::POSITION;
use service_kit::problem::Kind;
use service_kit::{FieldError, Problem, Route};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::replies::erased;
use crate::commands::{Caller, Command, Decided};
use crate::identity::sealer::Sealer;
use crate::identity::vault::Vault;
use crate::logs::Logs;
use crate::part::{Part, Process, end_each};
use crate::reactions::args::Names;
use crate::reply::{Accepted, refused};
use effects::Effects;

type Log = web::Data<Arc<EventLog<Moderation>>>;
type Shared = web::Data<Desk>;
/// A case, as an address names it.
type CasePath = web::Path<Target>;
/// A ruling of a case, as an address names it.
type RulingPath = web::Path<(Target, i64)>;

/// The context, as a part of a service.
pub const PART: Part = Part {
    looks_up: &[Accounts::NAME, Comments::NAME, Posts::NAME],
    start,
    forget: Some(forget),
    ..Part::of::<Moderation>(routes)
};

/// What seals what people say and are told, and the rules of the house.
pub struct Desk {
    vault: Vault,
    key_ring: KeyRing,
    rules: Names<HouseRule>,
    claim_ms: i64,
    effects: Arc<Effects>,
}

fn start(process: &mut Process) -> anyhow::Result<()> {
    let key_ring = process.args.identity.key_ring_file.clone();
    let key_ring = key_ring.context("INKLOG_KEY_RING_FILE is needed where reports are taken")?;
    let (vault, args) = (process.vault.clone(), &process.args.moderation);
    let (rules, claim_ms) = (args.house_rules.clone(), args.claim_ms());
    let effects = effects::carry_out(process)?;
    process.provide(Arc::new(Desk { vault, key_ring, rules, claim_ms, effects }));
    Ok(())
}

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    [reports::routes(), appeals::routes(), blocks::routes(), cases::routes(), filters::routes()].concat()
}

/// A case after a command of a moderator.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaseReply {
    /// The case.
    pub case_id: String,
    /// How many rulings there were: a ruling that was just made has this number.
    pub rulings: i64,
    /// The version of the case.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
    /// Of a ruling on a comment, where the comment is as was decided: what `Inklog-Position` takes when comments are
    /// read. Null where that is a moment away, and of all else.
    #[schema(required = true)]
    pub comment_position: Option<String>,
    /// The same of a ruling on a post: what `Inklog-Position` takes when posts are read.
    #[schema(required = true)]
    pub post_position: Option<String>,
}

impl Desk {
    /// Whether there is such a rule here.
    fn has_rule(&self, rule: &HouseRule) -> Result<(), Problem> {
        self.rules.have(rule).map_err(|why| broken_rule("/rule", why))
    }

    /// What is said by an account, or of it, as it may go into a command.
    async fn sealed<T: PersonalText>(&self, text: T, account_id: Uuid) -> Result<Personal<T>, Problem> {
        Ok(Sealer::of(&self.vault, &self.key_ring, account_id).await?.seal(text))
    }

    /// What a person is told of a ruling. A post stays when who wrote it is forgotten, and is moderated all the same:
    /// then no one is told.
    async fn explained(&self, text: Explanation, about: About) -> Result<Personal<Explanation>, Problem> {
        let is_post = matches!(about.target, Target::Post(_));
        match self.vault.data_key_or_new(&self.key_ring, about.subject_id).await? {
            Some(key) => Ok(key.seal(about.subject_id, text)),
            None if is_post => Ok(Personal::Plain(Explanation::none())),
            None => Err(erased()),
        }
    }
}

/// Has a command on a case decided.
async fn ask<A: Serialize>(caller: &Caller, log: &Log, about: About, asked: &A, ask: Ask) -> Result<Accepted, Problem> {
    ask_if(Ok(()), caller, log, about, (asked, ask)).await
}

/// The same, if what was looked up permits it: see [`Command::execute_if`].
async fn ask_if<A: Serialize>(
    permitted: Result<(), Problem>,
    caller: &Caller,
    log: &Log,
    about: About,
    (asked, ask): (&A, Ask),
) -> Result<Accepted, Problem> {
    let command: Command<'_, Moderation> = caller.command(log, about.target.id(), asked);
    match command.execute_if(permitted, ModerationCommand::Case(about, ask)).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "case", rejected)),
        Decided::Accepted(accepted) => Ok(accepted),
    }
}

/// The reply to a moderator.
fn reply(about: About, accepted: &Accepted, position: Option<String>) -> HttpResponse {
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    let (case_id, rulings) = (about.target.id(), rulings(accepted));
    let (post_position, comment_position) = match about.target {
        Target::Post(_) => (position, None),
        Target::Comment { .. } | Target::Account(_) => (None, position),
    };
    accepted.reply(&CaseReply { case_id, rulings, version, changed, comment_position, post_position }, None)
}

/// The reply to a moderator who has ruled: the thing is as they decided, if that takes no longer than a moment.
async fn ruled(caller: &Caller, desk: &Desk, about: About, accepted: &Accepted) -> HttpResponse {
    let position = desk.effects.at_once(about.target, rulings(accepted), caller.deadline).await;
    reply(about, accepted, position)
}

/// How many rulings a case has, as the log remembers it of a command.
fn rulings(accepted: &Accepted) -> i64 {
    accepted.receipt.note.as_deref().and_then(|note| note.parse().ok()).unwrap_or(0)
}

/// The reply to who does not moderate. It says nothing of the case but what they know: no version, which counts what
/// others reported.
fn quiet_reply(accepted: &Accepted, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(position) = accepted.position() {
        response.insert_header((POSITION, position));
    }
    response.json(body)
}

/// A caller who has seen no version of the case, whatever they say.
fn unseeing(caller: Caller) -> Caller {
    Caller { conditions: Conditions::default(), ..caller }
}

/// Takes an account's reports back, ends its blocks and those of it, and takes away what was said of it. What was
/// decided stays, without a word.
fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    async move {
        end_each::<Moderation>(logs, caller, account_id, |id, state| match state {
            State::Case(case) => {
                let reported = case.reporters().contains(&account_id);
                reported.then(|| ModerationCommand::Case(case.about(), Ask::Withdraw { reporter_id: account_id }))
            }
            State::Pair(blocks) => Pair::of(id).filter(|_| *blocks).map(ModerationCommand::Unblock),
            State::Nothing | State::Filters(_) => None,
        })
        .await?;
        // A further command on the same aggregate has another key.
        let caller = Caller { key: format!("{}/words", caller.key), ..caller.clone() };
        end_each::<Moderation>(logs, &caller, account_id, |_, state| match state {
            // It may have concerned another first, whose the post was.
            State::Case(case) if case.has_words_of(account_id) => {
                let about = About { subject_id: account_id, ..case.about() };
                Some(ModerationCommand::Case(about, Ask::Erase))
            }
            State::Case(_) | State::Pair(_) | State::Nothing | State::Filters(_) => None,
        })
        .await
    }
    .boxed()
}

fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::NotAModerator | Rejection::NotAnAdmin | Rejection::HigherRole | Rejection::OwnRuling => {
            Problem::new(&Kind::FORBIDDEN, detail)
        }
        Rejection::NotTheOwner => Problem::not_the_author(detail),
        Rejection::Oneself => Problem::invalid(vec![FieldError::parameter("case", detail)]),
        Rejection::ClaimedByAnother => Problem::new(&Kind::CLAIMED, detail).version(version),
        Rejection::NotForThis => broken_rule("/measure", detail).version(version),
        Rejection::NotToCome => broken_rule("/until", detail).version(version),
        Rejection::NotInForce | Rejection::NotAppealed => Problem::new(&Kind::NOT_IN_FORCE, detail).version(version),
        Rejection::AppealedBefore => Problem::new(&Kind::TOO_LATE, detail),
        Rejection::TooManyReports => Problem::new(&Kind::TOO_MANY, detail),
        Rejection::TooManyInForce => Problem::new(&Kind::TOO_MANY, detail).version(version),
        Rejection::TooManyWords => broken_rule("/words", detail).version(version),
        Rejection::WrongAggregate => Problem::not_found("there is no such case"),
    }
}
