//! Views: how a context declares one, and the rows that the log gives it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::points;

/// A view, as its context declares it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Its name among the recorded views: `post_tags`.
    pub(crate) name: &'static str,
    /// The columns that a row is found by; none if the whole row tells it from others.
    pub(crate) key: &'static [&'static str],
    /// The columns that are sums: see [`Rows::add`].
    pub(crate) sums: &'static [&'static str],
}

/// The rows of all views, by view and key.
#[derive(Default)]
pub(crate) struct Rows(BTreeMap<&'static str, BTreeMap<String, Value>>);

impl View {
    /// A view without sums.
    pub(crate) const fn keyed(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key, sums: &[] }
    }

    /// What a row is found by.
    pub(crate) fn key_of(&self, row: &Value) -> String {
        let column = |name: &&str| match row.get(*name) {
            Some(Value::String(text)) => text.clone(),
            other => other.unwrap_or(&Value::Null).to_string(),
        };
        if self.key.is_empty() { row.to_string() } else { self.key.iter().map(column).collect::<Vec<_>>().join("/") }
    }
}

impl Rows {
    /// Puts a row in the place of the one with its key, if there is one.
    pub(crate) fn put(&mut self, view: View, row: impl Into<Value>) {
        let row = row.into();
        self.0.entry(view.name).or_default().insert(view.key_of(&row), row);
    }

    /// Adds one to a sum of the row that `key` finds. A row that nothing was added to is not there; its other sums
    /// are 0.
    pub(crate) fn add(&mut self, view: View, key: Value, sum: &str) {
        let row = self.0.entry(view.name).or_default().entry(view.key_of(&key)).or_insert_with(|| {
            let mut row = key;
            view.sums.iter().for_each(|sum| row[*sum] = json!(0));
            row
        });
        row[sum] = json!(row[sum].as_u64().unwrap_or(0) + 1);
    }

    /// Adds points, given at a time in milliseconds, to the column `points` of the row that `key` finds. A row without
    /// any is not there.
    pub(crate) fn weigh(&mut self, view: View, mut key: Value, points: u64, at: i64) {
        key["points"] = json!("0");
        let row = self.0.entry(view.name).or_default().entry(view.key_of(&key)).or_insert(key);
        let sum = points::sum(row["points"].as_str().unwrap_or("0"), &points::weighed(points, at));
        row["points"] = json!(sum);
    }

    /// The rows of a view.
    pub(crate) fn of(&self, view: View) -> &BTreeMap<String, Value> {
        static NONE: BTreeMap<String, Value> = BTreeMap::new();
        self.0.get(view.name).unwrap_or(&NONE)
    }
}
