mod about;
mod archived;
mod commented;
mod hidden;
mod histories;
mod month;
mod previewed;
mod properties;
mod reviewed;
mod sources;
mod tag_names;
mod written_by;

use super::*;
use crate::Timestamp;
use crate::posts::co_authors::{CoAuthorInvited, CoAuthorJoined};
use crate::posts::previews::PreviewRevoked;
use crate::posts::review::ReviewWithdrawn;
use crate::posts::schedule::Moment;
use crate::posts::{self, CoAuthorEvent, Deleted, Drafted, Edited, ExpiryWithdrawn, PreviewEvent, Published, Restored};
use crate::posts::{ReviewEvent, Unpublished, Unscheduled};
use crate::testing::{NOW, ada_id, bob_id, drafted, post_id, tags, text};
use crate::values::Visibility;
use histories::{history, post, rows};

const PUBLISHED: posts::Event = posts::Event::Published(Published {});
const UNPUBLISHED: posts::Event = posts::Event::Unpublished(Unpublished {});
const DELETED: posts::Event = posts::Event::Deleted(Deleted {});
const RESTORED: posts::Event = posts::Event::Restored(Restored {});

fn a_draft() -> posts::Event {
    posts::Event::Drafted(drafted())
}

fn an_import(from: Timestamp) -> posts::Event {
    posts::Event::Drafted(Drafted { originally_published_at: Some(from), ..drafted() })
}

fn moved_to(slug: &str) -> posts::Event {
    posts::Event::Edited(Edited { slug: Some(text(slug)), ..Edited::default() })
}

fn dated(from: Timestamp) -> posts::Event {
    posts::Event::Edited(Edited { originally_published_at: Some(from), ..Edited::default() })
}

fn tagged(names: &[&str]) -> posts::Event {
    posts::Event::Edited(Edited { tags: Some(tags(names)), ..Edited::default() })
}

/// The time of the event with this version.
fn at(version: i64) -> Timestamp {
    NOW.plus_millis(version)
}

/// Where and when the lists have the post of this history.
fn listed(events: impl IntoIterator<Item = posts::Event>) -> Option<(Timestamp, Vec<String>)> {
    let rows = rows::<Tags>(&history(events));
    let (at, tags) = rows[&post_id(1)].listed()?;
    Some((at, tags.into_iter().map(str::to_owned).collect()))
}

#[test]
fn a_draft_is_in_no_list() {
    assert!(!post([a_draft()]).listed());
    assert_eq!(listed([a_draft()]), None);
}

#[test]
fn a_published_post_is_listed_at_the_time_of_publication() {
    assert_eq!(post([a_draft(), PUBLISHED]).published_at, Some(at(2)));
    assert_eq!(listed([a_draft(), PUBLISHED]), Some((at(2), vec!["engines".into(), "notes".into()])));
}

#[test]
fn the_first_publication_counts() {
    let post = post([a_draft(), PUBLISHED, UNPUBLISHED, PUBLISHED]);
    assert_eq!((post.published_at, post.updated_at, post.version), (Some(at(2)), at(4), 4));
}

#[test]
fn an_unpublished_post_keeps_its_place_and_is_not_listed() {
    let post = post([a_draft(), PUBLISHED, UNPUBLISHED]);
    assert_eq!((post.published_at, post.listed()), (Some(at(2)), false));
    assert_eq!(listed([a_draft(), PUBLISHED, UNPUBLISHED]), None);
}

#[test]
fn an_import_is_listed_at_its_original_time() {
    let then = Timestamp(1_000);
    assert_eq!(post([an_import(then)]).published_at, None, "a draft never was published");
    assert_eq!(post([an_import(then), PUBLISHED]).published_at, Some(then));
}

#[test]
fn a_new_original_date_moves_a_published_post() {
    let then = Timestamp(1_000);
    assert_eq!(post([a_draft(), PUBLISHED, dated(then)]).published_at, Some(then));
    assert_eq!(post([a_draft(), dated(then)]).published_at, None);
    assert_eq!(post([a_draft(), dated(then), PUBLISHED]).published_at, Some(then));
}

