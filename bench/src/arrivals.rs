//! `bench arrivals`: reads that come at a pace, whatever becomes of those before, as they come from many people; each
//! waits for so long, and then goes. A process of its own with one thread.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Args;
use serde::{Deserialize, Serialize};
use service_kit::config::duration;
use testkit::http::{Client, Request};
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::callers::Window;
use crate::child::processor_seconds;
use crate::latency::{Latencies, Recorded};

/// What comes, and where.
#[derive(Args, Debug)]
pub(crate) struct ArrivalsArgs {
    /// The API.
    #[arg(long)]
    address: SocketAddr,
    /// What is read.
    #[arg(long, default_value = "/v1/posts")]
    path: String,
    /// How many come in a second.
    #[arg(long)]
    rate: f64,
    /// For how long to measure.
    #[arg(long)]
    seconds: f64,
    /// How long each waits, from when it was due. The server is told so.
    #[arg(long, value_parser = duration)]
    patience: Duration,
}

/// What `bench arrivals` prints.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Arrived {
    /// Answered well and in time, per second.
    pub(crate) good: f64,
    /// Told to come later, per second.
    pub(crate) refused: f64,
    /// Gone before an answer came, per second.
    pub(crate) late: f64,
    /// All else, per second.
    pub(crate) broken: f64,
    /// How long good answers took, from when they were due.
    pub(crate) answers: Recorded,
    /// How long after it was due each was sent.
    pub(crate) delays: Recorded,
    /// Processor time that the load took itself, of each request.
    pub(crate) own_micros: f64,
}

/// What became of one.
enum End {
    Good(Duration),
    Refused,
    Late,
    Broken,
}

/// What became of all.
struct Arrivals {
    window: Window,
    /// Connections that nobody uses.
    idle: Vec<Client>,
    ends: [u64; 4],
    answers: Latencies,
    delays: Latencies,
    sent: u64,
}

/// Sends the load and prints what became of it.
///
/// # Errors
/// A task failed.
pub(crate) async fn run(args: ArrivalsArgs) -> anyhow::Result<()> {
    anyhow::ensure!(args.rate > 0.0, "something must come");
    let patience = args.patience;
    let asked_for = patience.as_millis().to_string();
    let headers = [("inklog-timeout-ms", asked_for.as_str())];
    let request = Request { method: "GET", path: &args.path, headers: &headers, body: "" }.bytes(args.address);
    let began = Instant::now();
    let mut all = Arrivals::new(Window::seconds(args.seconds));
    let (from, until) = (began + all.window.warm_up, began + all.window.warm_up + all.window.measured);
    let mut under_way = JoinSet::new();
    let mut due = began;
    while due < until {
        tokio::select! {
            biased;
            Some(ended) = under_way.join_next(), if !under_way.is_empty() => all.take(ended?),
            () = sleep_until(due.into()) => {
                let client = all.idle.pop().unwrap_or_else(|| Client::new(args.address, patience));
                if due >= from {
                    all.delays.record(due.elapsed());
                }
                under_way.spawn(one(client, request.clone(), due, patience, due >= from));
                all.sent += 1;
                due = began + Duration::from_secs_f64(all.sent as f64 / args.rate);
            }
        }
    }
    while let Some(ended) = under_way.join_next().await {
        all.take(ended?);
    }
    println!("{}", serde_json::to_string(&all.told()?)?);
    Ok(())
}

/// Sends one; the client, where its connection can be used again, and what became of it, where that counts.
async fn one(
    mut client: Client,
    request: Vec<u8>,
    due: Instant,
    patience: Duration,
    counts: bool,
) -> (Option<Client>, Option<End>) {
    let answer = timeout(patience.saturating_sub(due.elapsed()), client.send(&request)).await;
    let end = match &answer {
        Ok(Ok(answer)) if answer.status == 200 => End::Good(due.elapsed()),
        Ok(Ok(answer)) if answer.status == 503 => End::Refused,
        Ok(Ok(_) | Err(_)) => End::Broken,
        Err(_) => End::Late,
    };
    (matches!(answer, Ok(Ok(_))).then_some(client), counts.then_some(end))
}

impl Arrivals {
    fn new(window: Window) -> Self {
        let (answers, delays) = (Latencies::new(), Latencies::new());
        Self { window, idle: Vec::new(), ends: [0; 4], answers, delays, sent: 0 }
    }

    fn take(&mut self, (client, end): (Option<Client>, Option<End>)) {
        self.idle.extend(client);
        let Some(end) = end else { return };
        let place = match end {
            End::Good(took) => {
                self.answers.record(took);
                0
            }
            End::Refused => 1,
            End::Late => 2,
            End::Broken => 3,
        };
        self.ends[place] += 1;
    }

    fn told(&self) -> anyhow::Result<Arrived> {
        let [good, refused, late, broken] = self.ends.map(|count| count as f64 / self.window.measured.as_secs_f64());
        let own_micros = processor_seconds("self")? * 1e6 / self.sent.max(1) as f64;
        let (answers, delays) = (self.answers.recorded(), self.delays.recorded());
        Ok(Arrived { good, refused, late, broken, answers, delays, own_micros })
    }
}
