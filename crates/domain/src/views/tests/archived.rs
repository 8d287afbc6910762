//! The archive, in the rows of posts.

use super::*;
use crate::posts::archive::{ArchiveEvent, Archived, Unarchived};

const ARCHIVED: posts::Event = posts::Event::Archive(ArchiveEvent::Archived(Archived {}));
const UNARCHIVED: posts::Event = posts::Event::Archive(ArchiveEvent::Unarchived(Unarchived {}));

/// Whether the post of this history is in the lists, and in those of the archive: by its own row, and by that of its
/// tags.
fn places(events: &[posts::Event]) -> (bool, bool) {
    let row = post(events.to_vec());
    let tagged = &rows::<Tags>(&history(events.to_vec()))[&post_id(1)];
    assert_eq!((row.listed(), row.in_archive()), (tagged.listed().is_some(), tagged.in_archive().is_some()));
    let categories = (row.in_categories().is_some(), row.archived_in_categories().is_some());
    assert_eq!(categories, (row.listed(), row.in_archive()));
    assert_eq!(row.in_month().is_some(), row.listed() || row.in_archive());
    categories
}

#[test]
fn a_post_is_in_the_lists_or_in_the_archive_and_never_in_both() {
    assert_eq!(places(&[a_draft(), PUBLISHED]), (true, false));
    assert_eq!(places(&[a_draft(), PUBLISHED, ARCHIVED]), (false, true));
    assert_eq!(places(&[a_draft(), PUBLISHED, ARCHIVED, UNARCHIVED]), (true, false));
}

#[test]
fn what_cannot_be_read_by_everyone_is_in_neither() {
    assert_eq!(places(&[a_draft(), PUBLISHED, ARCHIVED, DELETED]), (false, false));
    assert_eq!(places(&[a_draft(), PUBLISHED, ARCHIVED, DELETED, RESTORED]), (false, true));
    assert_eq!(places(&[a_draft(), PUBLISHED, ARCHIVED, UNPUBLISHED]), (false, false));
    assert_eq!(places(&[a_draft(), PUBLISHED, ARCHIVED, UNPUBLISHED, PUBLISHED]), (true, false));
    let unlisted = posts::Event::Edited(Edited { visibility: Some(Visibility::Unlisted), ..Edited::default() });
    assert_eq!(places(&[a_draft(), unlisted, PUBLISHED, ARCHIVED]), (false, false));
}

#[test]
fn it_keeps_its_place_in_time() {
    let then = post([a_draft(), PUBLISHED]).published_at;
    assert_eq!(post([a_draft(), PUBLISHED, ARCHIVED, UNARCHIVED]).published_at, then);
}
