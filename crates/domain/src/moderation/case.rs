//! What a decision needs to know of a case: who has reported it, who looks at it, and what is in force. None of what
//! people said.

use uuid::Uuid;

use super::event::Event;
use super::{About, Ask, Command, Decided, Rejection};
use crate::values::{Measure, Visible};
use crate::{Role, Timestamp};

/// So many open reports a case has at most: a moderator has enough to go by.
pub const MOST_REPORTS: usize = 100;
/// So many measures are in force in a case at most.
pub const MOST_IN_FORCE: usize = 100;

/// What is known of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    about: About,
    reporters: Vec<Uuid>,
    claim: Option<Claim>,
    in_force: Vec<InForce>,
    lifted_by: Option<(Uuid, Role)>,
    rulings: i64,
    ruled_at: Timestamp,
    ruled_by: Option<(Uuid, Role)>,
    edits: Option<i64>,
    shown_since: i64,
    carried_out: i64,
    words_of: Vec<Uuid>,
}

/// A moderator looks at a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub moderator_id: Uuid,
    /// Until when no other decides.
    pub until: Timestamp,
}

/// A measure that was not lifted.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    /// The ruling that put it in force.
    pub ruling: i64,
    /// Who made that.
    pub moderator_id: Uuid,
    /// By which role.
    pub role: Role,
    /// What it is.
    pub measure: Measure,
    /// Until when; `None`: until it is lifted.
    pub until: Option<Timestamp>,
    /// Of a block, the post that it is from; `None`: from all there is.
    pub post_id: Option<Uuid>,
    /// Whether the person appealed, and whether that was answered.
    pub appeal: Appeal,
}

/// How an appeal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appeal {
    /// There was none.
    None,
    /// It waits.
    Open,
    /// The measure was upheld: there is no second.
    Answered,
}

impl InForce {
    fn of(decided: &Decided) -> Self {
        Self {
            ruling: decided.ruling,
            moderator_id: decided.moderator_id,
            role: role(&decided.moderator_role),
            measure: decided.measure,
            until: decided.ends_at,
            post_id: decided.blocked_post_id,
            appeal: Appeal::None,
        }
    }

    /// Whether it takes the place of another. Of warnings each stays.
    fn replaces(&self, other: &Self) -> bool {
        self.measure != Measure::Warn && self.measure == other.measure && self.post_id == other.post_id
    }

