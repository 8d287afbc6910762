//! `bookmarks`: an aggregate is an account and a post, which the account keeps for later or does not.
//!
//! | view | rows |
//! | --- | --- |
//! | `bookmarks` | every account and post of which the one ever kept the other |

use serde_json::Value;

use crate::context::{Asks, Command, Context, Folded, LookedUp};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const BOOKMARKS: View = View::keyed("bookmarks", &["account_id", "post_id"]);

pub(super) struct Bookmarks;

impl Context for Bookmarks {
    fn name(&self) -> &'static str {
        "bookmarks"
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "add", leads_to: &["Added"], asks: Asks::Flag("active", true) },
            Command { verb: "remove", leads_to: &["Removed"], asks: Asks::Flag("active", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        state::replace(state, event);
        state::set(state, "active", verb == "Added");
    }

    /// The ids in an event are those in its aggregate's id.
    fn unasked(&self, _: &Command, _: &Value, event: &Event) -> Option<String> {
        let id = |field: &str| event.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        let bookmark = format!("{}:{}", id("account_id"), id("post_id"));
        (bookmark != event.aggregate_id).then(|| format!("it is {bookmark}"))
    }

    /// The post.
    fn looks_up(&self, command: &Command, call: &Call) -> Vec<LookedUp> {
        let post = call.aggregate_id.split_once(':').filter(|_| command.verb == "add");
        post.map(|(_, post)| LookedUp::of("posts", post)).into_iter().collect()
    }

    fn views(&self) -> &'static [View] {
        &[BOOKMARKS]
    }

    fn rows(&self, bookmark: &Folded<'_>, rows: &mut Rows) {
        let state = &bookmark.state;
        if bookmark.begins_with("Added") {
            let mut row = state::columns(state, &["account_id", "post_id", "active", "version"]);
            state::set(&mut row, "since", state["updated_at"].clone());
            rows.put(BOOKMARKS, row);
        }
    }
}
