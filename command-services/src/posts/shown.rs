//! Whether what a post shows may be public: by its pictures, and by who writes it. That is judged here, by what this
//! instance has read of the post; so the leader is asked for that very version of it, and what was judged is what
//! becomes public. Where it has another by then, or a refusal may come of what is not read yet, this instance reads on
//! and judges again.

use std::sync::Arc;

use actix_web::HttpResponse;
use domain::media::{self, Reference};
use domain::posts::{Action, Command as PostCommand, Post, Posts, State};
use domain::values::Markdown;
use event_log::{EventLog, Refusal};
use serde::Serialize;
use service_kit::Problem;
use uuid::Uuid;

use super::permitted::is_to_be_read;
use super::{reply, told};
use crate::commands::{Caller, Command, Decided};
use crate::freshness::{read_on, stale};
use crate::media::alt::{Rule, undescribed};

/// How often a post is judged whose version has passed meanwhile.
const ATTEMPTS: usize = 4;

/// What is to be public by a command.
pub(super) enum Shown {
    /// All that the post shows.
    Whole,
    /// What is sent, where the post is public or is to be by itself.
    Sent { text: Vec<Reference>, cover: Option<Reference> },
}

/// A command on a post that shows something.
pub(super) struct Showing<'a> {
    pub(super) caller: &'a Caller,
    pub(super) log: &'a EventLog<Posts>,
    pub(super) alt: &'a Rule,
    pub(super) id: Uuid,
    pub(super) shown: Shown,
    /// Whether the caller may change what is public. One whom a moderator has blocked goes on writing drafts, and what
    /// a co-author publishes meanwhile is none.
    pub(super) may_take_part: Result<(), Problem>,
}

impl Shown {
    /// What a text and a cover show.
    pub(super) fn sent((text, cover): (Option<&Markdown>, Option<Reference>)) -> Self {
        Self::Sent { text: text.map_or_else(Vec::new, |text| media::references(text.as_str())), cover }
    }
}

impl Showing<'_> {
    /// Has decided by `act`, of the version that it is given, what may be public. What was accepted before is answered
    /// as it was then.
    ///
    /// # Errors
    /// 422, naming the pictures that are not described; 403, a moderator has blocked the caller; 503: it is not known;
    /// or as `act`.
    pub(super) async fn decided<E: From<Problem>>(
        &self,
        command: &Command<'_, Posts>,
        act: impl AsyncFn(Option<u64>) -> Result<Decided<Posts>, E>,
    ) -> Result<Decided<Posts>, E> {
        if !self.is_judged() {
            return act(None).await;
        }
        let mut is_current = false;
        for _ in 0..ATTEMPTS {
            let (version, judged) = match self.judged().await {
                Ok(judged) => judged,
                Err(problem) => return Ok(command.accepted_or(problem, PostCommand::Publish).await?),
            };
            let allowed = command.allows(version);
            match judged {
                Ok(()) if allowed => match act(Some(version)).await? {
                    Decided::Refused(Refusal::VersionConflict { current }) if command.allows(current) => {}
                    decided => return Ok(decided),
                },
                Err(problem) if is_current && allowed => {
                    return Ok(command.accepted_or(problem, PostCommand::Publish).await?);
                }
                Ok(()) | Err(_) if is_current => {
                    let before = command.remembered(PostCommand::Publish).await?.map(Decided::Accepted);
                    return Ok(before.unwrap_or(Decided::Refused(Refusal::VersionConflict { current: version })));
                }
                Ok(()) | Err(_) => {}
            }
            if let Err(problem) = read_on(self.log, &self.id.to_string(), self.caller.deadline).await {
                return Ok(command.accepted_or(problem, PostCommand::Publish).await?);
            }
            is_current = true;
        }
        Err(Problem::unavailable("others change the post at the same time; nothing was done", 1).into())
    }

    fn is_judged(&self) -> bool {
        self.may_take_part.is_err()
            || match &self.shown {
                Shown::Whole => self.alt.required(),
                Shown::Sent { text, cover } => self.alt.looks_up(text.iter().chain(cover)),
            }
    }

    /// The version of the post that is judged, and what keeps it from being public. A caller who may not publish it is
    /// told nothing of what it shows: the leader refuses.
    async fn judged(&self) -> Result<(u64, Result<(), Problem>), Problem> {
        let (version, state) = self.log.confirmed(&self.id.to_string()).map_err(stale)?;
        let post = match state {
            State::Post(post) => post,
            State::Nothing | State::Reservation(..) => return Ok((version, Ok(()))),
        };
        let is_judged = match &self.shown {
            Shown::Whole => post.permit(&self.caller.actor, Action::Publish).is_ok(),
            Shown::Sent { .. } => is_to_be_read(&post) && post.permit(&self.caller.actor, Action::Edit).is_ok(),
        };
        if !is_judged {
            return Ok((version, Ok(())));
        }
        if self.may_take_part.is_err() {
            return Ok((version, self.may_take_part.clone()));
        }
        let missing = match &self.shown {
            Shown::Whole => self.missing(&post, post.media(), post.cover().as_ref()).await?,
            // A cover that stays is not judged again.
            Shown::Sent { text, cover } => {
                let cover = cover.as_ref().filter(|cover| post.cover().as_ref() != Some(cover));
                self.missing(&post, text, cover).await?
            }
        };
        Ok((version, missing))
    }

    async fn missing(
        &self,
        post: &Post,
        text: &[Reference],
        cover: Option<&Reference>,
    ) -> Result<Result<(), Problem>, Problem> {
        let missing = self.alt.missing(text, cover, &post.writers(), self.caller.deadline).await?;
        Ok(if missing.is_empty() { Ok(()) } else { Err(undescribed(missing)) })
    }
}

/// Has a command decided by which a post becomes public as it is, if it is permitted.
pub(super) async fn made_public(
    caller: &Caller,
    log: &Arc<EventLog<Posts>>,
    (id, asked, alt): (Uuid, &impl Serialize, &Rule),
    body: Result<PostCommand, Problem>,
) -> Result<HttpResponse, Problem> {
    let command: Command<'_, Posts> = caller.command(log, id.to_string(), asked);
    // What is not permitted is no command here.
    let showing = Showing { caller, log, alt, id, shown: Shown::Whole, may_take_part: Ok(()) };
    let decided: Result<_, Problem> = match body {
        Ok(body) => showing.decided(&command, async |version| command.execute(body.clone(), version).await).await,
        Err(problem) => command.accepted_or(problem, PostCommand::Publish).await,
    };
    reply(id, told(caller, log, id, decided?)?)
}

#[cfg(test)]
mod tests;