    fn is_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Case {
    /// A case in which nothing has happened.
    pub(super) fn of(about: &About) -> Self {
        Self {
            // Roles are looked up for each command.
            about: About { subject_role: Role::Reader, ..*about },
            reporters: Vec::new(),
            claim: None,
            in_force: Vec::new(),
            lifted_by: None,
            rulings: 0,
            ruled_at: Timestamp::default(),
            ruled_by: None,
            edits: None,
            shown_since: 0,
            carried_out: 0,
            words_of: Vec::new(),
        }
    }

    /// What it is about.
    #[must_use]
    pub fn about(&self) -> About {
        self.about
    }

    /// The accounts that have reported it and were not answered.
    #[must_use]
    pub fn reporters(&self) -> &[Uuid] {
        &self.reporters
    }

    /// How many rulings there were: the last has this number.
    #[must_use]
    pub fn rulings(&self) -> i64 {
        self.rulings
    }

    /// Who made the last ruling, and by which role.
    #[must_use]
    pub fn ruled_by(&self) -> Option<(Uuid, Role)> {
        self.ruled_by
    }

    /// How often the comment had been edited when the moderator read it who made the last ruling, where that lets pass
    /// what filters hold.
    #[must_use]
    pub fn edits(&self) -> Option<i64> {
        self.edits
    }

    /// Who is shown the thing by what is in force.
    #[must_use]
    pub fn visible(&self) -> Visible {
        let has = |measure| self.in_force.iter().any(|one| one.measure == measure);
        if has(Measure::Remove) {
            Visible::Moderators
        } else if has(Measure::Hide) {
            Visible::Author
        } else {
            Visible::All
        }
    }

    /// Since which ruling that is so; 0 if none has changed it.
    #[must_use]
    pub fn shown_since(&self) -> i64 {
        self.shown_since
    }

    /// What keeps a person from commenting on a post at a time.
    #[must_use]
    pub fn silences(&self, post_id: Uuid, now: Timestamp) -> Option<&InForce> {
        self.in_force.iter().filter(|one| one.is_at(now)).find(|one| match one.measure {
            Measure::Mute => true,
            Measure::Block => one.post_id.is_none_or(|from| from == post_id),
            Measure::Hide | Measure::Remove | Measure::Warn => false,
        })
    }

    /// What keeps a person from taking part in anything at a time.
    #[must_use]
    pub fn bars(&self, now: Timestamp) -> Option<&InForce> {
        let mut in_force = self.in_force.iter().filter(|one| one.is_at(now));
        in_force.find(|one| one.measure == Measure::Block && one.post_id.is_none())
    }

    /// Whether something was said to a person, or by them, that is not gone: who it concerns is another since the post
    /// was handed over.
    #[must_use]
    pub fn has_words_of(&self, account_id: Uuid) -> bool {
        self.words_of.contains(&account_id)
    }

    /// What is to be carried out on the thing.
    pub(super) fn due(&self) -> Option<(Timestamp, Command)> {
        let waits = !self.about.target.is_person() && self.carried_out < self.rulings;
        waits.then_some((self.ruled_at, Command::Case(self.about, Ask::CarryOut { ruling: self.rulings })))
    }

    pub(super) fn reported_by(&self, account_id: Uuid) -> bool {
        self.reporters.contains(&account_id)
    }

    pub(super) fn is_carried_out(&self, ruling: i64) -> bool {
        ruling <= self.carried_out
    }

    /// The claim that holds at a time.
    pub(super) fn claim(&self, now: Timestamp) -> Option<Claim> {
        self.claim.filter(|claim| now < claim.until)
    }

    /// The measure that a ruling put in force; `None` if it was lifted, or another took its place.
    pub(super) fn in_force(&self, ruling: i64) -> Result<Option<&InForce>, Rejection> {
        if (1..=self.rulings).contains(&ruling) {
            Ok(self.in_force.iter().find(|one| one.ruling == ruling))
        } else {
            Err(Rejection::NotInForce)
        }
    }

    /// Whether just this is in force.
    pub(super) fn has(&self, measure: Measure, until: Option<Timestamp>, post_id: Option<Uuid>) -> bool {
        let mut same = self.in_force.iter().filter(|one| one.measure == measure && one.post_id == post_id);
        measure != Measure::Warn && same.any(|one| one.until == until)
    }

    /// The measure whose place such a measure takes.
    pub(super) fn replaced_by(&self, measure: Measure, post_id: Option<Uuid>) -> Option<&InForce> {
        let mut same = self.in_force.iter().filter(|one| one.measure == measure && one.post_id == post_id);
        same.next().filter(|_| measure != Measure::Warn)
    }

    /// Whether as many measures are in force at a time as may be: those that have ended do not count.
    pub(super) fn is_full(&self, now: Timestamp) -> bool {
        self.in_force.iter().filter(|one| one.is_at(now)).count() >= MOST_IN_FORCE
    }

    /// Who lifted another's measure since the last was put in force.
    pub(super) fn lifted_by(&self) -> Option<(Uuid, Role)> {
        self.lifted_by
    }

    /// The case after an event.
    pub(super) fn after(self, event: &Event) -> Self {
        let before = self.visible();
        let after = self.folded(event);
        if after.visible() == before { after } else { Self { shown_since: after.rulings, ..after } }
    }

    fn folded(mut self, event: &Event) -> Self {
        if let Some(account_id) = event.ruled_of().filter(|account_id| !self.has_words_of(*account_id)) {
            self.words_of.push(account_id);
        }
        match event {
            Event::Reported(reported) if self.reported_by(reported.reporter_id) => {}
            Event::Reported(reported) => self.reporters.push(reported.reporter_id),
            Event::ReportWithdrawn(withdrawn) => self.reporters.retain(|id| *id != withdrawn.reporter_id),
            Event::Claimed(claimed) => {
                self.claim = Some(Claim { moderator_id: claimed.moderator_id, until: claimed.claimed_until_at });
            }
            Event::ClaimReleased(_) => self.claim = None,
            Event::Decided(decided) => {
                let one = InForce::of(decided);
                // Those that have ended by themselves are looked at no more: so these are few, however many there were.
                self.in_force.retain(|other| other.is_at(decided.ruled_at) && !one.replaces(other));
                self.in_force.push(one);
                self.lifted_by = None;
                self.rule(decided.ruling, decided.ruled_at, decided.moderator_id, &decided.moderator_role);
                self.answer_reports();
            }
            Event::Dismissed(dismissed) => {
                self.rule(dismissed.ruling, dismissed.ruled_at, dismissed.moderator_id, &dismissed.moderator_role);
                self.edits = dismissed.edits;
                self.answer_reports();
            }
            Event::Lifted(lifted) => {
                self.rule(lifted.ruling, lifted.ruled_at, lifted.moderator_id, &lifted.moderator_role);
                self.lift(lifted.former_ruling, lifted.moderator_id, &lifted.moderator_role);
            }
            Event::Appealed(appealed) => self.appeal(appealed.former_ruling, Appeal::Open),
            Event::AppealAnswered(answered) => {
                self.rule(answered.ruling, answered.ruled_at, answered.moderator_id, &answered.moderator_role);
                if answered.upheld {
                    self.appeal(answered.former_ruling, Appeal::Answered);
                } else {
                    self.lift(answered.former_ruling, answered.moderator_id, &answered.moderator_role);
                }
            }
            Event::Erased(erased) => self.words_of.retain(|account_id| *account_id != erased.subject_id),
            Event::CarriedOut(carried_out) => self.carried_out = self.carried_out.max(carried_out.ruling),
            Event::PersonBlocked(_) | Event::PersonUnblocked(_) | Event::FiltersChanged(_) => {}
        }
        self
    }

    fn rule(&mut self, ruling: i64, at: Timestamp, by: Uuid, by_role: &str) {
        (self.rulings, self.ruled_at) = (self.rulings.max(ruling), at);
        (self.ruled_by, self.edits) = (Some((by, role(by_role))), None);
    }

    fn answer_reports(&mut self) {
        self.reporters.clear();
        self.claim = None;
    }

    fn lift(&mut self, ruling: i64, by: Uuid, by_role: &str) {
        if self.in_force.iter().any(|one| one.ruling == ruling && one.moderator_id != by) {
            self.lifted_by = Some((by, role(by_role)));
        }
        self.in_force.retain(|one| one.ruling != ruling);
    }

    fn appeal(&mut self, ruling: i64, appeal: Appeal) {
        self.in_force.iter_mut().filter(|one| one.ruling == ruling).for_each(|one| one.appeal = appeal);
    }
}

/// The role of this name. One that this version does not know is taken for the greatest.
fn role(name: &str) -> Role {
    Role::named(name).unwrap_or(Role::Admin)
}
