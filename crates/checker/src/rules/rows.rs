//! Every read model equals a fold of the log, row by row. Each context declares its views and says what rows an
//! aggregate's final state gives them; beside them is the index of whose events are where. A column that a view has
//! beyond those is not judged. A view that no context declares is a violation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::context::Folded;
use crate::contexts;
use crate::feeds;
use crate::history::{Event, History};
use crate::log::{Aggregate, Log};
use crate::ranks;
use crate::state::State;
use crate::verdict::{Kind, Verdict};
use crate::views::{Rows, View};
use crate::whose;

/// The events that the projectors set aside, of whichever context: there must be none.
const PARKED: View = View::keyed("parked_events", &[]);

pub(crate) fn judge(history: &History, log: &Log<'_>, verdict: &mut Verdict) {
    if history.views.is_empty() {
        return;
    }
    let declared = contexts::ALL.iter().flat_map(|context| context.views()).chain(whose::VIEWS).chain([
        &PARKED,
        &feeds::FEEDS,
        &ranks::RANKS,
    ]);
    let declared: BTreeMap<&str, View> = declared.map(|view| (view.name, *view)).collect();
    let mut expected = fold(log);
    ranks::add(&mut expected);
    // Not every reader's is read.
    let readers = history.views.get(feeds::FEEDS.name).into_iter().flatten();
    feeds::add(readers.filter_map(|feed| feed["reader_id"].as_str()), &mut expected);
    for (name, rows) in &history.views {
        verdict.counts.rows += rows.len() as u64;
        match declared.get(name.as_str()) {
            Some(view) => compare(*view, expected.of(*view), rows, verdict),
            None => verdict.add(Kind::Row, || format!("{name}: this view is not known to the checker")),
        }
    }
}

/// All views of the whole log.
fn fold(log: &Log<'_>) -> Rows {
    let mut rows = Rows::default();
    for aggregate in &log.aggregates {
        let context = contexts::named(aggregate.context);
        if !context.unique_values().iter().any(|unique| unique.is_reserved_by(aggregate.id)) {
            context.rows(&folded(log, aggregate), &mut rows);
        }
    }
    whose::rows(log, &mut rows);
    rows
}

fn folded<'a>(log: &Log<'a>, aggregate: &Aggregate<'a>) -> Folded<'a> {
    let mut state = State::new();
    let with_verb = |event: &'a Event| (contexts::of_event(&event.event_type).1, event);
    let events: Vec<_> = aggregate.events.iter().map(|place| with_verb(log.events[*place].event)).collect();
    events.iter().for_each(|(_, event)| contexts::fold(&mut state, event));
    Folded { id: aggregate.id, state, events }
}

fn compare(view: View, wanted: &BTreeMap<String, Value>, rows: &[Value], verdict: &mut Verdict) {
    let (name, mut found) = (view.name, BTreeSet::new());
    for row in rows {
        let key = view.key_of(row);
        match wanted.get(&key) {
            None => verdict.add(Kind::Row, || format!("{name}: {key} is there, and not by the log: {row}")),
            Some(wanted) => compare_row(name, &key, wanted, row, verdict),
        }
        if !found.insert(key.clone()) {
            verdict.add(Kind::Row, || format!("{name}: {key} is there twice"));
        }
    }
    for (key, row) in wanted.iter().filter(|(key, _)| !found.contains(*key)) {
        verdict.add(Kind::Row, || format!("{name}: {key} is missing; by the log it is {row}"));
    }
}

fn compare_row(view: &str, key: &str, wanted: &Value, row: &Value, verdict: &mut Verdict) {
    for (column, value) in wanted.as_object().into_iter().flatten() {
        let found = row.get(column).unwrap_or(&Value::Null);
        if found != value {
            verdict.add(Kind::Row, || format!("{view}: {key} has {column} = {found}; by the log it is {value}"));
        }
    }
}

#[cfg(test)]
mod tests;
