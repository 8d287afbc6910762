//! One reading of the log for several rebuilds that begin together: fetching and decoding it costs about as much as
//! everything else that one of them does.
//!
//! They stay together as long as they keep up with each other. A rebuild that is waited for too long, goes back, or
//! finds that the others' reading has ended, goes on with one of its own from where it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event_log::subscription::{Batch, PartitionId, Position, SubscribeError};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use crate::log::{Log, Positions, Source};

/// Batches that wait for each reader.
const QUEUED: usize = 4;
/// How long the others wait for one of them.
const PATIENCE: Duration = Duration::from_secs(1);

type Ends = HashMap<PartitionId, i64>;

/// A log that is read from its beginning together with others. Only the first to open it reads with them.
#[derive(Clone, Debug)]
pub struct Shared<L> {
    log: L,
    seat: Arc<Mutex<Option<Seat>>>,
}

/// A reader's place among the others.
#[derive(Debug)]
struct Seat {
    batches: Receiver<Batch>,
    questions: Sender<oneshot::Sender<Ends>>,
}

/// Reads with the others, or by itself.
#[derive(Debug)]
pub struct Following<L: Log> {
    log: L,
    contexts: Vec<String>,
    max_batch: usize,
    at: Positions,
    reading: Reading<L::Source>,
}

#[derive(Debug)]
enum Reading<S> {
    Together(Seat),
    Alone(S),
}

/// Begins to read a log for `N` readers. They hold each other up until they are opened, or dropped.
pub fn shared<L: Log, const N: usize>(log: &L, contexts: &'static [&'static str], max_batch: usize) -> [Shared<L>; N] {
    let (questions, asked) = channel(N);
    let mut readers = Vec::with_capacity(N);
    let seats = [(); N].map(|()| {
        let (reader, batches) = channel(QUEUED);
        readers.push(reader);
        let seat = Seat { batches, questions: questions.clone() };
        Shared { log: log.clone(), seat: Arc::new(Mutex::new(Some(seat))) }
    });
    let log = log.clone();
    tokio::spawn(async move {
        // A rebuild that is left without it opens the log, and is told what is wrong with it.
        match log.open(contexts, Positions::new(), max_batch).await {
            Ok(source) => Reciter { source, readers, asked }.recite().await,
            Err(error) => tracing::debug!(%error, "opening the log for several readers"),
        }
    });
    seats
}

/// Reads for all.
struct Reciter<S> {
    source: S,
    readers: Vec<Sender<Batch>>,
    asked: Receiver<oneshot::Sender<Ends>>,
}

impl<S: Source> Reciter<S> {
    async fn recite(mut self) {
        while !self.readers.is_empty() {
            let batch = tokio::select! {
                batch = self.source.next() => batch,
                question = self.asked.recv() => match question {
                    Some(question) => {
                        self.answer(question).await;
                        continue;
                    }
                    None => return,
                },
            };
            let Ok(batch) = batch else { return };
            self.give_all(batch).await;
        }
    }

    async fn give_all(&mut self, batch: Batch) {
        for reader in std::mem::take(&mut self.readers) {
            if self.give(&reader, &batch).await {
                self.readers.push(reader);
            }
        }
    }

    /// `false`: the reader is gone, or too slow for the others.
    async fn give(&mut self, reader: &Sender<Batch>, batch: &Batch) -> bool {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            tokio::select! {
                room = reader.reserve() => match room {
                    Ok(room) => {
                        room.send(batch.clone());
                        return true;
                    }
                    Err(_) => return false,
                },
                // Who asks does not read meanwhile.
                Some(question) = self.asked.recv() => self.answer(question).await,
                () = tokio::time::sleep_until(until) => return false,
            }
        }
    }

    async fn answer(&mut self, question: oneshot::Sender<Ends>) {
        if let Ok(ends) = self.source.ends().await {
            // Who asked may have gone.
            let _ = question.send(ends);
        }
    }
}

impl<L: Log> Log for Shared<L> {
    type Source = Following<L>;

    fn partitions(&self, contexts: &[&str]) -> Vec<PartitionId> {
        self.log.partitions(contexts)
    }

    async fn open(
        &self,
        contexts: &[&str],
        positions: Positions,
        max_batch: usize,
    ) -> Result<Following<L>, SubscribeError> {
        let seat = if positions.is_empty() { self.take_seat() } else { None };
        let reading = match seat {
            Some(seat) => Reading::Together(seat),
            None => Reading::Alone(self.log.open(contexts, positions.clone(), max_batch).await?),
        };
        let contexts = contexts.iter().map(ToString::to_string).collect();
        Ok(Following { log: self.log.clone(), contexts, max_batch, at: positions, reading })
    }
}

impl<L> Shared<L> {
    fn take_seat(&self) -> Option<Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<L: Log> Following<L> {
    /// Goes on alone, from where it is.
    async fn part(&mut self) -> Result<&mut L::Source, SubscribeError> {
        let contexts: Vec<&str> = self.contexts.iter().map(String::as_str).collect();
        let source = self.log.open(&contexts, self.at.clone(), self.max_batch).await?;
        self.reading = Reading::Alone(source);
        match &mut self.reading {
            Reading::Alone(source) => Ok(source),
            Reading::Together(_) => unreachable!("it was set a line above"),
        }
    }

    fn of_ours(&self, partition: &PartitionId) -> bool {
        self.contexts.contains(&partition.context)
    }
}

impl<L: Log> Source for Following<L> {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        while let Reading::Together(seat) = &mut self.reading {
            match seat.batches.recv().await {
                Some(batch) if self.of_ours(&batch.partition) => {
                    self.at.insert(batch.partition.clone(), batch.to);
                    return Ok(batch);
                }
                Some(_) => {}
                None => {
                    self.part().await?;
                }
            }
        }
        match &mut self.reading {
            Reading::Alone(source) => source.next().await,
            Reading::Together(_) => unreachable!("the loop ends when it is alone"),
        }
    }

    async fn ends(&mut self) -> Result<Ends, SubscribeError> {
        let source = match &mut self.reading {
            Reading::Alone(source) => source,
            Reading::Together(seat) => {
                let (question, answer) = oneshot::channel();
                let asked = seat.questions.send(question).await;
                if let (Ok(()), Ok(mut ends)) = (asked, answer.await) {
                    ends.retain(|partition, _| self.of_ours(partition));
                    return Ok(ends);
                }
                self.part().await?
            }
        };
        source.ends().await
    }

    fn moved(&self) -> Option<String> {
        match &self.reading {
            Reading::Alone(source) => source.moved(),
            Reading::Together(_) => None,
        }
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        match &mut self.reading {
            Reading::Alone(source) => source.seek(partition, position).await,
            Reading::Together(_) => {
                self.at.insert(partition.clone(), position);
                self.part().await.map(|_| ())
            }
        }
    }
}

#[cfg(test)]
mod tests;
