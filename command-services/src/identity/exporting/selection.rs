use std::collections::HashSet;

use domain::personal::Sealed;
use domain::values::Invalid;
use domain::views::ViewEvent;
use domain::{AnyEvent, accounts, following, posts};
use sealing::DataKey;
use uuid::Uuid;

/// Which events are somebody's: what happened to their account, what they did, and what happened to their posts.
#[derive(Debug)]
pub(super) struct Selection {
    account_id: Uuid,
    aggregate_id: String,
    posts: HashSet<String>,
}

impl Selection {
    pub(super) fn of(account_id: Uuid) -> Self {
        Self { account_id, aggregate_id: account_id.to_string(), posts: HashSet::new() }
    }

    /// Whether it is theirs. Events come in the order of each aggregate.
    pub(super) fn takes(&mut self, event: &ViewEvent) -> bool {
        if let AnyEvent::Posts(posts::Event::Drafted(drafted)) = &event.event
            && drafted.author_id == self.account_id
        {
            self.posts.insert(event.aggregate_id.clone());
        }
        event.actor_id == self.account_id
            || event.aggregate_id == self.aggregate_id
            || self.posts.contains(&event.aggregate_id)
            || about(&event.event) == Some(self.account_id)
    }

    /// What is personal of themselves, opened. Of others it stays as it is in the log.
    pub(super) fn opened(&self, mut event: ViewEvent, key: Option<&DataKey>) -> ViewEvent {
        if let (Some(key), AnyEvent::Accounts(happened), true) =
            (key, &mut event.event, event.aggregate_id == self.aggregate_id)
        {
            let mut open = |field: &'static str, sealed: &Sealed| {
                key.open(self.account_id, field, sealed).map_err(|error| Invalid(error.to_string()))
            };
            if let Err(error) = happened.open(&mut open) {
                tracing::warn!(%error, account_id = %self.account_id, "an exported event stays sealed");
            }
        }
        event
    }
}

/// Whom it is about beside its actor and its aggregate: who reserved, or is followed.
fn about(event: &AnyEvent) -> Option<Uuid> {
    use accounts::Event::{
        EmailClaimed, EmailConfirmed, EmailReleased, UserNameClaimed, UserNameConfirmed, UserNameReleased,
    };
    let event = match event {
        AnyEvent::Accounts(event) => event,
        AnyEvent::Following(following::Event::Followed(followed)) => return Some(followed.followee_id),
        AnyEvent::Following(following::Event::Unfollowed(unfollowed)) => return Some(unfollowed.followee_id),
        AnyEvent::Posts(_) | AnyEvent::Security(_) => return None,
    };
    match event {
        UserNameClaimed(reserved) | UserNameReleased(reserved) | EmailClaimed(reserved) | EmailReleased(reserved) => {
            Some(reserved.holder_id)
        }
        UserNameConfirmed(held) | EmailConfirmed(held) => Some(held.holder_id),
        accounts::Event::Registered(_)
        | accounts::Event::ProfileChanged(_)
        | accounts::Event::UserNameChanged(_)
        | accounts::Event::EmailVerified(_)
        | accounts::Event::EmailChanged(_)
        | accounts::Event::EmailGivenUp(_)
        | accounts::Event::RoleGranted(_)
        | accounts::Event::RoleRevoked(_)
        | accounts::Event::Deactivated(_)
        | accounts::Event::Reactivated(_)
        | accounts::Event::Erased(_)
        | accounts::Event::PreferencesChanged(_) => None,
    }
}
