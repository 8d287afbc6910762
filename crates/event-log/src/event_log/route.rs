//! The way of a command to its partition's leader.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use domain::Decider;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::{EventLog, now};
use crate::partition::{Outcome, Pending, Request};
use crate::record::TermStarted;

/// How long to wait before asking again a leader that could not be reached: it may be on its way out.
const ASK_AGAIN: Duration = Duration::from_millis(50);
/// How long to wait at most before asking again a leader that did not take the command: it waits for an instance that
/// does, which may be no sooner than an upgrade ends.
const NOT_TAKEN: Duration = Duration::from_millis(500);
/// How long an instance that passes a leader's answer on may take to read what it says. The reading goes on while the
/// answer comes, so it takes a millisecond; an instance that is cut off from the log passes it on all the same.
const READ_TOO: Duration = Duration::from_secs(1);

/// Hands a command to the instance that leads its partition.
#[async_trait]
pub trait Forward<C: Decider>: Send + Sync + 'static {
    /// Executes the command at `address`, there only: it is not forwarded again.
    ///
    /// # Errors
    /// Whether the command got there or not, if that is not known.
    async fn forward(&self, address: &str, request: &Request<C>, deadline: Instant)
    -> Result<Outcome<C>, ForwardError>;
}

/// Why a forwarded command has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// It was not applied: it never left, or the leader does not take it from this instance.
    #[error("the leader did not take it: {0}")]
    NotApplied(String),
    /// It may have got there.
    #[error("the leader did not answer: {0}")]
    Unknown(String),
}

/// For a single instance: there is nowhere to forward to.
#[derive(Clone, Copy, Debug)]
pub struct NoForward;

#[async_trait]
impl<C: Decider> Forward<C> for NoForward {
    async fn forward(&self, address: &str, _: &Request<C>, _: Instant) -> Result<Outcome<C>, ForwardError> {
        Err(ForwardError::NotApplied(address.to_owned()))
    }
}

/// Why there is no outcome within the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// The command was not applied: no instance led its partition in time.
    #[error("the partition is moving between instances")]
    Moving,
    /// The command was not applied: the context is being copied into another topic, or has been.
    #[error("the partition is sealed")]
    Sealed,
    /// The command was not applied: too much is waiting.
    #[error("too many commands are waiting")]
    Overloaded,
    /// It may or may not be applied; asking again with the same id tells, and cannot apply it twice.
    #[error("the outcome is not known yet")]
    Unknown,
}

impl<C: Decider> EventLog<C> {
    /// Takes a command to its partition's leader, here or elsewhere, and brings the outcome. While the partition
    /// moves, waits for the new leader. The command may be sent more than once: its id sees to it that it is applied
    /// at most once. When one is accepted, this instance has read what became of it (if it reads at all): the next
    /// question for [`EventLog::confirmed`] finds it.
    ///
    /// # Errors
    /// No outcome by `deadline`.
    pub async fn execute(&self, request: Request<C>, deadline: Instant) -> Result<Outcome<C>, ExecuteError> {
        let request = Arc::new(request);
        let partition = self.partition_of(&request.aggregate_id);
        let mut moved = self.slot(partition).moved.subscribe();
        let (mut unknown, mut pause) = (false, ASK_AGAIN);
        loop {
            moved.mark_unchanged();
            let attempt = self.attempt(partition, &request, deadline, &mut moved).await;
            pause = pause_after(&attempt, pause);
            match attempt {
                Ok(Outcome::Moved) | Err(ForwardError::NotApplied(_)) => {
                    if self.is_sealed(partition) && !unknown {
                        return Err(ExecuteError::Sealed);
                    }
                }
                Ok(Outcome::Overloaded) if !unknown => return Err(ExecuteError::Overloaded),
                Ok(Outcome::Overloaded) => {}
                Ok(outcome) => return Ok(outcome),
                Err(ForwardError::Unknown(_)) => unknown = true,
            }
            let again = (Instant::now() + pause).min(deadline);
            let _ = timeout_at(again, moved.changed()).await;
            if Instant::now() >= deadline {
                return Err(if unknown { ExecuteError::Unknown } else { ExecuteError::Moving });
            }
        }
    }

    /// Executes a command that another instance forwarded: here, or not at all.
    ///
    /// # Errors
    /// No outcome by `deadline`.
    pub async fn execute_here(
        &self,
        request: impl Into<Arc<Request<C>>>,
        deadline: Instant,
    ) -> Result<Outcome<C>, ExecuteError> {
        let (request, began) = (request.into(), Instant::now());
        let outcome = self.decided_here(request, deadline).await;
        self.measured.decided(&outcome, began.elapsed());
        outcome
    }

