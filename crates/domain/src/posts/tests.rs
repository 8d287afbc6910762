use uuid::Uuid;

use super::*;
use crate::reservations::LEASE_MS;
use crate::reservations::Rejection::{DoesNotBear, LeaseExpired, WrongAggregate};
use crate::testing::{NOW, ada, ada_id, bob, bob_id, category_id, drafted, editor, given, post_id, tags, text};
use crate::values::{Comments, Percent, Visibility};
use crate::{Actor, Decider as _, Role, Timestamp};

mod about;
mod slugs;

crate::testing::properties!(Posts);

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

const PUBLISHED: Event = Event::Published(Published {});
const UNPUBLISHED: Event = Event::Unpublished(Unpublished {});
const DELETED: Event = Event::Deleted(Deleted {});
const RESTORED: Event = Event::Restored(Restored {});

fn put(content: Drafted) -> Command {
    Command::Put { content, overwrite: false, lease: Lease::CONFIRMED }
}

fn overwrite(content: Drafted) -> Command {
    Command::Put { content, overwrite: true, lease: Lease::CONFIRMED }
}

fn edit(change: Edited) -> Command {
    Command::Edit { change, lease: None }
}

fn retitled() -> Edited {
    Edited { title: Some(text("Notes")), ..Edited::default() }
}

fn moved() -> Edited {
    Edited { slug: Some(text("notes")), ..Edited::default() }
}

fn slug(slug: &str) -> Unique {
    Unique::Slug(text(slug))
}

fn vouch(value: &str) -> Command {
    reservations::Command::Vouch { value: slug(value) }.into()
}

/// A reservation that expires so many milliseconds from now.
fn expiring_in(millis: i64) -> Lease {
    Lease { expires_at: Some(NOW.plus_millis(millis)) }
}

#[test]
fn a_post_begins_as_a_draft() {
    given::<Posts>([]).when(put(drafted())).by(ada()).then(a_draft());
}

#[test]
fn what_is_put_again_changes_nothing() {
    given::<Posts>([a_draft()]).when(put(drafted())).by(ada()).then_nothing();
    given::<Posts>([a_draft(), PUBLISHED]).when(overwrite(drafted())).by(ada()).then_nothing();
}

#[test]
fn a_caller_who_overwrites_has_to_say_so() {
    let other = Drafted { title: text("Notes"), ..drafted() };
    given::<Posts>([a_draft()]).when(put(other.clone())).by(ada()).then_refused(Rejection::Differs);
    given::<Posts>([a_draft()]).when(overwrite(other)).by(ada()).then(Event::Edited(retitled()));
}

#[test]
fn a_put_without_an_original_date_keeps_the_one_there_is() {
    let imported = Event::Drafted(Drafted { originally_published_at: Some(NOW), ..drafted() });
    given::<Posts>([imported]).when(put(drafted())).by(ada()).then_nothing();
}

#[test]
fn an_edit_says_only_what_differs() {
    let change = Edited { title: Some(text("Notes")), body: Some(drafted().body), ..Edited::default() };
    given::<Posts>([a_draft()]).when(edit(change)).by(ada()).then(Event::Edited(retitled()));
}

#[test]
fn an_edit_of_nothing_is_no_event() {
    given::<Posts>([a_draft()]).when(edit(Edited::default())).by(ada()).then_nothing();
    given::<Posts>([a_draft(), Event::Edited(retitled())]).when(edit(retitled())).by(ada()).then_nothing();
}

