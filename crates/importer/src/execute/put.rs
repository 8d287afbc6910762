//! Makes an aggregate be as a file says, and leaves it the address by which readers know it.

use std::collections::HashSet;

use reqwest::Method;
use serde::Serialize;

use crate::address::{Address, Name};
use crate::client::{Answer, Client, Command, IfMatch, Problem, Stopped};
use crate::report::Outcome;

/// How many names are tried when the ones before are taken.
const MOST_NAMES: usize = 50;
/// How often an edit is tried when another client edits at the same time.
const MOST_EDITS: u32 = 5;

/// What to put.
pub(super) struct Entry<'a, N> {
    /// Where it is, or will be.
    pub(super) path: &'a str,
    /// The address that it asks for.
    pub(super) address: &'a Address<N>,
    /// The names that files of the folder ask for: no other entry gets one with a number.
    pub(super) asked_for: &'a HashSet<String>,
    /// Whether what is there is made as the file says; else it is only made where there is none.
    pub(super) overwrites: bool,
    /// What to send before a text is overwritten that readers may see and are not to.
    pub(super) hide: Option<&'a Command>,
}

/// How a `PUT` ended.
pub(super) enum Put<N> {
    /// It is as it should be, by this name.
    Done { outcome: Outcome, name: N },
    /// It is not.
    Refused(Problem),
}

/// Why a `PUT` was refused, as far as it makes a difference.
enum Why {
    /// It is there, in this version, and differs.
    Differs(i64),
    /// Another client edited it meanwhile.
    Conflict,
    /// Another has the name.
    Taken,
    /// It is there by another name, which a `PUT` does not change.
    Named,
    /// Something that asking again does not change.
    Other,
}

impl Why {
    fn of(problem: &Problem) -> Self {
        match (problem.name.as_str(), problem.version) {
            ("precondition-required", Some(version)) => Self::Differs(version),
            ("version-conflict", _) => Self::Conflict,
            ("slug-taken" | "user-name-taken", _) => Self::Taken,
            _ if problem.errors.first().is_some_and(|first| first.pointer == "/user_name") => Self::Named,
            _ => Self::Other,
        }
    }
}

impl<N: Name> Entry<'_, N> {
    /// Leaves what is there as it is where its file is as it was, and else [puts](Self::put) it.
    pub(super) async fn unless<B: Serialize>(
        &self,
        is_as_before: bool,
        client: &Client,
        body: impl Fn(&N) -> B,
    ) -> Result<Put<N>, Stopped> {
        match is_as_before {
            // What is not there any more, or never was at this server, is put.
            true => match self.there(client).await? {
                Some(name) => Ok(Put::Done { outcome: Outcome::Unchanged, name }),
                None => self.put(client, body).await,
            },
            false => self.put(client, body).await,
        }
    }

    /// Makes the aggregate be as `body` says, which is told its name.
    ///
    /// The server is asked which name the aggregate has as soon as that matters: other files ask for the same one, or
    /// another has it, or the file does not say it. A name that it may keep, it keeps.
    pub(super) async fn put<B: Serialize>(&self, client: &Client, body: impl Fn(&N) -> B) -> Result<Put<N>, Stopped> {
        let mut others = self.address.others(self.asked_for).take(MOST_NAMES);
        let (mut name, mut edits, mut if_match) = (self.address.given.clone(), 0, None);
        let mut is_settled = self.address.is_contested;
        if is_settled {
            name = self.kept(client).await?.unwrap_or(name);
        }
        loop {
            let problem = match self.attempt(client, if_match, &body(&name)).await? {
                Answer::Done { created, reply } => {
                    return Ok(Put::Done { outcome: Outcome::of(created, reply.changed), name });
                }
                Answer::Refused(problem) => problem,
            };
            let why = Why::of(&problem);
            if let (Why::Named, Some(there)) = (&why, self.there(client).await?)
                && there.unique() != name.unique()
            {
                (is_settled, name) = (true, there);
                continue;
            }
            let may_move = matches!(why, Why::Taken) || (matches!(why, Why::Differs(_)) && !self.address.is_own);
            if may_move && !is_settled {
                is_settled = true;
                if let Some(kept) = self.kept(client).await?.filter(|kept| kept.unique() != name.unique()) {
                    name = kept;
                    continue;
                }
            }
            match why {
                Why::Differs(_) if !self.overwrites => return Ok(Put::Done { outcome: Outcome::Unchanged, name }),
                Why::Differs(version) if edits < MOST_EDITS => match self.hidden(client, version).await? {
                    Ok(version) => (edits, if_match) = (edits + 1, Some(IfMatch::Version(version))),
                    Err(problem) => return Ok(Put::Refused(problem)),
                },
                Why::Conflict if edits < MOST_EDITS => (edits, if_match) = (edits + 1, None),
                Why::Taken => match others.find(|other| other.unique() != name.unique()) {
                    Some(other) => name = other,
                    None => return Ok(Put::Refused(problem)),
                },
                Why::Differs(_) | Why::Conflict | Why::Named | Why::Other => return Ok(Put::Refused(problem)),
            }
        }
    }

    async fn attempt(
        &self,
        client: &Client,
        if_match: Option<IfMatch>,
        body: &impl Serialize,
    ) -> Result<Answer, Stopped> {
        let body = serde_json::to_vec(body).expect("texts, lists and ids have a JSON form");
        client.send(&Command { method: Method::PUT, path: self.path.to_owned(), if_match, body }).await
    }

    /// Hides what is there in `version` before it is overwritten, if readers are not to see what is coming; the version
    /// to overwrite.
    async fn hidden(&self, client: &Client, version: i64) -> Result<Result<i64, Problem>, Stopped> {
        let Some(hide) = self.hide else { return Ok(Ok(version)) };
        Ok(match client.send(hide).await? {
            // Sent a second time it is answered as the first time, with a version that may be past.
            Answer::Done { reply, .. } => Ok(reply.version.max(version)),
            Answer::Refused(problem) => Err(problem),
        })
    }

    /// The name that the aggregate has and may keep; `None` if it is not there.
    async fn kept(&self, client: &Client) -> Result<Option<N>, Stopped> {
        Ok(self.there(client).await?.filter(|name| self.address.keeps(name)))
    }

    /// The name that the aggregate has; `None` if it is not there.
    async fn there(&self, client: &Client) -> Result<Option<N>, Stopped> {
        // An edit that changes nothing is answered with what the aggregate is called.
        let (method, if_match) = (Method::PATCH, Some(IfMatch::Any));
        let command = Command { method, path: self.path.to_owned(), if_match, body: b"{}".to_vec() };
        Ok(match client.send(&command).await? {
            Answer::Done { reply, .. } => reply.name.parse().ok(),
            // Not there; or not to be touched, and then the `PUT` will say why.
            Answer::Refused(_) => None,
        })
    }
}
