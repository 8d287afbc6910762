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
use uuid::Uuid;

use crate::address::Name;
use crate::args::ImportArgs;
use crate::client::{Client, Command, Problem, Stopped};
use crate::media::Media;
use crate::note::{Note, NoteKind, Refusal};
use crate::plan::{AccountPlan, Content, Plan, PostPlan, Profile};
use crate::progress::Progress;
use crate::report::{Kind, Outcome, Report};
use crate::state::{State, digest};

use categories::Ids;
use put::{Entry, Put};
use timed::say;

/// Sends everything that is not as it was; what became of it goes into the report.
pub(crate) async fn execute(
    plan: &Plan,
    media: &Media,
    args: &ImportArgs,
    state: &mut State,
    report: &mut Report,
) -> anyhow::Result<()> {
    let in_flight = usize::from(args.in_flight);
    let token = args.token.as_deref().unwrap_or_default();
    let client = &Client::new(&args.url, token, in_flight, Duration::from_secs(args.patience.into()))?;
    let mut progress =
        Progress::start(plan.accounts.len() + plan.categories.len() + media.files.len() + plan.posts.len());
    // The futures are made before any is awaited: a closure kept across an `await` would not be `Send` for any
    // lifetime.
    let names: &HashSet<_> = &plan.accounts.iter().map(|account| account.name.asked.unique()).collect();
    let puts: Vec<_> = plan.accounts.iter().map(|account| account.put(client, names, state)).collect();
    let puts = stream::iter(puts).buffer_unordered(in_flight);
    let done = collect(Kind::Account, puts, report, &mut progress).await;
    remember(done, state)?;
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
        plan.posts.iter().zip(shown).map(|(post, shown)| post.put(together, slugs, ids, shown, state)).collect();
    let puts = stream::iter(puts).buffer_unordered(in_flight);
    let done = collect(Kind::Post, puts, report, &mut progress).await;
    remember(done, state)?;
    progress.finish();
    report.retries = client.retries();
    Ok(())
}

async fn collect(
    kind: Kind,
    results: impl stream::Stream<Item = Result<Done, Stopped>>,
    report: &mut Report,
    progress: &mut Progress,
) -> Collected {
    let mut results = std::pin::pin!(results);
    let mut collected = Collected { imported: Vec::new(), stopped: Ok(()) };
    while let Some(done) = results.next().await {
        let Done { file, outcome, notes, id, digest } = match done {
            Ok(done) => done,
            Err(stopped) => {
                collected.stopped = Err(progress.stopped(stopped));
                break;
            }
        };
        let is_refused = matches!(outcome, Outcome::Refused(_));
        progress.advance(is_refused);
        collected.imported.extend((!is_refused).then_some((id, digest)));
        report.count(kind, &file, outcome);
        report.notes.extend(notes.into_iter().map(|note| (file.clone(), note).into()));
    }
    collected
}

/// What was imported, and why no more.
struct Collected {
    imported: Vec<(Uuid, String)>,
    stopped: anyhow::Result<()>,
}

fn remember(Collected { imported, stopped }: Collected, state: &mut State) -> anyhow::Result<()> {
    imported.into_iter().for_each(|(id, digest)| state.remember(id, digest));
    stopped
}

/// What became of one entry.
struct Done {
    id: Uuid,
    file: String,
    /// Of what was sent, or is as it was sent before.
    digest: String,
    outcome: Outcome,
    notes: Vec<Note>,
}

/// What came of publishing or unpublishing.
enum Set {
    Changed,
    Unchanged,
    /// The post had expired, by what was set here: it stays as it is.
    Expired,
}

impl AccountPlan {
    async fn put(&self, client: &Client, asked_for: &HashSet<String>, state: &State) -> Result<Done, Stopped> {
        let path = &format!("/v1/accounts/{}", self.id);
        let digest = digest(&self.profile);
        let body = |name: &UserName| Profile { user_name: name.to_string(), ..self.profile.clone() };
        let entry = Entry { path, address: &self.name, asked_for, overwrites: !self.is_stub, hide: None };
        let put = entry.unless(state.is_as_before(self.id, &digest), client, body).await?;
        let (outcome, note) = match put {
            Put::Done { outcome, name } => (outcome, self.renamed(&name)),
            // An account's page has few fields, and what the server checks was checked before it was sent.
            Put::Refused(problem) => (Outcome::Refused(refusal(&problem, |_| 1)), None),
        };
        Ok(Done { id: self.id, file: self.file.clone(), digest, outcome, notes: note.into_iter().collect() })
    }
}

