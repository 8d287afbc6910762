use super::*;
use crate::testing::moderator;
use crate::values::{Filter, Visible};

fn rule(number: i64, ruling: i64, visible: Visible) -> Command {
    Command::Rule(Ruled { post_id: post_id(1), number, ruling, visible, edits: None })
}

fn hidden(ruling: i64, from_author: bool) -> Event {
    Event::Hidden(Hidden { post_id: post_id(1), number: 1, author_id: ada_id(), ruling, from_author })
}

fn shown(ruling: i64) -> Event {
    Event::Shown(Shown { post_id: post_id(1), number: 1, author_id: ada_id(), ruling })
}

fn judged() -> Judged {
    Judged { held_by: vec![Filter::Links], filters_version: Some(3) }
}

/// Ada's first comment, held.
fn held() -> Event {
    let Event::Written(written) = written(1, ada_id(), "a") else { panic!() };
    Event::Written(Written { held_by: Gained(vec![Filter::Links]), filters_version: Some(3), ..written })
}

fn visible(events: &[Event]) -> Visible {
    events.iter().fold(Thread::default(), Comments::evolve).comment(1).unwrap().visible
}

#[test]
fn what_the_filters_hold_is_its_authors_to_see_and_says_by_which_it_is_held() {
    let Command::Write { post_id, author_id, reply_to, text, deepest, editable_ms, .. } = write(ada_id(), None, "a")
    else {
        panic!()
    };
    let judged = judged();
    let write = Command::Write { post_id, author_id, reply_to, text, deepest, editable_ms, judged };
    given::<Comments>([]).when(write).by(ada()).then(held());
    assert_eq!(visible(&[held()]), Visible::Author);
}

#[test]
fn an_edit_is_judged_anew_and_what_was_hidden_stays_so() {
    let edit = Command::Edit { post_id: post_id(1), number: 1, text: says("b"), judged: judged() };
    let Event::Edited(plain) = edited(1, ada_id(), "b") else { panic!() };
    let held = Event::Edited(Edited { held_by: Gained(vec![Filter::Links]), filters_version: Some(3), ..plain });
    given::<Comments>([written(1, ada_id(), "a")]).when(edit).by(ada()).then(held.clone());
    assert_eq!(visible(&[written(1, ada_id(), "a"), held.clone()]), Visible::Author);
    assert_eq!(visible(&[written(1, ada_id(), "a"), held, shown(1)]), Visible::All);
    assert_eq!(visible(&[written(1, ada_id(), "a"), hidden(1, false), edited(1, ada_id(), "b")]), Visible::Author);
}

#[test]
fn what_is_hidden_is_held_besides_until_the_next_ruling() {
    let is_held = |events: &[Event]| events.iter().fold(Thread::default(), Comments::evolve).comment(1).unwrap().held;
    let Event::Edited(plain) = edited(1, ada_id(), "b") else { panic!() };
    let edit = || Event::Edited(Edited { held_by: Gained(vec![Filter::Links]), ..plain.clone() });
    let hidden_and_held = || vec![written(1, ada_id(), "a"), hidden(1, false), edit()];
    assert!(is_held(&[held()]) && is_held(&[held(), edited(1, ada_id(), "b")]) && is_held(&hidden_and_held()));
    assert!(!is_held(&hidden_and_held()[..2]));
    for ruling in [hidden(2, false), shown(2)] {
        let mut events = hidden_and_held();
        events.push(ruling);
        assert!(!is_held(&events), "{events:?}");
    }
}

#[test]
fn what_filters_hold_passes_as_the_moderator_has_read_it_only() {
    let pass = |edits, visible| Command::Rule(Ruled { post_id: post_id(1), number: 1, ruling: 2, visible, edits });
    let edited_since = || [held(), edited(1, ada_id(), "b")];
    for edits in [None, Some(0), Some(2)] {
        given::<Comments>(edited_since()).when(pass(edits, Visible::All)).by(moderator()).then_nothing();
    }
    given::<Comments>(edited_since()).when(pass(Some(1), Visible::All)).by(moderator()).then(shown(2));
    // What is hidden besides stays in the queue; but that a first ruling hides it waits for nothing.
    let Event::Edited(plain) = edited(1, ada_id(), "b") else { panic!() };
    let edit = Event::Edited(Edited { held_by: Gained(vec![Filter::Links]), ..plain });
    let hidden_and_held = || [written(1, ada_id(), "a"), hidden(1, false), edit.clone()];
    given::<Comments>(hidden_and_held()).when(pass(Some(0), Visible::Author)).by(moderator()).then_nothing();
    given::<Comments>(hidden_and_held()).when(pass(Some(1), Visible::Author)).by(moderator()).then(hidden(2, false));
    given::<Comments>([held()]).when(pass(None, Visible::Moderators)).by(moderator()).then(hidden(2, true));
    let not_held = [written(1, ada_id(), "a"), hidden(1, false), edited(1, ada_id(), "b")];
    given::<Comments>(not_held).when(pass(None, Visible::All)).by(moderator()).then(shown(2));
}

