//! What keeps people from taking part, as far as this instance has read: measures that moderators put in force, and
//! people who block each other. It is another topic than what they do, with which it has no common order: what was
//! accepted a moment before stays.

use std::sync::Arc;

use actix_web::web;
use domain::Timestamp;
use domain::moderation::{Case, FILTERS, Filters, InForce, Moderation, Pair, State, Target};
use domain::values::Measure;
use event_log::EventLog;
use jiff::Timestamp as Instant;
use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

use crate::freshness::stale;

/// The log of moderation, of a process that has it to look things up.
pub type Cases = web::Data<Arc<EventLog<Moderation>>>;

/// Whether an account may comment on a post now, as far as moderators are concerned.
///
/// # Errors
/// 403: it is muted or blocked, and until when; or this instance cannot say.
pub fn may_comment(cases: &EventLog<Moderation>, account_id: Uuid, post_id: Uuid) -> Result<(), Problem> {
    let case = case(cases, Target::Account(account_id))?;
    refuse(case.as_deref().and_then(|case| case.silences(post_id, event_log::now())))
}

/// Whether an account may take part in anything now, as far as moderators are concerned.
///
/// # Errors
/// 403: it is blocked, and until when; or this instance cannot say.
pub fn may_take_part(cases: &EventLog<Moderation>, account_id: Uuid) -> Result<(), Problem> {
    let case = case(cases, Target::Account(account_id))?;
    refuse(case.as_deref().and_then(|case| case.bars(event_log::now())))
}

/// Whether an account takes part in nothing now: for what is done in its name when it does not ask.
///
/// # Errors
/// This instance cannot say.
pub fn is_barred(cases: &EventLog<Moderation>, account_id: Uuid) -> Result<bool, Problem> {
    let case = case(cases, Target::Account(account_id))?;
    Ok(case.is_some_and(|case| case.bars(event_log::now()).is_some()))
}

/// Whether the one of two people blocks the other.
///
/// # Errors
/// This instance cannot say.
pub fn are_apart(cases: &EventLog<Moderation>, one: Uuid, other: Uuid) -> Result<bool, Problem> {
    let pair = Pair { blocker_id: one, blocked_id: other };
    for pair in [pair, pair.reverse()] {
        if cases.confirmed(&pair.id()).map_err(stale)?.1 == State::Pair(true) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What comments are held for now, and the version of that.
///
/// # Errors
/// This instance cannot say.
pub fn filters(cases: &EventLog<Moderation>) -> Result<(u64, Filters), Problem> {
    match cases.confirmed(FILTERS).map_err(stale)? {
        (version, State::Filters(filters)) => Ok((version, *filters)),
        (version, State::Nothing | State::Case(_) | State::Pair(_)) => Ok((version, Filters::default())),
    }
}

fn case(cases: &EventLog<Moderation>, target: Target) -> Result<Option<Box<Case>>, Problem> {
    match cases.confirmed(&target.id()).map_err(stale)?.1 {
        State::Case(case) => Ok(Some(case)),
        State::Nothing | State::Pair(_) | State::Filters(_) => Ok(None),
    }
}

fn refuse(in_force: Option<&InForce>) -> Result<(), Problem> {
    let Some(in_force) = in_force else { return Ok(()) };
    let (kind, what) = match in_force.measure {
        Measure::Block => (&Kind::BLOCKED, "blocked"),
        Measure::Mute | Measure::Warn | Measure::Hide | Measure::Remove => (&Kind::MUTED, "muted"),
    };
    let until = in_force.until.and_then(shown).map_or_else(String::new, |until| format!(", until {until}"));
    let problem = Problem::new(kind, format!("a moderator has {what} the account{until}"));
    Err(problem.with("ruling", in_force.ruling))
}

fn shown(Timestamp(millis): Timestamp) -> Option<Instant> {
    Instant::from_millisecond(millis).ok()
}
