//! Lines of the log that say the same again and again. A failure that every call runs into, such as a database that is
//! away, would fill disks and hide what else happens: it is logged once, and then once a second with a count. What is
//! the same is told by the line's place in the code and all that it says; what its spans say, such as the ids of
//! requests, does not make it another.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// So many different lines of one place in the code are let through from one telling to the next. Others are counted
/// together: something in them is new each time, such as an id.
const DIFFERENT: usize = 8;
/// What counts are told by; nothing of it is held back.
const TELLER: &str = "repeated";

/// Holds back warnings and errors that say the same as one of within the last second, and counts them. Lines of other
/// levels all pass: each tells of something that happened, such as a log-in. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    hasher: RandomState,
    /// By the place in the code; of libraries that log by the crate `log`, which has one place for all, by their names,
    /// too.
    seen: Mutex<HashMap<(Identifier, String), Place>>,
}

/// A place in the code, and what it has said since the last telling.
#[derive(Debug)]
struct Place {
    level: Level,
    target: String,
    lines: HashMap<u64, Line>,
    /// Those beyond [`DIFFERENT`].
    others: Line,
}

/// A line, and how often it was held back.
#[derive(Debug, Default)]
struct Line {
    held_back: u64,
    said: Said,
}

/// What a line says.
#[derive(Debug, Default)]
struct Said {
    message: String,
    fields: String,
    /// Which library says it, where it does so by the crate `log`.
    library: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "log.target" => write!(self.library, "{value:?}"),
            // Where in the library.
            name if name.starts_with("log.") => Ok(()),
            name => write!(self.fields, "{}{name}={value:?}", if self.fields.is_empty() { "" } else { " " }),
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}

impl Repeats {
    /// Whether the line is new.
    fn lets_through(&self, event: &Event<'_>) -> bool {
        let metadata = event.metadata();
        if *metadata.level() > Level::WARN || metadata.target() == TELLER {
            return true;
        }
        let mut said = Said::default();
        event.record(&mut said);
        let line = self.0.hasher.hash_one((&said.message, &said.fields));
        let mut seen = self.0.seen.lock();
        let place = (metadata.callsite(), said.library.clone());
        let place = seen.entry(place).or_insert_with(|| Place::of(metadata, &said.library));
        place.lets_through(line, said)
    }

    /// Logs how often each line was held back since this was last called, and forgets those that were not.
    pub(super) fn tell(&self) {
        let mut told = Vec::new();
        self.0.seen.lock().retain(|_, place| {
            let Place { level, target, lines, others } = place;
            lines.retain(|_, line| tell_of(line, *level, target, &mut told));
            let goes_on = tell_of(others, *level, target, &mut told);
            goes_on || !lines.is_empty()
        });
        // Nothing is locked while it is logged.
        told.iter().for_each(Told::log);
    }
}

#[cfg(test)]
impl Repeats {
    pub(super) fn is_empty(&self) -> bool {
        self.0.seen.lock().is_empty()
    }
}

impl Place {
    fn of(metadata: &'static Metadata<'static>, library: &str) -> Self {
        let target = if library.is_empty() { metadata.target() } else { library };
        let (level, target) = (*metadata.level(), target.to_owned());
        Self { level, target, lines: HashMap::new(), others: Line::default() }
    }

    fn lets_through(&mut self, line: u64, said: Said) -> bool {
        let is_full = self.lines.len() >= DIFFERENT;
        match self.lines.get_mut(&line) {
            Some(known) => known.held_back += 1,
            None if is_full => {
                self.others.held_back += 1;
                self.others.said = said;
            }
            None => {
                self.lines.insert(line, Line { held_back: 0, said });
                return true;
            }
        }
        false
    }
}

/// Whether the line was held back since the last telling, which is told.
fn tell_of(line: &mut Line, level: Level, target: &str, told: &mut Vec<Told>) -> bool {
    let count = std::mem::take(&mut line.held_back);
    if count > 0 {
        let Said { message, fields, .. } = &line.said;
        told.push(Told { level, target: target.to_owned(), count, message: message.clone(), fields: fields.clone() });
    }
    count > 0
}

/// What is told of a line.
struct Told {
    level: Level,
    target: String,
    count: u64,
    message: String,
    fields: String,
}

impl Told {
    fn log(&self) {
        let Self { level, target: of, count, message, fields } = self;
        let (of, count, fields) = (of.as_str(), *count, fields.as_str());
        match *level {
            Level::ERROR => tracing::error!(target: TELLER, of, count, fields, "{message}"),
            _ => tracing::warn!(target: TELLER, of, count, fields, "{message}"),
        }
        let level = level.as_str().to_ascii_lowercase();
        measures::http::LINES_HELD_BACK.with([level]).increment(count);
    }
}

impl<S: Subscriber> Filter<S> for Repeats {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        self.lets_through(event)
    }
}
