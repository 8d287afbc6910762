use super::*;

#[test]
fn what_was_added_may_be_there_and_nothing_else() {
    let mut known = Known::default();
    known.add(&1);
    assert!(known.may_be(&1) && !known.may_be(&2));
}

#[test]
fn when_there_are_too_many_to_tell_apart_everything_may_be_there() {
    let mut known = Known::default();
    (0..=MOST).for_each(|key| known.add(&key));
    assert!(known.may_be(&(MOST + 9)));
}
