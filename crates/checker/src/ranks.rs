//! How often comments are liked: made of the rows that the log gives the views of two contexts.
//!
//! | view | rows |
//! | --- | --- |
//! | `comment_ranks` | every comment with its post, and how many reactions it has; a deleted one is ranked by none |

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::views::{Rows, View};

pub(crate) const RANKS: View = View::keyed("comment_ranks", &["comment_id"]);

/// Adds the ranks of all comments, and of what is given to a comment that is not there.
pub(crate) fn add(rows: &mut Rows) {
    let of = |view: &'static str| rows.of(View::keyed(view, &[])).values();
    let mut given: BTreeMap<String, i64> = BTreeMap::new();
    for row in of("reaction_counts").filter(|row| row["target_kind"] == "comment") {
        let id = row["target_id"].as_str().unwrap_or_default().to_owned();
        *given.entry(id).or_default() += row["people"].as_i64().unwrap_or_default();
    }
    let mut ranks: Vec<Value> = Vec::new();
    for comment in of("comments") {
        let given = given.remove(comment["comment_id"].as_str().unwrap_or_default()).unwrap_or_default();
        let is_deleted = comment["deleted"] == true;
        ranks.push(json!({
            "comment_id": comment["comment_id"], "post_id": comment["post_id"], "number": comment["number"],
            "reply_to": comment["reply_to"], "deleted": is_deleted, "given": given,
            "reactions": if is_deleted { 0 } else { given },
        }));
    }
    ranks.extend(given.into_iter().map(
        |(id, given)| json!({"comment_id": id, "post_id": null, "deleted": false, "given": given, "reactions": given}),
    ));
    ranks.into_iter().for_each(|rank| rows.put(RANKS, rank));
}

#[cfg(test)]
mod tests;
