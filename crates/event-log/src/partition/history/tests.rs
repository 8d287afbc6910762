use domain::following::{Edge, Event, Followed, Following, Unfollowed};
use domain::posts::co_authors::CoAuthorInvited;
use domain::posts::{self, CoAuthorEvent, Deleted, Posts};

use super::*;
use crate::record::{CommandRef, Stamp};

fn happened(version: u64, edge: Edge, event: Event) -> EventRecord<Event> {
    let command = CommandRef { id: Uuid::new_v4(), digest: 0, correlation_id: Uuid::nil(), traceparent: None };
    let occurred_at = Timestamp(1_000 + version.cast_signed());
    let recorded = Recorded { aggregate_id: edge.id(), version, occurred_at, actor_id: edge.follower_id, event };
    EventRecord { stamp: Stamp { term: 1, seq: version }, command, recorded }
}

#[test]
fn what_ends_with_an_account_is_found_by_it() {
    let [ada, bob, carol] = [1, 2, 3].map(Uuid::from_u128);
    let edge = |follower_id, followee_id| Edge { follower_id, followee_id };
    let mut history = History::<Following>::new(i64::MAX);
    for Edge { follower_id, followee_id } in [edge(ada, bob), edge(carol, ada), edge(carol, bob)] {
        let followed = Event::Followed(Followed { follower_id, followee_id });
        history.apply(0, happened(1, edge(follower_id, followee_id), followed)).unwrap();
    }
    let unfollowed = Event::Unfollowed(Unfollowed { follower_id: ada, followee_id: bob });
    history.apply(3, happened(2, edge(ada, bob), unfollowed)).unwrap();

    let of = |account_id| {
        let ending = history.ending_with(account_id);
        ending.map(|(id, aggregate)| (Edge::of(id).unwrap(), aggregate.state.follows)).collect::<Vec<_>>()
    };

    assert_eq!(of(ada), [(edge(ada, bob), false), (edge(carol, ada), true)], "each once, as it is now");
    assert_eq!(of(bob), [(edge(ada, bob), false), (edge(carol, bob), true)]);
    assert_eq!(of(Uuid::nil()), []);
}

#[test]
fn what_ends_with_an_account_since_a_later_event_is_found_by_it() {
    let [ada, bob, post] = [1, 2, 3].map(Uuid::from_u128);
    let mut history = History::<Posts>::new(i64::MAX);
    let mut apply = |version: u64, event| {
        let command = CommandRef { id: Uuid::new_v4(), digest: 0, correlation_id: Uuid::nil(), traceparent: None };
        let occurred_at = Timestamp(1_000 + version.cast_signed());
        let recorded = Recorded { aggregate_id: post.to_string(), version, occurred_at, actor_id: ada, event };
        let stamp = Stamp { term: 1, seq: version };
        history.apply(version.cast_signed(), EventRecord { stamp, command, recorded }).unwrap();
    };
    apply(1, posts::Event::Deleted(Deleted {}));
    let invited = || posts::Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id: bob }));
    apply(2, invited());
    apply(3, invited());
    let of = |account_id| history.ending_with(account_id).map(|(id, _)| id.to_owned()).collect::<Vec<_>>();
    assert_eq!(of(bob), [post.to_string()], "once");
    assert!(of(ada).is_empty());
}
