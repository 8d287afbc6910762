use super::*;
use crate::posts::co_authors::CoAuthorJoined;
use crate::posts::{CoAuthorEvent, Drafted, Posts};
use crate::reservations::LEASE_MS;
use crate::testing::{NOW, ada, ada_id, admin, bob, bob_id, drafted, editor, given, post_id, text};

crate::testing::properties!(Series);

fn series() -> Created {
    let (slug, title, description) = (text("engines"), text("Engines"), text("From the first one on."));
    Created { owner_id: ada_id(), slug, title, description }
}

fn created() -> Event {
    Event::Created(series())
}

fn create(series: Created) -> Command {
    Command::Create { series, lease: Lease::CONFIRMED }
}

fn added(number: u128) -> Event {
    Event::PostAdded(PostAdded { post_id: post_id(number) })
}

fn add(number: u128) -> Command {
    Command::Add { post_id: post_id(number) }
}

fn remove(number: u128) -> Command {
    Command::Remove { post_id: post_id(number), by_its_author: false }
}

fn ids(numbers: &[u128]) -> Vec<Uuid> {
    numbers.iter().map(|number| post_id(*number)).collect()
}

fn order(numbers: &[u128]) -> Command {
    Command::Order { post_ids: ids(numbers) }
}

fn ordered(numbers: &[u128]) -> Event {
    Event::Ordered(Ordered { post_ids: ids(numbers) })
}

fn retitled() -> Changed {
    Changed { title: Some(text("Notes")), ..Changed::default() }
}

fn moved(slug: &str) -> Changed {
    Changed { slug: Some(text(slug)), ..Changed::default() }
}

fn change(change: Changed) -> Command {
    Command::Change { change, lease: Some(Lease::CONFIRMED) }
}

const DELETED: Event = Event::Deleted(Deleted {});

#[test]
fn a_series_is_made_once() {
    given::<Series>([]).when(create(series())).by(ada()).then(created());
    given::<Series>([created()]).when(create(series())).by(ada()).then_nothing();
    let other = Created { title: text("Notes"), ..series() };
    given::<Series>([created()]).when(create(other)).by(ada()).then_refused(Rejection::Exists);
}

#[test]
fn only_its_owner_and_editors_change_a_series() {
    let commands = [create(series()), change(retitled()), add(1), remove(1), order(&[]), Command::Delete];
    for command in commands {
        given::<Series>([created()]).when(command.clone()).by(bob()).then_refused(Rejection::NotTheOwner);
        let reader = Actor::new(ada_id());
        given::<Series>([created()]).when(command).by(reader).then_refused(Rejection::NotAnAuthor);
    }
    for other in [ada(), editor(), admin()] {
        given::<Series>([created()]).when(add(1)).by(other).then(added(1));
    }
    given::<Series>([]).when(create(series())).by(bob()).then_refused(Rejection::NotTheOwner);
    given::<Series>([]).when(create(series())).by(editor()).then(created());
}

#[test]
fn a_change_says_only_what_differs() {
    given::<Series>([created()]).when(change(retitled())).by(ada()).then(Event::Changed(retitled()));
    let same = Changed { title: Some(text("Engines")), ..moved("engines") };
    given::<Series>([created()]).when(change(same)).by(ada()).then_nothing();
}

#[test]
fn another_slug_needs_its_reservation() {
    let without = Command::Change { change: moved("notes"), lease: None };
    given::<Series>([created()]).when(without).by(ada()).then_refused(reservations::Rejection::LeaseExpired);
    given::<Series>([created()]).when(change(moved("notes"))).by(ada()).then(Event::Changed(moved("notes")));
}

#[test]
fn a_series_bears_every_slug_it_had() {
    let vouch = |slug: &str| Command::from(reservations::Command::Vouch { value: Unique::Slug(text(slug)) });
    let both = [created(), Event::Changed(moved("notes"))];
    for slug in ["engines", "notes"] {
        given::<Series>(both.clone()).when(vouch(slug)).by(bob()).then_nothing();
    }
    given::<Series>(both).when(vouch("other")).by(bob()).then_refused(reservations::Rejection::DoesNotBear);
}

