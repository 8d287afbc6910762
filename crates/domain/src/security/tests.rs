use super::{Event, Note, OfRole, OfSession, Security};
use crate::Role;
use crate::testing::{ada, given, post_id};

crate::testing::properties!(Security);

#[test]
fn what_happened_is_noted_however_often() {
    let logged_in = || Event::LoggedIn(OfSession { session_id: post_id(1) });
    given::<Security>([]).when(Note::LoggedIn(post_id(1))).by(ada()).then(logged_in());
    given::<Security>([logged_in()]).when(Note::LoggedIn(post_id(1))).by(ada()).then(logged_in());
    let granted = Event::RoleGranted(OfRole { role_name: "editor".into() });
    given::<Security>([]).when(Note::RoleGranted(Role::Editor)).by(ada()).then(granted);
}

#[test]
fn a_note_is_kept_as_json() {
    for note in [Note::Erased, Note::LoggedIn(post_id(1)), Note::RoleRevoked(Role::Admin)] {
        let json = serde_json::to_string(&note).unwrap();
        assert_eq!(serde_json::from_str::<Note>(&json).unwrap(), note);
    }
}
