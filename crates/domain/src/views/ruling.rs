use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::moderation::{AppealAnswered, Decided, Event, Lifted, Moderation};

/// The view of rulings: what moderators decided, why, and what became of it. A person reads those that concern them.
#[derive(Clone, Copy, Debug)]
pub struct Rulings;

/// A ruling of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruling {
    /// The case.
    pub case_id: String,
    /// Its number there.
    pub ruling: i64,
    /// The account that it concerns.
    pub subject_id: Uuid,
    /// What it is: the name of a [`crate::values::Measure`], or `dismiss`, `lift`, `answer`.
    pub kind: String,
    /// Against which rule it was, of a measure.
    pub rule: Option<String>,
    /// What the person is told; empty where there is nothing to tell, or no one.
    pub explanation: String,
    /// Who made it.
    pub moderator_id: Uuid,
    /// By which role.
    pub moderator_role: String,
    /// When.
    pub ruled_at: Timestamp,
    /// Until when it is in force, if it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// Of a block, the post that it is from.
    pub blocked_post_id: Option<Uuid>,
    /// The case that it is for, where that is another one.
    pub about_case: Option<String>,
    /// The ruling that it lifts, answers for, or takes the place of.
    pub former_ruling: Option<i64>,
    /// Of an answer, whether the measure stays.
    pub upheld: Option<bool>,
    /// Since when it is in force no more, if it was lifted or another took its place.
    pub lifted_at: Option<Timestamp>,
    /// When the person appealed.
    pub appealed_at: Option<Timestamp>,
    /// What they said then.
    pub appeal: String,
    /// When that was answered.
    pub answered_at: Option<Timestamp>,
    /// The version of the case that made it so.
    pub version: u64,
}

/// Who made a ruling, and which.
type Made<'a> = (i64, Uuid, &'a str);

impl Ruling {
    fn new(case_id: &str, subject_id: Uuid, kind: &str, (ruling, by, role): Made<'_>, at: Timestamp) -> Self {
        Self {
            case_id: case_id.to_owned(),
            ruling,
            subject_id,
            kind: kind.to_owned(),
            moderator_id: by,
            moderator_role: role.to_owned(),
            ruled_at: at,
            ..Self::default()
        }
    }

    /// The row of a ruling that an event makes.
    fn made(event: SourceEvent<'_, Moderation>) -> Option<Self> {
        let ((_, subject_id), case_id, at) = (event.event.case()?, event.aggregate_id, event.occurred_at);
        let new = |kind: &str, made: Made<'_>| Self::new(case_id, subject_id, kind, made, at);
        match event.event {
            Event::Decided(it) => Some(Self {
                rule: Some(it.rule.to_string()),
                explanation: it.explanation.shown().to_owned(),
                ends_at: it.ends_at,
                blocked_post_id: it.blocked_post_id,
                about_case: it.about_case.map(|target| target.id()),
                former_ruling: it.former_ruling,
                ..new(it.measure.name(), (it.ruling, it.moderator_id, &it.moderator_role))
            }),
            Event::Dismissed(it) => Some(new("dismiss", (it.ruling, it.moderator_id, &it.moderator_role))),
            Event::Lifted(it) => Some(Self {
                explanation: it.explanation.shown().to_owned(),
                former_ruling: Some(it.former_ruling),
                ..new("lift", (it.ruling, it.moderator_id, &it.moderator_role))
            }),
            Event::AppealAnswered(it) => Some(Self {
                explanation: it.explanation.shown().to_owned(),
                former_ruling: Some(it.former_ruling),
                upheld: Some(it.upheld),
                ..new("answer", (it.ruling, it.moderator_id, &it.moderator_role))
            }),
            Event::Reported(_) | Event::ReportWithdrawn(_) | Event::Claimed(_) | Event::ClaimReleased(_) => None,
            Event::Appealed(_) | Event::CarriedOut(_) | Event::Erased(_) => None,
            Event::PersonBlocked(_) | Event::PersonUnblocked(_) | Event::FiltersChanged(_) => None,
        }
    }

    /// A former ruling after what happened to it.
    fn after(self, event: SourceEvent<'_, Moderation>) -> Self {
        let at = Some(event.occurred_at);
        match event.event {
            Event::Decided(_) | Event::Lifted(_) => Self { lifted_at: at, ..self },
            Event::AppealAnswered(AppealAnswered { upheld: false, .. }) => {
                Self { lifted_at: at, answered_at: at, ..self }
            }
            Event::AppealAnswered(AppealAnswered { upheld: true, .. }) => Self { answered_at: at, ..self },
            Event::Appealed(appealed) => {
                Self { appealed_at: at, appeal: appealed.statement.shown().to_owned(), ..self }
            }
            Event::Erased(_) => Self { explanation: String::new(), appeal: String::new(), ..self },
            Event::Reported(_) | Event::ReportWithdrawn(_) | Event::Claimed(_) | Event::ClaimReleased(_) => self,
            Event::Dismissed(_) | Event::CarriedOut(_) => self,
            Event::PersonBlocked(_) | Event::PersonUnblocked(_) | Event::FiltersChanged(_) => self,
        }
    }
}

impl View for Rulings {
    const NAME: &'static str = "rulings";
    type Source = Moderation;
    type Key = (String, i64);
    type Row = Ruling;

    fn keys(event: SourceEvent<'_, Moderation>) -> impl IntoIterator<Item = (String, i64)> {
        let rulings: Vec<i64> = match event.event {
            Event::Decided(Decided { ruling, former_ruling, .. }) => {
                former_ruling.iter().chain([ruling]).copied().collect()
            }
            Event::Lifted(Lifted { ruling, former_ruling, .. })
            | Event::AppealAnswered(AppealAnswered { ruling, former_ruling, .. }) => vec![*former_ruling, *ruling],
            Event::Dismissed(dismissed) => vec![dismissed.ruling],
            Event::Appealed(appealed) => vec![appealed.former_ruling],
            Event::Erased(erased) => (1..=erased.ruling).collect(),
            Event::Reported(_) | Event::ReportWithdrawn(_) | Event::Claimed(_) | Event::ClaimReleased(_) => Vec::new(),
            Event::CarriedOut(_) => Vec::new(),
            Event::PersonBlocked(_) | Event::PersonUnblocked(_) | Event::FiltersChanged(_) => Vec::new(),
        };
        rulings.into_iter().map(|ruling| (event.aggregate_id.to_owned(), ruling))
    }

    /// What happens to others of the case passes a row by.
    fn seen(row: Option<&Ruling>, _: SourceEvent<'_, Moderation>) -> Seen {
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(key: &(String, i64), row: Option<Ruling>, event: SourceEvent<'_, Moderation>) -> Option<Ruling> {
        let made = Ruling::made(event).filter(|made| made.ruling == key.1);
        let row = made.or_else(|| row.map(|row| row.after(event)))?;
        Some(Ruling { version: event.version, ..row })
    }
}
