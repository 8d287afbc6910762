mod moderated;

use super::*;
use crate::Gained;
use crate::testing::{NOW, ada, ada_id, admin, bob, bob_id, editor, given, post_id, text};

crate::testing::properties!(Comments);

const MINUTE: i64 = 60_000;

fn says(words: &str) -> Personal<CommentText> {
    Personal::Plain(text(words))
}

fn write(author_id: Uuid, reply_to: Option<i64>, words: &str) -> Command {
    let (text, deepest, editable_ms, judged) = (says(words), 2, MINUTE, Judged::default());
    Command::Write { post_id: post_id(1), author_id, reply_to, text, deepest, editable_ms, judged }
}

fn edit(number: i64, words: &str) -> Command {
    Command::Edit { post_id: post_id(1), number, text: says(words), judged: Judged::default() }
}

fn delete(number: i64) -> Command {
    Command::Delete { post_id: post_id(1), number }
}

fn erase(account_id: Uuid) -> Command {
    Command::Erase { post_id: post_id(1), account_id }
}

fn answered(number: i64, author_id: Uuid, reply_to: Option<i64>, depth: i64, words: &str) -> Event {
    let (post_id, text, editable_until_at) = (post_id(1), says(words), NOW.plus_millis(MINUTE));
    let (comment_id, held_by, filters_version) = (comment_id(post_id, number), Gained::default(), None);
    Event::Written(Written {
        comment_id,
        post_id,
        number,
        author_id,
        reply_to,
        depth,
        text,
        editable_until_at,
        held_by,
        filters_version,
    })
}

fn written(number: i64, author_id: Uuid, words: &str) -> Event {
    answered(number, author_id, None, 0, words)
}

fn edited(number: i64, author_id: Uuid, words: &str) -> Event {
    let (text, held_by, filters_version) = (says(words), Gained::default(), None);
    Event::Edited(Edited { post_id: post_id(1), number, author_id, text, held_by, filters_version })
}

fn deleted(number: i64, author_id: Uuid) -> Event {
    Event::Deleted(Deleted { post_id: post_id(1), number, author_id })
}

fn erased(account_id: Uuid, numbers: &[i64]) -> Event {
    Event::Erased(Erased { post_id: post_id(1), account_id, numbers: numbers.to_vec() })
}

#[test]
fn comments_are_numbered_without_gaps_and_deleted_ones_keep_their_numbers() {
    given::<Comments>([]).when(write(ada_id(), None, "a")).by(ada()).then(written(1, ada_id(), "a"));
    let two = [written(1, ada_id(), "a"), deleted(1, ada_id())];
    given::<Comments>(two).when(write(bob_id(), None, "b")).by(bob()).then(written(2, bob_id(), "b"));
}

#[test]
fn an_answer_is_one_deeper_than_what_it_answers() {
    let one = [written(1, ada_id(), "a")];
    given::<Comments>(one).when(write(bob_id(), Some(1), "b")).by(bob()).then(answered(2, bob_id(), Some(1), 1, "b"));
}

#[test]
fn a_thread_is_no_deeper_than_is_set() {
    let deep =
        || [written(1, ada_id(), "a"), answered(2, bob_id(), Some(1), 1, "b"), answered(3, ada_id(), Some(2), 2, "c")];
    given::<Comments>(deep()).when(write(bob_id(), Some(3), "d")).by(bob()).then_refused(Rejection::TooDeep);
    given::<Comments>(deep()).when(write(bob_id(), Some(2), "d")).by(bob()).then(answered(
        4,
        bob_id(),
        Some(2),
        2,
        "d",
    ));
}

#[test]
fn what_is_not_there_or_says_nothing_is_not_answered() {
    for number in [0, 2, -1, i64::MAX, i64::MIN] {
        let one = [written(1, ada_id(), "a")];
        let answer = write(bob_id(), Some(number), "b");
        given::<Comments>(one).when(answer).by(bob()).then_refused(Rejection::NothingToAnswer);
    }
    let gone = [written(1, ada_id(), "a"), deleted(1, ada_id())];
    given::<Comments>(gone).when(write(bob_id(), Some(1), "b")).by(bob()).then_refused(Rejection::AnswersDeleted);
}

#[test]
fn no_one_writes_in_the_name_of_another() {
    for other in [bob(), editor(), admin()] {
        given::<Comments>([]).when(write(ada_id(), None, "a")).by(other.clone()).then_refused(Rejection::NotTheAuthor);
        let one = [written(1, ada_id(), "a")];
        given::<Comments>(one).when(edit(1, "b")).by(other.clone()).then_refused(Rejection::NotTheAuthor);
        let one = [written(1, ada_id(), "a")];
        given::<Comments>(one).when(erase(ada_id())).by(other).then_refused(Rejection::NotTheAuthor);
    }
}

#[test]
fn a_comment_is_edited_by_its_author_and_not_to_what_it_says_already() {
    let one = || [written(1, ada_id(), "a")];
    given::<Comments>(one()).when(edit(1, "b")).by(ada()).then(edited(1, ada_id(), "b"));
    given::<Comments>(one()).when(edit(1, "a")).by(ada()).then_nothing();
    given::<Comments>(one()).when(edit(2, "a")).by(ada()).then_refused(Rejection::NotFound);
}

