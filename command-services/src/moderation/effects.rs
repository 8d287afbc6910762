//! Carries out on things what moderators decided of them: a ruling on a comment becomes an event of its thread, in the
//! name of the moderator. The instance that was asked for the ruling does it before it answers, and the leader of the
//! case until it is done, whatever becomes of that instance. The thread knows by the ruling's number whether it has it,
//! so it does not matter how often that is tried, nor by whom: docs/adr/0028.

use std::sync::Arc;
use std::time::Duration;

use domain::Actor;
use domain::comments::{Command as CommentCommand, Comments, Rejection, Ruled};
use domain::moderation::{About, Ask, Case, Command as ModerationCommand, Moderation, State, Target};
use event_log::{Due, EventLog, Refusal};
use futures::FutureExt as _;
use service_kit::Problem;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::commands::{Caller, Command, Decided};
use crate::due;
use crate::freshness::stale;
use crate::part::Process;
use crate::reply::Accepted;

/// For one ruling.
const DEADLINE: Duration = Duration::from_secs(5);
/// So long a moderator's reply waits for it at most.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Between looks whether this instance has read the ruling.
const LOOK: Duration = Duration::from_millis(2);

/// What it is carried out with.
pub(super) struct Effects {
    cases: Arc<EventLog<Moderation>>,
    comments: Arc<EventLog<Comments>>,
}

/// Carries out what is due; see [`crate::due`].
///
/// # Errors
/// The process has no log of moderation, or none of comments.
pub(super) fn carry_out(process: &mut Process) -> anyhow::Result<Arc<Effects>> {
    let (cases, comments) = (process.logs.of::<Moderation>()?, process.logs.of::<Comments>()?);
    let effects = Arc::new(Effects { cases, comments });
    let judge = Arc::clone(&effects);
    due::carry_out::<Moderation, _>(process, move |due: &Due<Moderation>| {
        let (effects, due) = (Arc::clone(&judge), due.clone());
        async move { effects.judge(&due).await }.boxed()
    })?;
    Ok(effects)
}

impl Effects {
    /// Carries out all rulings of a case up to the last, and says which that was.
    ///
    /// # Errors
    /// The thread has not taken it yet; or this instance cannot say what was decided.
    async fn judge(&self, due: &Due<Moderation>) -> Result<ModerationCommand, Problem> {
        let State::Case(case) = self.cases.confirmed(&due.aggregate_id).map_err(stale)?.1 else {
            return Ok(due.command.clone());
        };
        let About { target, .. } = case.about();
        match target {
            Target::Comment { post_id, number } => {
                let _ = self.rule(&case, ruled(&case, post_id, number)).await?;
            }
            // What is decided of a post is that its reports are dismissed.
            Target::Post(_) | Target::Account(_) => {}
        }
        Ok(ModerationCommand::Case(case.about(), Ask::CarryOut { ruling: case.rulings() }))
    }

    /// Carries out what was decided of a comment up to a ruling, and says where in the log it is so. Nothing where that
    /// takes longer than a moment: then the leader of the case does it.
    pub(super) async fn at_once(&self, target: Target, ruling: i64, deadline: Instant) -> Option<String> {
        let (post_id, number) = target.place().filter(|_| ruling > 0)?;
        let carried = async {
            let case = self.read(target, ruling).await;
            self.rule(&case, ruled(&case, post_id, number)).await
        };
        match timeout_at(deadline.min(Instant::now() + AT_ONCE), carried).await {
            Ok(Ok(accepted)) => accepted?.position(),
            Ok(Err(problem)) => {
                tracing::info!(%post_id, number, %problem, "a ruling is not carried out at once");
                None
            }
            Err(_) => None,
        }
    }

    /// A case, once this instance has read a ruling of it.
    async fn read(&self, target: Target, ruling: i64) -> Box<Case> {
        loop {
            match self.cases.confirmed(&target.id()) {
                Ok((_, State::Case(case))) if case.rulings() >= ruling => return case,
                Ok(_) | Err(_) => sleep(LOOK).await,
            }
        }
    }

    async fn rule(&self, case: &Case, ruled: Ruled) -> Result<Option<Accepted>, Problem> {
        let Some((moderator_id, role)) = case.ruled_by() else { return Ok(None) };
        let Ruled { post_id, number, ruling, .. } = ruled;
        let key = format!("ruling/{number}/{ruling}");
        let caller = Caller::in_the_name_of(Actor::new(moderator_id).with(role), &key, Instant::now() + DEADLINE);
        let command: Command<'_, Comments> = caller.command(&self.comments, post_id.to_string(), &key);
        match command.execute(CommentCommand::Rule(ruled), None).await? {
            Decided::Accepted(accepted) => Ok(Some(accepted)),
            // A case is of a comment that is there: the log of comments was begun anew.
            Decided::Refused(Refusal::Rejected { rejection: Rejection::NotFound, .. }) => {
                tracing::warn!(%post_id, number, "what a moderator decided is of a comment that is not there");
                Ok(None)
            }
            Decided::Refused(refusal) => Err(Problem::internal(format!("a ruling was not carried out: {refusal:?}"))),
        }
    }
}

/// What was decided of a comment up to the last ruling.
fn ruled(case: &Case, post_id: Uuid, number: i64) -> Ruled {
    Ruled { post_id, number, ruling: case.rulings(), visible: case.visible(), edits: case.edits() }
}