#[test]
fn rulings_are_carried_out_in_their_order_however_late_they_come() {
    let one = || [written(1, ada_id(), "a")];
    given::<Comments>(one()).when(rule(1, 1, Visible::Author)).by(moderator()).then(hidden(1, false));
    given::<Comments>(one()).when(rule(1, 1, Visible::Moderators)).by(moderator()).then(hidden(1, true));
    // Shown by the second ruling before the first has come.
    given::<Comments>(one()).when(rule(1, 2, Visible::All)).by(moderator()).then(shown(2));
    let after = [one()[0].clone(), shown(2)];
    given::<Comments>(after).when(rule(1, 1, Visible::Author)).by(moderator()).then_nothing();
}

#[test]
fn rulings_are_moderators_and_of_what_says_something() {
    let one = || [written(1, ada_id(), "a")];
    given::<Comments>(one()).when(rule(1, 1, Visible::Author)).by(ada()).then_refused(Rejection::NotTheAuthor);
    given::<Comments>(one()).when(rule(2, 1, Visible::All)).by(moderator()).then_refused(Rejection::NotFound);
    let gone = [one()[0].clone(), deleted(1, ada_id())];
    given::<Comments>(gone).when(rule(1, 1, Visible::Author)).by(moderator()).then_nothing();
}

#[test]
fn what_is_not_shown_to_all_is_answered_by_no_one_and_told_from_nothing_by_no_one() {
    for event in [hidden(1, false), hidden(1, true)] {
        let one = [written(1, ada_id(), "a"), event];
        let answer = write(bob_id(), Some(1), "b");
        given::<Comments>(one).when(answer).by(bob()).then_refused(Rejection::NothingToAnswer);
    }
    given::<Comments>([held()]).when(write(bob_id(), Some(1), "b")).by(bob()).then_refused(Rejection::NothingToAnswer);
}

#[test]
fn what_was_removed_is_not_edited_but_deleted() {
    let removed = || [written(1, ada_id(), "a"), hidden(1, true)];
    given::<Comments>(removed()).when(edit(1, "b")).by(ada()).then_refused(Rejection::Removed);
    given::<Comments>(removed()).when(delete(1)).by(ada()).then(deleted(1, ada_id()));
}

#[test]
fn only_what_is_shown_makes_an_author_known() {
    let count = |events: &[Event]| events.iter().fold(Thread::default(), Comments::evolve).shown_of(ada_id()).count();
    assert_eq!(count(&[held()]), 0);
    assert_eq!(count(&[held(), shown(1)]), 1);
    assert_eq!(count(&[written(1, ada_id(), "a"), written(2, bob_id(), "b"), deleted(1, ada_id())]), 0);
}

#[test]
fn who_is_not_shown_a_comment_is_told_of_it_as_of_none() {
    for event in [hidden(1, false), hidden(1, true)] {
        let one = || [written(1, ada_id(), "a"), event.clone()];
        for command in [edit(1, "b"), delete(1)] {
            given::<Comments>(one()).when(command.clone()).by(bob()).then_refused(Rejection::NotFound);
            given::<Comments>([]).when(command).by(bob()).then_refused(Rejection::NotFound);
        }
        given::<Comments>(one()).when(edit(1, "b")).by(moderator()).then_refused(Rejection::NotTheAuthor);
    }
    given::<Comments>([held()]).when(edit(1, "b")).by(bob()).then_refused(Rejection::NotFound);
    given::<Comments>([written(1, ada_id(), "a")]).when(delete(1)).by(bob()).then_refused(Rejection::NotTheAuthor);
}
