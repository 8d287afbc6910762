//! Taxonomy: what posts are sorted by. This page is the context: its aggregates, what can be asked of them, and why it
//! is refused; what is decided of the tree of categories is in `tree.rs`, and what is said of tags in `tags.rs`. Posts
//! name what they are sorted by, and are not rewritten when that changes: readers resolve.

mod change;
mod event;
mod meaning;
mod tags;
mod tree;

pub use event::{
    CategoriesOrdered, CategoryChanged, CategoryCreated, CategoryDeleted, CategoryMerged, CategoryMoved, Event,
    SynonymAdded, SynonymRemoved, TagDescribed, TagRenamed, TagsMerged,
};
pub use tags::{MOST_NAMES, TagCommand, Tags};
pub use tree::{CategoryCommand, DEEPEST, MOST, MOST_EVER, NewCategory, Tree};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::Tag;
use crate::{Decider, DecisionContext, Role};

/// The context `taxonomy`: one aggregate for the tree of categories, keyed by [`CATEGORIES`], and one for what is said
/// of tags, keyed by [`TAGS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taxonomy;

/// The id of the tree of categories. It is one aggregate, so that what holds of the whole tree (no category is below
/// itself, no two have one slug) is decided in one place.
pub const CATEGORIES: &str = "categories";

/// The id of what is said of tags: one aggregate, so that no two names stand for each other.
pub const TAGS: &str = "tags";

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// The tree of categories.
    Categories(Tree),
    /// What is said of tags.
    Tags(Tags),
}

/// What can be asked of an aggregate of this context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Something about a category.
    Category(CategoryCommand),
    /// Something about a tag.
    Tag(TagCommand),
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// The caller manages no taxonomy: their role is less than editor.
    #[error("this needs the role editor")]
    NotAnEditor,
    /// There is no such category.
    #[error("there is no such category")]
    NotFound,
    /// There is no category to be put below, or to be merged into.
    #[error("there is no such category")]
    NoTarget,
    /// A category of this id is there, or was, and is not as asked.
    #[error("a category of this id is there, or was, and differs")]
    Exists {
        /// The one that it stands for by now: itself, or what it was merged into; none where that is not there.
        stands_for: Option<Uuid>,
    },
    /// It was merged into another, or deleted.
    #[error("the category was merged into another, or deleted")]
    Over,
    /// Another category has the slug, or had it.
    #[error("another category has this slug, or had it")]
    SlugTaken {
        /// The one that it leads to.
        category_id: Uuid,
    },
    /// A category is neither below itself nor merged into what is below it.
    #[error("a category cannot be put below itself, nor merged into what is below it")]
    BelowItself,
    /// A category would be too far from the root.
    #[error("categories are at most {DEEPEST} levels deep")]
    TooDeep,
    /// There would be too many categories.
    #[error("there are {MOST} categories, or {MOST_EVER} with those that are no more; no more are allowed")]
    TooMany,
    /// A category with others below it is not deleted.
    #[error("the category has others below it; move, merge or delete them first")]
    HasChildren,
    /// An order names each of its categories once, and no other.
    #[error("must name each category there is below this one, once")]
    NotTheChildren,
    /// The name stands for another tag.
    #[error("the name stands for the tag {tag}")]
    StandsForAnother {
        /// Which.
        tag: Tag,
    },
    /// Something is said of the name, or others stand for it.
    #[error("something is said of this tag already; merge the two")]
    TagExists,
    /// A tag does not stand for itself in another way.
    #[error("both are the same tag")]
    SameTag,
    /// There would be too many names of which something is said.
    #[error("something is said of {MOST_NAMES} names; of no more can it be")]
    TooManyNames,
    /// The aggregate is another one.
    #[error("the aggregate is another one")]
    WrongAggregate,
}

impl Decider for Taxonomy {
    const NAME: &'static str = "taxonomy";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        if !context.actor.is_at_least(Role::Editor) {
            return Err(Rejection::NotAnEditor);
        }
        match (state, command) {
            (State::Nothing, Command::Category(command)) => Tree::default().decide(command),
            (State::Categories(tree), Command::Category(command)) => tree.decide(command),
            (State::Nothing, Command::Tag(command)) => Tags::default().decide(command),
            (State::Tags(tags), Command::Tag(command)) => tags.decide(command),
            (State::Categories(_), Command::Tag(_)) | (State::Tags(_), Command::Category(_)) => {
                Err(Rejection::WrongAggregate)
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::CategoryCreated(created) => on(state, |tree| tree.create(created)),
            Event::CategoryChanged(changed) => on(state, |tree| tree.change(changed)),
            Event::CategoryMoved(moved) => on(state, |tree| tree.relocate(moved)),
            Event::CategoriesOrdered(ordered) => on(state, |tree| tree.order(ordered)),
            Event::CategoryMerged(merged) => on(state, |tree| tree.merge(merged)),
            Event::CategoryDeleted(deleted) => on(state, |tree| tree.delete(deleted)),
            Event::TagDescribed(described) => on_tags(state, |tags| tags.describe(described)),
            Event::TagRenamed(renamed) => on_tags(state, |tags| tags.rename(renamed)),
            Event::TagsMerged(merged) => on_tags(state, |tags| tags.merge(merged)),
            Event::SynonymAdded(added) => on_tags(state, |tags| tags.add(added)),
            Event::SynonymRemoved(removed) => on_tags(state, |tags| tags.remove(removed)),
        }
    }

    fn receipt(_: &State) -> Option<String> {
        None
    }
}

fn on(state: State, change: impl FnOnce(&mut Tree)) -> State {
    let mut tree = match state {
        State::Nothing => Tree::default(),
        State::Categories(tree) => tree,
        State::Tags(_) => return state,
    };
    change(&mut tree);
    State::Categories(tree)
}

fn on_tags(state: State, change: impl FnOnce(&mut Tags)) -> State {
    let mut tags = match state {
        State::Nothing => Tags::default(),
        State::Tags(tags) => tags,
        State::Categories(_) => return state,
    };
    change(&mut tags);
    State::Tags(tags)
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
