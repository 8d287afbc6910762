//! `posts`, and the reservations on their slugs.
//!
//! | view | rows |
//! | --- | --- |
//! | `posts` | every post, drafts and deleted ones too |
//! | `slugs` | every slug that a post has, or had and did not give up, and since when (the last time) |
//! | `post_writers` | each listed post by its author and by each co-author |
//! | `post_categories` | each listed post in each of its categories, as its events name them |
//! | `category_counts` | each such category with the number of listed posts |
//! | `month_counts` | each month (UTC, 202603 is March of 2026) with the numbers of listed and of archived posts |
//! | `tagged_posts`, `lists.posts` | of each post what places it in the lists |
//! | `post_tags`, `lists.tag` | each listed post under each of its tags |
//! | `tag_points` | each tag with the points that it has by listed posts |
//! | `post_words` | each listed post under each word of its title |
//! | `archived_post_tags`, `archived_post_categories` | the same of each archived post that would be listed otherwise |
//! | `lists.newest` | each listed post |
//! | `lists.tags` | each tag with the number of listed posts |
//! | `invitations` | of each account and post the last invitation |
//! | `previews` | every link by which a post is read before it is public, good or not |
//! | `media_uses` | of each post that ever referred to media, to which it does now |
//! | `reviews` | how the review of a post stands that was in one |

mod about;
mod archive;
mod asked;
mod co_authors;
mod commands;
mod listed;
mod media_uses;
mod moderated;
mod permits;
mod previews;
mod reviews;
mod schedule;

use std::collections::BTreeSet;

use asked::{meant, new, whole, without_co_authors};
use serde_json::{Value, json};

use crate::context::{Command, Context, Folded, Unique, Visibility, change_holds};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const POSTS: View = View::keyed("posts", &["post_id"]);
const SLUGS: View = View::keyed("slugs", &["slug"]);
const TAGGED: View = View::keyed("tagged_posts", &["post_id"]);
const TAGGED_LIST: View = View::keyed("lists.posts", &["post_id"]);
const POST_TAGS: View = View::keyed("post_tags", &["tag", "post_id"]);
const TAG_LIST: View = View::keyed("lists.tag", &["tag", "post_id"]);
const POST_CATEGORIES: View = View::keyed("post_categories", &["category_id", "post_id"]);
const POST_WRITERS: View = View::keyed("post_writers", &["account_id", "post_id"]);
const CATEGORY_COUNTS: View = View { name: "category_counts", key: &["category_id"], sums: &["posts"] };
const MONTH_COUNTS: View = View { name: "month_counts", key: &["month"], sums: &["posts", "archived"] };
const TAG_POINTS: View = View::keyed("tag_points", &["tag"]);
const POST_WORDS: View = View::keyed("post_words", &["word", "post_id"]);
const NEWEST: View = View::keyed("lists.newest", &["post_id"]);
const TAG_COUNTS: View = View { name: "lists.tags", key: &["tag"], sums: &["posts"] };

/// A post's columns in the lists.
const TAGGED_COLUMNS: [&str; 9] = [
    "tags",
    "published",
    "deleted",
    "archived",
    "unlisted",
    "hidden",
    "published_at",
    "originally_published_at",
    "version",
];
/// A post's columns beside its id, its times and those in the lists.
const POST_COLUMNS: [&str; 9] =
    ["author_id", "co_author_ids", "slug", "title", "summary", "body", "category_ids", "visible", "edited_version"];

/// The events whose fields are a post's.
const FIELDS: [&str; 4] = ["Drafted", "Edited", "Scheduled", "ExpirySet"];

pub(super) struct Posts;

