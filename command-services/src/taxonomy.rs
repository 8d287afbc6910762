//! What posts are sorted by: the commands on categories, and on what is said of tags. Editors manage both.

pub mod categories;
pub mod tags;

pub use categories::{CategoryOrder, EditCategory, MergeCategory, MoveCategory, NewCategory};
pub use tags::{AboutTag, MergeTag, RenameTag};

use domain::taxonomy::{Rejection, Taxonomy};
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Problem, Route};

use crate::part::Part;

/// The context, as a part of a service.
pub const PART: Part = Part::of::<Taxonomy>(routes);

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    [categories::routes(), tags::routes()].concat()
}

fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    let problem = match rejection {
        Rejection::NotAnEditor => Problem::new(&Kind::FORBIDDEN, detail),
        Rejection::NotFound | Rejection::WrongAggregate => Problem::not_found(detail),
        Rejection::TagExists | Rejection::Exists { stands_for: None } => Problem::new(&Kind::EXISTS, detail),
        Rejection::Exists { stands_for: Some(category_id) } => {
            Problem::new(&Kind::EXISTS, detail).with("category_id", category_id.to_string())
        }
        Rejection::Over => Problem::gone(detail),
        Rejection::SlugTaken { category_id } => {
            Problem::slug_taken(detail).with("category_id", category_id.to_string())
        }
        Rejection::NoTarget | Rejection::BelowItself | Rejection::TooDeep | Rejection::SameTag => {
            broken_rule("", detail)
        }
        Rejection::TooMany | Rejection::TooManyNames => Problem::new(&Kind::TOO_MANY, detail),
        Rejection::HasChildren => Problem::new(&Kind::NOT_EMPTY, detail),
        Rejection::NotTheChildren => broken_rule("/category_ids", detail),
        Rejection::StandsForAnother { tag } => Problem::new(&Kind::EXISTS, detail).with("stands_for", tag.to_string()),
    };
    problem.version(version)
}
