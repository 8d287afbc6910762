//! How many people reacted to something, by kind, and shared it, by place. The numbers are sums that the projector
//! keeps; they are read in the statement that reads what they are shown with.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many people, by kind of reaction or by place. What no one gave is not in it.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct MarkCounts(BTreeMap<String, i64>);

/// Of texts such as `like 12`.
impl From<Vec<String>> for MarkCounts {
    fn from(texts: Vec<String>) -> Self {
        let count = |text: &String| text.split_once(' ').and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?)));
        Self(texts.iter().filter_map(count).collect())
    }
}

impl MarkCounts {
    /// How many of all kinds.
    pub(crate) fn all(&self) -> i64 {
        self.0.values().sum()
    }

    /// What an answer shows of it: of that its entity tag is made.
    pub(crate) fn shown(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, people)| format!("{name} {people}"))
    }
}
