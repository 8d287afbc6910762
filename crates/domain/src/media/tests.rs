use super::*;
use crate::testing::{NOW, ada, ada_id, bob, editor, given, text};

crate::testing::properties!(Media);

const GRACE: i64 = 60_000;

fn the_services() -> Actor {
    Actor::new(Uuid::nil())
}

/// Ada's picture, as the event has it.
fn picture() -> Uploaded {
    Uploaded {
        account_id: ada_id(),
        sha256: text(&"1".repeat(64)),
        upload_id: Uuid::from_u128(1),
        media_type: text("image/jpeg"),
        bytes: 1_000,
        width: Some(800),
        height: Some(600),
        kept_until_at: NOW.plus_millis(GRACE),
        render_from_at: Some(NOW),
    }
}

fn uploaded() -> Event {
    Event::Uploaded(picture())
}

fn upload() -> Command {
    Command::Upload { item: picture(), grace_ms: GRACE }
}

fn rendered() -> Event {
    Event::Rendered(Rendered { renditions: vec![text("320w")] })
}

fn render() -> Command {
    Command::Render { upload_id: Uuid::from_u128(1), renditions: vec![text("320w")] }
}

fn due(events: &[Event]) -> Option<(Timestamp, Command)> {
    Media::due(&events.iter().fold(State::default(), Media::evolve))
}

#[test]
fn the_same_bytes_are_had_once() {
    given::<Media>([]).when(upload()).by(ada()).then(uploaded());
    let again = Uploaded { upload_id: Uuid::from_u128(2), ..picture() };
    given::<Media>([uploaded()]).when(Command::Upload { item: again, grace_ms: 1 }).by(ada()).then_nothing();
}

#[test]
fn what_is_brought_again_is_kept_anew_once_half_of_its_time_has_passed() {
    let again = |since| {
        let kept_until_at = NOW.plus_millis(GRACE / 2 - since);
        given::<Media>([Event::Uploaded(Uploaded { kept_until_at, ..picture() })]).when(upload()).by(ada())
    };
    again(0).then_nothing();
    again(1).then(Event::Kept(Kept { kept_until_at: NOW.plus_millis(GRACE) }));
    // Due already, and not swept yet.
    again(GRACE).then(Event::Kept(Kept { kept_until_at: NOW.plus_millis(GRACE) }));
}

#[test]
fn what_was_deleted_can_be_brought_again() {
    given::<Media>([uploaded(), Event::Deleted(Deleted {})]).when(upload()).by(ada()).then(uploaded());
    given::<Media>([uploaded(), Event::Swept(Swept {})]).when(upload()).by(ada()).then(uploaded());
}

#[test]
fn only_authors_bring_something_and_only_their_own() {
    given::<Media>([]).when(upload()).by(Actor::new(ada_id())).then_refused(Rejection::NotAnAuthor);
    given::<Media>([]).when(upload()).by(bob()).then_refused(Rejection::NotTheOwner);
    given::<Media>([]).when(upload()).by(editor()).then(uploaded());
}

#[test]
fn only_its_owner_or_an_editor_describes_or_deletes_it() {
    let described = || Event::Described(Described { alt: text("An engine") });
    for command in [Command::Describe(text("An engine")), Command::Delete] {
        given::<Media>([uploaded()]).when(command).by(bob()).then_refused(Rejection::NotTheOwner);
    }
    given::<Media>([uploaded()]).when(Command::Describe(text("An engine"))).by(ada()).then(described());
    given::<Media>([uploaded(), described()]).when(Command::Describe(text("An engine"))).by(ada()).then_nothing();
    given::<Media>([uploaded()]).when(Command::Delete).by(editor()).then(Event::Deleted(Deleted {}));
    given::<Media>([]).when(Command::Delete).by(ada()).then_nothing();
    given::<Media>([]).when(Command::Describe(text("x"))).by(ada()).then_refused(Rejection::NotFound);
}

#[test]
fn its_sizes_are_made_once_and_of_the_upload_that_is_there() {
    given::<Media>([uploaded()]).when(render()).by(the_services()).then(rendered());
    given::<Media>([uploaded(), rendered()]).when(render()).by(the_services()).then_nothing();
    let other = Command::Render { upload_id: Uuid::from_u128(2), renditions: Vec::new() };
    given::<Media>([uploaded()]).when(other).by(the_services()).then_nothing();
}

#[test]
fn its_sizes_are_due_first_and_then_that_it_is_swept() {
    let render = Command::Render { upload_id: Uuid::from_u128(1), renditions: Vec::new() };
    assert_eq!(due(&[uploaded()]), Some((NOW, render)));
    let until = NOW.plus_millis(GRACE);
    assert_eq!(due(&[uploaded(), rendered()]), Some((until, Command::Sweep { since: until })));
    assert_eq!(due(&[uploaded(), Event::Deleted(Deleted {})]), None);
}

#[test]
fn what_is_used_is_kept_and_what_is_not_is_swept_not_before_its_time() {
    let (since, later) = (NOW.plus_millis(GRACE), NOW.plus_millis(3 * GRACE));
    let (keep, sweep) = (Command::Keep { since, grace_ms: GRACE }, Command::Sweep { since });
    let kept = Event::Kept(Kept { kept_until_at: later.plus_millis(GRACE) });
    let us = the_services;
    given::<Media>([uploaded()]).when(sweep.clone()).by(us()).then_refused(Rejection::NotYet);
    given::<Media>([uploaded()]).when(keep.clone()).by(us()).then_refused(Rejection::NotYet);
    given::<Media>([uploaded()]).when(sweep.clone()).by(us()).at(later).then(Event::Swept(Swept {}));
    given::<Media>([uploaded()]).when(keep.clone()).by(us()).at(later).then(kept.clone());
    // It was kept meanwhile: what was due before is due no more.
    given::<Media>([uploaded(), kept.clone()]).when(sweep).by(us()).at(later).then_nothing();
    given::<Media>([uploaded(), kept]).when(keep).by(us()).at(later).then_nothing();
}

#[test]
fn an_item_is_known_by_its_id_and_ends_with_its_owner() {
    let item = Item { account_id: ada_id(), sha256: text(&"1".repeat(64)) };
    assert_eq!(Item::of(&item.id()), Some(item.clone()));
    assert_eq!(Item::of("a:b"), None);
    assert_eq!(Media::ends_with(&item.id(), &uploaded()), [ada_id(), item.sha256.id()]);
    assert_eq!(Media::belongs_to(&uploaded()), Some(ada_id()));
}
