use domain::posts::{self, Deleted, Drafted, Published, Restored, Unpublished};
use domain::{AnyEvent, Recorded};
use event_log::subscription::PartitionId;

use super::*;

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const POST: Uuid = Uuid::from_u128(7);
const PUBLISHED: posts::Event = posts::Event::Published(Published {});
const UNPUBLISHED: posts::Event = posts::Event::Unpublished(Unpublished {});

fn drafted() -> posts::Event {
    let drafted = Drafted::new(ADA, "a".parse().unwrap(), "A".parse().unwrap());
    posts::Event::Drafted(Drafted { co_author_ids: vec![BOB], ..drafted })
}

fn fold(rows: HashMap<Uuid, Row>, from: u64, events: Vec<posts::Event>) -> (FeedFold, Vec<Poison>) {
    let partition = PartitionId { context: "posts".to_owned(), partition: 0 };
    let recorded = |(version, event)| Recorded {
        aggregate_id: POST.to_string(),
        version,
        occurred_at: Timestamp(i64::try_from(version).unwrap()),
        actor_id: ADA,
        event: AnyEvent::Posts(event),
    };
    let events: Vec<_> = (from..).zip(events).map(recorded).collect();
    let located: Vec<_> = events.iter().map(|event| Located { partition: &partition, offset: 0, event }).collect();
    FeedFold::of(rows, &located)
}

/// What becomes of a post by the second of two batches.
fn changes(before: Vec<posts::Event>, events: Vec<posts::Event>) -> Vec<PostChange> {
    let from = 1 + before.len() as u64;
    let (first, poison) = fold(HashMap::new(), 1, before);
    assert!(poison.is_empty());
    fold(first.rows, from, events).0.changed_posts()
}

fn change(at: &str, moved: bool, writers: &[Uuid], left: &[Uuid]) -> Vec<PostChange> {
    let (writers, left) = (writers.to_vec(), left.to_vec());
    vec![PostChange { id: POST, at: at.to_owned(), moved, told: writers.clone(), writers, left }]
}

#[test]
fn a_post_that_comes_to_be_listed_is_told_to_who_follows_any_of_its_writers() {
    assert_eq!(changes(vec![drafted()], vec![PUBLISHED]), change("2", false, &[ADA, BOB], &[]));
    assert_eq!(changes(vec![], vec![drafted()]), []);
}

#[test]
fn one_that_is_listed_no_more_is_taken_away() {
    assert_eq!(changes(vec![drafted(), PUBLISHED], vec![UNPUBLISHED]), change("", false, &[], &[ADA, BOB]));
    let deleted = || posts::Event::Deleted(Deleted {});
    assert_eq!(changes(vec![drafted(), PUBLISHED], vec![deleted()]), change("", false, &[], &[ADA, BOB]));
    let restored = posts::Event::Restored(Restored {});
    assert_eq!(changes(vec![drafted(), PUBLISHED, deleted()], vec![restored]), change("2", false, &[ADA, BOB], &[]));
}

/// A reader's rows may be those of the moment in between.
#[test]
fn what_was_listed_in_between_alone_is_taken_away_too() {
    assert_eq!(changes(vec![drafted()], vec![PUBLISHED, UNPUBLISHED]), change("", false, &[], &[ADA, BOB]));
}

#[test]
fn another_time_and_fewer_writers_are_told() {
    let edited = posts::Event::Edited(posts::Edited {
        originally_published_at: Some(Timestamp(-5)),
        co_author_ids: Some(Vec::new()),
        ..posts::Edited::default()
    });
    assert_eq!(changes(vec![drafted(), PUBLISHED], vec![edited]), change("-5", true, &[ADA], &[BOB]));
}

#[test]
fn a_gap_is_found_and_what_follows_it_is_not_blamed() {
    let (_, poison) = fold(HashMap::new(), 2, vec![PUBLISHED, UNPUBLISHED]);
    assert_eq!(poison.len(), 1);
}

#[test]
fn what_is_much_is_written_in_several_scripts_and_who_follows_in_the_first() {
    let post = |n: u128| PostChange { id: Uuid::from_u128(n), ..change("1", false, &[ADA], &[BOB]).remove(0) };
    let followers = HashMap::from([(ADA, 900), (BOB, 300)]);
    let follows = vec![FollowChange { reader: ADA, followee: BOB, active: true }];
    let scripts = in_scripts((0..4).map(post).collect(), follows, &followers, FeedBounds::default(), "p:feeds:part:");
    let sizes: Vec<_> = scripts.iter().map(|script| (script.posts.len(), script.follows.len())).collect();
    assert_eq!(sizes, [(1, 1), (1, 0), (1, 0), (1, 0)]);
    let scripts = in_scripts((0..4).map(post).collect(), Vec::new(), &HashMap::new(), FeedBounds::default(), "");
    assert_eq!(scripts.len(), 1, "no one follows them");
}

/// Whatever a batch has: fifty-one authors of one post, or hundreds who begin to follow.
#[test]
fn no_script_writes_more_than_so_many_entries() {
    let writers: Vec<Uuid> = (0..51).map(Uuid::from_u128).collect();
    let followers: HashMap<Uuid, usize> = writers.iter().map(|writer| (*writer, 1_000)).collect();
    let post = change("2", false, &writers[..30], &writers[30..]).remove(0);
    let follow = |n| FollowChange { reader: Uuid::from_u128(n), followee: ADA, active: true };
    let follows: Vec<FollowChange> = (100..600).map(follow).collect();
    let bounds = FeedBounds::default();
    let scripts = in_scripts(vec![post.clone()], follows.clone(), &followers, bounds, "part:");
    let entries = |script: &FeedChanges| {
        let of_posts: usize = script.posts.iter().map(|post| 1_000 * (post.told.len() + post.left.len())).sum();
        of_posts + script.follows.len() * (bounds.feed_entries + 1)
    };
    assert!(scripts.iter().all(|script| entries(script) <= ENTRIES_AT_ONCE));
    let all: Vec<FollowChange> = scripts.iter().flat_map(|script| script.follows.clone()).collect();
    assert_eq!(all, follows);
    let posts = || scripts.iter().flat_map(|script| &script.posts);
    assert!(posts().all(|piece| piece.writers == post.writers), "whom else they may follow is known to each");
    assert_eq!(posts().flat_map(|piece| piece.told.clone()).collect::<Vec<_>>(), writers[..30]);
    assert_eq!(posts().flat_map(|piece| piece.left.clone()).collect::<Vec<_>>(), writers[30..]);
    let first_post = scripts.iter().position(|script| !script.posts.is_empty()).unwrap();
    assert!(scripts[first_post + 1..].iter().all(|script| script.follows.is_empty()), "who follows comes first");
}