#[test]
fn every_field_can_be_edited() {
    let everything = Edited {
        co_author_ids: Some(vec![bob_id()]),
        slug: Some(text("notes")),
        title: Some(text("Notes")),
        summary: Some(text("")),
        body: Some(text("None.")),
        tags: Some(tags(&["notes", "engines"])),
        originally_published_at: Some(NOW),
        category_ids: Some(vec![category_id(1)]),
        canonical_url: Some(text("https://example.org/a")),
        cover_image: Some(text("https://example.org/a.jpg")),
        cover_alt: Some(text("An engine")),
        cover_focal_x: Some(Percent::MIDDLE),
        cover_focal_y: Some(Percent::MIDDLE),
        language_tag: Some(text("en")),
        translation_of: Some(post_id(2)),
        meta_title: Some(text("Engines")),
        meta_description: Some(text("On engines.")),
        custom_fields: Some(text("{}")),
        visibility: Some(Visibility::Unlisted),
        featured: Some(true),
        comments: Some(Comments::Closed),
        reset_fields: vec![],
    };
    let command = Command::Edit { change: everything.clone(), lease: Some(Lease::CONFIRMED) };
    given::<Posts>([a_draft()]).when(command).by(editor()).then(Event::Edited(everything));
}

/// In an event of before it is null, and in a change an empty list takes them away.
#[test]
fn the_categories_of_a_post_can_be_set_and_taken_away() {
    let sorted = |ids| Edited { category_ids: Some(ids), ..Edited::default() };
    let (some, none) = (|| sorted(vec![category_id(1)]), || sorted(vec![]));
    given::<Posts>([a_draft()]).when(edit(none())).by(ada()).then_nothing();
    given::<Posts>([a_draft()]).when(edit(some())).by(ada()).then(Event::Edited(some()));
    given::<Posts>([a_draft(), Event::Edited(some())]).when(edit(none())).by(ada()).then(Event::Edited(none()));
    let json = serde_json::to_value(drafted()).unwrap();
    assert_eq!(json["category_ids"], serde_json::Value::Null);
    assert_eq!(serde_json::from_value::<Drafted>(json).unwrap(), drafted());
}

#[test]
fn an_original_date_can_be_taken_away() {
    let imported = Event::Drafted(Drafted { originally_published_at: Some(NOW), ..drafted() });
    let undated = || Edited { reset_fields: vec!["originally_published_at".into()], ..Edited::default() };
    given::<Posts>([imported.clone()]).when(edit(undated())).by(ada()).then(Event::Edited(undated()));
    given::<Posts>([imported, Event::Edited(undated())]).when(edit(undated())).by(ada()).then_nothing();
    given::<Posts>([a_draft()]).when(edit(undated())).by(ada()).then_nothing();
}

#[test]
fn what_is_always_there_is_not_taken_away() {
    let untitled = Edited { reset_fields: vec!["title".into(), "of_later".into()], ..Edited::default() };
    given::<Posts>([a_draft()]).when(edit(untitled)).by(ada()).then_nothing();
}

#[test]
fn an_original_date_is_one_that_every_reader_knows_and_that_has_come() {
    let dated = |millis| Drafted { originally_published_at: Some(Timestamp(millis)), ..drafted() };
    let change = |millis| Edited { originally_published_at: Some(Timestamp(millis)), ..Edited::default() };
    let (first, tomorrow) = (-30_610_224_000_000, NOW.0 + 86_400_000);
    for good in [first, 0, NOW.0, tomorrow] {
        given::<Posts>([]).when(put(dated(good))).by(ada()).then(Event::Drafted(dated(good)));
    }
    for bad in [i64::MIN, -62_167_219_200_000, first - 1, tomorrow + 1, 253_402_300_799_999, i64::MAX] {
        given::<Posts>([]).when(put(dated(bad))).by(ada()).then_refused(Rejection::OriginalDate);
        given::<Posts>([a_draft()]).when(edit(change(bad))).by(ada()).then_refused(Rejection::OriginalDate);
        // It was accepted once: what does not change is not judged again.
        let there = Event::Drafted(dated(bad));
        given::<Posts>([there.clone()]).when(edit(change(bad))).by(ada()).then_nothing();
        given::<Posts>([there]).when(put(dated(bad))).by(ada()).then_nothing();
    }
}

