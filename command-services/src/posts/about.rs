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
use crate::freshness::{can_deny, stale};

/// What a post's fields are judged by.
pub struct Rules(pub(super) Option<CustomFieldsSchema>);

impl Rules {
    /// Whether a post may be so.
    ///
    /// # Errors
    /// 422 at the field that may not; 503 where this instance cannot say whether another post is there.
    pub(super) fn permit(
        &self,
        caller: &Caller,
        log: &EventLog<Posts>,
        id: Uuid,
        (fields, original): (Option<&CustomFields>, Option<Uuid>),
    ) -> Result<(), Problem> {
        fields.map_or(Ok(()), |fields| custom_fields::permit(self.0.as_ref(), fields))?;
        original.map_or(Ok(()), |original| permit_translation(caller, log, id, original))
    }
}

/// Who names an original appears beside it: so it has to be a post that the caller may edit.
fn permit_translation(caller: &Caller, log: &EventLog<Posts>, id: Uuid, original: Uuid) -> Result<(), Problem> {
    let refused = |why: &str| Err(broken_rule("/translation_of", why));
    if original == id {
        return refused("is the post itself");
    }
    match log.confirmed(&original.to_string()).map_err(stale)?.1 {
        State::Post(post) if post.permit(&caller.actor, Action::Edit).is_ok() => Ok(()),
        // The same of a post that the caller may not see as of none.
        State::Post(_) | State::Nothing | State::Reservation(..) => {
            can_deny(log)?;
            refused("is no post that you may edit")
        }
    }
}
