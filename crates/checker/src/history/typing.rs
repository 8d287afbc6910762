//! What clients do with working copies. No event tells of it, so it is recorded by itself.

use serde::{Deserialize, Serialize};

use super::Nanos;

/// An attempt to do something with the working copy of a post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Typing {
    /// Who asked: for the explanations.
    pub client: u64,
    /// The post.
    pub post_id: String,
    /// What was asked.
    pub act: Typed,
    /// Before the request was sent.
    pub invoked_at: Nanos,
    /// After the reply had come; `None` if none did.
    #[serde(default)]
    pub answered_at: Option<Nanos>,
    /// What came of it.
    pub answer: CopyAnswer,
}

/// What is asked. Versions are the copy's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typed {
    /// To keep a text.
    Save {
        /// The version whose place it takes; `None` where there is to be none.
        replaces: Option<u64>,
        /// The text, which no other save has.
        text: String,
    },
    /// To show it.
    Read,
    /// To throw it away.
    Discard {
        /// Which version.
        version: u64,
    },
    /// To make the post be as it says; what comes of the post is a call.
    Release {
        /// Which version.
        version: u64,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyAnswer {
    /// This is the working copy.
    Is {
        /// Its version.
        version: u64,
        /// Its text.
        text: String,
    },
    /// There is none, or no more.
    None,
    /// It was not done.
    Refused,
    /// It may be done or not.
    Unknown,
}
