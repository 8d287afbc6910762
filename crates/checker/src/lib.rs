//! Judges what was recorded of a run: the log, the clients' calls, what readers saw, the read models. It shares no
//! code with what it judges: it is written from the documents (`docs/topics.md`, ARCHITECTURE.md) alone.
//!
//! Reading order: [`history`] is what is recorded; `terms.rs` says which records count; `contexts/` what they mean, a
//! file for each context, each of which answers the questions in `context.rs`; `bounds.rs` decides whether answers
//! and log can be brought into one order, and says why that decides linearizability; `rules/` has a file for each
//! promise and names no context but that of accounts, for what no event tells. Everything is linear in what was
//! recorded, or n log n.

mod bounds;
mod commands;
mod context;
mod contexts;
mod feeds;
mod former;
pub mod history;
pub mod ids;
mod log;
mod points;
mod ranks;
mod rules;
mod save;
mod state;
mod terms;
#[cfg(test)]
mod testing;
mod verdict;
mod views;
mod whose;
pub mod zones;

pub use history::History;
pub use save::SaveError;
pub use verdict::{Counts, Kind, Verdict, Violation};

use bounds::Bounds;
use commands::Commands;
use history::Outcome;
use log::Log;
use rules::reviewed::Reviewed;
use rules::{
    answered, applied, carried, copied, copies, exports, people, permitted, reads, refusals, reservations, reviewed,
    rows, schedules, shown, states, versions,
};

/// Judges a run.
#[must_use]
pub fn judge(history: &History) -> Verdict {
    let mut verdict = Verdict::default();
    let log = Log::of(history, &mut verdict);
    let commands = Commands::of(&history.calls);
    count(history, &mut verdict);
    versions::judge(&log, &mut verdict);
    copied::judge(&log, &mut verdict);
    applied::judge(&log, &commands, &mut verdict);
    reservations::judge(&log, &mut verdict);
    schedules::judge(&log, &mut verdict);
    carried::judge(&log, &mut verdict);
    let bounds = Bounds::of(history, &log, &commands, &mut verdict);
    shown::judge(&log, &bounds, &mut verdict);
    let visible = states::judge(history, &log, &commands, &mut verdict);
    let reviewed = Reviewed::of(history, &log, &commands);
    reviewed::judge(&reviewed, &log, &commands, &mut verdict);
    let (bounds, visible) = (&bounds, &visible);
    // An earlier version accepts what it knew no reason against.
    if !history.has_earlier_version {
        permitted::judge(&log, &commands, bounds, &mut verdict);
        answered::judge(&log, &commands, bounds, visible, &mut verdict);
    }
    let against = refusals::Against { log: &log, commands: &commands, bounds, visible, reviewed: &reviewed };
    refusals::judge(&against, &mut verdict);
    reads::judge(history, &log, bounds, visible, &mut verdict);
    people::judge(history, &log, &mut verdict);
    exports::judge(history, &log, &commands, &mut verdict);
    copies::judge(history, &mut verdict);
    rows::judge(history, &log, &mut verdict);
    verdict
}

fn count(history: &History, verdict: &mut Verdict) {
    let counts = &mut verdict.counts;
    counts.calls = history.calls.len() as u64;
    counts.reads = history.reads.len() as u64;
    counts.visits = history.visits.len() as u64;
    counts.typing = history.typing.len() as u64;
    for call in &history.calls {
        match call.outcome {
            Outcome::Accepted { changed: true, .. } | Outcome::Promised { .. } => {}
            Outcome::Accepted { changed: false, .. } => counts.unchanged += 1,
            Outcome::Refused { .. } => counts.refused += 1,
            Outcome::Unknown => counts.unknown += 1,
        }
    }
}
