//! Whether something can be reacted to, as far as this instance has read. What happens to it at that very moment is in
//! another topic, which has no order with this one: a reaction that was accepted stays, and readers show it with its
//! target, whenever that can be read.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use domain::Actor;
use domain::comments::{Comments, comment_id};
use domain::posts::{Posts, State};
use domain::reactions::Target;
use domain::values::{TargetKind, Visible};
use event_log::EventLog;
use service_kit::Problem;
use uuid::Uuid;

use crate::freshness::{can_deny, stale};
use crate::posts::{readable, unreadable};

/// Where posts and comments are looked up.
pub struct Targets {
    posts: web::Data<Arc<EventLog<Posts>>>,
    comments: web::Data<Arc<EventLog<Comments>>>,
}

impl FromRequest for Targets {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let posts = request.app_data::<web::Data<Arc<EventLog<Posts>>>>().cloned();
        let comments = request.app_data::<web::Data<Arc<EventLog<Comments>>>>().cloned();
        let targets = posts.zip(comments).map(|(posts, comments)| Self { posts, comments });
        ready(targets.ok_or_else(|| Problem::internal("a log is missing in which targets are looked up")))
    }
}

impl Targets {
    /// A post that a reader may answer with a reaction or a share.
    ///
    /// # Errors
    /// It is not there, was deleted, is a draft, or its text is not for this reader; or this instance cannot say.
    pub(super) fn post(&self, reader: &Actor, id: Uuid) -> Result<Target, Problem> {
        match self.posts.confirmed(&id.to_string()).map_err(stale)?.1 {
            State::Post(post) => readable(&post, reader).map(|()| Target { kind: TargetKind::Post, id }),
            State::Nothing | State::Reservation(..) => can_deny(&self.posts).and_then(|()| Err(unreadable())),
        }
    }

    /// A comment that a reader may answer with a reaction.
    ///
    /// # Errors
    /// It is not there, or was deleted; its post cannot be answered; or this instance cannot say.
    pub(super) fn comment(&self, reader: &Actor, post_id: Uuid, number: i64) -> Result<Target, Problem> {
        let _ = self.post(reader, post_id)?;
        let thread = self.comments.confirmed(&post_id.to_string()).map_err(stale)?.1;
        match thread.comment(number) {
            Some(known) if known.deleted => Err(Problem::gone("the comment was deleted")),
            // What is not shown to all is not there for who would answer it.
            Some(known) if known.visible != Visible::All => Err(Problem::not_found("there is no such comment")),
            Some(_) => Ok(Target { kind: TargetKind::Comment, id: comment_id(post_id, number) }),
            None => can_deny(&self.comments).and_then(|()| Err(Problem::not_found("there is no such comment"))),
        }
    }
}
