//! What is decided of a case: by what right, and whether it is so already.

use uuid::Uuid;

use super::case::{Appeal, Case, InForce, MOST_REPORTS};
use super::event::{Event, happened};
use super::{About, Ask, Decision, Rejection};
use crate::personal::Personal;
use crate::values::{Explanation, HouseRule, Measure, Statement};
use crate::{Actor, DecisionContext, Role, Timestamp};

impl Ask {
    pub(super) fn decide(
        &self,
        case: &Case,
        about: &About,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        let asked = Asked { case, about, actor: &context.actor, now: context.now };
        match self {
            Self::Report { reporter_id, rule, statement } => asked.report(*reporter_id, rule, statement),
            Self::Withdraw { reporter_id } => asked.withdraw(*reporter_id),
            Self::Claim { for_ms } => asked.claim((*for_ms).max(1_000)),
            Self::Release => asked.release(),
            Self::Decide(decision) => asked.decide(decision),
            Self::Dismiss { held, edits } => asked.dismiss(*held, *edits),
            Self::Lift { ruling, explanation } => asked.lift(*ruling, explanation),
            Self::Appeal { ruling, statement } => asked.appeal(*ruling, statement),
            Self::Answer { ruling, upheld, explanation } => asked.answer(*ruling, *upheld, explanation),
            Self::CarryOut { ruling } => {
                let is_news = !case.is_carried_out(*ruling) && *ruling <= case.rulings();
                Ok(is_news.then(|| happened!(about, CarriedOut { ruling: *ruling })))
            }
            Self::Erase => asked.erase(),
        }
    }
}

/// A case, and who asks when.
struct Asked<'a> {
    case: &'a Case,
    about: &'a About,
    actor: &'a Actor,
    now: Timestamp,
}

