//! THE STORED FORMAT of the context `moderation`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/moderation/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{About, Pair, Target};
use crate::personal::{Open, Personal};
use crate::values::{CaseKind, Explanation, FilterWord, HouseRule, Invalid, Measure, Statement};
use crate::{Role, Timestamp};

crate::events! {
    /// What can have happened in a case, between two people, or to what comments are held for.
    enum Event in "inklog.moderation" {
        /// An account reported it.
        Reported(Reported),
        /// It took its report back.
        ReportWithdrawn(ReportWithdrawn),
        /// A moderator looks at it, for a while.
        Claimed(Claimed),
        /// No moderator does.
        ClaimReleased(ClaimReleased),
        /// A measure is in force.
        Decided(Decided),
        /// What was reported, or held, is left as it is.
        Dismissed(Dismissed),
        /// A measure is in force no more.
        Lifted(Lifted),
        /// The person asks that a measure be looked at again.
        Appealed(Appealed),
        /// It was looked at again.
        AppealAnswered(AppealAnswered),
        /// The thing is shown, or not, as was decided up to a ruling.
        CarriedOut(CarriedOut),
        /// What was said to the person, and by them, is gone: they are forgotten.
        Erased(Erased),
        /// The one person blocks the other.
        PersonBlocked(PersonBlocked),
        /// They do not any more.
        PersonUnblocked(PersonUnblocked),
        /// Comments are held for something else.
        FiltersChanged(FiltersChanged),
    }
}

/// Declares the payloads of what happens in a case: each begins with what the case is about.
macro_rules! in_a_case {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub struct $name {
                /// What the case is about.
                pub target_kind: CaseKind,
                /// Which of those: the id of the post, the comment or the account.
                pub target_id: Uuid,
                /// Of a comment, the post that it is on.
                pub post_id: Option<Uuid>,
                /// Of a comment, its number there.
                pub number: Option<i64>,
                /// The account that it concerns: the author, or the account itself.
                pub subject_id: Uuid,
                $($(#[$fdoc])* pub $field: $type,)*
            }
        )+

        impl Event {
            /// What the case is about, as far as an event says it; `None` where there is no case.
            pub(super) fn about(&self) -> Option<About> {
                let (kind, id, post_id, number, subject_id) = match self {
                    $(Self::$name(event) => {
                        (event.target_kind, event.target_id, event.post_id, event.number, event.subject_id)
                    })+
                    Self::PersonBlocked(_) | Self::PersonUnblocked(_) | Self::FiltersChanged(_) => return None,
                };
                let target = match kind {
                    CaseKind::Post => Target::Post(id),
                    CaseKind::Account => Target::Account(id),
                    CaseKind::Comment => Target::Comment { post_id: post_id?, number: number? },
                };
                Some(About { target, subject_id, subject_role: Role::Reader })
            }
        }
    };
}

