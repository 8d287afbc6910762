//! Sends a plan: accounts first, so that by-lines have names, then what posts show, then posts; many commands in
//! flight.

mod categories;
mod media;
mod put;
mod timed;

use std::collections::HashSet;
use std::time::Duration;

use domain::values::{Slug, UserName};
use futures::stream::{self, StreamExt};
use reqwest::Method;

use crate::address::Name;
use crate::args::ImportArgs;
use crate::client::{Client, Command, Problem, Stopped};
use crate::media::Media;
use crate::note::{Note, NoteKind, Refusal};
use crate::plan::{AccountPlan, Content, Plan, PostPlan, Profile};
use crate::progress::Progress;
use crate::report::{Kind, Outcome, Report};

use categories::Ids;
use put::{Entry, Put};
use timed::say;

/// Sends everything; what became of it goes into the report.
pub(crate) async fn execute(plan: &Plan, media: &Media, args: &ImportArgs, report: &mut Report) -> anyhow::Result<()> {
    let in_flight = usize::from(args.in_flight);
    let token = args.token.as_deref().unwrap_or_default();
    let client = &Client::new(&args.url, token, in_flight, Duration::from_secs(args.patience.into()))?;
    let mut progress =
        Progress::start(plan.accounts.len() + plan.categories.len() + media.files.len() + plan.posts.len());
    // The futures are made before any is awaited: a closure kept across an `await` would not be `Send` for any
    // lifetime.
    let names: &HashSet<_> = &plan.accounts.iter().map(|account| account.name.asked.unique()).collect();
    let puts: Vec<_> = plan.accounts.iter().map(|account| account.put(client, names)).collect();
    collect(Kind::Account, stream::iter(puts).buffer_unordered(in_flight), report, &mut progress).await?;
    let ids = &categories::make(client, &plan.categories, report, &mut progress).await?;
    // The service that has posts takes commands together; accounts, which are few, another one may have.
    let together = &client.together();
    let addresses: &Vec<_> = &media::bring(client, media, report, &mut progress).await?;
    let text = |post: &PostPlan| media.rewritten(&post.file, &post.content.body, addresses);
    let texts: Vec<String> = plan.posts.iter().map(text).collect();
    let slugs: &HashSet<_> = &plan.posts.iter().map(|post| post.slug.asked.unique()).collect();
    let shown = |post: &PostPlan| media.cover(&post.file, addresses);
    let covers: Vec<Option<String>> = plan.posts.iter().map(shown).collect();
    let shown = texts.into_iter().zip(covers);
    let puts: Vec<_> =
        plan.posts.iter().zip(shown).map(|(post, shown)| post.put(together, slugs, ids, shown)).collect();
    collect(Kind::Post, stream::iter(puts).buffer_unordered(in_flight), report, &mut progress).await?;
    progress.finish();
    report.retries = client.retries();
    Ok(())
}

async fn collect(
    kind: Kind,
    results: impl stream::Stream<Item = Result<Done, Stopped>>,
    report: &mut Report,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let mut results = std::pin::pin!(results);
    while let Some(done) = results.next().await {
        let Done { file, outcome, notes } = done.map_err(|stopped| progress.stopped(stopped))?;
        progress.advance(matches!(outcome, Outcome::Refused(_)));
        report.count(kind, &file, outcome);
        report.notes.extend(notes.into_iter().map(|note| (file.clone(), note).into()));
    }
    Ok(())
}

/// What became of one entry.
struct Done {
    file: String,
    outcome: Outcome,
    notes: Vec<Note>,
}

impl AccountPlan {
    async fn put(&self, client: &Client, asked_for: &HashSet<String>) -> Result<Done, Stopped> {
        let path = &format!("/v1/accounts/{}", self.id);
        let body = |name: &UserName| Profile { user_name: name.to_string(), ..self.profile.clone() };
        let entry = Entry { path, address: &self.name, asked_for, overwrites: !self.is_stub, hide: None };
        let put = entry.put(client, body).await?;
        let (outcome, note) = match put {
            Put::Done { outcome, name } => (outcome, self.renamed(&name)),
            // An account's page has few fields, and what the server checks was checked before it was sent.
            Put::Refused(problem) => (Outcome::Refused(refusal(&problem, |_| 1)), None),
        };
        Ok(Done { file: self.file.clone(), outcome, notes: note.into_iter().collect() })
    }
}

