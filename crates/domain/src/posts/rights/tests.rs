use super::*;
use crate::testing::{ada, ada_id, admin, bob, bob_id, editor};

#[test]
fn an_admin_may_what_an_editor_may_and_an_editor_what_the_owner_may() {
    let may = |action: Action, relation| action.right().who.contains(&relation);
    for action in Action::ALL {
        assert!(!may(action, Relation::Editor) || may(action, Relation::Admin), "{action:?}");
        assert!(!may(action, Relation::Owner) || may(action, Relation::Editor), "{action:?}");
    }
}

#[test]
fn who_agreed_may_what_who_is_only_named_may() {
    for action in Action::ALL {
        let who = action.right().who;
        assert!(!who.contains(&Relation::Named) || who.contains(&Relation::CoAuthor), "{action:?}");
    }
}

#[test]
fn who_is_invited_may_answer_and_nothing_else() {
    let may = |action: &Action| action.right().who.contains(&Relation::Invited);
    assert_eq!(Action::ALL.into_iter().filter(may).collect::<Vec<_>>(), [Action::Accept, Action::Decline]);
}

#[test]
fn a_draft_is_read_by_its_authors_and_editors() {
    let may = |reader: &Actor| Action::ReadDraft.is_open_to(reader, ada_id(), &[bob_id()]);
    assert!(may(&ada()) && may(&bob()) && may(&editor()) && may(&admin()));
    assert!(may(&Actor::new(bob_id())), "whatever the role is");
    assert!(!Action::ReadDraft.is_open_to(&bob(), ada_id(), &[]));
    assert!(!Action::Invite.is_open_to(&bob(), ada_id(), &[bob_id()]));
}

#[test]
fn an_owner_whose_role_was_taken_away_takes_back_what_is_public_and_publishes_nothing() {
    let former = Actor::new(ada_id());
    let may = |action: Action| action.permit(&former, &Relation::to_post_of(ada_id(), &former));
    assert_eq!(may(Action::Unpublish), Ok(()));
    assert_eq!(may(Action::Publish), Err(Rejection::NotAnAuthor));
    assert_eq!(Action::Unpublish.permit(&bob(), &Relation::to_post_of(ada_id(), &bob())), Err(Rejection::NotTheAuthor));
}

/// The documents say of rights what holds: `UPDATE_GOLDEN=1` writes the table.
#[test]
fn the_document_has_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security.md");
    let (begin, end) = ("<!-- rights -->\n\n", "\n<!-- end of rights -->");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(begin).unwrap();
    let (table, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, [before, begin, &Action::table(), end, after].concat()).unwrap();
    } else {
        assert_eq!(table, Action::table(), "UPDATE_GOLDEN=1 writes it");
    }
}
