//! Passwords. A change names the present password, and is done only if that is the one; what came by mail sets another
//! one whatever the present one is, once, and is void after any other change. So the passwords of an account are a
//! chain: once a later one is known to be good, an earlier one never is again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Person, told};
use crate::history::{Act, Answer, Nanos, Visit};
use crate::verdict::{Kind, Verdict};

pub(super) fn judge(person: &Person<'_>, verdict: &mut Verdict) {
    let passwords = Passwords::of(person);
    for visit in &person.visits {
        let why = match shown(visit) {
            Some((password, true)) => passwords.cannot_be_good(password, visit),
            Some((password, false)) if is_judged(person, visit) => passwords.cannot_be_wrong(password, visit),
            Some((_, false)) | None => None,
        };
        if let Some(why) = why {
            verdict.add(Kind::Access, || format!("{}, but {why}", told(visit)));
        }
        let never_deactivated = person.may_be_so_from("accounts.deactivate") > visit.answered();
        if visit.answer == Answer::Deactivated && never_deactivated {
            verdict.add(Kind::Access, || format!("{}, but no caller had asked for that", told(visit)));
        }
    }
}

/// The password that was shown, and whether it was said to be good.
fn shown(visit: &Visit) -> Option<(u64, bool)> {
    let good = match visit.answer {
        Answer::Granted { .. } | Answer::CodeNeeded | Answer::Deactivated => true,
        Answer::Wrong => false,
        Answer::Over | Answer::NotDone | Answer::Unknown => return None,
    };
    match visit.act {
        Act::LogIn { password, .. } | Act::Show { password } | Act::ChangePassword { from: password, .. } => {
            Some((password, good))
        }
        Act::Refresh { .. }
        | Act::LogOut { .. }
        | Act::Use { .. }
        | Act::Reset { .. }
        | Act::ShowCode { .. }
        | Act::AddFactor { .. }
        | Act::RemoveFactor { .. } => None,
    }
}

/// A caller who names the account may be answered by an instance that has not read of it; a token's account is known
/// by its id.
fn is_judged(person: &Person<'_>, visit: &Visit) -> bool {
    match visit.act {
        Act::LogIn { by_name, .. } => by_name && person.is_known_to(visit),
        Act::Show { .. }
        | Act::ChangePassword { .. }
        | Act::Refresh { .. }
        | Act::LogOut { .. }
        | Act::Use { .. }
        | Act::Reset { .. }
        | Act::ShowCode { .. }
        | Act::AddFactor { .. }
        | Act::RemoveFactor { .. } => true,
    }
}

/// What is known of an account's passwords.
struct Passwords<'p, 'h> {
    person: &'p Person<'h>,
    /// The changes that may have been done, each once however often it was asked for.
    changes: Vec<Change>,
    /// By when each password, or a later one, was set for certain.
    set: BTreeMap<u64, Nanos>,
}

#[derive(Clone, Copy)]
struct Change {
    /// `None`: any that was set before.
    from: Option<u64>,
    to: u64,
    /// Not before.
    asked: Nanos,
    /// Not after, if it was said to be done.
    done: Nanos,
}

impl<'p, 'h> Passwords<'p, 'h> {
    fn of(person: &'p Person<'h>) -> Self {
        let mut changes: BTreeMap<(Option<u64>, u64), Change> = BTreeMap::new();
        for visit in person.visits.iter().filter(|visit| visit.may_be_done()) {
            let change = match visit.act {
                Act::ChangePassword { from, to, .. } => (to > from).then_some((Some(from), to)),
                Act::Reset { to } => Some((None, to)),
                _ => None,
            };
            if let Some((from, to)) = change {
                let none = Change { from, to, asked: Nanos::MAX, done: Nanos::MAX };
                let change = changes.entry((from, to)).or_insert(none);
                change.asked = change.asked.min(visit.invoked_at);
                if visit.is_granted() {
                    change.done = change.done.min(visit.answered());
                }
            }
        }
        let mut passwords = Self { person, changes: changes.into_values().collect(), set: BTreeMap::new() };
        let shown = person.visits.iter().filter_map(|visit| shown(visit)).map(|(password, _)| password);
        let all: BTreeSet<u64> = passwords.changes.iter().map(|change| change.to).chain(shown).chain([0]).collect();
        // The later ones first: each tells of those before it.
        for password in all.into_iter().rev() {
            let set = passwords.when_set(password);
            passwords.set.insert(password, set);
        }
        passwords
    }

    fn changes_to(&self, password: u64) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.to == password)
    }

    fn changes_from(&self, password: u64) -> impl Iterator<Item = &Change> {
        let replaces = move |change: &&Change| change.from.map_or(password < change.to, |from| from == password);
        self.changes.iter().filter(replaces)
    }

    fn set_by(&self, password: u64) -> Nanos {
        self.set.get(&password).copied().unwrap_or(Nanos::MAX)
    }

    fn when_set(&self, password: u64) -> Nanos {
        let registered = self.person.accepted("accounts.enroll").filter_map(|call| call.answered_at);
        let registered = registered.filter(|_| password == 0);
        let good = self.person.visits.iter().filter(|visit| shown(visit) == Some((password, true)));
        let changed = self.changes_to(password).map(|change| change.done);
        let later = self.changes_from(password).map(|change| self.set_by(change.to));
        let all = registered.chain(good.map(|visit| visit.answered())).chain(changed).chain(later);
        all.min().unwrap_or(Nanos::MAX)
    }

    fn cannot_be_good(&self, password: u64, visit: &Visit) -> Option<String> {
        let asked = self.changes_to(password).map(|change| change.asked).min();
        if password > 0 && asked.is_none_or(|asked| asked > visit.answered()) {
            return Some("no caller had set that password".to_owned());
        }
        let replaced = self.changes_from(password).map(|change| self.set_by(change.to)).min().unwrap_or(Nanos::MAX);
        if replaced < visit.invoked_at {
            return Some(format!("another password was set by {replaced} ns"));
        }
        let forgotten = self.person.forgotten_from();
        (forgotten < visit.invoked_at).then(|| format!("the person was forgotten by {forgotten} ns"))
    }

    fn cannot_be_wrong(&self, password: u64, visit: &Visit) -> Option<String> {
        let (set, replaced) = (self.set_by(password), self.changes_from(password).map(|change| change.asked).min());
        let replaced = replaced.unwrap_or(Nanos::MAX).min(self.person.may_be_so_from("accounts.erase"));
        let certain = set < visit.invoked_at && visit.answered() < replaced;
        certain.then(|| format!("it was set by {set} ns, and no caller had asked for another"))
    }
}