impl PostPlan {
    async fn put(
        &self,
        client: &Client,
        asked_for: &HashSet<String>,
        ids: &Ids,
        (text, cover): (String, Option<String>),
    ) -> Result<Done, Stopped> {
        let path = &format!("/v1/posts/{}", self.id);
        let category_ids = ids.of(&self.content.category_ids);
        let about = self.content.about.with_cover(cover);
        let content = Content { category_ids, body: text, about, ..self.content.clone() };
        let body = |slug: &Slug| Content { slug: slug.to_string(), ..content.clone() };
        // What is to be hidden is so before it has the text that is.
        let hide = self.draft.then(|| self.visibility(path));
        let done = |outcome, notes| Done { file: self.file.clone(), outcome, notes };
        let entry = Entry { path, address: &self.slug, asked_for, overwrites: true, hide: hide.as_ref() };
        let put = entry.put(client, body).await?;
        let (outcome, slug) = match put {
            Put::Done { outcome, name } => (outcome, name),
            Put::Refused(problem) => return Ok(done(self.refused(&problem), vec![])),
        };
        let mut notes: Vec<_> = self.renamed(&slug).into_iter().collect();
        Ok(done(self.settle(client, path, outcome, &mut notes).await?, notes))
    }

    /// Says what is to happen to the post by itself, and publishes it or unpublishes a draft, also when the `PUT`
    /// changed nothing: an earlier run may have ended between the two.
    async fn settle(
        &self,
        client: &Client,
        path: &str,
        outcome: Outcome,
        notes: &mut Vec<Note>,
    ) -> Result<Outcome, Stopped> {
        let timed = match self.set_times(client, path).await? {
            Ok(timed) => timed,
            Err(problem) => return Ok(self.refused(&problem)),
        };
        // A new post is a draft, and so is what is to be released: to unpublish it would withdraw that.
        let is_draft = self.draft && (outcome == Outcome::Imported || self.release.is_some());
        let set = if is_draft { Ok(false) } else { self.set_visibility(client, path).await? };
        Ok(match set {
            Ok(changed) if (changed || timed) && outcome == Outcome::Unchanged => Outcome::Changed,
            Ok(_) => outcome,
            // An editor said so, or a file that says it no more.
            Err(problem) if problem.name == "expired" => {
                notes.push(Note::new(NoteKind::ExpiredByHand, 1, ""));
                outcome
            }
            Err(problem) => self.refused(&problem),
        })
    }

    /// Publishes it, or hides it. Of an expiry that has passed only what its own file says gives way.
    async fn set_visibility(&self, client: &Client, path: &str) -> Result<Result<bool, Problem>, Stopped> {
        let Command { method, path: verb, body, .. } = self.visibility(path);
        match say(client, method.clone(), verb.clone(), body).await? {
            Err(problem) if problem.name == "expired" && self.is_past_expiry => {
                match self.withdraw_expiry(client, path).await? {
                    Ok(_) => say(client, method, verb, vec![]).await,
                    Err(problem) => Ok(Err(problem)),
                }
            }
            said => Ok(said),
        }
    }

    fn visibility(&self, path: &str) -> Command {
        let verb = if self.draft { "unpublish" } else { "publish" };
        Command { method: Method::POST, path: format!("{path}/{verb}"), if_match: None, body: vec![] }
    }

    fn refused(&self, problem: &Problem) -> Outcome {
        Outcome::Refused(refusal(problem, |pointer| self.lines.of(pointer)))
    }
}

/// A problem as a refusal, at the line that the first wrong member comes from.
fn refusal(problem: &Problem, line: impl Fn(&str) -> usize) -> Refusal {
    let Some(first) = problem.errors.first() else {
        return Refusal::new(1, format!("{} ({})", problem.detail, problem.status));
    };
    let each = problem.errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail));
    Refusal::new(line(&first.pointer), each.collect::<Vec<_>>().join("; "))
}
