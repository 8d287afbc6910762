mod tags;

use super::*;
use crate::testing::{ada, admin, category_id as id, editor, given, text};

crate::testing::properties!(Taxonomy);

/// A category of this number, called by its slug.
fn new(number: u128, parent: Option<u128>, slug: &str) -> NewCategory {
    let (name, description) = (text("Notes"), text("On this and that."));
    NewCategory { category_id: id(number), parent_id: parent.map(id), slug: text(slug), name, description }
}

fn create(number: u128, parent: Option<u128>, slug: &str) -> Command {
    Command::Category(CategoryCommand::Create(new(number, parent, slug)))
}

fn created(number: u128, parent: Option<u128>, slug: &str, place: i64) -> Event {
    let NewCategory { category_id, parent_id, slug, name, description } = new(number, parent, slug);
    Event::CategoryCreated(CategoryCreated { category_id, parent_id, slug, name, description, place })
}

/// 1 and 2 at the root; 3 and 4 below 1; 5 below 3.
fn a_tree() -> Vec<Event> {
    vec![
        created(1, None, "one", 0),
        created(2, None, "two", 1),
        created(3, Some(1), "three", 0),
        created(4, Some(1), "four", 1),
        created(5, Some(3), "five", 0),
    ]
}

fn and(mut events: Vec<Event>, event: Event) -> Vec<Event> {
    events.push(event);
    events
}

fn change(number: u128) -> CategoryChanged {
    CategoryChanged { category_id: id(number), slug: None, name: None, description: None }
}

fn changes(change: CategoryChanged) -> Command {
    Command::Category(CategoryCommand::Change(change))
}

fn moves(number: u128, parent: Option<u128>) -> Command {
    Command::Category(CategoryCommand::Move { category_id: id(number), parent_id: parent.map(id) })
}

fn moved(number: u128, parent: Option<u128>, place: i64) -> Event {
    Event::CategoryMoved(CategoryMoved { category_id: id(number), parent_id: parent.map(id), place })
}

fn order(parent: Option<u128>, numbers: &[u128]) -> CategoriesOrdered {
    let category_ids = numbers.iter().map(|number| id(*number)).collect();
    CategoriesOrdered { parent_id: parent.map(id), category_ids }
}

fn orders(parent: Option<u128>, numbers: &[u128]) -> Command {
    Command::Category(CategoryCommand::Order(order(parent, numbers)))
}

fn merges(number: u128, into: u128) -> Command {
    Command::Category(CategoryCommand::Merge { category_id: id(number), into_id: id(into) })
}

fn merged(number: u128, into: u128, children: &[u128], first_place: i64) -> Event {
    let child_ids: Vec<Uuid> = children.iter().map(|number| id(*number)).collect();
    Event::CategoryMerged(CategoryMerged { category_id: id(number), into_id: id(into), child_ids, first_place })
}

fn deletes(number: u128) -> Command {
    Command::Category(CategoryCommand::Delete(CategoryDeleted { category_id: id(number) }))
}

fn deleted(number: u128) -> Event {
    Event::CategoryDeleted(CategoryDeleted { category_id: id(number) })
}

#[test]
fn a_category_is_created_once_as_the_last_below_its_parent() {
    given::<Taxonomy>([]).when(create(1, None, "one")).by(editor()).then(created(1, None, "one", 0));
    given::<Taxonomy>(a_tree()).when(create(6, Some(1), "six")).by(admin()).then(created(6, Some(1), "six", 2));
    given::<Taxonomy>(a_tree()).when(create(3, Some(1), "three")).by(editor()).then_nothing();
    given::<Taxonomy>(a_tree()).when(create(3, Some(2), "three")).by(editor()).then_refused(exists(Some(3)));
}

fn exists(stands_for: Option<u128>) -> Rejection {
    Rejection::Exists { stands_for: stands_for.map(id) }
}

#[test]
fn an_author_manages_no_category() {
    for command in [create(6, None, "six"), moves(2, Some(1)), merges(2, 1), deletes(2), orders(None, &[2, 1])] {
        given::<Taxonomy>(a_tree()).when(command).by(ada()).then_refused(Rejection::NotAnEditor);
    }
}

