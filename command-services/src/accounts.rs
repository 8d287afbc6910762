//! The commands on accounts: what is a fact about them. How their owners log in is [`crate::identity`]'s.
//!
//! Reading order: [`profiles`], [`user_name`], [`preferences`], [`activation`], [`roles`]; beneath them [`replies`].

pub mod activation;
mod changes;
pub mod identifiers;
pub mod preferences;
pub mod profiles;
pub mod replies;
pub mod reserved;
pub mod roles;
pub mod standing;
pub mod user_name;

use domain::accounts::Accounts;
use service_kit::Route;

use crate::part::Part;

/// The context, as a part of a service.
pub const PART: Part = Part::of::<Accounts>(routes);

fn routes() -> Vec<Route> {
    [profiles::routes(), user_name::routes(), preferences::routes(), activation::routes(), roles::routes()].concat()
}
