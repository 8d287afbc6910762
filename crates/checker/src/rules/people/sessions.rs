//! Sessions. One ends by logging out, by another session's change of the password or of the second factor, by a new
//! password with what came by mail, by deactivating and by erasing; or because a refresh token is used that was used
//! before: then another person has it.

use uuid::Uuid;

use super::{Person, told};
use crate::history::{Act, Answer, Nanos, Visit};
use crate::verdict::{Kind, Verdict};

/// So many sessions an account can have; the oldest makes room.
const MOST: usize = 50;
/// What ends all sessions of an account.
const ENDS_ALL: [&str; 2] = ["accounts.deactivate", "accounts.erase"];
/// For how long a lost reply to a refresh can be had again: a minute, less what clocks may be off.
const AGAIN_NANOS: Nanos = 50_000_000_000;

pub(super) fn judge(person: &Person<'_>, verdict: &mut Verdict) {
    for began in &person.visits {
        if let Answer::Granted { session: Some(id) } = began.answer {
            let session = Session { person, id, began };
            for visit in person.visits.iter().filter(|visit| visit.act.session() == Some(id)) {
                if let Some(why) = session.wrong(visit) {
                    verdict.add(Kind::Access, || format!("{}, but {why}", told(visit)));
                }
            }
        }
    }
}

/// A session that a log-in began.
struct Session<'p, 'h> {
    person: &'p Person<'h>,
    id: Uuid,
    /// The log-in.
    began: &'p Visit,
}

impl Session<'_, '_> {
    fn wrong(&self, visit: &Visit) -> Option<String> {
        let refreshes = matches!(visit.act, Act::Refresh { .. });
        if refreshes && visit.is_granted() {
            let over = self.over_by();
            return (over < visit.invoked_at).then(|| format!("it was over by {over} ns"));
        }
        // A refresh asks for the account, too, and an instance may not have read of that, or of its being active again.
        let active = self.person.may_be_so_from("accounts.deactivate") > visit.answered();
        let judged = !refreshes || active && self.person.is_known_to(visit);
        let may_be_over = self.may_be_over_from();
        let lives = visit.answered() < may_be_over;
        (visit.answer == Answer::Over && judged && lives).then(|| "nothing had ended it".to_owned())
    }

    /// What ends this session if it is done.
    fn ends(&self, visit: &Visit) -> bool {
        match visit.act {
            Act::LogOut { session } => session == self.id,
            Act::ChangePassword { session, .. } | Act::AddFactor { session } | Act::RemoveFactor { session } => {
                session != self.id
            }
            Act::Reset { .. } => true,
            Act::LogIn { .. } | Act::ShowCode { .. } | Act::Show { .. } | Act::Refresh { .. } | Act::Use { .. } => {
                false
            }
        }
    }

    /// By when it is over for certain.
    fn over_by(&self) -> Nanos {
        let began = self.began.answered();
        let ended = self.person.visits.iter().filter(|visit| visit.is_granted() && self.ends(visit));
        let ended = ended.filter(|visit| visit.invoked_at > began).map(|visit| visit.answered());
        let all = ENDS_ALL.into_iter().flat_map(|kind| self.person.accepted(kind));
        let all = all.filter(|call| call.invoked_at > began).filter_map(|call| call.answered_at);
        ended.chain(all).chain([self.person.forgotten_from()]).min().unwrap_or(Nanos::MAX)
    }

    /// From when on it may be over. What was done before a caller asked for it did not end it.
    fn may_be_over_from(&self) -> Nanos {
        let visits = || self.person.visits.iter().filter(|visit| visit.may_be_done());
        if visits().filter(|visit| matches!(visit.act, Act::LogIn { .. } | Act::ShowCode { .. })).count() >= MOST {
            return 0;
        }
        let asked = self.began.invoked_at;
        let before = |visit: &Visit| visit.is_granted() && visit.answered() < asked;
        let ended = visits().filter(|visit| self.ends(visit) && !before(visit)).map(|visit| visit.invoked_at);
        let all = ENDS_ALL.into_iter().map(|kind| self.person.may_be_done_after(kind, asked));
        ended.chain(all).chain(self.used_again()).min().unwrap_or(Nanos::MAX)
    }

    /// When refresh tokens were shown that may have been used before, and whose successors too, or too long ago.
    fn used_again(&self) -> impl Iterator<Item = Nanos> {
        let shown = |visit: &&&Visit| matches!(visit.act, Act::Refresh { session, .. } if session == self.id);
        let shown: Vec<(u64, &Visit)> =
            self.person.visits.iter().filter(shown).map(|visit| (token(visit), *visit)).collect();
        let others = shown.clone();
        let again = move |(token, visit): &(u64, &Visit)| {
            others.iter().any(|(other, before)| {
                let successor = other > token && visit.answer == Answer::Unknown;
                let late = other == token && before.invoked_at.saturating_add(AGAIN_NANOS) < visit.answered();
                successor || late && before.invoked_at < visit.invoked_at
            })
        };
        shown.into_iter().filter(again).map(|(_, visit)| visit.invoked_at)
    }
}

fn token(visit: &Visit) -> u64 {
    match visit.act {
        Act::Refresh { token, .. } => token,
        _ => 0,
    }
}
