//! Moderation: what is reported, what is decided of it, and what the person is told. This page is the context:
//! aggregates, commands, rejections, decide, evolve; what is known of a case is in `case.rs`, what is decided of it in
//! `ruling.rs`, and what a comment is held for in `filters.rs`. What a ruling does to a thing is an event of that
//! thing: docs/adr/0028.

mod ask;
mod case;
mod event;
mod filters;
mod people;
mod ruling;
mod target;

pub use ask::{Ask, Decision};
pub use case::{Appeal, Case, Claim, InForce, MOST_IN_FORCE, MOST_REPORTS};
pub use event::{
    AppealAnswered, Appealed, CarriedOut, ClaimReleased, Claimed, Decided, Dismissed, Erased, Event, FiltersChanged,
    Lifted, PersonBlocked, PersonUnblocked, ReportWithdrawn, Reported,
};
pub use filters::{FILTERS, Filters, MOST_WORDS, links};
pub use target::{About, Pair, Target};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::personal::Open;
use crate::values::Invalid;
use crate::{Decider, DecisionContext, Role, Timestamp};

/// The context `moderation`: one aggregate for each thing or account of which something is reported or decided, keyed
/// by [`Target::id`]; one for each pair of people of whom the one blocks the other, keyed by [`Pair::id`]; and one for
/// what comments are held for, keyed by [`FILTERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moderation;

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// A case.
    Case(Box<Case>),
    /// A pair of people; whether the one blocks the other.
    Pair(bool),
    /// What comments are held for.
    Filters(Box<Filters>),
}

/// What can be asked of an aggregate of this context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Something about a case.
    Case(About, Ask),
    /// Have the one block the other: neither answers the other, and neither sees what the other says.
    Block(Pair),
    /// Have the one not block the other.
    Unblock(Pair),
    /// Have comments be held for this, and nothing else.
    SetFilters(Filters),
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// The caller does not moderate: their role is less than moderator.
    #[error("this needs the role moderator")]
    NotAModerator,
    /// What comments are held for an admin says.
    #[error("this needs the role admin")]
    NotAnAdmin,
    /// It is said in one's own name only; no role changes that.
    #[error("only the account's owner may do this")]
    NotTheOwner,
    /// No one reports, moderates or blocks oneself.
    #[error("it is about yourself, or what is yours")]
    Oneself,
    /// It concerns an account of a role that takes a higher one than the caller's.
    #[error("this takes a higher role than yours")]
    HigherRole,
    /// Another moderator looks at it.
    #[error("another moderator has claimed this")]
    ClaimedByAnother,
    /// The measure is not for such a target, or has what goes with another measure.
    #[error("the measure is not for this")]
    NotForThis,
    /// A measure ends at a time to come.
    #[error("must be later than now")]
    NotToCome,
    /// There is no such ruling, or it was lifted.
    #[error("there is no such ruling in force")]
    NotInForce,
    /// There was an appeal.
    #[error("there was an appeal against this ruling")]
    AppealedBefore,
    /// There is no appeal to answer.
    #[error("there is no appeal to answer")]
    NotAppealed,
    /// An appeal is answered by another than whose ruling it is against.
    #[error("an appeal is answered by another than who decided")]
    OwnRuling,
    /// The case has as many open reports as it may have.
    #[error("this was reported as often as it may be until a moderator has looked at it")]
    TooManyReports,
    /// As many measures are in force as may be.
    #[error("as many measures are in force as may be; lift some first")]
    TooManyInForce,
    /// There are too many words to look for.
    #[error("comments are held for at most {MOST_WORDS} words")]
    TooManyWords,
    /// The aggregate is another one.
    #[error("the aggregate is another one")]
    WrongAggregate,
}

impl Decider for Moderation {
    const NAME: &'static str = "moderation";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        match (state, command) {
            (State::Nothing, Command::Case(about, ask)) => ask.decide(&Case::of(about), about, context),
            (State::Case(case), Command::Case(about, ask)) => ask.decide(case, about, context),
            (State::Nothing, Command::Block(pair)) => pair.decide(false, true, context),
            (State::Nothing, Command::Unblock(pair)) => pair.decide(false, false, context),
            (State::Pair(blocks), Command::Block(pair)) => pair.decide(*blocks, true, context),
            (State::Pair(blocks), Command::Unblock(pair)) => pair.decide(*blocks, false, context),
            (_, Command::SetFilters(_)) if !context.actor.is_at_least(Role::Admin) => Err(Rejection::NotAnAdmin),
            (State::Nothing, Command::SetFilters(filters)) => Filters::default().change(filters),
            (State::Filters(present), Command::SetFilters(filters)) => present.change(filters),
            (State::Case(_) | State::Pair(_) | State::Filters(_), _) => Err(Rejection::WrongAggregate),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::FiltersChanged(changed)) => State::Filters(Box::new(Filters::of(changed))),
            (_, Event::PersonBlocked(_)) => State::Pair(true),
            (_, Event::PersonUnblocked(_)) => State::Pair(false),
            (State::Case(case), event) => State::Case(Box::new(case.after(event))),
            (State::Nothing | State::Pair(_) | State::Filters(_), event) => {
                event.about().map_or(State::Nothing, |about| State::Case(Box::new(Case::of(&about).after(event))))
            }
        }
    }

    /// Who has a case, and until when.
    fn rests_on_clocks(command: &Command) -> bool {
        matches!(command, Command::Case(_, Ask::Claim { .. }))
    }

    /// What was decided of a thing is carried out on it, as soon as may be.
    fn due(state: &State) -> Option<(Timestamp, Command)> {
        if let State::Case(case) = state { case.due() } else { None }
    }

    /// The number of the last ruling, which is the one that was just made.
    fn receipt(state: &State) -> Option<String> {
        if let State::Case(case) = state { Some(case.rulings().to_string()) } else { None }
    }

    /// What is decided of a person. That something was reported of them, or by whom, they are not told; nor who blocks
    /// them.
    fn concerns(event: &Event) -> Vec<Uuid> {
        event.ruled_of().into_iter().collect()
    }

    /// With the account of a reporter the report ends, with that of either of a pair its block, and with that of a
    /// person what was said of them.
    fn ends_with(aggregate_id: &str, event: &Event) -> Vec<Uuid> {
        match (event, Pair::of(aggregate_id)) {
            (Event::Reported(reported), _) => vec![reported.reporter_id],
            (_, Some(pair)) => vec![pair.blocker_id, pair.blocked_id],
            (event, None) => event.ruled_of().into_iter().collect(),
        }
    }

    fn sealed_for(_: &str, event: &Event) -> Option<Uuid> {
        event.words_of()
    }

    fn open(event: &mut Event, open: &mut Open<'_>) -> Result<(), Invalid> {
        event.open(open)
    }

    fn text_bytes(event: &Event) -> usize {
        event.text_bytes()
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