impl Context for Posts {
    fn name(&self) -> &'static str {
        "posts"
    }

    fn concerns(&self) -> &'static [&'static str] {
        &["account_id", "from_account_id", "co_author_ids"]
    }

    fn belongs_to(&self) -> &'static [(&'static str, &'static str)] {
        &[("Drafted", "author_id"), ("HandedOver", "to_account_id")]
    }

    fn commands(&self) -> &'static [Command] {
        commands::ALL
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        if FIELDS.contains(&verb) {
            state::replace(state, event);
        }
        schedule::fold(state, verb, event);
        co_authors::fold(state, verb, event);
        previews::fold(state, verb, event);
        reviews::fold(state, verb, event);
        archive::fold(state, verb);
        moderated::fold(state, verb, event);
        match verb {
            "Drafted" => {
                state::set(state, "edited_version", event.version);
                state::set(state, "published", false);
                state::set(state, "deleted", false);
                state::set(state, "archived", false);
                about::by_default(state);
                // Null in events of before there were any.
                if state::of(state, "category_ids").is_none() {
                    state::set(state, "category_ids", json!([]));
                }
            }
            "Edited" => {
                state::set(state, "edited_version", event.version);
                about::date_as_elsewhere(state, event);
                about::take_away(state);
            }
            "Published" => {
                if state::of(state, "published_here_at").is_none() {
                    state::set(state, "published_here_at", event.occurred_at);
                }
                let first = state::of(state, "originally_published_at").or(state::of(state, "published_at")).cloned();
                state::set(state, "published_at", first.unwrap_or(json!(event.occurred_at)));
                state::set(state, "published", true);
            }
            "Unpublished" => state::set(state, "published", false),
            "Deleted" => state::set(state, "deleted", true),
            "Restored" => state::set(state, "deleted", false),
            _ => {}
        }
        about::place(state);
    }

    fn has_schedules(&self) -> bool {
        true
    }

    fn due(&self, state: &State) -> Option<i64> {
        schedule::due(state)
    }

    fn carries_out(&self, state: &State, verb: &str, at: i64) -> bool {
        schedule::carries_out(state, verb, at)
    }

    fn called_off_with<'s>(&self, state: &'s State, verb: &str) -> Option<&'s str> {
        schedule::called_off_with(state, verb)
    }

    fn carries_out_of_another(&self, event: &Event) -> Option<(&'static str, String)> {
        moderated::carries_out(event)
    }

    /// To others, one that is hidden is as a draft.
    fn visibility(&self, state: &State) -> Visibility {
        let draft = state.get("published") == Some(&Value::Bool(false)) || state::flag(state, "hidden");
        let withheld = state.get("visibility") == Some(&Value::from("members"));
        Visibility { draft, deleted: state::flag(state, "deleted"), withheld }
    }

    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        if co_authors::is_one(command) {
            return co_authors::unasked(arguments, event);
        }
        if previews::is_one(command) {
            return previews::unasked(arguments, event);
        }
        if reviews::is_one(command) {
            return reviews::unasked(arguments, event);
        }
        let mut event = event.clone();
        if command.verb == "put"
            || arguments.get("co_author_ids").is_some() && matches!(command.verb, "edit" | "release")
        {
            // Whether it is right depends on who agreed: `named_as_asked`.
            event.fields.remove("co_author_ids");
        }
        let arguments = &about::as_stored(arguments);
        let reset = event.fields.remove("reset_fields").unwrap_or_default();
        let mut reset = reset.as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(field) = reset.find(|field| arguments.get(field) != Some(&Value::Null)) {
            return Some(format!("`{field}` was taken away"));
        }
        let meant = match command.verb {
            "edit" | "release" => meant(arguments),
            "draft" => new(arguments),
            "put" => whole(arguments),
            _ => schedule::meant(command, arguments),
        };
        schedule::unasked(command, &event).or_else(|| self.unasked_field(command, &meant, &event))
    }

    /// Media that its text refers to, or its cover; of what is deleted, too, for it can be restored.
    fn shows(&self, state: &State) -> BTreeSet<String> {
        media_uses::shown(state)
    }

    fn waits_for_approval(&self, command: &Command, post: &State, is_meant: &dyn Fn(&str) -> bool) -> bool {
        let is_public = state::flag(post, "published") || schedule::is_to_be_released(post);
        reviews::waits(command, (post, is_public), is_meant)
    }

    fn hides(&self) -> bool {
        true
    }

    fn is_known_to(&self, state: &State, account_id: &str) -> bool {
        co_authors::owns_or_writes_or_is_asked(state, account_id)
    }

    fn may_miss_another(&self, command: &Command) -> bool {
        co_authors::may_miss_another(command)
    }

    /// What a working copy was is in no event, and an instance may not have read yet that another post is there.
    fn is_wrong(&self, command: &Command, call: &Call, had: &dyn Fn(&str) -> Vec<Value>) -> bool {
        let names_another = call.arguments.get("translation_of").is_some_and(Value::is_string);
        command.verb == "release" || names_another || moderated::was_removed(had)
    }

    /// A slug is made of the title; the author is the caller.
    fn is_left_to_the_service(&self, _: &Command, field: &str, _: &Value) -> bool {
        matches!(field, "slug" | "author_id")
    }

    /// A former slug leads to its post until that gives it up.
    fn unique_values(&self) -> &'static [Unique] {
        &[Unique {
            prefix: "slug",
            verbs: "Slug",
            field: "slug",
            given_by: &["Drafted", "Edited"],
            given_up_by: &["SlugGivenUp"],
            is_kept: true,
            ignores_case: false,
        }]
    }

    fn views(&self) -> &'static [View] {
        &[
            POSTS,
            SLUGS,
            TAGGED,
            TAGGED_LIST,
            POST_TAGS,
            TAG_LIST,
            NEWEST,
            TAG_COUNTS,
            TAG_POINTS,
            POST_WORDS,
            POST_CATEGORIES,
            POST_WRITERS,
            CATEGORY_COUNTS,
            MONTH_COUNTS,
            archive::POST_TAGS,
            archive::POST_CATEGORIES,
            co_authors::INVITATIONS,
            previews::PREVIEWS,
            media_uses::VIEW,
            reviews::REVIEWS,
        ]
    }

    fn rows(&self, post: &Folded<'_>, rows: &mut Rows) {
        let Folded { id, state, events } = post;
        for (slug, since) in about::slugs(events) {
            rows.put(SLUGS, json!({"slug": slug, "post_id": id, "since": since}));
        }
        if !post.begins_with("Drafted") {
            return;
        }
        co_authors::rows(post, rows);
        previews::rows(post, rows);
        media_uses::rows(post, rows);
        reviews::rows(post, rows);
        let mut row = state::columns(state, &TAGGED_COLUMNS);
        state::set(&mut row, "post_id", *id);
        rows.put(TAGGED_LIST, row.clone());
        rows.put(TAGGED, row.clone());
        // It has the visibility itself, and who is shown it.
        ["unlisted", "hidden"].into_iter().for_each(|name| drop(row.remove(name)));
        row.append(&mut state::columns(state, &POST_COLUMNS));
        row.append(&mut state::columns(state, &schedule::COLUMNS));
        row.append(&mut state::columns(state, &about::COLUMNS));
        state::set(&mut row, "drafted_at", state["created_at"].clone());
        state::set(&mut row, "updated_at", about::updated_at(events));
        rows.put(POSTS, row);
        let at = state::of(state, "published_at").filter(|_| is_shown(state));
        if let Some(at) = at.filter(|_| state::flag(state, "archived")) {
            archive::rows(id, at, state, rows);
        } else if let Some(at) = at {
            rows.put(NEWEST, json!({"post_id": id, "at": at}));
            listed::list_under_tags(id, at, state, rows);
            listed::list_in_categories(id, at, state, rows);
            listed::list_under_words(id, at, state, rows);
            listed::list_by_writers(id, at, state, rows);
            rows.add(MONTH_COUNTS, json!({"month": about::month_of(at.as_i64().unwrap_or_default())}), "posts");
        }
    }
}

