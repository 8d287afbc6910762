use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::moderation::{Decided, Event, Lifted, Moderation, Pair, Target};

/// The view of cases: what moderators have to look at. What was reported is in it until it is answered.
#[derive(Clone, Copy, Debug)]
pub struct Cases;

/// A case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Its id.
    pub case_id: String,
    /// What it is about: the name of a [`crate::values::CaseKind`].
    pub target_kind: String,
    /// Which of those.
    pub target_id: Uuid,
    /// Of a comment, the post that it is on.
    pub post_id: Option<Uuid>,
    /// Of a comment, its number there.
    pub number: Option<i64>,
    /// The account that it concerns.
    pub subject_id: Uuid,
    /// Who has reported it and was not answered, in their order.
    pub reporter_ids: Vec<Uuid>,
    /// By which rule each of them has.
    pub rules: Vec<String>,
    /// What each of them says.
    pub statements: Vec<String>,
    /// When each of them did, in milliseconds since 1970.
    pub reported_at: Vec<i64>,
    /// Who has claimed it.
    pub claimed_by: Option<Uuid>,
    /// Until when that holds.
    pub claimed_until_at: Option<Timestamp>,
    /// The rulings against which appeals wait.
    pub appealed_rulings: Vec<i64>,
    /// Since when something waits in it, be it a report or an appeal.
    pub waits_since: Option<Timestamp>,
    /// How many rulings there were.
    pub rulings: i64,
    /// Up to which of them it was carried out.
    pub carried_out: i64,
    /// Its version.
    pub version: u64,
}

impl Case {
    fn new(target: Target, subject_id: Uuid) -> Self {
        let place = target.place();
        Self {
            case_id: target.id(),
            target_kind: target.kind().name().to_owned(),
            target_id: target.target_id(),
            post_id: place.map(|(post_id, _)| post_id),
            number: place.map(|(_, number)| number),
            subject_id,
            ..Self::default()
        }
    }

    fn report(&mut self, (reporter_id, rule, statement): (Uuid, String, String), at: Timestamp) {
        self.withdraw(reporter_id);
        self.reporter_ids.push(reporter_id);
        self.rules.push(rule);
        self.statements.push(statement);
        self.reported_at.push(at.0);
    }

    fn withdraw(&mut self, reporter_id: Uuid) {
        if let Some(place) = self.reporter_ids.iter().position(|id| *id == reporter_id) {
            self.reporter_ids.remove(place);
            self.rules.remove(place);
            self.statements.remove(place);
            self.reported_at.remove(place);
        }
    }

    fn answer_reports(&mut self) {
        (self.reporter_ids, self.rules) = (Vec::new(), Vec::new());
        (self.statements, self.reported_at) = (Vec::new(), Vec::new());
        (self.claimed_by, self.claimed_until_at) = (None, None);
    }

    fn appeal_is_over(&mut self, ruling: i64) {
        self.appealed_rulings.retain(|other| *other != ruling);
    }

    fn take(&mut self, event: SourceEvent<'_, Moderation>) {
        match event.event {
            Event::Reported(reported) => {
                let (rule, statement) = (reported.rule.to_string(), reported.statement.shown().to_owned());
                self.report((reported.reporter_id, rule, statement), event.occurred_at);
            }
            Event::ReportWithdrawn(withdrawn) => self.withdraw(withdrawn.reporter_id),
            Event::Claimed(claimed) => {
                self.claimed_by = Some(claimed.moderator_id);
                self.claimed_until_at = Some(claimed.claimed_until_at);
            }
            Event::ClaimReleased(_) => (self.claimed_by, self.claimed_until_at) = (None, None),
            Event::Decided(Decided { ruling, former_ruling, .. }) => {
                self.rulings = *ruling;
                self.answer_reports();
                former_ruling.iter().for_each(|former| self.appeal_is_over(*former));
            }
            Event::Dismissed(dismissed) => {
                self.rulings = dismissed.ruling;
                self.answer_reports();
            }
            Event::Lifted(Lifted { ruling, former_ruling, .. }) => {
                self.rulings = *ruling;
                self.appeal_is_over(*former_ruling);
            }
            Event::Appealed(appealed) => self.appealed_rulings.push(appealed.former_ruling),
            Event::AppealAnswered(answered) => {
                self.rulings = answered.ruling;
                self.appeal_is_over(answered.former_ruling);
            }
            Event::CarriedOut(carried_out) => self.carried_out = carried_out.ruling,
            Event::Erased(_) | Event::PersonBlocked(_) | Event::PersonUnblocked(_) | Event::FiltersChanged(_) => {}
        }
        let waits = !self.reporter_ids.is_empty() || !self.appealed_rulings.is_empty();
        self.waits_since = waits.then(|| self.waits_since.unwrap_or(event.occurred_at));
        self.version = event.version;
    }
}

impl View for Cases {
    const NAME: &'static str = "cases";
    type Source = Moderation;
    type Key = String;
    type Row = Case;

    fn keys(event: SourceEvent<'_, Moderation>) -> impl IntoIterator<Item = String> {
        event.event.case().map(|(target, _)| target.id())
    }

    fn seen(row: Option<&Case>, _: SourceEvent<'_, Moderation>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(_: &String, row: Option<Case>, event: SourceEvent<'_, Moderation>) -> Option<Case> {
        let (target, subject_id) = event.event.case()?;
        let mut row = row.unwrap_or_else(|| Case::new(target, subject_id));
        row.take(event);
        Some(row)
    }
}

/// The view of every pair of people of whom the one ever blocked the other.
#[derive(Clone, Copy, Debug)]
pub struct PersonBlocks;

/// A pair of people.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonBlock {
    /// Who blocks, or did.
    pub blocker_id: Uuid,
    /// Whom.
    pub blocked_id: Uuid,
    /// Whether the one blocks the other now.
    pub active: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// The version of the pair: a row of those who block no more is kept for it.
    pub version: u64,
}

impl View for PersonBlocks {
    const NAME: &'static str = "person_blocks";
    type Source = Moderation;
    type Key = (Uuid, Uuid);
    type Row = PersonBlock;

    fn keys(event: SourceEvent<'_, Moderation>) -> impl IntoIterator<Item = (Uuid, Uuid)> {
        event.event.pair().map(|(Pair { blocker_id, blocked_id }, _)| (blocker_id, blocked_id))
    }

    fn seen(row: Option<&PersonBlock>, _: SourceEvent<'_, Moderation>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(_: &(Uuid, Uuid), _: Option<PersonBlock>, event: SourceEvent<'_, Moderation>) -> Option<PersonBlock> {
        let (Pair { blocker_id, blocked_id }, active) = event.event.pair()?;
        Some(PersonBlock { blocker_id, blocked_id, active, since: event.occurred_at, version: event.version })
    }
}
