use super::*;

fn save(replaces: Option<u64>, text: &str) -> Typed {
    Typed::Save { replaces, text: text.to_owned() }
}

fn is(version: u64, text: &str) -> CopyAnswer {
    CopyAnswer::Is { version, text: text.to_owned() }
}

/// What is wrong with these acts, one after the other; an answer that is not known never came.
fn judged(acts: impl IntoIterator<Item = (Typed, CopyAnswer)>) -> Vec<Kind> {
    judged_every(10, acts)
}

/// The same, with so many nanoseconds from one to the next.
fn judged_every(nanos: u64, acts: impl IntoIterator<Item = (Typed, CopyAnswer)>) -> Vec<Kind> {
    let typing = (0..).zip(acts).map(|(place, (act, answer))| {
        let answered_at = Some(nanos * place + 8).filter(|_| answer != CopyAnswer::Unknown);
        Typing { client: 1, post_id: "p".to_owned(), act, invoked_at: nanos * place, answered_at, answer }
    });
    let mut verdict = Verdict::default();
    judge(&History { typing: typing.collect(), ..History::default() }, &mut verdict);
    verdict.found.into_keys().collect()
}

#[test]
fn what_is_saved_is_shown_until_it_is_released_or_thrown_away() {
    let saved = [(save(None, "a"), is(3, "a")), (Typed::Read, is(3, "a")), (save(Some(3), "b"), is(4, "b"))];
    let after = |ended: (Typed, CopyAnswer)| saved.clone().into_iter().chain([ended, (Typed::Read, CopyAnswer::None)]);
    assert_eq!(judged(after((Typed::Release { version: 4 }, CopyAnswer::None))), []);
    assert_eq!(judged(after((Typed::Discard { version: 4 }, CopyAnswer::Unknown))), []);
    assert_eq!(judged(after((Typed::Release { version: 4 }, CopyAnswer::Refused))), [Kind::Lost]);
    assert_eq!(judged(after((Typed::Release { version: 3 }, CopyAnswer::None))), [Kind::Lost], "that was not it");
    let again = saved.into_iter().chain([(Typed::Read, is(3, "a"))]);
    assert_eq!(judged(again), [Kind::Lost], "version 4 is gone");
}

#[test]
fn a_save_whose_outcome_is_not_known_may_be_shown_or_not() {
    let saved = [(save(None, "a"), is(3, "a")), (save(Some(3), "b"), CopyAnswer::Unknown)];
    for shown in [is(3, "a"), is(4, "b"), CopyAnswer::Unknown, CopyAnswer::Refused] {
        assert_eq!(judged(saved.clone().into_iter().chain([(Typed::Read, shown)])), []);
    }
}

#[test]
fn a_version_is_one_text_that_was_sent() {
    let saved = (save(None, "a"), is(3, "a"));
    assert_eq!(judged([saved.clone(), (Typed::Read, is(3, "b"))]), [Kind::Invented]);
    assert_eq!(judged([saved, (save(Some(3), "b"), is(3, "b"))]), [Kind::Invented], "it has another version");
    assert_eq!(judged([(Typed::Read, is(3, "a"))]), [Kind::Invented]);
}

#[test]
fn of_two_saves_in_one_place_one_is_taken() {
    let first = [(save(None, "a"), is(3, "a")), (save(Some(3), "b"), is(4, "b"))];
    let then = |answer| judged(first.clone().into_iter().chain([(save(Some(3), "c"), answer)]));
    assert_eq!(then(CopyAnswer::Refused), []);
    assert_eq!(then(is(5, "c")), [Kind::Doubled]);
    let again = first.clone().into_iter().chain([(save(Some(3), "b"), is(4, "b"))]);
    assert_eq!(judged(again), [], "it is the same save");
}

#[test]
fn what_was_released_or_thrown_away_does_not_come_back() {
    let saved = (save(None, "a"), is(3, "a"));
    let then = |act: Typed, answer: CopyAnswer| [saved.clone(), (act, answer), (Typed::Read, is(3, "a"))];
    let discard = || Typed::Discard { version: 3 };
    assert_eq!(judged(then(discard(), CopyAnswer::None)), [Kind::Stale]);
    for answer in [CopyAnswer::Unknown, CopyAnswer::Refused] {
        assert_eq!(judged(then(discard(), answer)), []);
    }
    let anew = [saved.clone(), (discard(), CopyAnswer::None), (save(None, "b"), is(4, "b")), (Typed::Read, is(4, "b"))];
    assert_eq!(judged(anew), []);
    // An instance may not have read the release yet, for as long as it answers without.
    let release = || then(Typed::Release { version: 3 }, CopyAnswer::None);
    assert_eq!(judged(release()), []);
    assert_eq!(judged_every(UNREAD + 10, release()), [Kind::Stale]);
}
