//! What posts are sorted by: the commands on categories. Editors manage them.

pub mod categories;

pub use categories::{CategoryOrder, EditCategory, MergeCategory, MoveCategory, NewCategory};

use domain::taxonomy::Taxonomy;
use service_kit::Route;

use crate::part::Part;

/// The context, as a part of a service.
pub const PART: Part = Part::of::<Taxonomy>(routes);

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    categories::routes()
}
