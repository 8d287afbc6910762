//! Former slugs, and giving them up.

use super::*;

fn renamed() -> Vec<Event> {
    vec![a_draft(), Event::Edited(moved())]
}

fn given_up(slug: &str) -> Event {
    Event::SlugGivenUp(SlugGivenUp { slug: text(slug) })
}

fn give_up(slug: &str) -> Command {
    Command::GiveUpSlug(text(slug))
}

#[test]
fn a_former_slug_is_given_up_by_its_author() {
    let former = drafted().slug;
    given::<Posts>(renamed()).when(give_up(former.as_str())).by(ada()).then(given_up(former.as_str()));
    given::<Posts>(renamed()).when(give_up(former.as_str())).by(bob()).then_refused(Rejection::NotFound);
    given::<Posts>(renamed()).when(give_up(former.as_str())).by(editor()).then(given_up(former.as_str()));
}

#[test]
fn what_was_given_up_is_borne_no_more_and_giving_it_up_again_changes_nothing() {
    let former = drafted().slug;
    let events = || [renamed(), vec![given_up(former.as_str())]].concat();
    given::<Posts>(events()).when(vouch(former.as_str())).by(ada()).then_refused(Rejection::Reservation(DoesNotBear));
    given::<Posts>(events()).when(give_up(former.as_str())).by(ada()).then_nothing();
    given::<Posts>(renamed()).when(vouch(former.as_str())).by(ada()).then_nothing();
}

#[test]
fn the_present_slug_is_not_given_up() {
    given::<Posts>(renamed()).when(give_up("notes")).by(ada()).then_refused(Rejection::PresentSlug);
    given::<Posts>([a_draft(), DELETED]).when(give_up("notes")).by(ada()).then_refused(Rejection::Deleted);
}

#[test]
fn a_slug_that_a_post_never_had_is_as_if_it_were_given_up() {
    given::<Posts>(renamed()).when(give_up("other")).by(ada()).then_nothing();
}
