//! Whether what a post shows may be public. That is judged here, by what this instance has read of the post; so the
//! leader is asked for that very version of it, and what was judged is what becomes public. Where it has another by
//! then, or a refusal may come of what is not read yet, this instance reads on and judges again.

use std::sync::Arc;

use actix_web::HttpResponse;
use domain::media::{self, Reference};
use domain::posts::{Action, Command as PostCommand, Post, Posts, State};
use domain::values::Markdown;
use event_log::{EventLog, Refusal};
use serde::Serialize;
use service_kit::{FieldError, Problem};
use uuid::Uuid;

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
    /// 422, naming the pictures that are not described; 503: it is not known; or as `act`.
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
            let (version, missing) = match self.judged().await {
                Ok(judged) => judged,
                Err(problem) => return Ok(command.accepted_or(problem, PostCommand::Publish).await?),
            };
            let allowed = command.allows(version);
            if missing.is_empty() && allowed {
                match act(Some(version)).await? {
                    Decided::Refused(Refusal::VersionConflict { current }) if command.allows(current) => {}
                    decided => return Ok(decided),
                }
            } else if is_current && allowed {
                return Ok(command.accepted_or(undescribed(missing), PostCommand::Publish).await?);
            } else if is_current {
                let before = command.remembered(PostCommand::Publish).await?.map(Decided::Accepted);
                return Ok(before.unwrap_or(Decided::Refused(Refusal::VersionConflict { current: version })));
            }
            if let Err(problem) = read_on(self.log, &self.id.to_string(), self.caller.deadline).await {
                return Ok(command.accepted_or(problem, PostCommand::Publish).await?);
            }
            is_current = true;
        }
        Err(Problem::unavailable("others change the post at the same time; nothing was done", 1).into())
    }

    fn is_judged(&self) -> bool {
        match &self.shown {
            Shown::Whole => self.alt.required(),
            Shown::Sent { text, cover } => self.alt.looks_up(text.iter().chain(cover)),
        }
    }

    /// The version of the post that is judged, and the pictures that keep it from being public. A caller who may not
    /// publish it is told nothing of what it shows: the leader refuses.
    async fn judged(&self) -> Result<(u64, Vec<FieldError>), Problem> {
        let (version, state) = self.log.confirmed(&self.id.to_string()).map_err(stale)?;
        let post = match state {
            State::Post(post) => post,
            State::Nothing | State::Reservation(..) => return Ok((version, Vec::new())),
        };
        let missing = match &self.shown {
            Shown::Whole if post.permit(&self.caller.actor, Action::Publish).is_err() => Vec::new(),
            Shown::Whole => self.missing(&post, post.media(), post.cover().as_ref()).await?,
            Shown::Sent { .. } if !post.published && post.due().is_none() => Vec::new(),
            Shown::Sent { .. } if post.permit(&self.caller.actor, Action::Edit).is_err() => Vec::new(),
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
    ) -> Result<Vec<FieldError>, Problem> {
        self.alt.missing(text, cover, &post.writers(), self.caller.deadline).await
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
    let showing = Showing { caller, log, alt, id, shown: Shown::Whole };
    let decided: Result<_, Problem> = match body {
        Ok(body) => showing.decided(&command, async |version| command.execute(body.clone(), version).await).await,
        Err(problem) => command.accepted_or(problem, PostCommand::Publish).await,
    };
    reply(id, told(caller, log, id, decided?)?)
}

#[cfg(test)]
mod tests;
