//! Who may comment on a post, as far as this instance has read: the post, the accounts, who follows whom and what
//! moderators decided are in other topics, with which the comments have no common order. So a comment that comes as its
//! post is closed may be accepted for a moment; it is a fact then, and stays: docs/adr/0022.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use domain::Actor;
use domain::accounts::{Accounts, State as AccountState};
use domain::comments::Comments as Thread;
use domain::following::{Edge, Following};
use domain::posts::{Action, Post, Posts, State as PostState};
use domain::values::{Comments, Slug};
use event_log::EventLog;
use service_kit::Problem;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use uuid::Uuid;

use crate::accounts::standing::People;
use crate::freshness::{can_deny, stale};
use crate::moderation::sanctions::{self, Cases};
use crate::posts::{readable, unreadable};

/// What is looked up of other contexts.
pub struct Looked {
    /// The accounts.
    pub(super) people: People,
    posts: web::Data<Arc<EventLog<Posts>>>,
    following: web::Data<Arc<EventLog<Following>>>,
    /// What moderators decided.
    pub(super) cases: Cases,
}

impl FromRequest for Looked {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let people = request.app_data::<web::Data<Arc<EventLog<Accounts>>>>().cloned();
        let posts = request.app_data::<web::Data<Arc<EventLog<Posts>>>>().cloned();
        let following = request.app_data::<web::Data<Arc<EventLog<Following>>>>().cloned();
        let cases = request.app_data::<Cases>().cloned();
        ready(match (people, posts, following, cases) {
            (Some(people), Some(posts), Some(following), Some(cases)) => Ok(Self { people, posts, following, cases }),
            _ => Err(Problem::internal("a log is missing that comments are decided by")),
        })
    }
}

impl Looked {
    /// Whether an account that is active may comment on a post now: the post's slug.
    ///
    /// # Errors
    /// It may not, with the reason; or this instance cannot say.
    pub(super) fn may_comment(&self, actor: &Actor, post_id: Uuid) -> Result<Slug, Problem> {
        sanctions::may_comment(&self.cases, actor.id, post_id)?;
        let post = match self.posts.confirmed(&post_id.to_string()).map_err(stale)?.1 {
            PostState::Post(post) => post,
            PostState::Nothing | PostState::Reservation(..) => {
                return can_deny(&self.posts).and_then(|()| Err(unreadable()));
            }
        };
        readable(&post, actor)?;
        if post.archived {
            let detail = "the post is in the archive, and takes no comments there";
            return Err(Problem::new(&Kind::COMMENTS_CLOSED, detail));
        }
        if sanctions::are_apart(&self.cases, actor.id, post.author_id)? {
            return Err(not_of_them("the post takes no comments of yours"));
        }
        self.is_among(post.comments(), &post, actor)?;
        Ok(post.slug().clone())
    }

    /// Whether an actor is of those who may comment on a post.
    fn is_among(&self, commenters: Comments, post: &Post, actor: &Actor) -> Result<(), Problem> {
        let writes_it = post.permit(actor, Action::ReadDraft).is_ok();
        match commenters {
            Comments::Closed => Err(Problem::new(&Kind::COMMENTS_CLOSED, "the post takes no comments")),
            Comments::Open => Ok(()),
            Comments::Confirmed | Comments::Followers if writes_it => Ok(()),
            Comments::Confirmed if self.is_confirmed(actor.id)? => Ok(()),
            Comments::Confirmed => Err(not_of_them("only those who have confirmed their e-mail address may comment")),
            Comments::Followers if self.follows(actor.id, post.author_id)? => Ok(()),
            Comments::Followers => Err(not_of_them("only those who follow the post's author may comment")),
        }
    }

    /// Whether an account may answer a comment: of two who block each other, neither sees the other's.
    ///
    /// # Errors
    /// It may not; or this instance cannot say.
    pub(super) fn may_answer(
        &self,
        account_id: Uuid,
        log: &EventLog<Thread>,
        post_id: Uuid,
        reply_to: Option<i64>,
    ) -> Result<(), Problem> {
        let Some(number) = reply_to else { return Ok(()) };
        let thread = log.confirmed(&post_id.to_string()).map_err(stale)?.1;
        match thread.comment(number) {
            Some(known) if sanctions::are_apart(&self.cases, account_id, known.author_id)? => {
                Err(broken_rule("/reply_to", "there is no such comment"))
            }
            // Whether there is one the leader decides.
            Some(_) | None => Ok(()),
        }
    }

    /// Whether an account writes a post: what it says there is not judged.
    pub(super) fn writes(&self, actor: &Actor, post_id: Uuid) -> Result<bool, Problem> {
        Ok(match self.posts.confirmed(&post_id.to_string()).map_err(stale)?.1 {
            PostState::Post(post) => post.permit(actor, Action::ReadDraft).is_ok(),
            PostState::Nothing | PostState::Reservation(..) => false,
        })
    }

    /// The present slug of a post, if this instance can say.
    pub(super) fn slug(&self, post_id: Uuid) -> Option<Slug> {
        match self.posts.confirmed(&post_id.to_string()).ok()?.1 {
            PostState::Post(post) => Some(post.slug().clone()),
            PostState::Nothing | PostState::Reservation(..) => None,
        }
    }

    fn is_confirmed(&self, account_id: Uuid) -> Result<bool, Problem> {
        let state = self.people.confirmed(&account_id.to_string()).map_err(stale)?.1;
        Ok(matches!(state, AccountState::Account(account) if account.email_verified))
    }

    fn follows(&self, follower_id: Uuid, followee_id: Uuid) -> Result<bool, Problem> {
        let edge = Edge { follower_id, followee_id };
        let follows = self.following.confirmed(&edge.id()).map_err(stale)?.1.follows;
        // Who has just followed is not told that they do not.
        if !follows {
            can_deny(&self.following)?;
        }
        Ok(follows)
    }
}

fn not_of_them(detail: &str) -> Problem {
    Problem::new(&Kind::MAY_NOT_COMMENT, detail)
}
