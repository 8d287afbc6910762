use proptest::prelude::*;
use proptest::sample::select;

use super::{Event, Note, Security};
use crate::Role;
use crate::testing::any::{Drawn, account_id};
use crate::testing::post_id;

impl Drawn for Security {
    /// What is noted has happened, however often it was noted before.
    fn is_idempotent(_: &Note) -> bool {
        false
    }

    fn command() -> impl Strategy<Value = (String, Note)> {
        (account_id(), note()).prop_map(|(account_id, note)| (account_id.to_string(), note))
    }

    fn event() -> impl Strategy<Value = Event> {
        note().prop_map(Note::event)
    }
}

/// One note of each shape.
fn note() -> impl Strategy<Value = Note> {
    select(vec![Note::Registered, Note::LoggedIn(post_id(1)), Note::RoleGranted(Role::Editor)])
}
