//! Lists that their owner can keep to themselves.

use domain::Actor;
use domain::accounts::Visibility;
use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

use crate::reply::{Keep, unkept};

/// Who may keep a list of an account, by what its owner wishes, where they chose something. A wish that this version
/// does not know is not ignored: it hides.
///
/// # Errors
/// 403 with `why`: the reader may not see it.
pub(crate) fn shown(wish: Option<&str>, owner: Uuid, reader: Option<&Actor>, why: &str) -> Result<Keep, Problem> {
    let wish = wish.map_or(Ok(Visibility::Public), str::parse);
    match wish.unwrap_or(Visibility::Private) {
        Visibility::Public => Ok(Keep::Public),
        Visibility::Private if reader.is_some_and(|reader| reader.id == owner) => Ok(Keep::Private),
        Visibility::Private => Err(unkept(Problem::new(&Kind::PRIVATE, why))),
    }
}
