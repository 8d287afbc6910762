//! `media`: an aggregate is an account and the SHA-256 of what it brought, which it has or has not.
//!
//! | view | rows |
//! | --- | --- |
//! | `media` | everything that an account ever had |
//! | `kept` | what of each of these that is there is stored, and what readers are served, with the smaller sizes |
//! | `media_uses` | is of `posts`: which of it a post's text refers to |

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded, Visibility};
use crate::history::Event;
use crate::state::{self, State};
use crate::views::{Rows, View};

const MEDIA: View = View::keyed("media", &["item"]);
const KEPT: View = View::keyed("kept", &["item"]);

pub(super) struct Media;

impl Context for Media {
    fn name(&self) -> &'static str {
        "media"
    }

    fn belongs_to(&self) -> &'static [(&'static str, &'static str)] {
        &[("Uploaded", "account_id")]
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "upload", leads_to: &["Uploaded", "Kept"], asks: Asks::Flag("active", true) },
            Command { verb: "describe", leads_to: &["Described"], asks: Asks::Change },
            Command { verb: "delete", leads_to: &["Deleted"], asks: Asks::Flag("active", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        match verb {
            "Uploaded" => {
                for name in ["width", "height", "render_from_at"] {
                    state.remove(name);
                }
                state::replace(state, event);
                state::set(state, "active", true);
                state::set(state, "alt", "");
                state::set(state, "renditions", json!([]));
                state::set(state, "uploaded_at", event.occurred_at);
            }
            "Deleted" | "Swept" => {
                state::set(state, "active", false);
                state::set(state, "alt", "");
                state::set(state, "renditions", json!([]));
                state.remove("render_from_at");
            }
            _ => state::replace(state, event),
        }
        if verb == "Rendered" {
            state.remove("render_from_at");
        }
    }

    /// The ids of what was brought are those in its aggregate's id; what else is said of it the service finds.
    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        if command.verb != "upload" {
            return self.unasked_field(command, arguments, event);
        }
        if event.event_type.ends_with(".Kept") {
            // What is brought again is kept for longer: its time alone changes.
            return None;
        }
        let id = |field: &str| event.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        let item = format!("{}:{}", id("account_id"), id("sha256"));
        (item != event.aggregate_id).then(|| format!("it is {item}"))
    }

    /// What was deleted has no description: that it is not found says nothing of whether it ever was there.
    fn may_miss_another(&self, command: &Command) -> bool {
        command.verb == "describe"
    }

    fn has_schedules(&self) -> bool {
        true
    }

    /// Its smaller sizes are due first, and then that it is swept.
    fn due(&self, item: &State) -> Option<i64> {
        let at = |name: &str| state::of(item, name).and_then(Value::as_i64).filter(|_| state::flag(item, "active"));
        at("render_from_at").or_else(|| at("kept_until_at"))
    }

    /// Whether it is used is not in its own events, so both what becomes of it then is right.
    fn carries_out(&self, item: &State, verb: &str, _: i64) -> bool {
        if state::of(item, "render_from_at").is_some() { verb == "Rendered" } else { ["Kept", "Swept"].contains(&verb) }
    }

    /// Others show it by the SHA-256 of its bytes, whichever account brought them.
    fn shown_as<'i>(&self, id: &'i str) -> Option<&'i str> {
        id.split_once(':').map(|(_, sha256)| sha256)
    }

    fn sweeps(&self, verb: &str) -> bool {
        verb == "Swept"
    }

    /// What an account has no more is served no more, unless another has the same.
    fn visibility(&self, state: &State) -> Visibility {
        Visibility { deleted: !state::flag(state, "active"), ..Visibility::default() }
    }

    fn views(&self) -> &'static [View] {
        &[MEDIA, KEPT]
    }

    fn rows(&self, item: &Folded<'_>, rows: &mut Rows) {
        if item.begins_with("Uploaded") {
            let mut row = state::columns(&item.state, &COLUMNS);
            state::set(&mut row, "item", item.id);
            rows.put(MEDIA, row);
        }
        // What was accepted is there as it was brought, and so are the sizes that are said to be.
        if state::flag(&item.state, "active") {
            let (sha256, renditions) = (&item.state["sha256"], &item.state["renditions"]);
            rows.put(KEPT, json!({"item": item.id, "stored": sha256, "served": sha256, "renditions": renditions}));
        }
    }
}

const COLUMNS: [&str; 13] = [
    "account_id",
    "sha256",
    "active",
    "upload_id",
    "media_type",
    "bytes",
    "width",
    "height",
    "alt",
    "renditions",
    "uploaded_at",
    "kept_until_at",
    "version",
];