impl Asked<'_> {
    fn report(
        &self,
        reporter_id: Uuid,
        rule: &HouseRule,
        statement: &Personal<Statement>,
    ) -> Result<Option<Event>, Rejection> {
        self.is(reporter_id)?;
        self.is_not_about_the_actor()?;
        if self.case.reported_by(reporter_id) {
            return Ok(None);
        }
        if self.case.reporters().len() >= MOST_REPORTS {
            return Err(Rejection::TooManyReports);
        }
        let (rule, statement) = (rule.clone(), statement.clone());
        Ok(Some(happened!(self.about, Reported { reporter_id, rule, statement })))
    }

    fn withdraw(&self, reporter_id: Uuid) -> Result<Option<Event>, Rejection> {
        self.is(reporter_id)?;
        let reported = self.case.reported_by(reporter_id);
        Ok(reported.then(|| happened!(self.about, ReportWithdrawn { reporter_id })))
    }

    fn claim(&self, for_ms: i64) -> Result<Option<Event>, Rejection> {
        self.moderates()?;
        let (moderator_id, claimed_until_at) = (self.actor.id, self.now.plus_millis(for_ms));
        // Who claims it again is not told so with each look at it.
        let half = self.now.plus_millis(for_ms / 2);
        let holds = self.claimed_by_no_other()?.is_some_and(|until| until > half);
        Ok((!holds).then(|| happened!(self.about, Claimed { moderator_id, claimed_until_at })))
    }

    /// Another's claim is ended by who has a higher role than moderators.
    fn release(&self) -> Result<Option<Event>, Rejection> {
        self.moderates()?;
        match self.case.claim(self.now) {
            None => Ok(None),
            Some(claim) if claim.moderator_id != self.actor.id && !self.actor.is_at_least(Role::Editor) => {
                Err(Rejection::ClaimedByAnother)
            }
            Some(claim) => Ok(Some(happened!(self.about, ClaimReleased { moderator_id: claim.moderator_id }))),
        }
    }

    fn decide(&self, decision: &Decision) -> Result<Option<Event>, Rejection> {
        let Decision { measure, rule, explanation, until, post_id, about } = decision.clone();
        self.may_decide(measure)?;
        self.fits(decision)?;
        if self.case.reporters().is_empty() && self.case.has(measure, until, post_id) {
            return Ok(None);
        }
        if self.case.is_full(self.now) {
            return Err(Rejection::TooManyInForce);
        }
        let former = self.case.replaced_by(measure, post_id);
        former.map_or(Ok(()), |one| self.may_replace(one))?;
        let Ruling { ruling, ruled_at, moderator_id, moderator_role } = self.next();
        let (ends_at, blocked_post_id, about_case) = (until, post_id, about);
        let former_ruling = former.map(|one| one.ruling);
        Ok(Some(happened!(
            self.about,
            Decided {
                ruling,
                ruled_at,
                moderator_id,
                moderator_role,
                measure,
                rule,
                explanation,
                ends_at,
                blocked_post_id,
                about_case,
                former_ruling,
            }
        )))
    }

    fn dismiss(&self, held: bool, edits: Option<i64>) -> Result<Option<Event>, Rejection> {
        self.moderates()?;
        self.claimed_by_no_other()?;
        if self.case.reporters().is_empty() && !held {
            return Ok(None);
        }
        let Ruling { ruling, ruled_at, moderator_id, moderator_role } = self.next();
        Ok(Some(happened!(self.about, Dismissed { ruling, ruled_at, moderator_id, moderator_role, edits })))
    }

    /// What was decided is lifted by who decided it, or by one of at least the role.
    fn lift(&self, former_ruling: i64, explanation: &Personal<Explanation>) -> Result<Option<Event>, Rejection> {
        self.moderates()?;
        let Some(one) = self.case.in_force(former_ruling)? else { return Ok(None) };
        self.may_end(one)?;
        let Ruling { ruling, ruled_at, moderator_id, moderator_role } = self.next();
        let explanation = explanation.clone();
        Ok(Some(happened!(
            self.about,
            Lifted { ruling, ruled_at, moderator_id, moderator_role, former_ruling, explanation }
        )))
    }

    fn appeal(&self, former_ruling: i64, statement: &Personal<Statement>) -> Result<Option<Event>, Rejection> {
        self.is(self.about.subject_id)?;
        match self.case.in_force(former_ruling)?.ok_or(Rejection::NotInForce)?.appeal {
            Appeal::None => {
                let statement = statement.clone();
                Ok(Some(happened!(self.about, Appealed { former_ruling, statement })))
            }
            Appeal::Open => Ok(None),
            Appeal::Answered => Err(Rejection::AppealedBefore),
        }
    }

    fn answer(
        &self,
        former_ruling: i64,
        upheld: bool,
        explanation: &Personal<Explanation>,
    ) -> Result<Option<Event>, Rejection> {
        self.moderates()?;
        let one = match self.case.in_force(former_ruling)? {
            Some(one) => one,
            None if upheld => return Err(Rejection::NotInForce),
            None => return Ok(None),
        };
        match one.appeal {
            Appeal::Open => {}
            Appeal::Answered if upheld => return Ok(None),
            Appeal::Answered | Appeal::None => return Err(Rejection::NotAppealed),
        }
        self.may_answer(one)?;
        let Ruling { ruling, ruled_at, moderator_id, moderator_role } = self.next();
        let explanation = explanation.clone();
        Ok(Some(happened!(
            self.about,
            AppealAnswered { ruling, ruled_at, moderator_id, moderator_role, former_ruling, upheld, explanation }
        )))
    }

    fn erase(&self) -> Result<Option<Event>, Rejection> {
        self.is(self.about.subject_id)?;
        let ruling = self.case.rulings();
        Ok(self.case.has_words_of(self.about.subject_id).then(|| happened!(self.about, Erased { ruling })))
    }

    fn is(&self, account_id: Uuid) -> Result<(), Rejection> {
        if self.actor.id == account_id { Ok(()) } else { Err(Rejection::NotTheOwner) }
    }

    /// Nor was it, when something was decided of it: a post is another's once it was handed over.
    fn is_not_about_the_actor(&self) -> Result<(), Rejection> {
        let is = self.actor.id == self.about.subject_id || self.case.has_words_of(self.actor.id);
        if is { Err(Rejection::Oneself) } else { Ok(()) }
    }

    fn moderates(&self) -> Result<(), Rejection> {
        if !self.actor.is_at_least(Role::Moderator) {
            return Err(Rejection::NotAModerator);
        }
        self.is_not_about_the_actor()
    }

    /// Until when the actor has claimed it, if they have.
    fn claimed_by_no_other(&self) -> Result<Option<Timestamp>, Rejection> {
        match self.case.claim(self.now) {
            Some(claim) if claim.moderator_id != self.actor.id => Err(Rejection::ClaimedByAnother),
            claim => Ok(claim.map(|claim| claim.until)),
        }
    }

    /// What was decided is ended by who decided it, or by one of at least the role.
    fn may_end(&self, one: &InForce) -> Result<(), Rejection> {
        let may = one.moderator_id == self.actor.id || self.actor.role() >= one.role;
        if may { Ok(()) } else { Err(Rejection::HigherRole) }
    }

    /// Another takes its place, and an appeal that waits would be over by it: only who may answer the appeal does that.
    fn may_replace(&self, one: &InForce) -> Result<(), Rejection> {
        if one.appeal == Appeal::Open { self.may_answer(one) } else { self.may_end(one) }
    }

    /// An admin may be the only one there is, and answers appeals against their own rulings, too.
    fn may_answer(&self, one: &InForce) -> Result<(), Rejection> {
        if one.moderator_id == self.actor.id && !self.actor.is_at_least(Role::Admin) {
            return Err(Rejection::OwnRuling);
        }
        self.may_end(one)
    }

    /// A thing is decided on by a role that is no less than its author's, and by a higher one than that of another who
    /// has lifted a measure, or by an admin: there is no higher role. A person is by a higher role than their own,
    /// whichever role lifted a measure: what they do next is another matter.
    fn may_decide(&self, measure: Measure) -> Result<(), Rejection> {
        self.moderates()?;
        self.claimed_by_no_other()?;
        let (own, theirs) = (self.actor.role(), self.about.subject_role);
        let may = match measure {
            Measure::Hide | Measure::Remove => {
                let lifted = self.case.lifted_by();
                own >= theirs
                    && (own == Role::Admin || lifted.is_none_or(|(by, role)| by == self.actor.id || own > role))
            }
            Measure::Warn | Measure::Mute | Measure::Block => own > theirs,
        };
        if may { Ok(()) } else { Err(Rejection::HigherRole) }
    }

    /// Whether the measure is for this, and has what goes with it.
    fn fits(&self, decision: &Decision) -> Result<(), Rejection> {
        let Decision { measure, until, post_id, about, .. } = decision;
        let (of_person, ends, of_post) = match measure {
            Measure::Hide | Measure::Remove => (false, false, false),
            Measure::Warn => (true, false, false),
            Measure::Mute => (true, true, false),
            Measure::Block => (true, true, true),
        };
        let fits = self.about.target.is_person() == of_person
            && (ends || until.is_none())
            && (of_post || post_id.is_none())
            && (of_person || about.is_none());
        if !fits {
            return Err(Rejection::NotForThis);
        }
        if until.is_some_and(|until| until <= self.now) { Err(Rejection::NotToCome) } else { Ok(()) }
    }

    fn next(&self) -> Ruling {
        Ruling {
            ruling: self.case.rulings().saturating_add(1),
            ruled_at: self.now,
            moderator_id: self.actor.id,
            moderator_role: self.actor.role().name().to_owned(),
        }
    }
}

/// What every ruling says of itself.
struct Ruling {
    ruling: i64,
    ruled_at: Timestamp,
    moderator_id: Uuid,
    moderator_role: String,
}
