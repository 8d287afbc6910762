use super::*;

const PUBLISHED: Publicity =
    Publicity { published: true, was_published: true, deleted: false, for_members: false, visible: Visible::All };
const UNPUBLISHED: Publicity = Publicity { published: false, ..PUBLISHED };
const DRAFT: Publicity = Publicity { was_published: false, ..UNPUBLISHED };

fn seen(publicity: Publicity) -> [Sight; 2] {
    [true, false].map(|is_theirs| publicity.sight(is_theirs, false))
}

#[test]
fn what_is_published_all_see_but_for_the_text_for_members() {
    assert_eq!(seen(PUBLISHED), [Sight::Whole, Sight::Whole]);
    assert_eq!(seen(Publicity { for_members: true, ..PUBLISHED }), [Sight::Whole, Sight::Outside]);
}

#[test]
fn what_is_not_published_only_those_see_who_write_or_edit_it() {
    for not_published in [UNPUBLISHED, DRAFT, Publicity { for_members: true, ..DRAFT }] {
        assert_eq!(seen(not_published), [Sight::Draft, Sight::Nothing]);
    }
}

#[test]
fn that_it_was_deleted_all_are_told_who_could_ever_see_it() {
    for deleted in [PUBLISHED, UNPUBLISHED, Publicity { for_members: true, ..UNPUBLISHED }] {
        assert_eq!(seen(Publicity { deleted: true, ..deleted }), [Sight::Deleted, Sight::Deleted]);
    }
    assert_eq!(seen(Publicity { deleted: true, ..DRAFT }), [Sight::Deleted, Sight::Nothing]);
}

#[test]
fn what_a_moderator_hides_is_a_draft_to_others_and_moderators_see_it_whatever_its_authors_do_with_it() {
    for post in [PUBLISHED, UNPUBLISHED, DRAFT, Publicity { for_members: true, ..PUBLISHED }] {
        let hidden = Publicity { visible: Visible::Author, ..post };
        assert_eq!(seen(hidden), [Sight::Hidden, Sight::Nothing]);
        let removed = Publicity { visible: Visible::Moderators, ..post };
        assert_eq!(seen(removed), [Sight::Nothing, Sight::Nothing]);
        for is_theirs in [true, false] {
            assert_eq!([hidden, removed].map(|post| post.sight(is_theirs, true)), [Sight::Hidden, Sight::Hidden]);
        }
    }
    let deleted = Publicity { deleted: true, visible: Visible::Moderators, ..PUBLISHED };
    assert_eq!(seen(deleted), [Sight::Deleted, Sight::Deleted]);
}

#[test]
fn a_moderator_sees_no_draft_that_is_not_hidden() {
    assert_eq!(UNPUBLISHED.sight(false, true), Sight::Nothing);
}
