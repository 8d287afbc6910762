//! What becomes of comments in their rows.

use uuid::Uuid;

use super::*;
use crate::comments::{Deleted, Edited, Erased, Event, Hidden, Shown, Written, comment_id};
use crate::personal::{Personal, Sealed};
use crate::values::Filter;
use crate::{Gained, Recorded};

fn written(number: i64, author_id: Uuid, words: &str) -> Event {
    let (post_id, text, editable_until_at) = (post_id(1), Personal::Plain(text(words)), NOW);
    let comment_id = comment_id(post_id, number);
    Event::Written(Written {
        comment_id,
        post_id,
        number,
        author_id,
        reply_to: (number > 1).then_some(1),
        depth: i64::from(number > 1),
        text,
        editable_until_at,
        held_by: Gained::default(),
        filters_version: None,
    })
}

fn edited(number: i64, words: &str) -> Event {
    let (post_id, author_id, text) = (post_id(1), ada_id(), Personal::Plain(text(words)));
    let (held_by, filters_version) = (Gained::default(), None);
    Event::Edited(Edited { post_id, number, author_id, text, held_by, filters_version })
}

fn deleted(number: i64) -> Event {
    Event::Deleted(Deleted { post_id: post_id(1), number, author_id: ada_id() })
}

fn erased(numbers: &[i64]) -> Event {
    Event::Erased(Erased { post_id: post_id(1), account_id: ada_id(), numbers: numbers.to_vec() })
}

/// The comments after these events on one post, a second apart.
fn comments(events: impl IntoIterator<Item = Event>) -> Vec<Comment> {
    let events: Vec<ViewEvent> = (1..)
        .zip(events)
        .map(|(version, event)| Recorded {
            aggregate_id: post_id(1).to_string(),
            version,
            occurred_at: NOW.plus_millis(i64::try_from(version).unwrap() * 1_000),
            actor_id: ada_id(),
            event: event.into(),
        })
        .collect();
    let mut rows: Vec<Comment> = Comments::fold_all(&events).unwrap().into_values().collect();
    rows.sort_by_key(|row| row.number);
    rows
}

#[test]
fn a_comment_keeps_what_it_said_before_and_since_when() {
    let rows = comments([written(1, ada_id(), "a"), written(2, bob_id(), "x"), edited(1, "b"), edited(1, "c")]);
    let [first, second] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((first.text.as_str(), &first.former_texts[..]), ("c", &["a".to_owned(), "b".to_owned()][..]));
    assert_eq!(first.former_texts_at, [NOW.0 + 1_000, NOW.0 + 3_000]);
    assert_eq!((first.edited_at, first.version), (Some(NOW.plus_millis(4_000)), 4));
    assert_eq!((second.text.as_str(), second.edited_at, second.version), ("x", None, 2));
    assert_eq!((second.answered_id(), second.depth), (Some(comment_id(post_id(1), 1)), 1));
}

#[test]
fn what_is_deleted_or_erased_keeps_its_place_and_no_word() {
    for gone in [deleted(1), erased(&[1])] {
        let rows = comments([written(1, ada_id(), "a"), written(2, bob_id(), "x"), edited(1, "b"), gone]);
        let [first, second] = &rows[..] else { panic!("{rows:?}") };
        assert!(first.deleted && first.text.is_empty() && first.former_texts.is_empty());
        assert!(first.former_texts_at.is_empty() && first.edited_at.is_none());
        assert_eq!((second.deleted, second.reply_to), (false, Some(1)));
    }
}

#[test]
fn words_whose_key_is_gone_are_none() {
    let sealed = Personal::Sealed(Sealed::of_base64url("AbC").unwrap());
    let Event::Written(first) = written(1, ada_id(), "a") else { unreachable!() };
    assert_eq!(comments([Event::Written(Written { text: sealed, ..first })])[0].text, "");
}

#[test]
fn what_happens_to_a_comment_that_no_event_made_makes_none() {
    assert_eq!(comments([edited(1, "b"), deleted(2), erased(&[3])]), []);
}

#[test]
fn a_comment_is_shown_as_it_was_held_and_ruled() {
    let held = |event: Event| {
        let held_by = Gained(vec![Filter::Words, Filter::Links]);
        match event {
            Event::Written(written) => Event::Written(Written { held_by, ..written }),
            Event::Edited(edited) => Event::Edited(Edited { held_by, ..edited }),
            other @ (Event::Deleted(_) | Event::Erased(_) | Event::Hidden(_) | Event::Shown(_)) => {
                panic!("{other:?} is not held")
            }
        }
    };
    let (author_id, number) = (ada_id(), 1);
    let hidden =
        |ruling, from_author| Event::Hidden(Hidden { post_id: post_id(1), number, author_id, ruling, from_author });
    let shown = |ruling| Event::Shown(Shown { post_id: post_id(1), number, author_id, ruling });
    let withheld = |events: Vec<Event>| comments(events).remove(0).withheld_texts;
    let is = |events: Vec<Event>| {
        let row = comments(events).remove(0);
        (row.is_shown(), row.visible, row.held_by.len())
    };
    let first = || written(1, ada_id(), "a");
    assert_eq!(is(vec![first()]), (true, "all".into(), 0));
    assert_eq!(is(vec![held(first())]), (false, "author".into(), 2));
    assert_eq!(is(vec![held(first()), shown(1)]), (true, "all".into(), 0));
    assert_eq!(is(vec![held(first()), hidden(1, false)]), (false, "author".into(), 0));
    assert_eq!(is(vec![first(), hidden(1, true), shown(2)]), (true, "all".into(), 0));
    assert_eq!(is(vec![first(), held(edited(1, "b"))]), (false, "author".into(), 2));
    assert_eq!(is(vec![first(), hidden(1, true), held(edited(1, "b"))]), (false, "moderators".into(), 2));
    assert_eq!(is(vec![held(first()), edited(1, "b")]), (false, "author".into(), 2));
    assert_eq!(is(vec![first(), hidden(1, false), deleted(1)]), (false, "author".into(), 0));
    // What was shown to all stays in the history that all read; what was not does not come to be in it.
    assert_eq!(withheld(vec![first(), edited(1, "b"), hidden(1, false), shown(2), edited(1, "c")]), 0);
    assert_eq!(withheld(vec![held(first()), edited(1, "b"), shown(1)]), 1);
    assert_eq!(withheld(vec![held(first()), shown(1), edited(1, "b")]), 0);
    assert_eq!(withheld(vec![first(), hidden(1, false), edited(1, "b"), shown(2), edited(1, "c")]), 1);
    assert_eq!(withheld(vec![first(), held(edited(1, "b")), edited(1, "c"), shown(1)]), 2);
    assert_eq!(withheld(vec![held(first()), edited(1, "b"), deleted(1)]), 0);
}
