//! What was said of a version is true of it: an event does what its command asked and nothing else; what was "already
//! so" was so; a post that "exists and differs" did; what readers were shown of a version is what its events say.
//! One pass over each aggregate, with the questions in the order of the versions.

use serde_json::{Map, Value};

use crate::commands::{self, Commands, may_have_applied};
use crate::context::{Context, LookedUp, Visibility};
use crate::contexts;
use crate::history::{Call, History, Outcome, Refusal};
use crate::log::{Aggregate, Log, Place};
use crate::state::{self, State};
use crate::verdict::{Kind, Verdict};

/// What each aggregate's versions let readers see: by aggregate, then by version from 0.
pub(crate) struct Visible(Vec<Vec<Visibility>>);

impl Visible {
    /// Whether a version is not there for a reader: nothing happened yet, deleted, or not published and not theirs.
    pub(crate) fn is_hidden(&self, aggregate: Option<usize>, version: u64, sees_drafts: bool) -> bool {
        version == 0 || self.flags(aggregate, version).is_none_or(|flags| flags.deleted || flags.draft && !sees_drafts)
    }

    /// Whether a version is deleted: of an account, whether the person is forgotten.
    pub(crate) fn is_deleted(&self, aggregate: Option<usize>, version: u64) -> bool {
        self.flags(aggregate, version).is_some_and(|flags| flags.deleted)
    }

    /// What readers may see of a version; `None` where nothing happened yet.
    pub(crate) fn of(&self, aggregate: Option<usize>, version: u64) -> Option<Visibility> {
        self.flags(aggregate, version).filter(|_| version > 0).copied()
    }

    /// What readers may see of what is looked up, at a version of its aggregate.
    pub(crate) fn seen(
        &self,
        log: &Log<'_>,
        it: &LookedUp,
        aggregate: Option<usize>,
        version: u64,
    ) -> Option<Visibility> {
        let Some(part) = it.part else { return self.of(aggregate, version) };
        let places = log.aggregates[aggregate?].events.iter();
        let until = places.map(|place| &log.events[*place]).take_while(|placed| placed.number <= version);
        contexts::named(it.context).part(part, &mut until.map(|placed| placed.event))
    }

    fn flags(&self, aggregate: Option<usize>, version: u64) -> Option<&Visibility> {
        self.0[aggregate?].get(usize::try_from(version).ok()?)
    }
}

/// What is to be held against a version.
enum Question<'h> {
    /// It is as the call asks.
    IsSo(&'h Call),
    /// It is not as the call asks.
    Differs(&'h Call),
    /// It has these fields.
    Shows { what: &'h str, fields: &'h Map<String, Value> },
}

pub(crate) fn judge(history: &History, log: &Log<'_>, commands: &Commands<'_>, verdict: &mut Verdict) -> Visible {
    let mut questions = questions(history, log);
    questions.sort_unstable_by_key(|(aggregate, version, _)| (*aggregate, *version));
    let mut rest = questions.as_slice();
    let mut visible = Vec::with_capacity(log.aggregates.len());
    for (number, aggregate) in log.aggregates.iter().enumerate() {
        let mine = rest.partition_point(|(aggregate, ..)| *aggregate == number);
        let (asked, others) = rest.split_at(mine);
        rest = others;
        visible.push(judge_aggregate(log, commands, aggregate, asked, verdict));
    }
    Visible(visible)
}

fn questions<'h>(history: &'h History, log: &Log<'_>) -> Vec<(usize, u64, Question<'h>)> {
    let of_call = |call: &'h Call| {
        let (version, question) = match &call.outcome {
            Outcome::Accepted { version, changed: false, .. } => (*version, Question::IsSo(call)),
            Outcome::Refused { refusal: Refusal::Differs, version: Some(version) } => {
                (*version, Question::Differs(call))
            }
            Outcome::Accepted { .. } | Outcome::Promised { .. } | Outcome::Refused { .. } | Outcome::Unknown => {
                return None;
            }
        };
        Some((log.aggregate(commands::context(call), &call.aggregate_id)?, version, question))
    };
    let shown = history.reads.iter().flat_map(|read| read.seen.iter().map(move |seen| (read, seen)));
    let of_read = shown.filter(|(_, seen)| !seen.fields.is_empty()).filter_map(|(read, seen)| {
        let aggregate = log.aggregate(&seen.context, &seen.aggregate_id)?;
        Some((aggregate, seen.version?, Question::Shows { what: &read.what, fields: &seen.fields }))
    });
    history.calls.iter().filter_map(of_call).chain(of_read).collect()
}

