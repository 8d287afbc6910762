//! What a post has that may be missing.

use super::*;
use crate::testing::admin;

fn named(fields: &[&str]) -> Edited {
    Edited { reset_fields: fields.iter().map(|field| (*field).to_owned()).collect(), ..Edited::default() }
}

fn with_cover() -> Edited {
    Edited {
        cover_image: Some(text("https://example.org/a.jpg")),
        cover_alt: Some(text("")),
        language_tag: Some(text("he")),
        custom_fields: Some(text(r#"{"a":1}"#)),
        ..Edited::default()
    }
}

fn featured(is: bool) -> Edited {
    Edited { featured: Some(is), ..Edited::default() }
}

#[test]
fn what_may_be_missing_is_changed_and_taken_away() {
    let edited = Event::Edited(with_cover());
    given::<Posts>([a_draft()]).when(edit(with_cover())).by(ada()).then(edited.clone());
    given::<Posts>([a_draft(), edited.clone()]).when(edit(with_cover())).by(ada()).then_nothing();
    let taken = named(&["cover_image", "custom_fields"]);
    given::<Posts>([a_draft(), edited]).when(edit(taken.clone())).by(ada()).then(Event::Edited(taken));
    given::<Posts>([a_draft()]).when(edit(named(&["cover_image"]))).by(ada()).then_nothing();
}

#[test]
fn a_put_without_them_keeps_what_is_there() {
    let hidden = Drafted { visibility: Some(Visibility::Members), comments: Some(Comments::Closed), ..drafted() };
    given::<Posts>([Event::Drafted(hidden)]).when(overwrite(drafted())).by(ada()).then_nothing();
}

#[test]
fn only_editors_say_what_is_featured() {
    let is = || Event::Edited(featured(true));
    given::<Posts>([a_draft()]).when(edit(featured(true))).by(ada()).then_refused(Rejection::Featured);
    given::<Posts>([a_draft()]).when(edit(featured(true))).by(editor()).then(is());
    given::<Posts>([a_draft(), is()]).when(edit(featured(false))).by(ada()).then_refused(Rejection::Featured);
    given::<Posts>([a_draft(), is()]).when(edit(named(&["featured"]))).by(ada()).then_refused(Rejection::Featured);
    given::<Posts>([a_draft(), is()]).when(edit(retitled())).by(ada()).then(Event::Edited(retitled()));
    given::<Posts>([a_draft(), is()]).when(edit(featured(false))).by(admin()).then(Event::Edited(featured(false)));
    let new = Drafted { featured: Some(true), ..drafted() };
    given::<Posts>([]).when(put(new.clone())).by(ada()).then_refused(Rejection::Featured);
    given::<Posts>([]).when(put(new.clone())).by(editor()).then(Event::Drafted(new));
}
