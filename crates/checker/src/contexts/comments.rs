//! `comments`: an aggregate is the thread of a post, all comments on it.
//!
//! | view | rows |
//! | --- | --- |
//! | `comments` | every comment, deleted ones too |
//! | `comment_counts` | of every post with comments that say something and are shown to all, how many |
//! | `commenter_counts` | of every account that wrote such, how many |
//! | `answer_counts` | of every comment that is answered, by how many that are shown to all |
//! | `comment_points` | of every post with such comments, the points that it has by them |
//!
//! Numbers, ids and depths are made anew here, from the order of the events: a row that was made of others differs.
//! What an event may not do (an edit after its time, of another's comment, of one that is deleted) is not done here.

mod permits;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::context::{Asks, Command, Context, Folded, Visibility};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const COMMENTS: View = View::keyed("comments", &["post_id", "number"]);
const ON_POSTS: View = View { name: "comment_counts", key: &["post_id"], sums: &["comments"] };
const OF_PEOPLE: View = View { name: "commenter_counts", key: &["account_id"], sums: &["comments"] };
const ANSWERS: View = View { name: "answer_counts", key: &["comment_id"], sums: &["answers"] };

const POINTS: View = View::keyed("comment_points", &["post_id"]);

pub(super) struct Comments;

impl Context for Comments {
    fn name(&self) -> &'static str {
        "comments"
    }

    /// Its author, or the account that is forgotten.
    fn concerns(&self) -> &'static [&'static str] {
        &["author_id", "account_id"]
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "write", leads_to: &["Written"], asks: Asks::Special(is_written) },
            Command { verb: "edit", leads_to: &["Edited"], asks: Asks::Special(says) },
            Command { verb: "delete", leads_to: &["Deleted"], asks: Asks::Special(is_deleted) },
        ]
    }

    fn ends_with_accounts(&self) -> &'static [&'static str] {
        &["Erased"]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        let (mut thread, fields) = (comments(state), &event.fields);
        match verb {
            "Written" => {
                let comment = written(&thread, event);
                thread.push(comment);
            }
            "Edited" => {
                if let Some(comment) = named(&mut thread, fields.get("number")).filter(|it| may_edit(it, event)) {
                    edit(comment, event);
                }
            }
            "Deleted" => {
                let named = named(&mut thread, fields.get("number"));
                named.into_iter().for_each(|comment| silence(comment, event.version));
            }
            "Erased" => {
                // In the name of the account alone.
                let of_whom = fields.get("account_id").filter(|account| **account == json!(event.actor_id));
                let of_whom = of_whom.cloned().unwrap_or_default();
                for number in fields.get("numbers").and_then(Value::as_array).into_iter().flatten() {
                    let named = named(&mut thread, Some(number)).filter(|it| it.get("author_id") == Some(&of_whom));
                    named.into_iter().for_each(|comment| silence(comment, event.version));
                }
            }
            "Hidden" | "Shown" => {
                let named = named(&mut thread, fields.get("number"));
                named.into_iter().for_each(|comment| rule(comment, verb, event));
            }
            _ => {}
        }
        state::set(state, "comments", thread);
    }

    /// What moderators decide of a comment.
    fn carries_out_of_another(&self, event: &Event) -> Option<(&'static str, String)> {
        let number = event.fields.get("number").and_then(Value::as_i64)?;
        let is_ruled = ["inklog.comments.Hidden", "inklog.comments.Shown"].contains(&event.event_type.as_str());
        is_ruled.then(|| ("moderation", format!("comment:{}:{number}", event.aggregate_id)))
    }

    /// What it is held for.
    fn judged_by_another(&self, event: &Event) -> Option<(&'static str, String)> {
        let by = event.fields.get("filters_version").filter(|version| !version.is_null());
        let is_judged = by.is_some() || event.fields.contains_key("held_by") && held_by(event) != json!([]);
        is_judged.then(|| ("moderation", "filters".to_owned()))
    }

    /// Number, id and depth are made of the thread, which is folded here; who writes is the caller.
    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        let of_post = event.fields.get("post_id").and_then(Value::as_str) == Some(&event.aggregate_id);
        if !of_post {
            return Some(format!("it is of the post {:?}", event.fields.get("post_id")));
        }
        let by_another = event.fields.get("author_id").and_then(Value::as_str) != Some(&event.actor_id);
        if by_another && command.verb != "delete" {
            return Some(format!("it is of {:?}", event.fields.get("author_id")));
        }
        self.unasked_field(command, arguments, event)
    }

    fn is_left_to_the_service(&self, command: &Command, field: &str, _: &Value) -> bool {
        let made = ["comment_id", "post_id", "author_id", "depth", "editable_until_at"].contains(&field);
        let made = made || ["held_by", "filters_version"].contains(&field);
        made || (command.verb == "write" && field == "number")
    }

    /// Whether the post can be commented on is nothing that the thread tells: it may have been deleted.
    fn is_wrong(&self, command: &Command, _: &Call, _: &dyn Fn(&str) -> Vec<Value>) -> bool {
        command.verb == "write"
    }

    /// The post, or the caller's account; and a comment that the caller may not see is as one that is not there.
    fn may_miss_another(&self, command: &Command) -> bool {
        matches!(command.verb, "write" | "edit" | "delete")
    }

    fn part(&self, number: i64, events: &mut dyn Iterator<Item = &Event>) -> Option<Visibility> {
        let (mut written, mut deleted, mut hidden) = (0, false, false);
        for event in events {
            let fields = &event.fields;
            let is_it = fields.get("number") == Some(&json!(number));
            match event.event_type.rsplit('.').next() {
                Some("Written") => {
                    written += 1;
                    hidden |= is_it && held_by(event) != json!([]);
                }
                Some("Edited") => hidden |= is_it && held_by(event) != json!([]),
                Some("Hidden") if is_it => hidden = true,
                Some("Shown") if is_it => hidden = false,
                Some("Deleted") => deleted |= is_it,
                Some("Erased") => {
                    let numbers = fields.get("numbers").and_then(Value::as_array);
                    deleted |= numbers.is_some_and(|numbers| numbers.contains(&json!(number)));
                }
                _ => {}
            }
        }
        let seen = Visibility { draft: hidden && !deleted, deleted, ..Visibility::default() };
        (1..=written).contains(&number).then_some(seen)
    }

    fn views(&self) -> &'static [View] {
        &[COMMENTS, ON_POSTS, OF_PEOPLE, ANSWERS, POINTS]
    }

    fn rows(&self, thread: &Folded<'_>, rows: &mut Rows) {
        for comment in comments(&thread.state) {
            let of = |name: &str| comment.get(name).cloned().unwrap_or_default();
            let to_all = of("visible") == json!("all");
            if let Some(answered) = comment.get("reply_to").and_then(Value::as_i64).filter(|_| to_all) {
                rows.add(ANSWERS, json!({"comment_id": id(thread.id, answered)}), "answers");
            }
            if of("deleted") == json!(false) && to_all {
                rows.add(ON_POSTS, json!({"post_id": of("post_id")}), "comments");
                rows.add(OF_PEOPLE, json!({"account_id": of("author_id")}), "comments");
                let written_at = of("written_at").as_i64().unwrap_or_default();
                rows.weigh(POINTS, json!({"post_id": of("post_id")}), 20, written_at);
            }
            rows.put(COMMENTS, shown(comment));
        }
    }
}