in_a_case! {
    /// An account reported it. Who it concerns is not told.
    Reported {
        /// Who reported it.
        reporter_id: Uuid,
        /// Against which rule of the house it is.
        rule: HouseRule,
        /// What they say, under their own key; may be empty.
        statement: Personal<Statement>,
    }
    /// An account took its report back.
    ReportWithdrawn {
        /// Who had reported it.
        reporter_id: Uuid,
    }
    /// A moderator looks at it, for a while.
    Claimed {
        /// Who.
        moderator_id: Uuid,
        /// Until when no other decides.
        claimed_until_at: Timestamp,
    }
    /// No moderator has it.
    ClaimReleased {
        /// Who had it.
        moderator_id: Uuid,
    }
    /// A measure is in force. All reports are answered by it.
    Decided {
        /// Its number among the rulings of the case: 1, 2, 3, … without gaps.
        ruling: i64,
        /// When it was made.
        ruled_at: Timestamp,
        /// Who made it.
        moderator_id: Uuid,
        /// By which role.
        moderator_role: String,
        /// What it is.
        measure: Measure,
        /// Against which rule of the house it was.
        rule: HouseRule,
        /// What the person is told, under their key.
        explanation: Personal<Explanation>,
        /// Until when it is in force; `None`: until it is lifted.
        ends_at: Option<Timestamp>,
        /// Of a block, the post whose conversation it is from; `None`: from all there is.
        blocked_post_id: Option<Uuid>,
        /// The id of the case that it is for, where it is another one: that of a comment.
        about_case: Option<Target>,
        /// The ruling whose place it takes: of the same measure, until another time.
        former_ruling: Option<i64>,
    }
    /// What was reported, or held, is left as it is. All reports are answered by it.
    Dismissed {
        /// See [`Decided`].
        ruling: i64,
        /// See [`Decided`].
        ruled_at: Timestamp,
        /// See [`Decided`].
        moderator_id: Uuid,
        /// See [`Decided`].
        moderator_role: String,
        /// Of a comment, how often it had been edited when the moderator read it: what filters hold of it passes as it
        /// was then. `None`: what they hold stays held.
        edits: Option<i64>,
    }
    /// A measure is in force no more.
    Lifted {
        /// See [`Decided`].
        ruling: i64,
        /// See [`Decided`].
        ruled_at: Timestamp,
        /// See [`Decided`].
        moderator_id: Uuid,
        /// See [`Decided`].
        moderator_role: String,
        /// The ruling that put it in force.
        former_ruling: i64,
        /// See [`Decided`].
        explanation: Personal<Explanation>,
    }
    /// The person asks that a measure be looked at again.
    Appealed {
        /// The ruling that put it in force.
        former_ruling: i64,
        /// What they say, under their own key; may be empty.
        statement: Personal<Statement>,
    }
    /// A measure was looked at again.
    AppealAnswered {
        /// See [`Decided`].
        ruling: i64,
        /// See [`Decided`].
        ruled_at: Timestamp,
        /// See [`Decided`].
        moderator_id: Uuid,
        /// See [`Decided`].
        moderator_role: String,
        /// The ruling that put it in force.
        former_ruling: i64,
        /// Whether it stays in force.
        upheld: bool,
        /// See [`Decided`].
        explanation: Personal<Explanation>,
    }
    /// The thing is shown, or not, as was decided up to a ruling.
    CarriedOut {
        /// That ruling.
        ruling: i64,
    }
    /// What was said to the person, and by them, is gone: they are forgotten.
    Erased {
        /// Up to this ruling.
        ruling: i64,
    }
}

/// The one person blocks the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonBlocked {
    /// Who blocks.
    pub blocker_id: Uuid,
    /// Whom. They are not told.
    pub blocked_id: Uuid,
}

/// The one person does not block the other any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonUnblocked {
    /// See [`PersonBlocked`].
    pub blocker_id: Uuid,
    /// See [`PersonBlocked`].
    pub blocked_id: Uuid,
}

/// Comments are held for this from now on, and for nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FiltersChanged {
    /// Words that are looked for.
    pub words: Vec<FilterWord>,
    /// More links than this; `None`: as many as there are.
    pub most_links: Option<i64>,
    /// Authors of whom fewer comments than this are shown.
    pub first_comments: i64,
}

/// An event of a case that is about something: the fields that all begin with are made of [`About`].
macro_rules! happened {
    ($about:expr, $name:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        let about: &$crate::moderation::About = $about;
        let place = about.target.place();
        $crate::moderation::Event::$name($crate::moderation::$name {
            target_kind: about.target.kind(),
            target_id: about.target.target_id(),
            post_id: place.map(|(post_id, _)| post_id),
            number: place.map(|(_, number)| number),
            subject_id: about.subject_id,
            $($field $(: $value)?,)*
        })
    }};
}

pub(super) use happened;