#[test]
fn no_two_categories_have_or_had_one_slug() {
    let renamed = Event::CategoryChanged(CategoryChanged { slug: Some(text("new")), ..change(2) });
    let taken_by = |number: u128| Rejection::SlugTaken { category_id: id(number) };
    for (slug, holder) in [("one", 1), ("two", 2), ("new", 2)] {
        let events = and(a_tree(), renamed.clone());
        given::<Taxonomy>(events).when(create(6, Some(3), slug)).by(editor()).then_refused(taken_by(holder));
    }
    let back = CategoryChanged { slug: Some(text("two")), ..change(2) };
    let expected = Event::CategoryChanged(back.clone());
    given::<Taxonomy>(and(a_tree(), renamed)).when(changes(back)).by(editor()).then(expected);
    let ones = CategoryChanged { slug: Some(text("one")), ..change(2) };
    given::<Taxonomy>(a_tree()).when(changes(ones)).by(editor()).then_refused(taken_by(1));
}

#[test]
fn a_slug_of_what_was_deleted_is_free_and_one_of_what_was_merged_is_its_targets() {
    let events = and(a_tree(), deleted(2));
    given::<Taxonomy>(events).when(create(6, None, "two")).by(editor()).then(created(6, None, "two", 1));
    let events = || and(a_tree(), merged(2, 1, &[], 2));
    let taken = Rejection::SlugTaken { category_id: id(1) };
    given::<Taxonomy>(events()).when(create(6, None, "two")).by(editor()).then_refused(taken);
    let over = CategoryChanged { slug: Some(text("two")), ..change(1) };
    given::<Taxonomy>(events()).when(changes(over.clone())).by(editor()).then(Event::CategoryChanged(over));
}

#[test]
fn a_change_says_only_what_differs() {
    let asked = CategoryChanged { slug: Some(text("two")), name: Some(text("New")), ..change(2) };
    let expected = Event::CategoryChanged(CategoryChanged { name: Some(text("New")), ..change(2) });
    given::<Taxonomy>(a_tree()).when(changes(asked)).by(editor()).then(expected);
    let same = CategoryChanged { description: Some(text("On this and that.")), ..change(2) };
    given::<Taxonomy>(a_tree()).when(changes(same)).by(editor()).then_nothing();
    given::<Taxonomy>(a_tree()).when(changes(change(9))).by(editor()).then_refused(Rejection::NotFound);
}

#[test]
fn a_category_moves_with_what_is_below_it_and_never_below_itself() {
    given::<Taxonomy>(a_tree()).when(moves(3, Some(2))).by(editor()).then(moved(3, Some(2), 0));
    given::<Taxonomy>(a_tree()).when(moves(3, None)).by(editor()).then(moved(3, None, 2));
    given::<Taxonomy>(a_tree()).when(moves(3, Some(1))).by(editor()).then_nothing();
    for below in [1, 3, 5] {
        given::<Taxonomy>(a_tree()).when(moves(1, Some(below))).by(editor()).then_refused(Rejection::BelowItself);
    }
    given::<Taxonomy>(a_tree()).when(moves(3, Some(9))).by(editor()).then_refused(Rejection::NoTarget);
}

#[test]
fn one_event_puts_all_below_one_into_an_order() {
    let ordered = |parent, numbers: &[u128]| Event::CategoriesOrdered(order(parent, numbers));
    given::<Taxonomy>(a_tree()).when(orders(Some(1), &[4, 3])).by(editor()).then(ordered(Some(1), &[4, 3]));
    given::<Taxonomy>(a_tree()).when(orders(None, &[1, 2])).by(editor()).then_nothing();
    for wrong in [&[4][..], &[4, 3, 3], &[4, 3, 5], &[]] {
        given::<Taxonomy>(a_tree()).when(orders(Some(1), wrong)).by(editor()).then_refused(Rejection::NotTheChildren);
    }
    let events = and(a_tree(), ordered(None, &[2, 1]));
    given::<Taxonomy>(events).when(create(6, None, "six")).by(editor()).then(created(6, None, "six", 2));
}

