use domain::Decider as _;
use domain::following::{Edge, Event, Followed, SubjectFollowed, SubjectUnfollowed};

use super::*;

const ADA: Uuid = Uuid::from_u128(0xada);

fn interest(number: usize) -> Interest {
    Interest { follower_id: ADA, subject: Subject::Tag(format!("tag-{number}").parse().unwrap()) }
}

fn followed(interest: &Interest) -> Event {
    let (subject_kind, subject_ref) = (interest.subject.kind(), interest.subject.to_string());
    Event::SubjectFollowed(SubjectFollowed { follower_id: ADA, subject_kind, subject_ref })
}

fn unfollowed(interest: &Interest) -> Event {
    let (subject_kind, subject_ref) = (interest.subject.kind(), interest.subject.to_string());
    Event::SubjectUnfollowed(SubjectUnfollowed { follower_id: ADA, subject_kind, subject_ref })
}

fn state(events: &[Event]) -> State {
    events.iter().fold(State::default(), Following::evolve)
}

/// How many others Ada follows than this, of so many tags that she follows, one that she does not follow any more, and
/// Bob.
fn others(tags: usize, wanted: &Interest) -> usize {
    let mut aggregates: Vec<(String, State)> =
        (0..tags).map(interest).map(|tag| (tag.id(), state(&[followed(&tag)]))).collect();
    let former = interest(tags + 1);
    aggregates.push((former.id(), state(&[followed(&former), unfollowed(&former)])));
    let edge = Edge { follower_id: ADA, followee_id: Uuid::from_u128(0xb0b) };
    let Edge { follower_id, followee_id } = edge;
    aggregates.push((edge.id(), state(&[Event::Followed(Followed { follower_id, followee_id })])));
    aggregates.iter().filter(|(id, state)| is_another(wanted, id, state)).count()
}

#[test]
fn an_account_follows_so_many_subjects_and_people_besides() {
    assert_eq!(others(MOST - 1, &interest(MOST)), MOST - 1);
    assert!(room_beside(others(MOST - 1, &interest(MOST))).is_ok());
    let refused = room_beside(others(MOST, &interest(MOST))).unwrap_err();
    assert_eq!(refused.details().status, 409);
}

#[test]
fn who_follows_as_many_as_there_may_be_follows_one_of_them_again() {
    assert!(room_beside(others(MOST, &interest(0))).is_ok());
}