#[test]
fn what_is_named_twice_in_a_list_is_refused() {
    let tags = |names| Edited { tags: Some(crate::testing::tags(names)), ..Edited::default() };
    let twice = Rejection::NamedTwice { field: "tags".into(), name: "a".into() };
    given::<Posts>([a_draft()]).when(edit(tags(&["a", "b", "a"]))).by(ada()).then_refused(twice);
    let people = |ids| Edited { co_author_ids: Some(ids), ..Edited::default() };
    let twice = |id: Uuid| Rejection::NamedTwice { field: "co_author_ids".into(), name: id.to_string() };
    let (bob, carol) = (bob_id(), post_id(7));
    given::<Posts>([a_draft()]).when(edit(people(vec![bob, carol, bob]))).by(editor()).then_refused(twice(bob));
    let sorted = |ids| Edited { category_ids: Some(ids), ..Edited::default() };
    let again = Rejection::NamedTwice { field: "category_ids".into(), name: category_id(1).to_string() };
    let command = edit(sorted(vec![category_id(1), category_id(1)]));
    given::<Posts>([a_draft()]).when(command).by(ada()).then_refused(again.clone());
    let drafted_twice = Drafted { category_ids: crate::Gained(vec![category_id(1); 2]), ..drafted() };
    given::<Posts>([]).when(put(drafted_twice)).by(ada()).then_refused(again);
    // The author is named already.
    given::<Posts>([a_draft()]).when(edit(people(vec![ada_id()]))).by(editor()).then_refused(twice(ada_id()));
    let drafted = Drafted { co_author_ids: vec![ada_id()], ..drafted() };
    given::<Posts>([]).when(put(drafted)).by(editor()).then_refused(twice(ada_id()));
}

#[test]
fn the_author_of_a_post_is_fixed() {
    let bobs = Drafted { author_id: bob_id(), ..drafted() };
    given::<Posts>([a_draft()]).when(overwrite(bobs)).by(editor()).then_refused(Rejection::AuthorIsFixed);
}

#[test]
fn only_the_author_drafts_in_their_name() {
    given::<Posts>([]).when(put(drafted())).by(bob()).then_refused(Rejection::NotTheAuthor);
    given::<Posts>([]).when(put(drafted())).by(editor()).then(a_draft());
}

#[test]
fn only_the_author_edits() {
    for command in [edit(retitled()), overwrite(drafted()), Command::Publish, Command::Unpublish, Command::Delete] {
        given::<Posts>([a_draft(), PUBLISHED]).when(command).by(bob()).then_refused(Rejection::NotTheAuthor);
    }
}

#[test]
fn to_who_may_not_see_a_post_it_is_not_there() {
    let hidden = [vec![a_draft()], vec![a_draft(), PUBLISHED, UNPUBLISHED], vec![a_draft(), PUBLISHED, DELETED]];
    for events in hidden {
        for command in [edit(retitled()), Command::Publish, Command::Restore, overwrite(drafted())] {
            given::<Posts>(events.clone()).when(command).by(bob()).then_refused(Rejection::NotFound);
        }
        let reader = Actor::new(bob_id());
        given::<Posts>(events).when(Command::Unpublish).by(reader).then_refused(Rejection::NotFound);
    }
}

#[test]
fn a_reader_writes_nothing_not_even_in_their_own_name() {
    let readers = || [Actor::new(ada().id), Actor::new(ada().id).with(Role::Reader)];
    let reservation = reservations::Command::Reserve { value: slug("a"), holder_id: ada().id, instead_of: None };
    for reader in readers() {
        given::<Posts>([]).when(put(drafted())).by(reader.clone()).then_refused(Rejection::NotAnAuthor);
        given::<Posts>([]).when(reservation.clone().into()).by(reader.clone()).then_refused(Rejection::NotAnAuthor);
        for command in [edit(retitled()), overwrite(drafted()), Command::Publish, Command::Delete, Command::Restore] {
            given::<Posts>([a_draft()]).when(command).by(reader.clone()).then_refused(Rejection::NotAnAuthor);
        }
    }
}