#[test]
fn a_comment_is_edited_until_the_time_that_it_was_written_with() {
    let decide = |after: i64| {
        let thread = Comments::evolve(Thread::default(), &written(1, ada_id(), "a"));
        let context = DecisionContext { actor: ada(), now: NOW.plus_millis(after) };
        Comments::decide(&thread, &edit(1, "b"), &context)
    };
    assert_eq!(decide(MINUTE), Ok(Some(edited(1, ada_id(), "b"))));
    assert_eq!(decide(MINUTE + 1), Err(Rejection::TooLate));
}

#[test]
fn a_comment_is_edited_so_often() {
    let mut events = vec![written(1, ada_id(), "a")];
    let other = |number: u16| if number.is_multiple_of(2) { "b" } else { "c" };
    events.extend((0..MOST_EDITS - 1).map(|number| edited(1, ada_id(), other(number))));
    given::<Comments>(events.clone()).when(edit(1, "d")).by(ada()).then(edited(1, ada_id(), "d"));
    events.push(edited(1, ada_id(), "d"));
    given::<Comments>(events).when(edit(1, "e")).by(ada()).then_refused(Rejection::TooManyEdits);
}

#[test]
fn a_comment_is_deleted_once_by_its_author_or_an_editor() {
    let one = || [written(1, ada_id(), "a")];
    for actor in [ada(), editor(), admin()] {
        given::<Comments>(one()).when(delete(1)).by(actor).then(deleted(1, ada_id()));
    }
    given::<Comments>(one()).when(delete(1)).by(bob()).then_refused(Rejection::NotTheAuthor);
    given::<Comments>(one()).when(delete(2)).by(ada()).then_refused(Rejection::NotFound);
    let gone = || [written(1, ada_id(), "a"), deleted(1, ada_id())];
    given::<Comments>(gone()).when(delete(1)).by(ada()).then_nothing();
    given::<Comments>(gone()).when(edit(1, "b")).by(ada()).then_refused(Rejection::Deleted);
}

#[test]
fn what_an_account_said_is_erased_and_what_others_said_stays() {
    let three = || [written(1, ada_id(), "a"), answered(2, bob_id(), Some(1), 1, "b"), written(3, ada_id(), "c")];
    given::<Comments>(three()).when(erase(ada_id())).by(ada()).then(erased(ada_id(), &[1, 3]));
    let mut events = three().to_vec();
    events.push(erased(ada_id(), &[1, 3]));
    given::<Comments>(events.clone()).when(erase(ada_id())).by(ada()).then_nothing();
    given::<Comments>(events.clone()).when(write(bob_id(), Some(2), "d")).by(bob()).then(answered(
        4,
        bob_id(),
        Some(2),
        2,
        "d",
    ));
    given::<Comments>(events).when(write(bob_id(), Some(1), "d")).by(bob()).then_refused(Rejection::AnswersDeleted);
}

fn long(count: usize) -> Thread {
    (1..=count).fold(Thread::default(), |thread, number| {
        Comments::evolve(thread, &written(i64::try_from(number).unwrap(), ada_id(), "a"))
    })
}

fn decided(thread: &Thread, command: &Command) -> Result<Option<Event>, Rejection> {
    Comments::decide(thread, command, &DecisionContext { actor: ada(), now: NOW })
}

#[test]
fn a_thread_has_so_many_comments_and_one_event_erases_so_many_of_them() {
    let full = long(MOST_COMMENTS);
    assert_eq!(decided(&full, &write(ada_id(), None, "a")), Err(Rejection::TooMany));
    let Ok(Some(Event::Erased(first))) = decided(&full, &erase(ada_id())) else { panic!("nothing was erased") };
    assert_eq!(first.numbers.len(), MOST_ERASED);
    let rest = Comments::evolve(full, &Event::Erased(first));
    assert_eq!(rest.of(ada_id()).next(), Some(i64::try_from(MOST_ERASED).unwrap() + 1));
}

#[test]
fn a_copy_of_a_long_thread_shares_what_neither_has_changed() {
    let thread = long(10_000);
    let copy = Comments::evolve(thread.clone(), &deleted(1, ada_id()));
    assert!(!thread.comment(1).unwrap().deleted && copy.comment(1).unwrap().deleted);
    assert_eq!((thread.len(), copy.len()), (10_000, 10_000));
    assert!(std::ptr::eq(thread.comment(9_999).unwrap(), copy.comment(9_999).unwrap()));
    assert!(std::mem::size_of::<Known>() <= 64, "{}", std::mem::size_of::<Known>());
}

#[test]
fn an_events_author_is_concerned_and_a_thread_is_found_by_who_wrote_in_it() {
    assert_eq!(Comments::concerns(&deleted(1, ada_id())), [ada_id()]);
    assert_eq!(Comments::ends_with("", &written(1, ada_id(), "a")), [ada_id()]);
    assert_eq!(Comments::belongs_to(&written(1, ada_id(), "a")), None);
}

#[test]
fn the_id_of_a_comment_is_made_of_post_and_number() {
    assert_eq!(comment_id(post_id(1), 1), comment_id(post_id(1), 1));
    assert_ne!(comment_id(post_id(1), 1), comment_id(post_id(1), 2));
    assert_ne!(comment_id(post_id(1), 1), comment_id(post_id(2), 1));
}