fn judge_aggregate(
    log: &Log<'_>,
    commands: &Commands<'_>,
    aggregate: &Aggregate<'_>,
    asked: &[(usize, u64, Question<'_>)],
    verdict: &mut Verdict,
) -> Vec<Visibility> {
    let (context, mut state) = (contexts::named(aggregate.context), State::new());
    let mut visible = vec![Visibility::default()];
    // A question about version 0 cannot be answered here; the bounds of the first event judge it.
    let mut asked = asked.iter().skip_while(|(_, version, _)| *version == 0).peekable();
    for place in &aggregate.events {
        let placed = &log.events[*place];
        contexts::fold(&mut state, placed.event);
        visible.push(context.visibility(&state));
        does_what_was_asked(log, commands, *place, &state, verdict);
        while let Some((.., question)) = asked.next_if(|(_, version, _)| *version == placed.number) {
            answer(log, *place, (context, &state), question, verdict);
        }
    }
    visible
}

/// An attempt that was accepted asked for it; if none was told so, one of unknown outcome did.
fn does_what_was_asked(log: &Log<'_>, commands: &Commands<'_>, place: Place, state: &State, verdict: &mut Verdict) {
    let event = log.events[place].event;
    let wrong = |call: &Call| {
        let beyond = contexts::unasked(&call.kind, &call.arguments, event);
        beyond.or_else(|| contexts::holds(&call.kind, &call.arguments, state).err())
    };
    let attempts = || commands.attempts(event.command_id).filter(|call| may_have_applied(call));
    let accepted = attempts().filter(|call| call.outcome != Outcome::Unknown);
    let blamed = accepted.clone().find_map(|call| Some((call, wrong(call)?)));
    let unasked = || attempts().map(|call| Some((call, wrong(call)?))).collect::<Option<Vec<_>>>()?.into_iter().next();
    let blamed = if accepted.clone().next().is_some() { blamed } else { unasked() };
    if let Some((call, difference)) = blamed {
        verdict.add(Kind::Invented, || {
            format!("{} is not what {} asked: {difference}", log.told(place), commands::told(call))
        });
    }
}

fn answer(
    log: &Log<'_>,
    place: Place,
    (context, state): (&dyn Context, &State),
    question: &Question<'_>,
    verdict: &mut Verdict,
) {
    match question {
        Question::IsSo(call) => {
            if let Err(difference) = contexts::holds(&call.kind, &call.arguments, state) {
                verdict.add(Kind::Stale, || {
                    format!(
                        "{} was told that it is so already; after {}, {difference}",
                        commands::told(call),
                        log.told(place)
                    )
                });
            }
        }
        Question::Differs(call) => {
            if contexts::holds(&call.kind, &call.arguments, state).is_ok() {
                verdict.add(Kind::Stale, || {
                    format!(
                        "{} was told that it differs, and after {} it does not",
                        commands::told(call),
                        log.told(place)
                    )
                });
            }
        }
        Question::Shows { what, fields } => {
            let wrong = fields.iter().find(|(name, value)| !state::is_as(&context.shown(state, name), value));
            if let Some((name, value)) = wrong {
                verdict.add(Kind::Row, || format!("{what} showed `{name}` as {value} after {}", log.told(place)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
