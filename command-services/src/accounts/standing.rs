//! What this instance has read of an account, for what other contexts say of it: an account that another instance
//! deactivates at this moment may still be taken for active. A caller who was shown an account that this instance has
//! not read yet is told that there is none, and finds it a moment later.

use std::sync::Arc;

use actix_web::web;
use domain::Actor;
use domain::accounts::{Accounts, State, Unique};
use domain::reservations::UniqueValue as _;
use domain::values::UserName;
use event_log::EventLog;
use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

use crate::freshness::{can_deny, stale};

/// The log of accounts, of a process that has it to look them up.
pub type People = web::Data<Arc<EventLog<Accounts>>>;

/// What is known of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none of this id.
    Unknown,
    /// It can do what its roles allow.
    Active,
    /// It cannot do anything, and shows in no new place.
    Deactivated,
    /// It was forgotten.
    Erased,
}

/// What is known of an account.
///
/// # Errors
/// This instance cannot say: it has not read enough.
pub fn standing(people: &People, id: Uuid) -> Result<Standing, Problem> {
    match people.confirmed(&id.to_string()).map_err(stale)?.1 {
        State::Account(account) if account.erased => Ok(Standing::Erased),
        State::Account(account) if account.deactivated => Ok(Standing::Deactivated),
        State::Account(_) => Ok(Standing::Active),
        State::Nothing | State::Reservation(..) => can_deny(people).map(|()| Standing::Unknown),
    }
}

/// The caller's account, which is there and active.
///
/// # Errors
/// It is not; or this instance cannot say.
pub fn active(actor: &Actor, people: &People) -> Result<Uuid, Problem> {
    match standing(people, actor.id)? {
        Standing::Active => Ok(actor.id),
        Standing::Deactivated => Err(Problem::new(&Kind::ACCOUNT_DEACTIVATED, "the account is deactivated")),
        Standing::Unknown | Standing::Erased => Err(Problem::not_found("the token's subject has no account")),
    }
}

/// An account that others may turn to. Which of those that they may not it is, no caller is told.
///
/// # Errors
/// 404: there is none, or it is deactivated; or this instance cannot say.
pub fn reachable(people: &People, id: Uuid) -> Result<Uuid, Problem> {
    match standing(people, id)? {
        Standing::Active => Ok(id),
        Standing::Unknown | Standing::Deactivated | Standing::Erased => Err(missing()),
    }
}

/// The account that bears a user name, in whatever case it is asked for.
///
/// # Errors
/// 404: none does at present; or this instance cannot say.
pub fn bearer(people: &People, name: &UserName) -> Result<Uuid, Problem> {
    let reservation = Unique::UserName(name.clone()).reservation_id();
    let holder = match people.confirmed(&reservation).map_err(stale)?.1 {
        State::Reservation(_, reservation) => reservation.holder_id(),
        State::Nothing | State::Account(_) => None,
    };
    let Some(holder) = holder else { return can_deny(people).and_then(|()| Err(missing())) };
    // It may be reserved and not borne yet, or not any more.
    match people.confirmed(&holder.to_string()).map_err(stale)?.1 {
        State::Account(account) if account.user_name.canonical() == name.canonical() => Ok(holder),
        State::Account(_) | State::Nothing | State::Reservation(..) => Err(missing()),
    }
}

/// There is no account, as far as a caller is told.
#[must_use]
pub fn missing() -> Problem {
    Problem::not_found("there is no such account, or it is deactivated")
}