impl PostPlan {
    async fn put(
        &self,
        client: &Client,
        asked_for: &HashSet<String>,
        ids: &Ids,
        (text, cover): (String, Option<String>),
        state: &State,
    ) -> Result<Done, Stopped> {
        let path = &format!("/v1/posts/{}", self.id);
        let category_ids = ids.of(&self.content.category_ids);
        let about = self.content.about.with_cover(cover);
        let content = Content { category_ids, body: text, about, ..self.content.clone() };
        let body = |slug: &Slug| Content { slug: slug.to_string(), ..content.clone() };
        // What is to be hidden is so before it has the text that is.
        let hide = self.draft.then(|| self.visibility(path));
        let digest = digest(&(&content, self.draft, &self.release, &self.expiry, self.drops_expiry));
        let is_as_before = state.is_as_before(self.id, &digest);
        let done = |outcome, notes| Done { id: self.id, file: self.file.clone(), digest, outcome, notes };
        let entry = Entry { path, address: &self.slug, asked_for, overwrites: true, hide: hide.as_ref() };
        let put = entry.unless(is_as_before, client, body).await?;
        let (outcome, slug) = match put {
            Put::Done { outcome, name } => (outcome, name),
            Put::Refused(problem) => return Ok(done(self.refused(&problem), vec![])),
        };
        let renamed = self.renamed(&slug);
        let (outcome, note) = match outcome {
            // Nothing of it has changed but what was changed here.
            Outcome::Unchanged if is_as_before => (outcome, None),
            outcome => self.settle(client, path, outcome).await?,
        };
        Ok(done(outcome, renamed.into_iter().chain(note).collect()))
    }

    /// Says what is to happen to the post by itself, and publishes it or unpublishes a draft, also when the `PUT`
    /// changed nothing: an earlier run may have ended between the two.
    async fn settle(&self, client: &Client, path: &str, outcome: Outcome) -> Result<(Outcome, Option<Note>), Stopped> {
        let timed = match self.set_times(client, path).await? {
            Ok(timed) => timed,
            Err(problem) => return Ok((self.refused(&problem), None)),
        };
        // A new post is a draft, and so is what is to be released: to unpublish it would withdraw that.
        let is_draft = self.draft && (outcome == Outcome::Imported || self.release.is_some());
        let set = if is_draft { Ok(Set::Unchanged) } else { self.set_visibility(client, path).await? };
        let set = match set {
            Ok(set) => set,
            Err(problem) => return Ok((self.refused(&problem), None)),
        };
        let has_changed = timed || matches!(set, Set::Changed);
        let outcome = if has_changed && outcome == Outcome::Unchanged { Outcome::Changed } else { outcome };
        let note = matches!(set, Set::Expired).then(|| Note::new(NoteKind::ExpiredHere, 1, ""));
        Ok((outcome, note))
    }

    async fn set_visibility(&self, client: &Client, path: &str) -> Result<Result<Set, Problem>, Stopped> {
        let Command { method, path: verb, body, .. } = self.visibility(path);
        let said = match say(client, method.clone(), verb.clone(), body).await? {
            // The file says that it expires, and that this is not to count: no other expiry is withdrawn.
            Err(problem) if problem.name == "expired" && self.drops_expiry => {
                match self.withdraw_expiry(client, path).await? {
                    Ok(_) => say(client, method, verb, vec![]).await?,
                    Err(problem) => Err(problem),
                }
            }
            Err(problem) if problem.name == "expired" => return Ok(Ok(Set::Expired)),
            said => said,
        };
        Ok(said.map(|changed| if changed { Set::Changed } else { Set::Unchanged }))
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
