//! Taxonomy: what posts are sorted by. This page is the context: its aggregates, what can be asked of them, and why it
//! is refused; what is decided of the tree of categories is in `tree.rs`. Posts name what they are sorted by, and are
//! not rewritten when that changes: readers resolve.

mod change;
mod event;
mod tree;

pub use event::{
    CategoriesOrdered, CategoryChanged, CategoryCreated, CategoryDeleted, CategoryMerged, CategoryMoved, Event,
};
pub use tree::{CategoryCommand, DEEPEST, MOST, MOST_EVER, NewCategory, Tree};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Decider, DecisionContext, Role};

/// The context `taxonomy`: one aggregate for the tree of categories, keyed by [`CATEGORIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taxonomy;

/// The id of the tree of categories. It is one aggregate, so that what holds of the whole tree (no category is below
/// itself, no two have one slug) is decided in one place.
pub const CATEGORIES: &str = "categories";

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// The tree of categories.
    Categories(Tree),
}

/// What can be asked of an aggregate of this context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Something about a category.
    Category(CategoryCommand),
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
    Exists,
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
    };
    change(&mut tree);
    State::Categories(tree)
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
