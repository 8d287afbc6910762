//! Working copies of posts: what was saved is there until it is released, thrown away, or saved over by who saw it.
//! Each version of a copy is one text, and of two saves in the place of one version one is taken. What was released or
//! thrown away does not come back.
//!
//! An answer is held against what is certain by itself, as it is with people (`people.rs`).

use std::collections::BTreeMap;

use crate::history::{CopyAnswer, History, Nanos, Typed, Typing};
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(history: &History, verdict: &mut Verdict) {
    let mut posts: BTreeMap<&str, Vec<&Typing>> = BTreeMap::new();
    for typing in &history.typing {
        posts.entry(&typing.post_id).or_default().push(typing);
    }
    for typing in posts.values() {
        one_version_is_one_text(typing, verdict);
        one_save_takes_a_place(typing, verdict);
        what_was_saved_is_there(typing, verdict);
        what_was_ended_is_gone(typing, verdict);
    }
}

/// The version and text of the copy, where an answer tells them; of a save, what it saved.
fn told(typing: &Typing) -> Option<(u64, &str)> {
    match &typing.answer {
        CopyAnswer::Is { version, text } => Some((*version, text)),
        CopyAnswer::None | CopyAnswer::Refused | CopyAnswer::Unknown => None,
    }
}

fn one_version_is_one_text(all: &[&Typing], verdict: &mut Verdict) {
    let mut versions: BTreeMap<u64, &str> = BTreeMap::new();
    for typing in all {
        let Some((version, text)) = told(typing) else { continue };
        let known = versions.entry(version).or_insert(text);
        if *known != text {
            verdict.add(Kind::Invented, || format!("{}, whose text was {known:?} before", shown(typing)));
        }
        let answered = typing.answered_at.unwrap_or(Nanos::MAX);
        let sent = |save: &&&Typing| {
            save.invoked_at < answered && matches!(&save.act, Typed::Save { text: sent, .. } if sent == text)
        };
        if !all.iter().any(|save| sent(&save)) {
            verdict.add(Kind::Invented, || format!("{}, which no caller had asked to keep", shown(typing)));
        }
    }
}

/// A save that is sent again is saved once, and gets the version that it has.
fn one_save_takes_a_place(all: &[&Typing], verdict: &mut Verdict) {
    let mut taken: BTreeMap<u64, u64> = BTreeMap::new();
    for typing in all {
        let Typed::Save { replaces: Some(replaced), .. } = typing.act else { continue };
        let Some((version, _)) = told(typing) else { continue };
        let first = *taken.entry(replaced).or_insert(version);
        if first != version {
            verdict.add(Kind::Doubled, || format!("{}, and so was version {first} in the same place", shown(typing)));
        }
    }
}

/// Versions only grow, so what is shown is never one before what was saved; and nothing is shown only where what was
/// saved, or what came after it, may have been released or thrown away.
fn what_was_saved_is_there(all: &[&Typing], verdict: &mut Verdict) {
    for read in all.iter().filter(|typing| typing.act == Typed::Read) {
        let before = |typing: &&&Typing| typing.answered_at.is_some_and(|answered| answered < read.invoked_at);
        let saved = all.iter().filter(before).filter_map(|typing| told(typing)).map(|(version, _)| version).max();
        let Some(saved) = saved else { continue };
        let is_lost = match &read.answer {
            CopyAnswer::Is { version, .. } => *version < saved,
            CopyAnswer::None => !all.iter().any(|typing| may_have_ended(typing, saved, read)),
            CopyAnswer::Refused | CopyAnswer::Unknown => false,
        };
        if is_lost {
            verdict.add(Kind::Lost, || format!("version {saved} was there, and then {}", shown(read)));
        }
    }
}

/// For so long an instance may answer without having read a release that another has answered: its lease on what it
/// reads is over before. Where the row of what was released is left, that is how it is known to be released.
const UNREAD: Nanos = 10_000_000_000;

/// A discarded copy is gone with the answer. Versions only grow, so what is saved after it has another.
fn what_was_ended_is_gone(all: &[&Typing], verdict: &mut Verdict) {
    for read in all.iter().filter(|typing| typing.act == Typed::Read) {
        let Some((version, _)) = told(read) else { continue };
        let ended = all.iter().find(|typing| match typing.act {
            Typed::Discard { version: ended } => ended >= version && was_done_before(typing, read.invoked_at),
            Typed::Release { version: ended } => {
                ended >= version && was_done_before(typing, read.invoked_at.saturating_sub(UNREAD))
            }
            Typed::Save { .. } | Typed::Read => false,
        });
        if let Some(ended) = ended {
            verdict.add(Kind::Stale, || format!("{}, and then {}", shown(ended), shown(read)));
        }
    }
}

fn was_done_before(typing: &Typing, at: Nanos) -> bool {
    typing.answer == CopyAnswer::None && typing.answered_at.is_some_and(|answered| answered < at)
}

/// Whether by an answer a copy of this version, or a later one, may have been ended.
fn may_have_ended(typing: &Typing, saved: u64, read: &Typing) -> bool {
    let (Typed::Discard { version } | Typed::Release { version }) = typing.act else { return false };
    version >= saved
        && typing.answer != CopyAnswer::Refused
        && typing.invoked_at < read.answered_at.unwrap_or(Nanos::MAX)
}

fn shown(typing: &Typing) -> String {
    let Typing { client, post_id, act, invoked_at, answer, .. } = typing;
    format!("{answer:?} was answered to client {client}, who asked at {invoked_at} for {act:?} of post {post_id}")
}

#[cfg(test)]
mod tests;
