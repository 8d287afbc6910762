//! Imports a folder of Markdown posts through the public command API, and reports what became of every file.
//!
//! Reading order: [`decode`] makes text of a file's bytes, [`front_matter`] splits it and reads the YAML, [`date`],
//! [`post`], [`author`], [`category`] and [`topic`] make entries of it, [`visibility`] says what hides them: all pure.
//! [`source`] reads the folder, [`plan`] decides ids
//! and names for the whole of it, [`media`] finds the pictures and files that posts refer to, `execute` sends the
//! commands through `client`, and [`report`] says what happened.
//!
//! An import can be repeated: ids follow from the files' paths, a `PUT` of what is there already changes nothing, and
//! a run that was cut short is finished by running it again.

pub mod about;
pub mod address;
mod args;
pub mod author;
pub mod category;
mod client;
pub mod date;
pub mod decode;
mod execute;
pub mod front_matter;
pub mod media;
pub mod note;
mod people;
mod percent;
pub mod plan;
pub mod post;
mod progress;
pub mod report;
pub mod source;
pub mod spelling;
mod state;
mod token;
pub mod topic;
pub mod visibility;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use time::OffsetDateTime;
use uuid::Uuid;

pub use args::ImportArgs;
pub use client::Stopped;
pub use report::Report;

use media::Media;
use plan::Plan;
use source::Source;
use state::State;
use visibility::Rules;

/// Exit code `EX_DATAERR`: some entries were refused, all others were imported.
pub const EXIT_REFUSED: u8 = 65;
/// Exit code `EX_NOINPUT`: the folder cannot be read.
pub const EXIT_NO_INPUT: u8 = 66;
/// Exit code `EX_UNAVAILABLE`: the server cannot be reached.
pub const EXIT_UNAVAILABLE: u8 = 69;
/// Exit code `EX_NOPERM`: the server does not accept the token.
pub const EXIT_UNAUTHORIZED: u8 = 77;

/// Imports what the arguments name.
///
/// # Errors
/// The folder cannot be read; there is no usable token; the server cannot be reached or does not accept the token
/// ([`Stopped`]). What was imported until then stays imported.
pub async fn run(args: ImportArgs) -> anyhow::Result<Report> {
    let started = Instant::now();
    let subject = subject(&args)?;
    let dir = args.dir.clone();
    let rules =
        Rules { now: OffsetDateTime::now_utc(), publish_expired: args.publish_expired, zone: args.time_zone.clone() };
    let source =
        tokio::task::spawn_blocking(move || Source::read(&dir, rules)).await.context("reading the folder failed")??;
    let (plan, dir) = (Plan::of(source, &args.source, subject), args.dir.clone());
    let (plan, media) =
        tokio::task::spawn_blocking(move || with_media(plan, &dir)).await.context("looking for media")?;
    let mut report = Report::of_plan(&plan, args.dry_run);
    if !args.dry_run {
        let mut state = State::read(args.state.as_deref())?;
        let executed = execute::execute(&plan, &media, &args, &mut state, &mut report).await;
        // What was imported until then is remembered.
        state.write()?;
        executed?;
    }
    report.finish(started.elapsed());
    Ok(report)
}

/// A plan, and what its posts refer to in their folder.
fn with_media(mut plan: Plan, dir: &Path) -> (Plan, Media) {
    let media = Media::beside(&mut plan, dir);
    (plan, media)
}

/// Imports, prints the closing report on standard output (or why there is none on standard error), and says how the
/// process should end.
pub async fn run_and_print(args: ImportArgs) -> ExitCode {
    let json = args.json;
    print(&run(args).await, json)
}

/// Prints a result as [`run_and_print`] does.
#[must_use]
pub fn print(result: &anyhow::Result<Report>, json: bool) -> ExitCode {
    match result {
        Ok(report) if json => println!("{}", report.to_json()),
        Ok(report) => print!("{report}"),
        Err(error) => eprintln!("import: {error:#}"),
    }
    ExitCode::from(exit_code(result))
}

/// The exit code that an import's result asks for.
#[must_use]
pub fn exit_code(result: &anyhow::Result<Report>) -> u8 {
    match result {
        Ok(report) if report.refused.is_empty() => 0,
        Ok(_) => EXIT_REFUSED,
        Err(error) if error.is::<source::Unreadable>() => EXIT_NO_INPUT,
        Err(error) => match error.downcast_ref::<Stopped>() {
            Some(Stopped::Unauthorized { .. }) => EXIT_UNAUTHORIZED,
            Some(Stopped::Unreachable { .. } | Stopped::Unavailable { .. }) => EXIT_UNAVAILABLE,
            None => 64,
        },
    }
}

/// Who posts without an author belong to: the token's subject. A dry run needs no token.
fn subject(args: &ImportArgs) -> anyhow::Result<Option<Uuid>> {
    match &args.token {
        Some(token) => token::subject(token).map(Some).context("INKLOG_TOKEN (--token) is not usable"),
        None if args.dry_run => Ok(None),
        None => anyhow::bail!("a token is needed: give --token or set INKLOG_TOKEN"),
    }
}
