//! Comments: what readers answer to a post, and to each other. This page is the context whole: commands, rejections,
//! decide, evolve; what is known of the comments on a post is in `thread.rs`, and what moderation does to one in
//! `moderated.rs`. How a text names people, the crate `comment-text` knows.

mod event;
mod moderated;
mod thread;

pub use event::{Deleted, Edited, Erased, Event, Hidden, Shown, Written, comment_id};
pub use moderated::{Judged, Ruled};
pub use thread::{Known, MOST_COMMENTS, MOST_EDITS, MOST_ERASED, Thread};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::personal::{Open, Personal};
use crate::values::{CommentText, Invalid};
use crate::{Decider, DecisionContext};

/// The context `comments`: one aggregate for each post, keyed by the post's id, that is the thread of all comments on
/// it. So the leader of its partition gives the next number, and no other can give the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comments;

/// What can be asked of the comments on a post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Add a comment.
    Write {
        /// The post.
        post_id: Uuid,
        /// Who writes it.
        author_id: Uuid,
        /// The comment that it answers; `None` if it answers the post.
        reply_to: Option<i64>,
        /// What it says, sealed.
        text: Personal<CommentText>,
        /// The deepest that a comment may be: a setting, which no decision looks at by itself.
        deepest: i64,
        /// How long it may be edited, in milliseconds: a setting, too.
        editable_ms: i64,
        /// How the filters judged it.
        judged: Judged,
    },
    /// Have a comment say something else.
    Edit {
        /// The post.
        post_id: Uuid,
        /// Which.
        number: i64,
        /// What it says, sealed.
        text: Personal<CommentText>,
        /// How the filters judged it.
        judged: Judged,
    },
    /// Take a comment's words away. It keeps its place, and so do those that answer it.
    Delete {
        /// The post.
        post_id: Uuid,
        /// Which.
        number: i64,
    },
    /// Take the words of an account away that is forgotten: of up to [`MOST_ERASED`] of its comments.
    Erase {
        /// The post.
        post_id: Uuid,
        /// Whose.
        account_id: Uuid,
    },
    /// Carry out what moderators decided of a comment.
    Rule(Ruled),
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no comment of this number.
    #[error("there is no such comment")]
    NotFound,
    /// What one says is said by oneself; no role changes that.
    #[error("only the comment's author may do this")]
    NotTheAuthor,
    /// It says nothing any more.
    #[error("the comment is deleted")]
    Deleted,
    /// There is none of this number to answer.
    #[error("there is no such comment")]
    NothingToAnswer,
    /// What was said there is gone.
    #[error("the comment is deleted; it takes no answers")]
    AnswersDeleted,
    /// The comment to answer is as deep as one may be.
    #[error("the thread is as deep as it may be; answer a comment further up")]
    TooDeep,
    /// The post has as many as it may have.
    #[error("the post has as many comments as a post may have")]
    TooMany,
    /// What its author does not see any more they do not edit.
    #[error("a moderator has removed the comment")]
    Removed,
    /// It was written too long ago.
    #[error("it is too late to edit the comment")]
    TooLate,
    /// It was edited as often as it may be.
    #[error("the comment was edited as often as a comment may be")]
    TooManyEdits,
}

impl Decider for Comments {
    const NAME: &'static str = "comments";
    type Command = Command;
    type Event = Event;
    type State = Thread;
    type Rejection = Rejection;

    fn decide(thread: &Thread, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let actor = &context.actor;
        match command {
            Command::Write { author_id, .. } if actor.id != *author_id => Err(Rejection::NotTheAuthor),
            Command::Write { post_id, author_id, reply_to, text, deepest, editable_ms, judged } => {
                let depth = reply_to.map_or(Ok(0), |number| thread.depth_below(number))?;
                if depth > *deepest {
                    return Err(Rejection::TooDeep);
                }
                let number = thread.next().ok_or(Rejection::TooMany)?;
                Ok(Some(Event::Written(Written {
                    comment_id: comment_id(*post_id, number),
                    post_id: *post_id,
                    number,
                    author_id: *author_id,
                    reply_to: *reply_to,
                    depth,
                    text: text.clone(),
                    editable_until_at: context.now.plus_millis(*editable_ms),
                    held_by: judged.held_by(),
                    filters_version: judged.filters_version,
                })))
            }
            Command::Edit { post_id, number, text, judged } => {
                let known = thread.comment(*number).ok_or(Rejection::NotFound)?;
                Ok(known.edit(text, context)?.then(|| judged.edited(*post_id, *number, known.author_id, text)))
            }
            Command::Delete { post_id, number } => {
                let known = thread.comment(*number).ok_or(Rejection::NotFound)?;
                if !actor.may_write_as(known.author_id) {
                    return Err(known.of_another(actor));
                }
                let deleted = Deleted { post_id: *post_id, number: *number, author_id: known.author_id };
                Ok((!known.deleted).then_some(Event::Deleted(deleted)))
            }
            Command::Erase { account_id, .. } if actor.id != *account_id => Err(Rejection::NotTheAuthor),
            Command::Erase { post_id, account_id } => {
                let numbers: Vec<i64> = thread.of(*account_id).take(MOST_ERASED).collect();
                let erased = Erased { post_id: *post_id, account_id: *account_id, numbers };
                Ok((!erased.numbers.is_empty()).then_some(Event::Erased(erased)))
            }
            Command::Rule(ruled) => ruled.decide(thread, &context.actor),
        }
    }

    fn evolve(mut thread: Thread, event: &Event) -> Thread {
        thread.take(event);
        thread
    }

    /// The number of the last comment, which is the one that was just written.
    fn receipt(thread: &Thread) -> Option<String> {
        Some(thread.len().to_string())
    }

    /// The author, where an editor deletes it: it is in both exports.
    fn concerns(event: &Event) -> Vec<Uuid> {
        vec![event.author()]
    }

    fn ends_with(_: &str, event: &Event) -> Vec<Uuid> {
        match event {
            Event::Written(written) => vec![written.author_id],
            Event::Edited(_) | Event::Deleted(_) | Event::Erased(_) | Event::Hidden(_) | Event::Shown(_) => Vec::new(),
        }
    }

    fn sealed_for(_: &str, event: &Event) -> Option<Uuid> {
        event.text().filter(|text| text.is_sealed()).map(|_| event.author())
    }

    fn open(event: &mut Event, open: &mut Open<'_>) -> Result<(), Invalid> {
        event.open(open)
    }

    fn text_bytes(event: &Event) -> usize {
        event.text().map_or(0, |text| text.as_str().len())
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