#[test]
fn an_editor_edits_for_anyone() {
    given::<Posts>([a_draft()]).when(edit(retitled())).by(editor()).then(Event::Edited(retitled()));
    given::<Posts>([a_draft()]).when(Command::Publish).by(editor()).then(PUBLISHED);
}

#[test]
fn a_draft_is_published_once() {
    given::<Posts>([a_draft()]).when(Command::Publish).by(ada()).then(PUBLISHED);
    given::<Posts>([a_draft(), PUBLISHED]).when(Command::Publish).by(ada()).then_nothing();
}

#[test]
fn a_published_post_is_unpublished_once() {
    given::<Posts>([a_draft(), PUBLISHED]).when(Command::Unpublish).by(ada()).then(UNPUBLISHED);
    given::<Posts>([a_draft()]).when(Command::Unpublish).by(ada()).then_nothing();
    given::<Posts>([a_draft(), PUBLISHED, UNPUBLISHED]).when(Command::Unpublish).by(ada()).then_nothing();
}

#[test]
fn a_post_is_deleted_once() {
    given::<Posts>([a_draft()]).when(Command::Delete).by(ada()).then(DELETED);
    given::<Posts>([a_draft(), DELETED]).when(Command::Delete).by(ada()).then_nothing();
}

#[test]
fn a_deleted_post_is_restored_once() {
    given::<Posts>([a_draft(), DELETED]).when(Command::Restore).by(ada()).then(RESTORED);
    given::<Posts>([a_draft()]).when(Command::Restore).by(ada()).then_nothing();
    given::<Posts>([a_draft(), DELETED, RESTORED]).when(Command::Restore).by(ada()).then_nothing();
}

#[test]
fn a_deleted_post_can_only_be_restored() {
    for command in [put(drafted()), overwrite(drafted()), edit(retitled()), Command::Publish, Command::Unpublish] {
        given::<Posts>([a_draft(), DELETED]).when(command).by(ada()).then_refused(Rejection::Deleted);
    }
}

#[test]
fn a_restored_post_is_as_it_was_before() {
    given::<Posts>([a_draft(), PUBLISHED, DELETED, RESTORED]).when(Command::Publish).by(ada()).then_nothing();
    given::<Posts>([a_draft(), DELETED, RESTORED]).when(put(drafted())).by(ada()).then_nothing();
}

#[test]
fn what_is_not_there_can_only_be_put() {
    for command in [edit(retitled()), Command::Publish, Command::Unpublish, Command::Delete, Command::Restore] {
        given::<Posts>([]).when(command).by(ada()).then_refused(Rejection::NotFound);
    }
}

#[test]
fn a_draft_needs_a_reservation_that_is_not_near_its_end() {
    let put = |lease| Command::Put { content: drafted(), overwrite: false, lease };
    given::<Posts>([]).when(put(expiring_in(LEASE_MS))).by(ada()).then(a_draft());
    given::<Posts>([]).when(put(expiring_in(LEASE_MS / 2 + 1))).by(ada()).then(a_draft());
    given::<Posts>([]).when(put(expiring_in(LEASE_MS / 2))).by(ada()).then_refused(LeaseExpired);
}

#[test]
fn a_new_slug_needs_a_reservation_that_is_not_near_its_end() {
    let edit = |lease| Command::Edit { change: moved(), lease };
    given::<Posts>([a_draft()]).when(edit(Some(Lease::CONFIRMED))).by(ada()).then(Event::Edited(moved()));
    given::<Posts>([a_draft()]).when(edit(Some(expiring_in(1)))).by(ada()).then_refused(LeaseExpired);
    given::<Posts>([a_draft()]).when(edit(None)).by(ada()).then_refused(LeaseExpired);
}

