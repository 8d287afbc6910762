//! What no event by itself can be asked about: whether fields of one's own are as the operator's schema has them, and
//! whether the post that another is a translation of is there. Both are looked at before anything is decided, and what
//! is there already is not judged again.

use domain::posts::{Action, Posts, State};
use domain::values::CustomFields;
use event_log::EventLog;
use service_kit::Problem;
use service_kit::json::broken_rule;
use uuid::Uuid;

use crate::commands::Caller;
use crate::custom_fields::{self, CustomFieldsSchema};
use crate::freshness::looked_up;

/// What a post's fields are judged by.
pub struct Rules(pub(super) Option<CustomFieldsSchema>);

impl Rules {
    /// Whether a post may be so.
    ///
    /// # Errors
    /// 422 at the field that may not; 503 where this instance cannot say whether another post is there.
    pub(super) async fn permit(
        &self,
        caller: &Caller,
        log: &EventLog<Posts>,
        id: Uuid,
        (fields, original): (Option<&CustomFields>, Option<Uuid>),
    ) -> Result<(), Problem> {
        fields.map_or(Ok(()), |fields| custom_fields::permit(self.0.as_ref(), fields))?;
        match original {
            Some(original) => permit_translation(caller, log, id, original).await,
            None => Ok(()),
        }
    }
}

/// Who names an original appears beside it: so it has to be a post that the caller may edit.
async fn permit_translation(caller: &Caller, log: &EventLog<Posts>, id: Uuid, original: Uuid) -> Result<(), Problem> {
    let refused = |why: &str| Err(broken_rule("/translation_of", why));
    if original == id {
        return refused("is the post itself");
    }
    let may_edit = |state: &State| match state {
        State::Post(post) => post.permit(&caller.actor, Action::Edit).is_ok(),
        State::Nothing | State::Reservation(..) => false,
    };
    let (_, found) = looked_up(log, &original.to_string(), caller.deadline, may_edit).await?;
    // The same of a post that the caller may not see as of none.
    if may_edit(&found) { Ok(()) } else { refused("is no post that you may edit") }
}

#[cfg(test)]
mod tests;
