//! Whom a case concerns, as far as this instance has read: things and people are in other topics. A comment that is
//! deleted at that very moment is reported all the same: moderators see that it is gone.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use domain::accounts::{Accounts, State as AccountState};
use domain::comments::{Comments, Known};
use domain::moderation::{About, Target};
use domain::posts::{Post, Posts, State as PostState};
use domain::values::Visible;
use domain::{Actor, Role};
use event_log::EventLog;
use service_kit::Problem;
use uuid::Uuid;

use crate::accounts::standing::{People, active, reachable};
use crate::freshness::{can_deny, stale};
use crate::posts::readable;

/// Where it is looked up.
pub(super) struct Subjects {
    people: People,
    posts: web::Data<Arc<EventLog<Posts>>>,
    comments: web::Data<Arc<EventLog<Comments>>>,
}

impl FromRequest for Subjects {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let people = request.app_data::<web::Data<Arc<EventLog<Accounts>>>>().cloned();
        let posts = request.app_data::<web::Data<Arc<EventLog<Posts>>>>().cloned();
        let comments = request.app_data::<web::Data<Arc<EventLog<Comments>>>>().cloned();
        ready(match (people, posts, comments) {
            (Some(people), Some(posts), Some(comments)) => Ok(Self { people, posts, comments }),
            _ => Err(Problem::internal("a log is missing in which cases are looked up")),
        })
    }
}

impl Subjects {
    /// The caller's account, which is there and active.
    ///
    /// # Errors
    /// See [`active`].
    pub(super) fn acting(&self, actor: &Actor) -> Result<Uuid, Problem> {
        active(actor, &self.people)
    }

    /// Another's account, which is there and active.
    ///
    /// # Errors
    /// See [`reachable`].
    pub(super) fn other(&self, account_id: Uuid) -> Result<Uuid, Problem> {
        reachable(&self.people, account_id)
    }

    /// Whom a case concerns, whatever has become of it.
    ///
    /// # Errors
    /// 404: there is no such thing; or this instance cannot say.
    pub(super) fn of(&self, target: Target) -> Result<About, Problem> {
        let subject_id = match target {
            Target::Post(post_id) => self.post(post_id)?.author_id,
            Target::Comment { post_id, number } => self.comment(post_id, number)?.author_id,
            Target::Account(account_id) => account_id,
        };
        let subject_role = self.role(subject_id, target.is_person())?;
        Ok(About { target, subject_id, subject_role })
    }

    /// The same, for a moderator who is to rule. A post concerns each who writes it: so they are told that it is their
    /// own.
    ///
    /// # Errors
    /// As [`Subjects::of`].
    pub(super) fn ruled_by(&self, moderator: &Actor, target: Target) -> Result<About, Problem> {
        let about = self.of(target)?;
        let writes = match target {
            Target::Post(post_id) => self.post(post_id)?.writers().contains(&moderator.id),
            Target::Comment { .. } | Target::Account(_) => false,
        };
        Ok(if writes { About { subject_id: moderator.id, ..about } } else { about })
    }

    /// Whether a reader is shown it: what they are not shown they do not report.
    ///
    /// # Errors
    /// 404: the reader is shown no such thing; or this instance cannot say.
    pub(super) fn is_shown_to(&self, reader: &Actor, target: Target) -> Result<(), Problem> {
        match target {
            Target::Post(post_id) => readable(&self.post(post_id)?, reader)?,
            Target::Comment { post_id, number } => {
                readable(&self.post(post_id)?, reader)?;
                let known = self.comment(post_id, number)?;
                if known.deleted || known.visible != Visible::All {
                    return Err(missing());
                }
            }
            Target::Account(account_id) => {
                let _ = self.other(account_id)?;
            }
        }
        Ok(())
    }

    /// How often a comment was edited that filters hold, be it hidden besides or not; `None` if they do not.
    ///
    /// # Errors
    /// 404: there is no such comment; or this instance cannot say.
    pub(super) fn held(&self, target: Target) -> Result<Option<i64>, Problem> {
        match target {
            Target::Comment { post_id, number } => {
                let known = self.comment(post_id, number)?;
                Ok((!known.deleted && known.held).then(|| known.edits()))
            }
            Target::Post(_) | Target::Account(_) => Ok(None),
        }
    }

    fn post(&self, id: Uuid) -> Result<Post, Problem> {
        match self.posts.confirmed(&id.to_string()).map_err(stale)?.1 {
            PostState::Post(post) => Ok(post),
            PostState::Nothing | PostState::Reservation(..) => can_deny(&self.posts).and_then(|()| Err(missing())),
        }
    }

    fn comment(&self, post_id: Uuid, number: i64) -> Result<Known, Problem> {
        let thread = self.comments.confirmed(&post_id.to_string()).map_err(stale)?.1;
        match thread.comment(number) {
            Some(known) => Ok(known.clone()),
            None => can_deny(&self.comments).and_then(|()| Err(missing())),
        }
    }

    /// The greatest role of an account. Who brought a post by an import may have none.
    fn role(&self, account_id: Uuid, must_be_there: bool) -> Result<Role, Problem> {
        match self.people.confirmed(&account_id.to_string()).map_err(stale)?.1 {
            AccountState::Account(account) => Ok(account.roles.last().copied().unwrap_or(Role::Reader)),
            AccountState::Nothing | AccountState::Reservation(..) if must_be_there => {
                can_deny(&self.people).and_then(|()| Err(missing()))
            }
            AccountState::Nothing | AccountState::Reservation(..) => Ok(Role::Reader),
        }
    }
}

fn missing() -> Problem {
    Problem::not_found("there is no such thing, or you are not shown it")
}
