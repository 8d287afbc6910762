use domain::following::{Event, Followed, Unfollowed};

use super::id;

/// One event of each type, with every field filled.
pub(super) fn filled() -> Vec<Event> {
    vec![
        Event::Followed(Followed { follower_id: id(2), followee_id: id(3) }),
        Event::Unfollowed(Unfollowed { follower_id: id(2), followee_id: id(3) }),
    ]
}
