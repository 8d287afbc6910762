use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::following::{Event, Following, SubjectFollowed, SubjectUnfollowed};

/// The view of every tag, category and series that an account ever followed. Numbers of followers are sums over it.
#[derive(Clone, Copy, Debug)]
pub struct FollowedSubjects;

/// An account and a tag, a category or a series.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowedSubject {
    /// Who follows, or did.
    pub follower_id: Uuid,
    /// What it is: the name of a [`crate::values::SubjectKind`].
    pub subject_kind: String,
    /// Which of those: a tag's name, or an id.
    pub subject_ref: String,
    /// Whether it is followed now.
    pub active: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// The version of the interest: a row of one that is no more is kept for it.
    pub version: u64,
}

impl View for FollowedSubjects {
    const NAME: &'static str = "followed_subjects";
    type Source = Following;
    type Key = (Uuid, String, String);
    type Row = FollowedSubject;

    fn keys(event: SourceEvent<'_, Following>) -> impl IntoIterator<Item = Self::Key> {
        match event.event {
            Event::SubjectFollowed(SubjectFollowed { follower_id, subject_kind, subject_ref })
            | Event::SubjectUnfollowed(SubjectUnfollowed { follower_id, subject_kind, subject_ref }) => {
                Some((*follower_id, subject_kind.name().to_owned(), subject_ref.clone()))
            }
            Event::Followed(_) | Event::Unfollowed(_) => None,
        }
    }

    fn seen(row: Option<&FollowedSubject>, _: SourceEvent<'_, Following>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(key: &Self::Key, _: Option<FollowedSubject>, event: SourceEvent<'_, Following>) -> Option<FollowedSubject> {
        let (follower_id, subject_kind, subject_ref) = key.clone();
        let active = match event.event {
            Event::Followed(_) | Event::SubjectFollowed(_) => true,
            Event::Unfollowed(_) | Event::SubjectUnfollowed(_) => false,
        };
        let (since, version) = (event.occurred_at, event.version);
        Some(FollowedSubject { follower_id, subject_kind, subject_ref, active, since, version })
    }
}