#[test]
fn a_series_has_at_most_so_many_slugs() {
    let mut events = vec![created()];
    events.extend((0..50).map(|number| Event::Changed(moved(&format!("slug-{number}")))));
    let given = || given::<Series>(events.clone());
    given().when(change(moved("one-more"))).by(ada()).then_refused(Rejection::TooManySlugs);
    given().when(change(moved("engines"))).by(ada()).then(Event::Changed(moved("engines")));
}

#[test]
fn a_post_is_in_a_series_once_and_comes_last() {
    given::<Series>([created(), added(1)]).when(add(2)).by(ada()).then(added(2));
    given::<Series>([created(), added(1)]).when(add(1)).by(ada()).then_nothing();
}

#[test]
fn a_series_has_at_most_so_many_posts() {
    let full = || [created()].into_iter().chain((0..MOST_POSTS as u128).map(added));
    given::<Series>(full()).when(add(999_999)).by(ada()).then_refused(Rejection::TooManyPosts);
    given::<Series>(full()).when(add(7)).by(ada()).then_nothing();
}

#[test]
fn a_post_is_removed_once() {
    let removed = Event::PostRemoved(PostRemoved { post_id: post_id(1) });
    given::<Series>([created(), added(1)]).when(remove(1)).by(ada()).then(removed.clone());
    given::<Series>([created(), added(1), removed]).when(remove(1)).by(ada()).then_nothing();
}

#[test]
fn who_writes_a_post_takes_it_out_of_any_series() {
    let remove = Command::Remove { post_id: post_id(1), by_its_author: true };
    let removed = Event::PostRemoved(PostRemoved { post_id: post_id(1) });
    given::<Series>([created(), added(1)]).when(remove).by(bob()).then(removed);
}

#[test]
fn who_may_edit_a_post_puts_it_into_a_series() {
    let by_ada = posts::Event::Drafted(Drafted { co_author_ids: Vec::new(), ..drafted() });
    let with_bob = posts::Event::CoAuthors(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id: bob_id() }));
    let post = |events: &[&posts::Event]| {
        let state = events.iter().fold(posts::State::default(), |state, event| Posts::evolve(state, event));
        let posts::State::Post(post) = state else { panic!("{state:?}") };
        post
    };
    let (alone, together) = (post(&[&by_ada]), post(&[&by_ada, &with_bob]));
    for actor in [ada(), editor(), admin()] {
        assert_eq!(permit_post(&actor, &alone), Ok(()));
    }
    assert_eq!(permit_post(&bob(), &alone), Err(Rejection::NotThePostsAuthor));
    assert_eq!(permit_post(&bob(), &together), Ok(()), "a co-author");
    assert_eq!(permit_post(&Actor::new(ada_id()), &alone), Err(Rejection::NotAnAuthor));
}

#[test]
fn one_event_orders_all_posts() {
    let three = || given::<Series>([created(), added(1), added(2), added(3)]);
    three().when(order(&[3, 1, 2])).by(ada()).then(ordered(&[3, 1, 2]));
    three().when(order(&[1, 2, 3])).by(ada()).then_nothing();
    for wrong in [&[1, 2][..], &[1, 2, 3, 4], &[1, 2, 2], &[1, 2, 3, 3]] {
        three().when(order(wrong)).by(ada()).then_refused(Rejection::NotThePosts);
    }
}

#[test]
fn a_deleted_series_stays_deleted() {
    given::<Series>([created()]).when(Command::Delete).by(ada()).then(DELETED);
    given::<Series>([created(), DELETED]).when(Command::Delete).by(ada()).then_nothing();
    for command in [create(series()), change(retitled()), add(1), remove(1), order(&[])] {
        given::<Series>([created(), DELETED]).when(command).by(ada()).then_refused(Rejection::Deleted);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    for command in [change(retitled()), add(1), remove(1), order(&[]), Command::Delete] {
        given::<Series>([]).when(command).by(ada()).then_refused(Rejection::NotFound);
    }
}

#[test]
fn no_series_is_made_on_a_reservation_that_is_about_to_expire() {
    let lease = Lease { expires_at: Some(NOW.plus_millis(LEASE_MS / 2)) };
    let late = Command::Create { series: series(), lease };
    given::<Series>([]).when(late).by(ada()).then_refused(reservations::Rejection::LeaseExpired);
}

#[test]
fn all_that_happens_to_a_series_is_its_owners() {
    assert_eq!(Series::belongs_to(&created()), Some(ada_id()));
    assert_eq!(Series::belongs_to(&added(1)), None);
}
