//! What a post has that may be missing, in its rows.

use super::*;

fn shown_to(visibility: Visibility) -> posts::Event {
    posts::Event::Edited(Edited { visibility: Some(visibility), ..Edited::default() })
}

fn reset(field: &str) -> posts::Event {
    posts::Event::Edited(Edited { reset_fields: vec![field.into()], ..Edited::default() })
}

#[test]
fn a_post_that_is_only_for_who_has_its_address_is_in_no_list() {
    let unlisted = || [a_draft(), PUBLISHED, shown_to(Visibility::Unlisted)];
    assert!(!post(unlisted()).listed());
    assert_eq!((listed(unlisted()), post(unlisted()).in_categories()), (None, None));
    for again in [shown_to(Visibility::Public), shown_to(Visibility::Members), reset("visibility")] {
        let events = unlisted().into_iter().chain([again]);
        assert!(post(events.clone()).listed());
        assert!(listed(events).is_some());
    }
    let from_the_beginning = posts::Event::Drafted(Drafted { visibility: Some(Visibility::Unlisted), ..drafted() });
    assert_eq!(listed([from_the_beginning.clone(), PUBLISHED]), None);
    assert!(!post([from_the_beginning, PUBLISHED]).listed());
}

#[test]
fn what_is_missing_is_as_it_is_by_default() {
    let row = post([a_draft()]);
    assert_eq!((row.visibility.as_str(), row.featured, row.comments.as_str()), ("public", false, "open"));
    assert_eq!((row.cover_image, row.custom_fields), (None, None));
}

#[test]
fn a_change_says_what_it_becomes_or_that_it_is_taken_away() {
    let said = posts::Event::Edited(Edited {
        language_tag: Some(text("ar")),
        custom_fields: Some(text(r#"{"b":1,"a":2}"#)),
        featured: Some(true),
        ..Edited::default()
    });
    let row = post([a_draft(), said.clone()]);
    assert_eq!((row.language_tag.as_deref(), row.featured), (Some("ar"), true));
    assert_eq!(row.custom_fields.as_deref(), Some(r#"{"a":2,"b":1}"#));
    let row = post([a_draft(), said, reset("language_tag"), reset("featured")]);
    assert_eq!((row.language_tag, row.featured), (None, false));
}