fn is_drafted(arguments: &Value, state: &State) -> Result<(), String> {
    change_holds(&new(arguments), state)
}

fn is_put(arguments: &Value, state: &State) -> Result<(), String> {
    change_holds(&without_co_authors(whole(arguments)), state)?;
    co_authors::named_as_asked(arguments, state, true)
}

fn is_edited(arguments: &Value, state: &State) -> Result<(), String> {
    let asked = about::as_stored(arguments);
    for field in about::COLUMNS.into_iter().chain(["originally_published_at"]) {
        let found = state.get(field).filter(|found| **found != about::missing(field));
        if let (Some(Value::Null), Some(found)) = (asked.get(field), found) {
            return Err(format!("`{field}` is {found}, and was to be taken away"));
        }
    }
    change_holds(&without_co_authors(meant(arguments)), state)?;
    co_authors::named_as_asked(&meant(arguments), state, false)
}

/// Whether it is in some list: that of the archive, or the others.
fn is_shown(state: &State) -> bool {
    let is_kept_back = ["deleted", "unlisted", "hidden"].into_iter().any(|name| state::flag(state, name));
    state::flag(state, "published") && !is_kept_back
}

/// The texts in a list, each once.
fn texts<'a>(state: &'a State, field: &str) -> BTreeSet<&'a str> {
    let list = state.get(field).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests;
