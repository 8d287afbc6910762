//! Posts that moderators hide, in the rows of posts.

use super::*;
use crate::posts::moderated::{Hidden, RulingEvent, Shown};

const SHOWN: posts::Event = posts::Event::Ruling(RulingEvent::Shown(Shown { ruling: 2 }));

fn hidden(from_author: bool) -> posts::Event {
    posts::Event::Ruling(RulingEvent::Hidden(Hidden { ruling: 1, from_author }))
}

/// Whether the post of this history is in some list: by its own row, by that of its tags, and by that of its writers.
fn is_listed(events: &[posts::Event]) -> bool {
    let row = post(events.to_vec());
    let tagged = &rows::<Tags>(&history(events.to_vec()))[&post_id(1)];
    let written = &rows::<WrittenBy>(&history(events.to_vec()))[&post_id(1)];
    let is_listed = row.listed() || row.in_archive();
    assert_eq!(tagged.listed().is_some() || tagged.in_archive().is_some(), is_listed);
    assert_eq!((written.listed().is_some(), row.listed_by().is_some()), (row.listed(), row.listed()));
    assert_eq!(row.in_categories().is_some() || row.archived_in_categories().is_some(), is_listed);
    assert_eq!(row.in_month().is_some(), is_listed);
    is_listed
}

#[test]
fn what_is_hidden_is_in_no_list_until_it_is_shown_whatever_its_author_does() {
    for from_author in [false, true] {
        let hidden = || hidden(from_author);
        assert!(!is_listed(&[a_draft(), PUBLISHED, hidden()]));
        assert!(!is_listed(&[a_draft(), hidden(), PUBLISHED]));
        assert!(!is_listed(&[a_draft(), PUBLISHED, hidden(), UNPUBLISHED, PUBLISHED]));
        assert!(!is_listed(&[a_draft(), PUBLISHED, hidden(), DELETED, RESTORED]));
        assert!(is_listed(&[a_draft(), PUBLISHED, hidden(), SHOWN]));
    }
}

#[test]
fn its_row_says_who_is_shown_it_and_keeps_its_place_in_time() {
    let seen = |events: Vec<posts::Event>| post(events).visible;
    assert_eq!(seen(vec![a_draft(), PUBLISHED]), "all");
    assert_eq!(seen(vec![a_draft(), PUBLISHED, hidden(false)]), "author");
    assert_eq!(seen(vec![a_draft(), PUBLISHED, hidden(true)]), "moderators");
    let then = post([a_draft(), PUBLISHED]).published_at;
    assert_eq!(post([a_draft(), PUBLISHED, hidden(true), SHOWN]).published_at, then);
}