/// A caller may ask without one, to hear what else there is.
#[test]
fn a_put_that_may_not_overwrite_waits_for_no_reservation() {
    let other = Drafted { slug: text("other"), ..drafted() };
    let put = Command::Put { content: other, overwrite: false, lease: Lease::OVER };
    given::<Posts>([a_draft()]).when(put).by(ada()).then_refused(Rejection::Differs);
}

#[test]
fn the_slug_it_has_needs_no_reservation() {
    let same = Edited { slug: Some(drafted().slug), ..Edited::default() };
    given::<Posts>([a_draft()]).when(edit(same)).by(ada()).then_nothing();
}

#[test]
fn commands_go_to_the_aggregate_they_are_for() {
    let reservation =
        || reservations::Command::Confirm { value: slug("a"), holder_id: bob_id(), expires_at: NOW }.into();
    let held = || reservations::Held { claimed_value: "a".into(), holder_id: bob_id() };
    let reserved = || ReservationEvent::SlugConfirmed(held()).into();
    given::<Posts>([a_draft()]).when(reservation()).by(ada()).then_refused(WrongAggregate);
    given::<Posts>([reserved()]).when(put(drafted())).by(ada()).then_refused(WrongAggregate);
    given::<Posts>([reserved()]).when(Command::Delete).by(ada()).then_refused(WrongAggregate);
}

#[test]
fn a_post_vouches_for_every_slug_it_ever_had() {
    let events = || [a_draft(), Event::Edited(moved())];
    given::<Posts>(events()).when(vouch("notes")).by(bob()).then_nothing();
    given::<Posts>(events()).when(vouch("on-engines")).by(bob()).then_nothing();
    given::<Posts>(events()).when(vouch("other")).by(bob()).then_refused(DoesNotBear);
    given::<Posts>([]).when(vouch("other")).by(bob()).then_refused(DoesNotBear);
}

#[test]
fn a_deleted_post_keeps_its_slugs() {
    given::<Posts>([a_draft(), DELETED]).when(vouch("on-engines")).by(bob()).then_nothing();
}

#[test]
fn a_post_can_go_back_to_a_former_slug() {
    let back = Edited { slug: Some(drafted().slug), ..Edited::default() };
    let command = Command::Edit { change: back.clone(), lease: Some(Lease::CONFIRMED) };
    given::<Posts>([a_draft(), Event::Edited(moved())]).when(command).by(ada()).then(Event::Edited(back));
}

#[test]
fn a_post_gains_no_slug_beyond_its_fifty_first() {
    let named = |number: usize| Edited { slug: Some(text(&format!("slug-{number}"))), ..Edited::default() };
    let edit = |change: Edited| Command::Edit { change, lease: Some(Lease::CONFIRMED) };
    let events = |count: usize| [a_draft()].into_iter().chain((1..=count).map(move |n| Event::Edited(named(n))));
    given::<Posts>(events(49)).when(edit(named(50))).by(ada()).then(Event::Edited(named(50)));
    given::<Posts>(events(50)).when(edit(named(51))).by(ada()).then_refused(Rejection::TooManySlugs);
    let waiting = Command::Edit { change: named(51), lease: Some(Lease::OVER) };
    given::<Posts>(events(50)).when(waiting).by(ada()).then_refused(Rejection::TooManySlugs);
    // What it had it can have again, as often as its author likes.
    given::<Posts>(events(50)).when(edit(named(7))).by(ada()).then(Event::Edited(named(7)));
}

#[test]
fn the_receipt_says_the_present_slug() {
    let receipt = |events: &[Event]| Posts::receipt(&events.iter().fold(State::default(), Posts::evolve));
    assert_eq!(receipt(&[]), None);
    assert_eq!(receipt(&[a_draft(), PUBLISHED]).as_deref(), Some("on-engines"));
    assert_eq!(receipt(&[a_draft(), Event::Edited(moved())]).as_deref(), Some("notes"));
}