/// The row of a comment. Of a text that is forgotten it has nothing, and of the last ruling no number.
fn shown(mut comment: Value) -> Value {
    fn known(text: Value) -> Value {
        if state::is_forgotten(&text) { json!("") } else { text }
    }
    let former = comment["former_texts"].as_array().cloned().unwrap_or_default();
    comment["text"] = known(comment["text"].take());
    comment["former_texts"] = former.into_iter().map(known).collect();
    comment.as_object_mut().into_iter().for_each(|row| drop(row.remove("ruling")));
    comment
}

/// The comments of a thread, by number.
fn comments(state: &State) -> Vec<Value> {
    state.get("comments").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn named<'a>(thread: &'a mut [Value], number: Option<&Value>) -> Option<&'a mut Value> {
    let place = usize::try_from(number?.as_i64()?).ok()?.checked_sub(1)?;
    thread.get_mut(place)
}

/// The id of a comment, as docs/topics.md has it.
fn id(post_id: &str, number: i64) -> String {
    let post_id = post_id.parse().unwrap_or(Uuid::nil());
    Uuid::new_v5(&post_id, format!("comment/{number}").as_bytes()).to_string()
}

/// The row of a comment that is written to this thread.
fn written(thread: &[Value], event: &Event) -> Value {
    let number = i64::try_from(thread.len()).unwrap_or(i64::MAX) + 1;
    let reply_to = event.fields.get("reply_to").and_then(Value::as_i64);
    let above = reply_to.and_then(|number| thread.get(usize::try_from(number).ok()?.checked_sub(1)?));
    // One that is deleted or hidden takes no answers, and where none is there is nothing to answer.
    let takes_answers = |above: &&Value| above["deleted"] == json!(false) && above["visible"] == json!("all");
    let depth = match (reply_to, above.filter(takes_answers)) {
        (None, _) => json!(0),
        (Some(_), Some(above)) => json!(above["depth"].as_i64().unwrap_or(0) + 1),
        (Some(_), None) => Value::Null,
    };
    let mut row = Map::new();
    for name in ["author_id", "text", "editable_until_at"] {
        row.insert(name.into(), event.fields.get(name).cloned().unwrap_or_default());
    }
    row.extend([
        ("post_id".to_owned(), json!(event.aggregate_id)),
        ("number".to_owned(), json!(number)),
        ("comment_id".to_owned(), json!(id(&event.aggregate_id, number))),
        ("reply_to".to_owned(), json!(reply_to)),
        ("depth".to_owned(), depth),
        ("former_texts".to_owned(), json!([])),
        ("former_texts_at".to_owned(), json!([])),
        ("withheld_texts".to_owned(), json!(0)),
        ("deleted".to_owned(), json!(false)),
        ("written_at".to_owned(), json!(event.occurred_at)),
        ("edited_at".to_owned(), Value::Null),
        ("version".to_owned(), json!(event.version)),
        ("held_by".to_owned(), held_by(event)),
        ("visible".to_owned(), json!(if held_by(event) == json!([]) { "all" } else { "author" })),
        ("ruling".to_owned(), json!(0)),
    ]);
    row.into()
}

