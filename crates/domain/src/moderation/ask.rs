//! What can be asked of a case.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Target;
use crate::Timestamp;
use crate::personal::Personal;
use crate::values::{Explanation, HouseRule, Measure, Statement};

/// What can be asked of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Note that an account finds it against a rule. An account has one open report of it.
    Report {
        /// Whose report it is.
        reporter_id: Uuid,
        /// Against which rule it is.
        rule: HouseRule,
        /// What they say, sealed.
        statement: Personal<Statement>,
    },
    /// Have it be reported by this account no more.
    Withdraw {
        /// Whose report it was.
        reporter_id: Uuid,
    },
    /// Have no other decide for so long, in milliseconds.
    Claim {
        /// For how long.
        for_ms: i64,
    },
    /// Let others decide again.
    Release,
    /// Put a measure in force.
    Decide(Decision),
    /// Leave it as it is.
    Dismiss {
        /// Whether it is held, and is to be shown.
        held: bool,
        /// Of a comment, how often it had been edited when the moderator read it.
        edits: Option<i64>,
    },
    /// Have a measure be in force no more.
    Lift {
        /// The ruling that put it in force.
        ruling: i64,
        /// What the person is told, sealed.
        explanation: Personal<Explanation>,
    },
    /// Have a measure be looked at again.
    Appeal {
        /// The ruling that put it in force.
        ruling: i64,
        /// What the person says, sealed.
        statement: Personal<Statement>,
    },
    /// Say whether it stays in force.
    Answer {
        /// The ruling that put it in force.
        ruling: i64,
        /// Whether it stays.
        upheld: bool,
        /// What the person is told, sealed.
        explanation: Personal<Explanation>,
    },
    /// Note that the thing is as was decided up to this ruling.
    CarryOut {
        /// That ruling.
        ruling: i64,
    },
    /// Take the words away that were said to the account, and by it, for it is forgotten.
    Erase,
}

/// A measure, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What it is.
    pub measure: Measure,
    /// Against which rule it was.
    pub rule: HouseRule,
    /// What the person is told, sealed.
    pub explanation: Personal<Explanation>,
    /// Until when; of a mute or a block.
    pub until: Option<Timestamp>,
    /// The post that it is from; of a block.
    pub post_id: Option<Uuid>,
    /// The comment that it is for, where the person is muted or blocked for one.
    pub about: Option<Target>,
}
