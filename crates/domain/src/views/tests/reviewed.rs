//! The view of reviews.

use super::super::Reviews;
use super::a_draft;
use super::histories::{history, rows};
use crate::posts::review::{Approved, ChangesRequested, ReviewWithdrawn, SubmittedForReview};
use crate::posts::{Edited, Event, Published, ReviewEvent};
use crate::testing::{post_id, text};

fn submitted() -> Event {
    Event::Review(ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256: None }))
}

fn approved() -> Event {
    Event::Review(ReviewEvent::Approved(Approved { copy_sha256: None }))
}

fn copy_submitted() -> Event {
    Event::Review(ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256: Some("c0".into()) }))
}

const PUBLISHED: Event = Event::Published(Published {});

fn edited() -> Event {
    Event::Edited(Edited { title: Some(text("T")), ..Edited::default() })
}

/// State and note after these events of a draft.
fn stands(events: Vec<Event>) -> Option<(String, String)> {
    let events = history([vec![a_draft()], events].concat());
    rows::<Reviews>(&events).remove(&post_id(1)).map(|row| (row.state, row.note))
}

#[test]
fn a_review_stands_as_its_last_event_says_and_an_edit_ends_an_approval() {
    let so = |state: &str, note: &str| Some((state.to_owned(), note.to_owned()));
    let asked = Event::Review(ReviewEvent::ChangesRequested(ChangesRequested { note: text("Why?") }));
    let withdrawn = Event::Review(ReviewEvent::ReviewWithdrawn(ReviewWithdrawn {}));
    assert_eq!(stands(vec![edited()]), None);
    assert_eq!(stands(vec![submitted()]), so("in_review", ""));
    assert_eq!(stands(vec![submitted(), edited()]), so("in_review", ""));
    assert_eq!(stands(vec![submitted(), approved()]), so("approved", ""));
    assert_eq!(stands(vec![submitted(), approved(), edited()]), so("none", ""));
    assert_eq!(stands(vec![submitted(), asked]), so("changes_requested", "Why?"));
    assert_eq!(stands(vec![submitted(), withdrawn]), so("none", ""));
}

#[test]
fn what_was_submitted_and_is_released_or_published_waits_no_more() {
    let so = |state: &str| Some((state.to_owned(), String::new()));
    assert_eq!(stands(vec![copy_submitted(), edited()]), so("none"));
    assert_eq!(stands(vec![submitted(), PUBLISHED]), so("none"));
    assert_eq!(stands(vec![copy_submitted(), PUBLISHED]), so("in_review"));
    assert_eq!(stands(vec![submitted(), approved(), PUBLISHED]), so("approved"));
    assert_eq!(stands(vec![PUBLISHED]), None);
}
