//! Sends a plan: accounts first, so that by-lines have names, then posts; many commands in flight.

use std::time::Duration;

use domain::values::{Slug, UserName};
use futures::stream::{self, StreamExt};
use reqwest::Method;
use serde::Serialize;

use crate::args::ImportArgs;
use crate::client::{Answer, Client, Command, Problem, Stopped};
use crate::note::{Note, NoteKind, Refusal};
use crate::plan::{AccountPlan, Content, Plan, PostPlan, Profile, numbered_user_name};
use crate::progress::Progress;
use crate::report::{Kind, Outcome, Report};

/// How many names are tried when the ones before are taken.
const MOST_NAMES: u32 = 50;
/// How often an edit is tried when another client edits at the same time.
const MOST_EDITS: u32 = 5;

/// Sends everything; what became of it goes into the report.
pub(crate) async fn execute(plan: &Plan, args: &ImportArgs, report: &mut Report) -> anyhow::Result<()> {
    let in_flight = usize::from(args.in_flight);
    let token = args.token.as_deref().unwrap_or_default();
    let client = &Client::new(&args.url, token, in_flight, Duration::from_secs(args.patience.into()))?;
    let mut progress = Progress::start(plan.accounts.len() + plan.posts.len());
    // The futures are made before any is awaited: a closure kept across an `await` would not be `Send` for any
    // lifetime.
    let puts: Vec<_> = plan.accounts.iter().map(|account| account.put(client)).collect();
    collect(Kind::Account, stream::iter(puts).buffer_unordered(in_flight), report, &mut progress).await?;
    let puts: Vec<_> = plan.posts.iter().map(|post| post.put(client)).collect();
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
    async fn put(&self, client: &Client) -> Result<Done, Stopped> {
        let user_name: UserName = self.profile.user_name.parse().expect("the plan took it from a user name");
        let path = format!("/v1/accounts/{}", self.id);
        let body = |number| Profile {
            user_name: if number == 1 { user_name.clone() } else { numbered_user_name(&user_name, number) }.into(),
            ..self.profile.clone()
        };
        let put = put(client, &path, body).await?;
        let (outcome, number) = match put {
            Put::Done { outcome, number } => (outcome, number),
            // An account's page has few fields, and what the server checks was checked before it was sent.
            Put::Refused(problem) => (Outcome::Refused(refusal(&problem, |_| 1)), 1),
        };
        let note = || Note::new(NoteKind::UserNameMadeUnique, 1, format!("{user_name} → {}", body(number).user_name));
        Ok(Done { file: self.file.clone(), outcome, notes: (number > 1).then(note).into_iter().collect() })
    }
}

impl PostPlan {
    async fn put(&self, client: &Client) -> Result<Done, Stopped> {
        let slug: Slug = self.content.slug.parse().expect("the plan took it from a slug");
        let path = format!("/v1/posts/{}", self.id);
        let body = |number: u32| Content {
            slug: if number == 1 { slug.clone() } else { slug.with_suffix(&number.to_string()) }.into(),
            ..self.content.clone()
        };
        let done = |outcome, notes| Done { file: self.file.clone(), outcome, notes };
        let (outcome, number) = match put(client, &path, body).await? {
            Put::Done { outcome, number } => (outcome, number),
            Put::Refused(problem) => return Ok(done(self.refused(&problem), vec![])),
        };
        let note =
            || Note::new(NoteKind::SlugMadeUnique, self.lines.of("/slug"), format!("{slug} → {}", body(number).slug));
        let notes = (number > 1).then(note).into_iter().collect();
        Ok(done(self.set_visibility(client, &path, outcome).await?, notes))
    }

    /// Publishes the post, or unpublishes a draft, also when the `PUT` changed nothing: an earlier run may have ended
    /// between the two.
    async fn set_visibility(&self, client: &Client, path: &str, outcome: Outcome) -> Result<Outcome, Stopped> {
        if self.draft && outcome == Outcome::Imported {
            return Ok(outcome); // a new post is a draft
        }
        let verb = if self.draft { "unpublish" } else { "publish" };
        let command = Command { method: Method::POST, path: format!("{path}/{verb}"), if_match: None, body: vec![] };
        Ok(match client.send(&command).await? {
            Answer::Done { reply, .. } if reply.changed && outcome == Outcome::Unchanged => Outcome::Changed,
            Answer::Done { .. } => outcome,
            Answer::Refused(problem) => self.refused(&problem),
        })
    }

    fn refused(&self, problem: &Problem) -> Outcome {
        Outcome::Refused(refusal(problem, |pointer| self.lines.of(pointer)))
    }
}

/// How a `PUT` ended; `number` says which of the names was free: the plain one is 1.
enum Put {
    Done { outcome: Outcome, number: u32 },
    Refused(Problem),
}

/// Makes an aggregate be as `body` says. One that exists and differs is edited at the version it has now; a name that
/// another aggregate has gets a number.
async fn put<B: Serialize>(client: &Client, path: &str, body: impl Fn(u32) -> B) -> Result<Put, Stopped> {
    let (mut number, mut edits, mut if_match) = (1, 0, None);
    loop {
        let json = serde_json::to_vec(&body(number)).expect("texts, lists and ids have a JSON form");
        let command = Command { method: Method::PUT, path: path.to_owned(), if_match, body: json };
        let problem = match client.send(&command).await? {
            Answer::Done { created, reply } => {
                return Ok(Put::Done { outcome: Outcome::of(created, reply.changed), number });
            }
            Answer::Refused(problem) => problem,
        };
        match problem.name.as_str() {
            "precondition-required" if problem.version.is_some() && edits < MOST_EDITS => {
                edits += 1;
                if_match = problem.version;
            }
            "version-conflict" if edits < MOST_EDITS => {
                edits += 1;
                if_match = None;
            }
            "slug-taken" | "user-name-taken" if number < MOST_NAMES => number += 1,
            _ => return Ok(Put::Refused(problem)),
        }
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