    async fn decided_here(&self, request: Arc<Request<C>>, deadline: Instant) -> Result<Outcome<C>, ExecuteError> {
        let partition = self.partition_of(&request.aggregate_id);
        let left = deadline.saturating_duration_since(Instant::now()).as_millis();
        if left == 0 {
            // The process stood still meanwhile, or the command came late: it is not begun.
            return Ok(Outcome::Moved);
        }
        let until = now().plus_millis(i64::try_from(left).unwrap_or(i64::MAX));
        match timeout_at(deadline, self.submit(partition, Pending::new(request, until))).await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_)) | Err(_) => Err(ExecuteError::Unknown),
        }
    }

    /// Where the partition's leader is, if it is another instance.
    pub(super) fn elsewhere(&self, partition: i32) -> Option<String> {
        let slot = self.slot(partition);
        if slot.takes_commands.load(Ordering::Acquire) {
            return None;
        }
        let machine = slot.partition.lock();
        // At this instance's own address was the one before it, which is gone.
        let another = |leader: &&TermStarted| leader.owner != self.me && leader.address != self.address;
        let leader = machine.history().leader.as_ref().filter(another);
        let address = leader.and_then(TermStarted::takes_commands_at);
        if machine.takes_commands() { None } else { address.map(str::to_owned) }
    }

    async fn attempt(
        &self,
        partition: i32,
        request: &Arc<Request<C>>,
        deadline: Instant,
        moved: &mut watch::Receiver<u64>,
    ) -> Result<Outcome<C>, ForwardError> {
        if let Some(address) = self.elsewhere(partition) {
            // A leader that was stopped answers nothing, and its successor may be known long before the deadline.
            let forwarded = tokio::select! {
                outcome = self.forward.forward(&address, request, deadline) => outcome,
                _ = moved.changed() => Err(ForwardError::Unknown("the partition moved meanwhile".into())),
            };
            if let Ok(Outcome::Accepted(receipt)) = &forwarded {
                self.read_past(partition, receipt.offset, deadline).await;
            }
            return forwarded;
        }
        self.execute_here(Arc::clone(request), deadline).await.map_err(|error| ForwardError::Unknown(error.to_string()))
    }

    /// An instance that is still catching up is not believed about the partition anyway, and does not wait.
    async fn read_past(&self, partition: i32, offset: i64, deadline: Instant) {
        let slot = self.slot(partition);
        if !slot.is_catching_up() {
            let mut read = slot.read.subscribe();
            let _ = timeout_at(deadline.min(Instant::now() + READ_TOO), read.wait_for(|next| *next > offset)).await;
        }
    }
}

/// How long to wait after this attempt, when the wait before it was `before`: longer each time that the command is not
/// taken.
fn pause_after<C: Decider>(attempt: &Result<Outcome<C>, ForwardError>, before: Duration) -> Duration {
    match attempt {
        Err(ForwardError::NotApplied(_)) => (before * 2).min(NOT_TAKEN),
        Ok(_) | Err(ForwardError::Unknown(_)) => ASK_AGAIN,
    }
}

/// A forward that can be shared.
#[async_trait]
impl<C: Decider, F: Forward<C>> Forward<C> for Arc<F> {
    async fn forward(
        &self,
        address: &str,
        request: &Request<C>,
        deadline: Instant,
    ) -> Result<Outcome<C>, ForwardError> {
        (**self).forward(address, request, deadline).await
    }
}

#[cfg(test)]
mod tests {
    use domain::posts::Posts;

    use super::*;

    #[test]
    fn a_leader_that_does_not_take_a_command_is_asked_less_and_less_often() {
        let not_taken: Result<Outcome<Posts>, _> = Err(ForwardError::NotApplied("another version".to_owned()));
        let mut pauses = vec![ASK_AGAIN];
        (0..5).for_each(|_| pauses.push(pause_after(&not_taken, *pauses.last().unwrap())));
        assert_eq!(pauses.iter().map(Duration::as_millis).collect::<Vec<_>>(), [50, 100, 200, 400, 500, 500]);
        assert_eq!(pause_after::<Posts>(&Ok(Outcome::Moved), NOT_TAKEN), ASK_AGAIN);
    }
}