/// What holds a comment that is written or edited by this event.
fn held_by(event: &Event) -> Value {
    event.fields.get("held_by").filter(|held_by| held_by.is_array()).cloned().unwrap_or_else(|| json!([]))
}

/// A ruling is carried out, unless a later one was.
fn rule(comment: &mut Value, verb: &str, event: &Event) {
    let ruling = |value: Option<&Value>| value.and_then(Value::as_i64).unwrap_or(0);
    let is_late = ruling(event.fields.get("ruling")) <= ruling(comment.get("ruling"));
    if is_late || comment["deleted"] == json!(true) {
        return;
    }
    let from_author = event.fields.get("from_author") == Some(&json!(true));
    comment["visible"] = json!(match (verb, from_author) {
        ("Shown", _) => "all",
        (_, true) => "moderators",
        (_, false) => "author",
    });
    comment["held_by"] = json!([]);
    comment["ruling"] = json!(ruling(event.fields.get("ruling")));
    comment["version"] = json!(event.version);
}

fn may_edit(comment: &Value, event: &Event) -> bool {
    let removed = comment["visible"] == json!("moderators");
    let in_time = comment["editable_until_at"].as_i64().is_some_and(|until| event.occurred_at <= until);
    !removed && in_time && comment["deleted"] == json!(false) && comment["author_id"] == json!(event.actor_id)
}

fn edit(comment: &mut Value, event: &Event) {
    if comment["visible"] != json!("all") {
        // Others than its author and moderators read of its history what follows.
        comment["withheld_texts"] = json!(comment["former_texts"].as_array().map_or(0, Vec::len) + 1);
    }
    let since = comment["edited_at"].as_i64().or(comment["written_at"].as_i64());
    let (before, now) = (comment["text"].clone(), event.fields.get("text").cloned().unwrap_or_default());
    for (list, entry) in [("former_texts", before), ("former_texts_at", json!(since))] {
        comment[list].as_array_mut().into_iter().for_each(|list| list.push(entry.clone()));
    }
    comment["text"] = now;
    comment["edited_at"] = json!(event.occurred_at);
    comment["version"] = json!(event.version);
    if held_by(event) != json!([]) {
        comment["held_by"] = held_by(event);
        if comment["visible"] == json!("all") {
            comment["visible"] = json!("author");
        }
    }
}

fn silence(comment: &mut Value, version: u64) {
    for (name, nothing) in [("text", json!("")), ("former_texts", json!([])), ("former_texts_at", json!([]))] {
        comment[name] = nothing;
    }
    comment["deleted"] = json!(true);
    comment["withheld_texts"] = json!(0);
    comment["edited_at"] = Value::Null;
    comment["version"] = json!(version);
}

/// The last comment is the one that was asked for.
fn is_written(arguments: &Value, state: &State) -> Result<(), String> {
    let last = comments(state).pop().ok_or("there is no comment")?;
    // What it answers is left out where it answers the post.
    for (name, wanted) in [("text", &arguments["text"]), ("reply_to", &arguments["reply_to"])] {
        if !state::is_as(&last[name], wanted) && last["deleted"] == json!(false) {
            return Err(format!("`{name}` of the last comment is {} and not {wanted}", last[name]));
        }
    }
    Ok(())
}

fn says(arguments: &Value, state: &State) -> Result<(), String> {
    let found = named(&mut comments(state), arguments.get("number")).map(|comment| comment["text"].clone());
    match found {
        Some(text) if state::is_as(&text, &arguments["text"]) => Ok(()),
        found => Err(format!("the comment {} says {found:?} and not {}", arguments["number"], arguments["text"])),
    }
}

fn is_deleted(arguments: &Value, state: &State) -> Result<(), String> {
    match named(&mut comments(state), arguments.get("number")) {
        Some(comment) if comment["deleted"] == json!(true) => Ok(()),
        _ => Err(format!("the comment {} is not deleted", arguments["number"])),
    }
}

#[cfg(test)]
mod tests;
