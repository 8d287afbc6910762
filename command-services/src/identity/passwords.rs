//! Passwords: which are taken, and how they are hashed without starving everything else.
//!
//! Hashing is slow on purpose. It has threads of its own, fewer than there are cores and less urgent than anything
//! else, and a queue with a bound: a flood of log-ins fills the queue and is turned away, while commands go on.

mod hashing;
mod policy;

pub use policy::{Password, Policy, Presented};

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use domain::values::Invalid;
use hashing::Hasher;
use parking_lot::Mutex;
use service_kit::Problem;
use tokio::sync::oneshot;

/// Jobs that may wait per thread: two seconds' worth, at Argon2's 30 ms.
const QUEUE: usize = 64;
/// A caller that waited longer has gone, or is about to.
const PATIENCE: Duration = Duration::from_secs(4);
/// After so long without work the memory that hashing takes is given back.
const IDLE: Duration = Duration::from_secs(2);
/// How nice hashing is to everything else: a Unix niceness.
const LEAST_URGENT: i32 = 19;

/// Hashes and verifies passwords. Clones share the threads, which end with the last clone.
#[derive(Clone)]
pub struct Passwords {
    jobs: SyncSender<Job>,
    policy: Policy,
}

/// What is to be done, and by when.
struct Job {
    work: Work,
    asked: Instant,
}

enum Work {
    Hash { password: Password, about: Vec<String>, policy: Policy, reply: oneshot::Sender<Result<String, Invalid>> },
    Verify { presented: Presented, hash: Option<String>, reply: oneshot::Sender<Verdict> },
}

/// What a presented password is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the one.
    Wrong,
    /// The one. If it was hashed with less than is asked for today, here is a better hash.
    Good(Option<String>),
}

impl Passwords {
    /// Starts so many threads.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(threads: usize, policy: Policy) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE * threads);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            let name = format!("passwords-{number}");
            std::thread::Builder::new().name(name).spawn(move || work(&queue))?;
        }
        Ok(Self { jobs, policy })
    }

    /// The hash of a new password, if the policy takes it; `about` is what it must not be made of.
    ///
    /// # Errors
    /// The policy refuses it; or too much is waiting.
    pub async fn hash(&self, password: &Password, about: &[&str]) -> Result<Result<String, Invalid>, Problem> {
        let (reply, outcome) = oneshot::channel();
        let about = about.iter().map(|&word| word.to_owned()).collect();
        self.submit(Work::Hash { password: password.clone(), about, policy: self.policy, reply })?;
        wait(outcome).await
    }

    /// Whether a password is the one that was hashed. Without a hash it takes just as long, and is not.
    ///
    /// # Errors
    /// Too much is waiting.
    pub async fn verify(&self, presented: &Presented, hash: Option<&str>) -> Result<Verdict, Problem> {
        let (reply, outcome) = oneshot::channel();
        let hash = hash.map(str::to_owned);
        self.submit(Work::Verify { presented: presented.clone(), hash, reply })?;
        wait(outcome).await
    }

    fn submit(&self, work: Work) -> Result<(), Problem> {
        self.jobs.try_send(Job { work, asked: Instant::now() }).map_err(|error| match error {
            TrySendError::Full(_) => {
                measures::identity::PASSWORDS_TURNED_AWAY.increment();
                Problem::overloaded(2)
            }
            TrySendError::Disconnected(_) => Problem::internal("no thread hashes passwords"),
        })
    }
}

async fn wait<T>(outcome: oneshot::Receiver<T>) -> Result<T, Problem> {
    match tokio::time::timeout(PATIENCE, outcome).await {
        Ok(Ok(outcome)) => Ok(outcome),
        // A job that waited too long is dropped, and its reply with it.
        Ok(Err(_)) | Err(_) => Err(Problem::overloaded(2)),
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    // Whatever else there is to do goes before it. Where the system does not allow that, it does without.
    let _ = rustix::process::setpriority_process(None, LEAST_URGENT);
    let mut hasher = Hasher::default();
    loop {
        let next = queue.lock().recv_timeout(IDLE);
        match next {
            Ok(Job { work, asked }) if asked.elapsed() <= PATIENCE => work.carry_out(&mut hasher),
            // The caller has gone.
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => hasher.rest(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Work {
    fn carry_out(self, hasher: &mut Hasher) {
        let began = Instant::now();
        // The caller may have gone: nothing to do about that.
        match self {
            Self::Hash { password, about, policy, reply } => {
                let hash = policy.check(&password, &about).map(|()| hasher.hash(password.expose()));
                let _ = reply.send(hash);
            }
            Self::Verify { presented, hash, reply } => {
                let _ = reply.send(hasher.verify(presented.expose(), hash.as_deref()));
            }
        }
        measures::identity::PASSWORD_DURATION.record(began.elapsed());
    }
}

#[cfg(test)]
mod tests;
