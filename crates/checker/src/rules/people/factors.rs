//! Second factors: where one is there for certain a password alone lets no caller in, where none can be there no code
//! is asked for, and no code lets in twice. Whether a code that was refused was good is not judged: clocks decide that.

use std::collections::BTreeSet;

use super::{Person, told};
use crate::history::{Act, Answer, Nanos, Visit};
use crate::verdict::{Kind, Verdict};

pub(super) fn judge(person: &Person<'_>, verdict: &mut Verdict) {
    let mut taken = BTreeSet::new();
    for visit in &person.visits {
        if let Some(why) = wrong(person, visit, &mut taken) {
            verdict.add(Kind::Access, || format!("{}, but {why}", told(visit)));
        }
    }
}

fn wrong<'h>(person: &Person<'h>, visit: &'h Visit, taken: &mut BTreeSet<&'h str>) -> Option<String> {
    match (&visit.act, visit.answer) {
        (Act::LogIn { .. }, Answer::Granted { .. }) => {
            let since = added_for_certain(person, visit)?;
            Some(format!("a code is needed since {since} ns"))
        }
        (Act::LogIn { .. }, Answer::CodeNeeded) => {
            let asked = acts(person, adds).filter(|added| added.may_be_done()).map(|added| added.invoked_at).min();
            let never = asked.is_none_or(|asked| asked > visit.answered());
            never.then(|| "no caller had asked for a second factor".to_owned())
        }
        (Act::ShowCode { code }, Answer::Granted { .. }) => {
            (!taken.insert(code)).then(|| "that code had let a caller in before".to_owned())
        }
        _ => None,
    }
}

fn acts<'p, 'h>(person: &'p Person<'h>, of: fn(&Act) -> bool) -> impl Iterator<Item = &'h Visit> + use<'p, 'h> {
    person.visits.iter().copied().filter(move |visit| of(&visit.act))
}

fn adds(act: &Act) -> bool {
    matches!(act, Act::AddFactor { .. })
}

fn removes(act: &Act) -> bool {
    matches!(act, Act::RemoveFactor { .. })
}

/// By when one was added that no caller may have had removed before the visit was answered.
fn added_for_certain(person: &Person<'_>, visit: &Visit) -> Option<Nanos> {
    let added = acts(person, adds).filter(|added| added.is_granted() && added.answered() < visit.invoked_at);
    let added = added.max_by_key(|added| added.invoked_at)?;
    let gone = |removed: &Visit| {
        // What was done before the last was added did not remove it; what is not known may yet be done.
        let before = removed.is_granted() && removed.answered() < added.invoked_at;
        removed.may_be_done() && !before && removed.invoked_at < visit.answered()
    };
    (!acts(person, removes).any(gone)).then(|| added.answered())
}
