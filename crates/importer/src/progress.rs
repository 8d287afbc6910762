//! Says how far an import is: a bar on a terminal, elsewhere a line every few seconds. On standard error, so that
//! the report on standard output stays clean.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::client::Stopped;

const BETWEEN_LINES: Duration = Duration::from_secs(3);

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    done: usize,
    refused: usize,
    said: Instant,
}

impl Progress {
    pub(crate) fn start(total: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} entries, {per_sec:.0}, {eta} left {msg}");
            ProgressBar::new(total as u64).with_style(style.expect("the template is a constant that is valid"))
        });
        Self { bar, total, done: 0, refused: 0, said: Instant::now() }
    }

    /// One more entry is done.
    pub(crate) fn advance(&mut self, refused: bool) {
        self.done += 1;
        self.refused += usize::from(refused);
        if let Some(bar) = &self.bar {
            bar.inc(1);
            if refused {
                bar.set_message(format!("({} refused)", self.refused));
            }
        } else if self.said.elapsed() >= BETWEEN_LINES {
            self.said = Instant::now();
            eprintln!("import: {} of {} entries, {} refused", self.done, self.total, self.refused);
        }
    }

    /// Everything is done: the report says the rest.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// The error for an import that stopped, with how far it came.
    pub(crate) fn stopped(&self, stopped: Stopped) -> anyhow::Error {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
        anyhow::Error::new(stopped).context(format!("stopped after {} of {} entries", self.done, self.total))
    }
}
