//! Carries out on things what moderators decided of them: a ruling on a comment becomes an event of its thread, and one
//! on a post an event of the post, in the name of the moderator. The instance that was asked for the ruling does it
//! before it answers, and the leader of the case until it is done, whatever becomes of that instance. The thing knows
//! by the ruling's number whether it has it, so it does not matter how often that is tried, nor by whom: docs/adr/0028.

use std::sync::Arc;
use std::time::Duration;

use domain::comments::{self, Comments};
use domain::moderation::{Ask, Case, Command as ModerationCommand, Moderation, State, Target};
use domain::posts::{self, Posts};
use domain::{Actor, Decider};
use event_log::{Due, EventLog, Refusal};
use futures::FutureExt as _;
use service_kit::Problem;
use tokio::time::{Instant, sleep, timeout_at};

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
    posts: Arc<EventLog<Posts>>,
}

/// Carries out what is due; see [`crate::due`].
///
/// # Errors
/// The process has no log of moderation, or none of comments or posts.
pub(super) fn carry_out(process: &mut Process) -> anyhow::Result<Arc<Effects>> {
    let (cases, comments) = (process.logs.of::<Moderation>()?, process.logs.of::<Comments>()?);
    let effects = Arc::new(Effects { cases, comments, posts: process.logs.of::<Posts>()? });
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
    /// The thing has not taken it yet; or this instance cannot say what was decided.
    async fn judge(&self, due: &Due<Moderation>) -> Result<ModerationCommand, Problem> {
        let State::Case(case) = self.cases.confirmed(&due.aggregate_id).map_err(stale)?.1 else {
            return Ok(due.command.clone());
        };
        let _ = self.rule(&case).await?;
        Ok(ModerationCommand::Case(case.about(), Ask::CarryOut { ruling: case.rulings() }))
    }

    /// Carries out what was decided of a thing up to a ruling, and says where in the log it is so. Nothing where that
    /// takes longer than a moment: then the leader of the case does it.
    pub(super) async fn at_once(&self, target: Target, ruling: i64, deadline: Instant) -> Option<String> {
        if target.is_person() || ruling <= 0 {
            return None;
        }
        let carried = async {
            let case = self.read(target, ruling).await;
            self.rule(&case).await
        };
        match timeout_at(deadline.min(Instant::now() + AT_ONCE), carried).await {
            Ok(Ok(accepted)) => accepted?.position(),
            Ok(Err(problem)) => {
                tracing::info!(case_id = target.id(), %problem, "a ruling is not carried out at once");
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

    /// Has the thing take what was decided of it up to the last ruling.
    async fn rule(&self, case: &Case) -> Result<Option<Accepted>, Problem> {
        let (ruling, visible) = (case.rulings(), case.visible());
        match case.about().target {
            Target::Comment { post_id, number } => {
                let ruled = comments::Ruled { post_id, number, ruling, visible, edits: case.edits() };
                let command = comments::Command::Rule(ruled);
                let key = format!("ruling/{number}/{ruling}");
                carried(case, &self.comments, (post_id.to_string(), key), command, |why| {
                    *why == comments::Rejection::NotFound
                })
                .await
            }
            // A post that was never hidden hears of no ruling: nor does its author, by its version, of reports.
            Target::Post(_) if case.shown_since() == 0 => Ok(None),
            Target::Post(post_id) => {
                let ruling = case.shown_since();
                let (command, key) =
                    (posts::Command::Rule(posts::Ruled { ruling, visible }), format!("ruling/{ruling}"));
                carried(case, &self.posts, (post_id.to_string(), key), command, |why| {
                    *why == posts::Rejection::NotFound
                })
                .await
            }
            Target::Account(_) => Ok(None),
        }
    }
}

/// Has a command decided that carries a ruling out, in the name of who made it. A case is of a thing that is there: of
/// one that is missing the log was begun anew, and nothing is carried out.
async fn carried<D: Decider>(
    case: &Case,
    log: &Arc<EventLog<D>>,
    (id, key): (String, String),
    command: D::Command,
    is_missing: impl Fn(&D::Rejection) -> bool,
) -> Result<Option<Accepted>, Problem> {
    let Some((moderator_id, role)) = case.ruled_by() else { return Ok(None) };
    let caller = Caller::in_the_name_of(Actor::new(moderator_id).with(role), &key, Instant::now() + DEADLINE);
    let asked: Command<'_, D> = caller.command(log, id, &key);
    match asked.execute(command, None).await? {
        Decided::Accepted(accepted) => Ok(Some(accepted)),
        Decided::Refused(Refusal::Rejected { rejection, .. }) if is_missing(&rejection) => {
            let case_id = case.about().target.id();
            tracing::warn!(case_id, "what a moderator decided is of a thing that is not there");
            Ok(None)
        }
        Decided::Refused(refusal) => Err(Problem::internal(format!("a ruling was not carried out: {refusal:?}"))),
    }
}
