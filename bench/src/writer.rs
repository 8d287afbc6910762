//! The writer: commands decided, appended and read back in this process, beside plain idempotent produce of the very
//! same records and an insert of the same row into Postgres.

mod insert;
mod log;
mod produce;

use event_log::codec::Wire;

use crate::callers::{Measured, Window};
use crate::effort::Effort;
use crate::latency::{Latencies, median};
use crate::report::Figure;
use crate::site::Site;
use insert::Table;
pub(crate) use insert::{CREATE, INSERT};
use log::Writer;

const CALLERS: [usize; 3] = [1, 64, 512];
const PRODUCE: &str = "plain idempotent produce";
const POSTGRES: &str = "Postgres insert";
/// A step is seen when it is so much higher than what is around it, in percent of all.
const STEP_PERCENT: f64 = 0.1;

/// Rounds of one kind at one number of callers.
#[derive(Debug)]
struct Rounds(Vec<Measured>);

/// The three kinds at one number of callers.
struct Beside {
    callers: usize,
    ours: Rounds,
    produce: Rounds,
    insert: Rounds,
}

/// Measures at 1, 64 and 512 callers.
///
/// # Errors
/// Kafka, the registry or Postgres does not answer.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let writer = Writer::open(site, CALLERS[CALLERS.len() - 1]).await?;
    let table = Table::open(site).await?;
    let wire = writer.sample()?;
    println!("each record: {} bytes of value, {} headers", wire.value.len(), wire.headers.iter().len());
    let mut all = Vec::new();
    for callers in CALLERS {
        let beside = rounds(site, &writer, &table, &wire, callers, effort).await?;
        beside.print();
        all.push(beside);
    }
    writer.close().await?;
    Ok(all.iter().flat_map(Beside::figures).chain([steps(&all)]).collect())
}

async fn rounds(
    site: &Site,
    writer: &Writer,
    table: &Table,
    wire: &Wire,
    callers: usize,
    effort: Effort,
) -> anyhow::Result<Beside> {
    let window = Window::seconds(effort.seconds);
    let (mut ours, mut produce, mut insert) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        ours.push(writer.run(callers, window).await?);
        produce.push(produce::run(site, wire.clone(), callers, window).await?);
        insert.push(table.run(wire, callers, window).await?);
    }
    Ok(Beside { callers, ours: Rounds(ours), produce: Rounds(produce), insert: Rounds(insert) })
}

impl Rounds {
    fn rate(&self) -> f64 {
        median(self.0.iter().map(|round| round.rate).collect())
    }

    fn percentile(&self, percentile: f64) -> f64 {
        median(self.0.iter().map(|round| round.latencies.percentile(percentile)).collect())
    }

    fn together(&self) -> Latencies {
        self.0.iter().fold(Latencies::new(), |mut all, round| {
            all.add(&round.latencies);
            all
        })
    }
}

impl Beside {
    fn print(&self) {
        for (name, rounds) in [("inklog", &self.ours), (PRODUCE, &self.produce), (POSTGRES, &self.insert)] {
            println!("{:>4} callers  {name:<25} {:>9.0} /s  {}", self.callers, rounds.rate(), rounds.together().line());
        }
        println!("{}", self.ours.together().picture().join("\n"));
    }

    fn figures(&self) -> Vec<Figure> {
        let name = |what: &str| format!("writer, {} callers: {what}", self.callers);
        let rate = |what: &str| Figure::new(name(what), self.ours.rate(), "/s");
        // A name stands for one figure.
        let beside_insert = rate("rate beside insert").beside(POSTGRES, self.insert.rate());
        let rate = rate("rate").beside(PRODUCE, self.produce.rate());
        let latency = |of: f64, what: &str| {
            Figure::new(name(what), self.ours.percentile(of), "ms").beside(PRODUCE, self.produce.percentile(of))
        };
        match self.callers {
            1 => vec![latency(50.0, "p50").at_most(1.0), latency(99.0, "p99"), beside_insert],
            64 => vec![rate, beside_insert, latency(50.0, "p50"), latency(99.0, "p99").at_most(10.0)],
            _ => vec![rate.at_least_times(0.5), beside_insert, latency(99.0, "p99")],
        }
    }
}

/// 20 ms and 100 ms are what timers underneath last: no part of the calls may wait for one.
fn steps(all: &[Beside]) -> Figure {
    let worst = all.iter().map(|beside| beside.ours.together().steps()).fold(0.0, f64::max);
    Figure::new("writer: calls in a step at 20 or 100 ms", worst, "%").at_most(STEP_PERCENT)
}

#[cfg(test)]
mod tests;