#[test]
fn a_post_whose_original_date_is_taken_away_is_dated_by_its_publication_here() {
    let then = Timestamp(1_000);
    let undated =
        || posts::Event::Edited(Edited { reset_fields: vec!["originally_published_at".into()], ..Edited::default() });
    let dates = |events: Vec<posts::Event>| {
        let (post, listed) = (post(events.clone()), listed(events).map(|(at, _)| at));
        (post.originally_published_at, post.published_at, listed)
    };
    assert_eq!(dates(vec![an_import(then), PUBLISHED, undated()]), (None, Some(at(2)), Some(at(2))));
    assert_eq!(dates(vec![a_draft(), PUBLISHED, dated(then), undated()]), (None, Some(at(2)), Some(at(2))));
    assert_eq!(dates(vec![an_import(then), undated()]), (None, None, None));
    assert_eq!(dates(vec![an_import(then), undated(), PUBLISHED]), (None, Some(at(3)), Some(at(3))));
    assert_eq!(dates(vec![a_draft(), PUBLISHED, undated(), dated(then)]), (Some(then), Some(then), Some(then)));
}

#[test]
fn a_deleted_post_is_not_listed_until_it_is_restored() {
    assert_eq!(listed([a_draft(), PUBLISHED, DELETED]), None);
    let restored = [a_draft(), PUBLISHED, DELETED, RESTORED];
    assert_eq!(listed(restored.clone()).map(|(at, _)| at), Some(at(2)));
    assert!(post(restored).listed());
}

#[test]
fn a_post_is_listed_once_under_each_of_its_tags() {
    let events = [a_draft(), PUBLISHED, tagged(&["b", "a", "b"])];
    assert_eq!(listed(events.clone()), Some((at(2), vec!["a".into(), "b".into()])));
    assert_eq!(post(events).tags, ["b", "a", "b"], "the author's order stays");
}

#[test]
fn an_untagged_post_is_listed_under_no_tag() {
    assert_eq!(listed([a_draft(), PUBLISHED, tagged(&[])]), Some((at(2), vec![])));
}

#[test]
fn an_edit_changes_what_it_says_and_nothing_else() {
    let before = post([a_draft()]);
    let after = post([a_draft(), tagged(&["new"])]);
    let expected = Post { tags: vec!["new".into()], updated_at: at(2), edited_version: 2, version: 2, ..before };
    assert_eq!(after, expected);
}

#[test]
fn a_post_says_in_which_version_its_fields_were_last_given() {
    let given = |events: &[posts::Event]| post(events.iter().cloned()).edited_version;
    assert_eq!(given(&[a_draft(), PUBLISHED]), 1);
    assert_eq!(given(&[a_draft(), PUBLISHED, tagged(&["new"]), UNPUBLISHED]), 3);
}

/// A link for a preview, an invitation or a review moved the date that readers are shown.
#[test]
fn what_no_reader_sees_changes_the_version_and_no_date() {
    let unseen = [
        posts::Event::Scheduled(Moment { at: NOW, local: None }.into()),
        posts::Event::Unscheduled(Unscheduled {}),
        posts::Event::ExpirySet(Moment { at: NOW.plus_millis(60_000), local: None }.into()),
        posts::Event::ExpiryWithdrawn(ExpiryWithdrawn {}),
        posts::Event::Review(ReviewEvent::ReviewWithdrawn(ReviewWithdrawn {})),
        posts::Event::Previews(PreviewEvent::PreviewRevoked(PreviewRevoked { preview_id: post_id(7) })),
        posts::Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id: bob_id() })),
    ];
    for event in unseen {
        let post = post([a_draft(), event.clone()]);
        assert_eq!((post.updated_at, post.version), (at(1), 2), "{event:?}");
    }
    let joined = posts::Event::CoAuthors(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id: bob_id() }));
    assert_eq!(post([a_draft(), joined]).updated_at, at(2), "who wrote it is shown");
}

