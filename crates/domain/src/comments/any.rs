use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Command, Comments, Deleted, Edited, Erased, Event, Hidden, Judged, Ruled, Shown, Written, comment_id};
use crate::Gained;
use crate::personal::Personal;
use crate::testing::any::{Drawn, account_id, any_text, time};
use crate::testing::post_id;
use crate::values::{CommentText, Filter, Visible};

impl Drawn for Comments {
    /// Who writes the same twice has two comments.
    fn is_idempotent(command: &Command) -> bool {
        !matches!(command, Command::Write { .. })
    }

    fn command() -> impl Strategy<Value = (String, Command)> {
        let post_id = post_id(1);
        let write = (account_id(), option::of(1..4_i64), words(), 0..3_i64, 0..100_000_i64, judged());
        let write = write.prop_map(move |(author_id, reply_to, text, deepest, editable_ms, judged)| Command::Write {
            post_id,
            author_id,
            reply_to,
            text,
            deepest,
            editable_ms,
            judged,
        });
        let edit = (0..4_i64, words(), judged());
        let edit = edit.prop_map(move |(number, text, judged)| Command::Edit { post_id, number, text, judged });
        let rule = (0..4_i64, 0..4_i64, select(Visible::ALL), option::of(0..3_i64));
        let rule = rule.prop_map(move |(number, ruling, visible, edits)| {
            Command::Rule(Ruled { post_id, number, ruling, visible, edits })
        });
        let delete = (0..4_i64).prop_map(move |number| Command::Delete { post_id, number });
        let erase = account_id().prop_map(move |account_id| Command::Erase { post_id, account_id });
        prop_oneof![3 => write, 2 => edit, 1 => delete, 1 => erase, 2 => rule]
            .prop_map(move |c| (post_id.to_string(), c))
    }

    fn event() -> impl Strategy<Value = Event> {
        let post_id = post_id(1);
        let written = (1..4_i64, account_id(), option::of(1..4_i64), 0..3_i64, words(), time(), judged());
        let written = written.prop_map(move |(number, author_id, reply_to, depth, text, editable_until_at, judged)| {
            let (comment_id, (held_by, filters_version)) = (comment_id(post_id, number), stored(judged));
            Event::Written(Written {
                comment_id,
                post_id,
                number,
                author_id,
                reply_to,
                depth,
                text,
                editable_until_at,
                held_by,
                filters_version,
            })
        });
        let edited = (0..4_i64, account_id(), words(), judged());
        let edited = edited.prop_map(move |(number, author_id, text, judged)| {
            let (held_by, filters_version) = stored(judged);
            Event::Edited(Edited { post_id, number, author_id, text, held_by, filters_version })
        });
        let hidden = (0..4_i64, account_id(), 0..4_i64, any::<bool>());
        let hidden = hidden.prop_map(move |(number, author_id, ruling, from_author)| {
            Event::Hidden(Hidden { post_id, number, author_id, ruling, from_author })
        });
        let shown = (0..4_i64, account_id(), 0..4_i64);
        let shown = shown
            .prop_map(move |(number, author_id, ruling)| Event::Shown(Shown { post_id, number, author_id, ruling }));
        let deleted = (0..4_i64, account_id());
        let deleted =
            deleted.prop_map(move |(number, author_id)| Event::Deleted(Deleted { post_id, number, author_id }));
        let erased = (account_id(), vec(0..4_i64, 1..3));
        let erased =
            erased.prop_map(move |(account_id, numbers)| Event::Erased(Erased { post_id, account_id, numbers }));
        prop_oneof![6 => written, 4 => edited, 2 => deleted, 2 => erased, 1 => hidden, 1 => shown]
    }
}

fn judged() -> impl Strategy<Value = Judged> {
    (vec(select(Filter::ALL), 0..2), option::of(1..3_i64))
        .prop_map(|(held_by, filters_version)| Judged { held_by, filters_version })
}

fn stored(Judged { held_by, filters_version }: Judged) -> (Gained<Filter>, Option<i64>) {
    (Gained(held_by), filters_version)
}

fn words() -> impl Strategy<Value = Personal<CommentText>> {
    any_text::<CommentText>().prop_map(Personal::Plain)
}
