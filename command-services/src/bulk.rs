//! `POST /v1/bulk`: many commands in one request, as JSON lines; an outcome for each, as it comes.
//!
//! A line is a request to one of the routes of this process, and is answered by that route: through the application
//! itself ([`InProcess`]), so with its access, quota, limits, conditions and deadline, and with its problems. What the
//! service does not begin it does not do: once a client has hung up, or takes nothing for a while, the lines that have
//! begun are finished, and no other is begun. Each has an id, its `Idempotency-Key`, so all can be sent once more.

mod line;
mod outcome;

pub use line::{BulkCommand, BulkMethod};
pub use outcome::BulkOutcome;

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, rt};
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, Stream, StreamExt as _};
use service_kit::json::{LINES, Lines, broken_rule};
use service_kit::{Access, InProcess, Problem, Route, Shutdown, routes};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use crate::part::Part;
use line::{Line, Sender};

/// The most commands of a request.
pub const MOST: usize = 500;
/// The most bytes of a request: the largest post, however JSON writes it, and more. A line's body is charged twice to
/// what its network may hold, as a part of this body and as one of its own.
const LARGEST: usize = 4 * 1024 * 1024;
/// Commands of a request that are under way at once.
const AT_ONCE: usize = 64;
/// Outcomes that wait for a client to read them.
const QUEUED: usize = 64;
/// For how long a client may take none.
const PATIENCE: Duration = Duration::from_secs(10);

/// The part of a service that takes its commands in bulk.
pub const PART: Part = Part { routes, ..Part::NOTHING };

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => bulk;
    }
}

/// Does many commands: JSON lines, at most 500, each a `BulkCommand` to a route that needs a token. Lines are begun in
/// their order, up to 64 at once, so one that needs another's outcome belongs into a later request. Outcomes, a
/// `BulkOutcome` a line, come in the order in which commands end. A line that cannot be read has a problem as its
/// outcome, and the others go on. An answer that ends before its last outcome was cut off: send the lines that have
/// none again, with their ids.
#[utoipa::path(post, path = "/v1/bulk", operation_id = "bulk", tag = "bulk",
    request_body(content_type = "application/x-ndjson", description = "One `BulkCommand` a line."),
    responses((status = 200, content_type = "application/x-ndjson", body = BulkOutcome,
        description = "One `BulkOutcome` a line.")))]
pub async fn bulk(request: HttpRequest, lines: Lines<LARGEST>) -> Result<HttpResponse, Problem> {
    let application = request.app_data::<InProcess>();
    let application = application.ok_or_else(|| Problem::malformed("a bulk request is not made within another"))?;
    let lines: Vec<(usize, Bytes)> = lines.each().take(MOST + 1).collect();
    if lines.is_empty() {
        return Err(Problem::malformed("the body is empty; it must have a command a line"));
    }
    if lines.len() > MOST {
        return Err(broken_rule("", format!("has more than {MOST} commands")));
    }
    let ((outcomes, waiting), whole) = (mpsc::channel(QUEUED), Rc::new(Cell::new(false)));
    let (sender, shutdown) = (Sender::of(application.clone(), &request), request.app_data().cloned());
    let send = Rc::new(move |line| sender.send(line));
    let bulk = Bulk { send, shutdown, patience: PATIENCE, ids: HashSet::new() };
    let written = Rc::clone(&whole);
    rt::spawn(async move {
        match bulk.perform(lines, &outcomes).await {
            Ok(()) => written.set(true),
            Err(CutOff) => tracing::info!("a bulk request was cut off: its client takes no outcomes"),
        }
    });
    Ok(HttpResponse::Ok().content_type(LINES).streaming(body(waiting, whole)))
}

/// What was written, and where that is not all, an error: the connection ends without the last chunk then.
fn body(outcomes: mpsc::Receiver<Bytes>, whole: Rc<Cell<bool>>) -> impl Stream<Item = Result<Bytes, CutOff>> {
    let end = async move { if whole.get() { None } else { Some(Err(CutOff)) } };
    ReceiverStream::new(outcomes).map(Ok).chain(futures::stream::once(end).filter_map(std::future::ready))
}

/// What was sent is not all.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the outcomes were cut off")]
struct CutOff;

/// A request under way.
struct Bulk {
    /// Has a route answer a line.
    send: Rc<dyn Fn(Line) -> LocalBoxFuture<'static, HttpResponse>>,
    shutdown: Option<Shutdown>,
    /// For how long its client may take no outcome.
    patience: Duration,
    /// Those of the lines before.
    ids: HashSet<String>,
}

impl Bulk {
    async fn perform(mut self, lines: Vec<(usize, Bytes)>, outcomes: &mpsc::Sender<Bytes>) -> Result<(), CutOff> {
        let (mut waiting, mut begun) = (lines.into_iter(), FuturesUnordered::new());
        loop {
            while begun.len() < AT_ONCE
                && let Some((number, text)) = waiting.next()
            {
                begun.push(self.begin(number, &text));
            }
            let outcome = tokio::select! {
                biased;
                () = outcomes.closed() => return Err(CutOff),
                outcome = begun.next() => outcome,
            };
            let Some(outcome) = outcome else { return Ok(()) };
            let sent = timeout(self.patience, outcomes.send(outcome.line())).await;
            sent.map_err(|_| CutOff)?.map_err(|_| CutOff)?;
        }
    }

    /// Begins what a line asks for. It ends whatever becomes of the future.
    fn begin(&mut self, number: usize, text: &[u8]) -> LocalBoxFuture<'static, BulkOutcome> {
        let line = match self.read(text) {
            Ok(line) => line,
            Err((id, problem)) => {
                return async move { BulkOutcome::of(number, id, problem.error_response()).await }.boxed_local();
            }
        };
        let id = line.id.clone();
        let command = rt::spawn((self.send)(line));
        async move {
            let lost = |_| Problem::internal("the command's task ended").error_response();
            BulkOutcome::of(number, Some(id), command.await.unwrap_or_else(lost)).await
        }
        .boxed_local()
    }

    fn read(&mut self, text: &[u8]) -> Result<Line, (Option<String>, Problem)> {
        let line = Line::read(text)?;
        let refused = |problem| Err((Some(line.id.clone()), problem));
        if !self.ids.insert(line.id.clone()) {
            return refused(broken_rule("/id", "is that of a line before"));
        }
        if self.shutdown.as_ref().is_some_and(Shutdown::is_requested) {
            return refused(Problem::moving(1));
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests;
