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
use crate::moderation::sanctions::{self, Cases};
use crate::posts::{readable, unreadable};

/// Where posts and comments are looked up, and who answers them.
pub struct Targets {
    people: People,
    posts: web::Data<Arc<EventLog<Posts>>>,
    comments: web::Data<Arc<EventLog<Comments>>>,
    cases: Cases,
}

impl FromRequest for Targets {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let posts = request.app_data::<web::Data<Arc<EventLog<Posts>>>>().cloned();
        let comments = request.app_data::<web::Data<Arc<EventLog<Comments>>>>().cloned();
        let (people, cases) = (request.app_data::<People>().cloned(), request.app_data::<Cases>().cloned());
        ready(match (people, posts, comments, cases) {
            (Some(people), Some(posts), Some(comments), Some(cases)) => Ok(Self { people, posts, comments, cases }),
            _ => Err(Problem::internal("a log is missing in which targets are looked up")),
        })
    }
}

impl Targets {
    /// Whether a caller may answer a post with a reaction or a share: an account that is there and active, for what it
    /// says is shown, and that no moderator keeps from taking part. What is in the archive is before readers, and what
    /// a reader says of it changes nothing of it.
    ///
    /// # Errors
    /// The account is not, or is blocked; the post is not there, was deleted, is a draft, or its text is not for this
    /// reader; or this instance cannot say.
    pub(super) fn permit_post(&self, caller: &Actor, id: Uuid) -> Result<(), Problem> {
        let account_id = active(caller, &self.people)?;
        sanctions::may_take_part(&self.cases, account_id)?;
        match self.posts.confirmed(&id.to_string()).map_err(stale)?.1 {
            State::Post(post) => readable(&post, caller),
            State::Nothing | State::Reservation(..) => can_deny(&self.posts).and_then(|()| Err(unreadable())),
        }
    }

    /// Whether a caller may answer a comment with a reaction: one that they are shown.
    ///
    /// # Errors
    /// It is not there, is hidden, or was deleted; it is of an account that the caller blocks, or the other way round;
    /// its post cannot be answered; or this instance cannot say.
    pub(super) fn permit_comment(&self, caller: &Actor, post_id: Uuid, number: i64) -> Result<(), Problem> {
        self.permit_post(caller, post_id)?;
        let thread = self.comments.confirmed(&post_id.to_string()).map_err(stale)?.1;
        match thread.comment(number) {
            Some(known) if known.deleted => Err(Problem::gone("the comment was deleted")),
            // What is not shown to all is not there for who would react to it.
            Some(known) if known.visible != Visible::All => Err(no_comment()),
            Some(known) if sanctions::are_apart(&self.cases, caller.id, known.author_id)? => Err(no_comment()),
            Some(_) => Ok(()),
            None => can_deny(&self.comments).and_then(|()| Err(no_comment())),
        }
    }
}

fn no_comment() -> Problem {
    Problem::not_found("there is no such comment")
}
