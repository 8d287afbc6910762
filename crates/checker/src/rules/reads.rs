//! A session's reads: never a version that never was; what was read past the position token is seen; where it is
//! promised, nothing is seen to go backwards.

use std::collections::HashMap;

use serde_json::Value;

use super::states::Visible;
use crate::bounds::Bounds;
use crate::history::{History, Read, Seen};
use crate::log::{Log, at_text};
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(history: &History, log: &Log<'_>, bounds: &Bounds, visible: &Visible, verdict: &mut Verdict) {
    let mut order: Vec<&Read> = history.reads.iter().collect();
    order.sort_by_key(|read| (read.session, read.invoked_at));
    // What each session was last shown of an aggregate.
    let mut shown: HashMap<(u64, usize), u64> = HashMap::new();
    for read in order {
        for seen in &read.seen {
            let Some(aggregate) = log.aggregate(&seen.context, &seen.aggregate_id) else {
                if let Some(version) = seen.version {
                    verdict.add(Kind::Invented, || {
                        told(read, seen, &format!("version {version} of what is not in the log"))
                    });
                }
                continue;
            };
            let last = shown.entry((read.session, aggregate)).or_default();
            let floor = if read.monotone { *last } else { 0 };
            let version = judge_one(&Judged { log, bounds, visible, read, seen, aggregate, floor }, verdict);
            // What a cache has shown is no promise of what the database shows next.
            if let Some(version) = version.filter(|_| read.monotone) {
                *last = version.max(*last);
            }
        }
    }
}

struct Judged<'a, 'h> {
    log: &'a Log<'h>,
    bounds: &'a Bounds,
    visible: &'a Visible,
    read: &'a Read,
    seen: &'a Seen,
    aggregate: usize,
    floor: u64,
}

/// Gives the version that the reader has seen at the least.
fn judge_one(judged: &Judged<'_, '_>, verdict: &mut Verdict) -> Option<u64> {
    let Judged { log, read, seen, aggregate, floor, .. } = *judged;
    let promised = read.position.as_ref().map_or(0, |position| log.version_at(aggregate, position));
    let versions = log.versions(Some(aggregate));
    let Some(version) = seen.version else {
        let told = |field: &str| seen.fields.get(field).and_then(Value::as_str);
        return match (told("user_name"), told("sha256")) {
            (Some(name), _) => named(judged, promised, name, verdict),
            (None, Some(sha256)) => served(judged, sha256, verdict),
            (None, None) => absent(judged, promised, verdict),
        };
    };
    if version > versions {
        verdict.add(Kind::Invented, || told(read, seen, &format!("version {version}, and there are {versions}")));
        return None;
    }
    if version < promised {
        verdict.add(Kind::Stale, || {
            let token =
                read.position.as_ref().map_or_else(String::new, |at| at_text((&at.context, at.partition, at.offset)));
            told(read, seen, &format!("version {version}, and past {token} it is {promised} at the least"))
        });
    } else if version < floor {
        verdict.add(Kind::Stale, || told(read, seen, &format!("version {version} after version {floor}")));
    }
    Some(version)
}

/// Bytes were served, with this SHA-256: they are those that the item is named by.
fn served(
    Judged { log, read, seen, aggregate, .. }: &Judged<'_, '_>,
    sha256: &str,
    verdict: &mut Verdict,
) -> Option<u64> {
    let brought = log.place(Some(*aggregate), 1).and_then(|place| log.events[place].event.fields.get("sha256"));
    if brought.is_some_and(|brought| brought != sha256) {
        verdict.add(Kind::Invented, || told(read, seen, &format!("bytes whose SHA-256 is {sha256}")));
    }
    None
}

/// It was not there: so at a version that the reader can have been shown it was hidden, or had not the slug that it was
/// asked for by, which a post can give up.
fn absent(judged: &Judged<'_, '_>, promised: u64, verdict: &mut Verdict) -> Option<u64> {
    let Judged { log, bounds, visible, read, seen, aggregate, floor } = *judged;
    let least = promised.max(floor);
    let last = *bounds.versions_between(log, Some(aggregate), 0, read.answered_at).end();
    let slug = seen.fields.get("slug").and_then(Value::as_str);
    let is_absent = |version: &u64| {
        visible.is_hidden(Some(aggregate), *version, read.sees_drafts)
            || slug.is_some_and(|slug| !has(judged, slug, *version))
    };
    let hidden = (least..=last).find(is_absent);
    if hidden.is_none() {
        verdict.add(Kind::Stale, || told(read, seen, &format!("nothing, and from version {least} on it was there")));
    }
    hidden
}

/// Whether a post has a slug at a version, be it a former one.
fn has(Judged { log, aggregate, .. }: &Judged<'_, '_>, slug: &str, version: u64) -> bool {
    let events = (1..=version).filter_map(|number| Some(log.events[log.place(Some(*aggregate), number)?].event));
    let mut about = events.rev().filter(|event| event.fields.get("slug").and_then(Value::as_str) == Some(slug));
    about.next().is_some_and(|event| !event.event_type.ends_with(".SlugGivenUp"))
}

/// An account was named beside something else. One that is forgotten has a name that says so, and no other any more.
fn named(judged: &Judged<'_, '_>, promised: u64, name: &str, verdict: &mut Verdict) -> Option<u64> {
    let Judged { log, bounds, visible, read, seen, aggregate, floor } = *judged;
    let (least, forgotten) = (promised.max(floor).max(1), name.starts_with("~deleted-"));
    let last = *bounds.versions_between(log, Some(aggregate), 0, read.answered_at).end();
    let fits = (least..=last).find(|version| visible.is_deleted(Some(aggregate), *version) == forgotten);
    if fits.is_none() {
        verdict
            .add(Kind::Stale, || told(read, seen, &format!("the name {name}, which fits no version from {least} on")));
    }
    fits
}

fn told(read: &Read, seen: &Seen, what: &str) -> String {
    let Read { session, what: asked, invoked_at, answered_at, .. } = read;
    format!(
        "session {session} was shown by {asked} of {}: {what} (asked {invoked_at} ns, answered {answered_at} ns)",
        seen.aggregate_id
    )
}

#[cfg(test)]
mod tests;
