//! Whether something can be reacted to, as far as this instance has read. What happens to it at that very moment is in
//! another topic, which has no order with this one: a reaction that was accepted stays, and readers show it with its
//! target, whenever that can be read.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use domain::Actor;
use domain::comments::Comments;
use domain::posts::{Posts, State};
use domain::values::Visible;
use event_log::EventLog;
use service_kit::Problem;
use uuid::Uuid;

use crate::accounts::standing::{People, active};
use crate::freshness::{can_deny, stale};
use crate::posts::{readable, unreadable};

/// Where posts and comments are looked up, and who answers them.
pub struct Targets {
    people: People,
    posts: web::Data<Arc<EventLog<Posts>>>,
    comments: web::Data<Arc<EventLog<Comments>>>,
}

impl FromRequest for Targets {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let posts = request.app_data::<web::Data<Arc<EventLog<Posts>>>>().cloned();
        let comments = request.app_data::<web::Data<Arc<EventLog<Comments>>>>().cloned();
        ready(match (request.app_data::<People>().cloned(), posts, comments) {
            (Some(people), Some(posts), Some(comments)) => Ok(Self { people, posts, comments }),
            _ => Err(Problem::internal("a log is missing in which targets are looked up")),
        })
    }
}

impl Targets {
    /// Whether a caller may answer a post with a reaction or a share: an account that is there and active, for what it
    /// says is shown. What is in the archive is before readers, and what a reader says of it changes nothing of it.
    ///
    /// # Errors
    /// The account is not; the post is not there, was deleted, is a draft, or its text is not for this reader; or this
    /// instance cannot say.
    pub(super) fn permit_post(&self, caller: &Actor, id: Uuid) -> Result<(), Problem> {
        let _ = active(caller, &self.people)?;
        match self.posts.confirmed(&id.to_string()).map_err(stale)?.1 {
            State::Post(post) => readable(&post, caller),
            State::Nothing | State::Reservation(..) => can_deny(&self.posts).and_then(|()| Err(unreadable())),
        }
    }

    /// Whether a caller may answer a comment with a reaction.
    ///
    /// # Errors
    /// It is not there, or was deleted; its post cannot be answered; or this instance cannot say.
    pub(super) fn permit_comment(&self, caller: &Actor, post_id: Uuid, number: i64) -> Result<(), Problem> {
        self.permit_post(caller, post_id)?;
        let thread = self.comments.confirmed(&post_id.to_string()).map_err(stale)?.1;
        match thread.comment(number) {
            Some(known) if known.deleted => Err(Problem::gone("the comment was deleted")),
            // What is not shown to all is not there for who would react to it.
            Some(known) if known.visible != Visible::All => Err(Problem::not_found("there is no such comment")),
            Some(_) => Ok(()),
            None => can_deny(&self.comments).and_then(|()| Err(Problem::not_found("there is no such comment"))),
        }
    }
}
