use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Command, Comments, Deleted, Edited, Erased, Event, Written, comment_id};
use crate::personal::Personal;
use crate::testing::any::{Drawn, account_id, any_text, time};
use crate::testing::post_id;
use crate::values::CommentText;

impl Drawn for Comments {
    /// Who writes the same twice has two comments.
    fn is_idempotent(command: &Command) -> bool {
        !matches!(command, Command::Write { .. })
    }

    fn command() -> impl Strategy<Value = (String, Command)> {
        let post_id = post_id(1);
        let write = (account_id(), option::of(1..4_i64), words(), 0..3_i64, 0..100_000_i64);
        let write = write.prop_map(move |(author_id, reply_to, text, deepest, editable_ms)| Command::Write {
            post_id,
            author_id,
            reply_to,
            text,
            deepest,
            editable_ms,
        });
        let edit = (0..4_i64, words()).prop_map(move |(number, text)| Command::Edit { post_id, number, text });
        let delete = (0..4_i64).prop_map(move |number| Command::Delete { post_id, number });
        let erase = account_id().prop_map(move |account_id| Command::Erase { post_id, account_id });
        prop_oneof![3 => write, 2 => edit, 1 => delete, 1 => erase].prop_map(move |c| (post_id.to_string(), c))
    }

    fn event() -> impl Strategy<Value = Event> {
        let post_id = post_id(1);
        let written = (1..4_i64, account_id(), option::of(1..4_i64), 0..3_i64, words(), time());
        let written = written.prop_map(move |(number, author_id, reply_to, depth, text, editable_until_at)| {
            let comment_id = comment_id(post_id, number);
            Event::Written(Written { comment_id, post_id, number, author_id, reply_to, depth, text, editable_until_at })
        });
        let edited = (0..4_i64, account_id(), words());
        let edited = edited
            .prop_map(move |(number, author_id, text)| Event::Edited(Edited { post_id, number, author_id, text }));
        let deleted = (0..4_i64, account_id());
        let deleted =
            deleted.prop_map(move |(number, author_id)| Event::Deleted(Deleted { post_id, number, author_id }));
        let erased = (account_id(), vec(0..4_i64, 1..3));
        let erased =
            erased.prop_map(move |(account_id, numbers)| Event::Erased(Erased { post_id, account_id, numbers }));
        prop_oneof![3 => written, 2 => edited, 1 => deleted, 1 => erased]
    }
}

fn words() -> impl Strategy<Value = Personal<CommentText>> {
    any_text::<CommentText>().prop_map(Personal::Plain)
}