#[test]
fn what_is_below_a_merged_category_moves_to_the_other() {
    given::<Taxonomy>(a_tree()).when(merges(1, 2)).by(editor()).then(merged(1, 2, &[3, 4], 0));
    given::<Taxonomy>(a_tree()).when(merges(3, 1)).by(editor()).then(merged(3, 1, &[5], 2));
    let events = || and(a_tree(), merged(1, 2, &[3, 4], 0));
    given::<Taxonomy>(events()).when(merges(1, 2)).by(editor()).then_nothing();
    given::<Taxonomy>(events())
        .when(orders(Some(2), &[4, 3]))
        .by(editor())
        .then(Event::CategoriesOrdered(order(Some(2), &[4, 3])));
}

#[test]
fn a_category_is_not_merged_into_itself_or_what_is_below_it() {
    for below in [1, 3, 5] {
        given::<Taxonomy>(a_tree()).when(merges(1, below)).by(editor()).then_refused(Rejection::BelowItself);
    }
    given::<Taxonomy>(a_tree()).when(merges(1, 9)).by(editor()).then_refused(Rejection::NoTarget);
}

#[test]
fn what_was_merged_or_deleted_stays_so() {
    for (over, stands_for) in [(merged(4, 2, &[], 0), Some(2)), (deleted(4), None)] {
        let events = || and(a_tree(), over.clone());
        let renamed = CategoryChanged { name: Some(text("New")), ..change(4) };
        for command in [changes(renamed), moves(4, None), merges(4, 1)] {
            given::<Taxonomy>(events()).when(command).by(editor()).then_refused(Rejection::Over);
        }
        given::<Taxonomy>(events()).when(moves(3, Some(4))).by(editor()).then_refused(Rejection::NoTarget);
        given::<Taxonomy>(events()).when(create(4, Some(1), "four")).by(editor()).then_refused(exists(stands_for));
    }
    given::<Taxonomy>(and(a_tree(), deleted(4))).when(deletes(4)).by(editor()).then_nothing();
}

#[test]
fn only_what_has_nothing_below_it_is_deleted() {
    given::<Taxonomy>(a_tree()).when(deletes(2)).by(editor()).then(deleted(2));
    given::<Taxonomy>(a_tree()).when(deletes(3)).by(editor()).then_refused(Rejection::HasChildren);
    given::<Taxonomy>(and(a_tree(), deleted(5))).when(deletes(3)).by(editor()).then(deleted(3));
}

#[test]
fn the_tree_is_so_deep_and_no_deeper() {
    let chain = |levels: u128| -> Vec<Event> {
        let below = |n: u128| created(n, (n > 1).then(|| n - 1), &format!("c{n}"), 0);
        (1..=levels).map(below).collect()
    };
    let deepest = DEEPEST as u128;
    let last = create(deepest, Some(deepest - 1), "last");
    given::<Taxonomy>(chain(deepest - 1)).when(last).by(editor()).then(created(deepest, Some(deepest - 1), "last", 0));
    let too_deep = create(deepest + 1, Some(deepest), "last");
    given::<Taxonomy>(chain(deepest)).when(too_deep).by(editor()).then_refused(Rejection::TooDeep);
    // One with another below it, at the last level.
    let pair = [created(20, None, "pair", 1), created(21, Some(20), "below", 0)];
    let events = || chain(deepest - 1).into_iter().chain(pair.clone()).collect::<Vec<_>>();
    given::<Taxonomy>(events()).when(moves(20, Some(deepest - 1))).by(editor()).then_refused(Rejection::TooDeep);
    let merge = merges(20, deepest - 1);
    given::<Taxonomy>(events()).when(merge).by(editor()).then(merged(20, deepest - 1, &[21], 0));
}

#[test]
fn there_are_so_many_categories_and_no_more() {
    let many = |count: usize| (1..=count as u128).map(|n| created(n, None, &format!("c{n}"), n as i64));
    let next = || create(1_000_000, None, "next");
    given::<Taxonomy>(many(MOST)).when(next()).by(editor()).then_refused(Rejection::TooMany);
    let events = many(MOST).chain([deleted(1)]);
    given::<Taxonomy>(events).when(next()).by(editor()).then(created(1_000_000, None, "next", MOST as i64 + 1));
    let ever = many(MOST_EVER).chain((1..=MOST_EVER as u128 - 1).map(deleted));
    given::<Taxonomy>(ever).when(next()).by(editor()).then_refused(Rejection::TooMany);
}