/// Events of two posts, each at its second. The second post is another partition's: its events come whenever they do.
fn of_two(events: &[(u128, i64, posts::Event)]) -> HashMap<String, Slug> {
    let mut versions = [0; 3];
    let events: Vec<ViewEvent> = events
        .iter()
        .map(|(post, second, event)| {
            let version = &mut versions[usize::try_from(*post).unwrap()];
            *version += 1;
            let (aggregate_id, occurred_at) = (post_id(*post).to_string(), NOW.plus_millis(second * 1_000));
            let event = crate::AnyEvent::Posts(event.clone());
            ViewEvent { aggregate_id, version: *version, occurred_at, actor_id: crate::testing::ada_id(), event }
        })
        .collect();
    rows::<Slugs>(&events)
}

#[test]
fn a_slug_that_was_given_up_leads_to_whose_it_is_now_in_whichever_order_events_come() {
    let given_up = || posts::Event::SlugGivenUp(posts::SlugGivenUp { slug: text("on-engines") });
    let first = [(1, 0, a_draft()), (1, 1, moved_to("b")), (1, 2, given_up())];
    let second = [(2, 90, a_draft()), (2, 91, moved_to("c"))];
    let third = [(2, 92, given_up()), (1, 200, moved_to("on-engines"))];
    assert!(!of_two(&first).contains_key("on-engines"));
    for order in [[first.to_vec(), second.to_vec()].concat(), [second.to_vec(), first.to_vec()].concat()] {
        assert_eq!(of_two(&order)["on-engines"].post_id, post_id(2));
    }
    let [of_first, of_second] = [1, 2].map(|post| {
        let all = first.iter().chain(&second).chain(&third);
        all.filter(|(of, ..)| *of == post).cloned().collect::<Vec<_>>()
    });
    for order in [[of_first.clone(), of_second.clone()].concat(), [of_second, of_first].concat()] {
        assert_eq!(of_two(&order)["on-engines"].post_id, post_id(1));
    }
}

#[test]
fn a_post_has_its_present_slug_and_the_former_ones_lead_to_it() {
    let events = [a_draft(), moved_to("b"), moved_to("on-engines")];
    assert_eq!(post(events.clone()).slug, "on-engines");
    let slugs = rows::<Slugs>(&history(events));
    let row = |slug: &str, since| Slug { slug: slug.into(), post_id: post_id(1), since };
    assert_eq!(slugs["b"], row("b", at(2)));
    assert_eq!(slugs["on-engines"], row("on-engines", at(3)), "since it had it the last time");
    assert_eq!(slugs.len(), 2);
}

#[test]
fn a_skipped_version_is_a_gap() {
    let mut events = history([a_draft(), PUBLISHED, UNPUBLISHED]);
    events.remove(1);
    let gap = Gap { aggregate_id: post_id(1).to_string(), seen: 1, found: 3 };
    assert_eq!(Posts::fold_all(&events), Err(gap.clone()));
    assert_eq!(Tags::fold_all(&events), Err(gap));
}

#[test]
fn a_repeated_version_is_a_gap() {
    let mut events = history([a_draft(), PUBLISHED]);
    events.push(events[1].clone());
    let gap = Gap { aggregate_id: post_id(1).to_string(), seen: 2, found: 2 };
    assert_eq!(Posts::fold_all(&events), Err(gap.clone()));
    assert_eq!(Tags::fold_all(&events), Err(gap));
}

#[test]
fn a_history_without_its_beginning_is_a_gap() {
    let events = history([a_draft(), PUBLISHED]);
    let gap = Gap { aggregate_id: post_id(1).to_string(), seen: 0, found: 2 };
    assert_eq!(Posts::fold_all(&events[1..]), Err(gap.clone()));
    assert_eq!(Tags::fold_all(&events[1..]), Err(gap));
}
