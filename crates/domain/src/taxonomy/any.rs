use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{
    CATEGORIES, CategoriesOrdered, CategoryChanged, CategoryCommand, CategoryCreated, CategoryDeleted, CategoryMerged,
    CategoryMoved, Command, Event, NewCategory, SynonymAdded, SynonymRemoved, TAGS, TagCommand, TagDescribed,
    TagRenamed, TagsMerged, Taxonomy,
};
use crate::testing::any::{Drawn, any_text, category_id};

impl Drawn for Taxonomy {
    fn command() -> impl Strategy<Value = (String, Command)> {
        prop_oneof![
            1 => category_command().prop_map(|command| (CATEGORIES.to_owned(), Command::Category(command))),
            1 => tag_command().prop_map(|command| (TAGS.to_owned(), Command::Tag(command))),
        ]
    }

    fn event() -> impl Strategy<Value = Event> {
        // Both aggregates' in turn: the first in a history says which it is.
        prop_oneof![1 => category_event(), 1 => tag_event()]
    }
}

fn category_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (new_category(), any::<i64>()).prop_map(created),
        2 => changed().prop_map(Event::CategoryChanged),
        2 => moved().prop_map(Event::CategoryMoved),
        1 => ordered().prop_map(Event::CategoriesOrdered),
        1 => merged().prop_map(Event::CategoryMerged),
        1 => deleted().prop_map(Event::CategoryDeleted),
    ]
}

fn tag_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (any_text(), any_text())
            .prop_map(|(tag, description)| Event::TagDescribed(TagDescribed { tag, description })),
        1 => (any_text(), any_text(), vec(any_text(), 0..3), any_text())
            .prop_map(|(tag, new_name, names, description)| TagRenamed { tag, new_name, names, description })
            .prop_map(Event::TagRenamed),
        1 => (any_text(), any_text(), vec(any_text(), 0..3))
            .prop_map(|(tag, into_tag, names)| TagsMerged { tag, into_tag, names })
            .prop_map(Event::TagsMerged),
        2 => added().prop_map(Event::SynonymAdded),
        1 => removed().prop_map(Event::SynonymRemoved),
    ]
}

fn tag_command() -> impl Strategy<Value = TagCommand> {
    let description = prop_oneof![Just(crate::testing::text("")), any_text()];
    prop_oneof![
        2 => (any_text(), description)
            .prop_map(|(tag, description)| TagCommand::Describe(TagDescribed { tag, description })),
        1 => (any_text(), any_text()).prop_map(|(tag, new_name)| TagCommand::Rename { tag, new_name }),
        1 => (any_text(), any_text()).prop_map(|(tag, into_tag)| TagCommand::Merge { tag, into_tag }),
        2 => added().prop_map(TagCommand::AddSynonym),
        1 => removed().prop_map(TagCommand::RemoveSynonym),
    ]
}

fn added() -> impl Strategy<Value = SynonymAdded> {
    (any_text(), any_text()).prop_map(|(tag, synonym)| SynonymAdded { tag, synonym })
}

fn removed() -> impl Strategy<Value = SynonymRemoved> {
    (any_text(), any_text()).prop_map(|(tag, synonym)| SynonymRemoved { tag, synonym })
}

fn category_command() -> impl Strategy<Value = CategoryCommand> {
    let pair = (category_id(), category_id());
    prop_oneof![
        4 => new_category().prop_map(CategoryCommand::Create),
        2 => changed().prop_map(CategoryCommand::Change),
        2 => (category_id(), option::of(category_id()))
            .prop_map(|(category_id, parent_id)| CategoryCommand::Move { category_id, parent_id }),
        2 => ordered().prop_map(CategoryCommand::Order),
        1 => pair.prop_map(|(category_id, into_id)| CategoryCommand::Merge { category_id, into_id }),
        1 => deleted().prop_map(CategoryCommand::Delete),
    ]
}

fn new_category() -> impl Strategy<Value = NewCategory> {
    let texts = (any_text(), any_text(), any_text());
    (category_id(), option::of(category_id()), texts).prop_map(|(category_id, parent_id, (slug, name, description))| {
        NewCategory { category_id, parent_id, slug, name, description }
    })
}

fn created((new, place): (NewCategory, i64)) -> Event {
    let NewCategory { category_id, parent_id, slug, name, description } = new;
    Event::CategoryCreated(CategoryCreated { category_id, parent_id, slug, name, description, place })
}

fn changed() -> impl Strategy<Value = CategoryChanged> {
    let texts = (option::of(any_text()), option::of(any_text()), option::of(any_text()));
    (category_id(), texts).prop_map(|(category_id, (slug, name, description))| CategoryChanged {
        category_id,
        slug,
        name,
        description,
    })
}

fn moved() -> impl Strategy<Value = CategoryMoved> {
    (category_id(), option::of(category_id()), any::<i64>()).prop_map(|(category_id, parent_id, place)| CategoryMoved {
        category_id,
        parent_id,
        place,
    })
}

fn ordered() -> impl Strategy<Value = CategoriesOrdered> {
    (option::of(category_id()), vec(category_id(), 0..4))
        .prop_map(|(parent_id, category_ids)| CategoriesOrdered { parent_id, category_ids })
}

fn merged() -> impl Strategy<Value = CategoryMerged> {
    let others = (vec(category_id(), 0..3), any::<i64>());
    (category_id(), category_id(), others).prop_map(|(category_id, into_id, (child_ids, first_place))| CategoryMerged {
        category_id,
        into_id,
        child_ids,
        first_place,
    })
}

fn deleted() -> impl Strategy<Value = CategoryDeleted> {
    category_id().prop_map(|category_id| CategoryDeleted { category_id })
}