impl Event {
    /// What the case that it is of is about, and whom it concerns.
    #[must_use]
    pub fn case(&self) -> Option<(Target, Uuid)> {
        self.about().map(|about| (about.target, about.subject_id))
    }

    /// The pair of people that it is of, and whether the one blocks the other from it on.
    #[must_use]
    pub fn pair(&self) -> Option<(Pair, bool)> {
        if let Self::PersonBlocked(PersonBlocked { blocker_id, blocked_id }) = *self {
            return Some((Pair { blocker_id, blocked_id }, true));
        }
        let Self::PersonUnblocked(PersonUnblocked { blocker_id, blocked_id }) = *self else { return None };
        Some((Pair { blocker_id, blocked_id }, false))
    }

    /// The account of which something is decided by it, or that asks for it.
    pub(super) fn ruled_of(&self) -> Option<Uuid> {
        match self {
            Self::Decided(_) | Self::Lifted(_) | Self::Appealed(_) | Self::AppealAnswered(_) => {
                self.about().map(|about| about.subject_id)
            }
            Self::Reported(_) | Self::ReportWithdrawn(_) | Self::Claimed(_) | Self::ClaimReleased(_) => None,
            Self::Dismissed(_) | Self::CarriedOut(_) | Self::Erased(_) => None,
            Self::PersonBlocked(_) | Self::PersonUnblocked(_) | Self::FiltersChanged(_) => None,
        }
    }

    /// The account under whose key its words are: who says them, or whom they concern.
    pub(super) fn words_of(&self) -> Option<Uuid> {
        if let Self::Reported(reported) = self {
            return reported.statement.is_sealed().then_some(reported.reporter_id);
        }
        let is_sealed = if let Self::Appealed(appealed) = self {
            appealed.statement.is_sealed()
        } else {
            self.explanation().is_some_and(Personal::is_sealed)
        };
        self.ruled_of().filter(|_| is_sealed)
    }

    fn explanation(&self) -> Option<&Personal<Explanation>> {
        if let Self::Decided(Decided { explanation, .. })
        | Self::Lifted(Lifted { explanation, .. })
        | Self::AppealAnswered(AppealAnswered { explanation, .. }) = self
        {
            Some(explanation)
        } else {
            None
        }
    }

    /// Opens what is sealed of it; see [`Personal::open`].
    pub(super) fn open(&mut self, open: &mut Open<'_>) -> Result<(), Invalid> {
        match self {
            Self::Reported(reported) => reported.statement.open(open),
            Self::Appealed(appealed) => appealed.statement.open(open),
            Self::Decided(decided) => decided.explanation.open(open),
            Self::Lifted(lifted) => lifted.explanation.open(open),
            Self::AppealAnswered(answered) => answered.explanation.open(open),
            Self::ReportWithdrawn(_) | Self::Claimed(_) | Self::ClaimReleased(_) | Self::Dismissed(_) => Ok(()),
            Self::Erased(_) => Ok(()),
            Self::CarriedOut(_) | Self::PersonBlocked(_) | Self::PersonUnblocked(_) | Self::FiltersChanged(_) => Ok(()),
        }
    }

    /// See [`crate::Decider::text_bytes`].
    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Self::Reported(Reported { statement, .. }) | Self::Appealed(Appealed { statement, .. }) => {
                statement.as_str().len()
            }
            Self::FiltersChanged(changed) => changed.words.iter().map(|word| word.as_str().len()).sum(),
            Self::Decided(_) | Self::Lifted(_) | Self::AppealAnswered(_) => {
                self.explanation().map_or(0, |explanation| explanation.as_str().len())
            }
            Self::ReportWithdrawn(_) | Self::Claimed(_) | Self::ClaimReleased(_) | Self::Dismissed(_) => 0,
            Self::Erased(_) => 0,
            Self::CarriedOut(_) | Self::PersonBlocked(_) | Self::PersonUnblocked(_) => 0,
        }
    }
}
