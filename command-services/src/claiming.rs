//! Making a value unique before it is used: claim, then act, then confirm. Each step is a command of its own with an
//! id derived from the client's, so the whole can be repeated at any point, by anyone, any number of times.

use domain::claims::{self, Grant};
use domain::{Context, accounts, posts, values};
use event_log::Refusal;
use service_kit::Problem;
use uuid::Uuid;

use crate::commanding::{Command, Decided};

/// A context in which values are claimed.
pub trait Claims: Context {
    /// What is claimed.
    type Value: Clone + Send + Sync;

    /// The aggregate that decides who has the value.
    fn claim_id(value: &Self::Value) -> String;
    /// The value in the form that is unique.
    fn unique(value: &Self::Value) -> String;
    /// A command on the claim.
    fn on_claim(command: claims::Command) -> Self::Command;
    /// The question to a holder's own aggregate whether it bears the value.
    fn vouch(value: &Self::Value) -> Self::Command;
    /// What a rejection says of the claim.
    fn claim_rejection(rejection: &Self::Rejection) -> Option<&claims::Rejection>;
    /// Whether the act came too late for its claim.
    fn lapsed(rejection: &Self::Rejection) -> bool;
}

/// Why a value was not claimed.
#[derive(Debug)]
pub enum NotClaimed {
    /// Another has it, or is about to.
    Taken,
    /// It is not known.
    Problem(Problem),
}

/// Claims `value` for the aggregate `holder_id`; `attempt` tells this try from earlier ones of the same command.
///
/// # Errors
/// Another has it, or there is no outcome in time.
pub async fn claim<C: Claims>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
    attempt: u32,
) -> Result<Grant, NotClaimed> {
    let mut instead_of = None;
    // At most once: a second lapsed holder in a row means that others are at it right now.
    for _ in 0..2 {
        let step = format!("claim/{}/{attempt}/{instead_of:?}", C::unique(value));
        let body = claims::Command::Claim { value: C::unique(value), holder_id, instead_of };
        let decided = command.step(&step, C::claim_id(value), C::on_claim(body)).await;
        let rejection = match decided.map_err(NotClaimed::Problem)? {
            Decided::Accepted(accepted) => {
                let grant = accepted.receipt.note.as_deref().and_then(Grant::of_receipt);
                return grant.ok_or_else(|| NotClaimed::Problem(Problem::internal("a claim without a receipt")));
            }
            Decided::Refused(Refusal::Rejected { rejection, .. }) => rejection,
            Decided::Refused(refusal) => {
                return Err(NotClaimed::Problem(Problem::internal(format!("a claim was refused: {refusal:?}"))));
            }
        };
        match C::claim_rejection(&rejection) {
            Some(claims::Rejection::Pending { holder_id: other, lapsed: true }) => {
                if bears(command, value, *other, attempt).await.map_err(NotClaimed::Problem)? {
                    return Err(NotClaimed::Taken);
                }
                instead_of = Some(*other);
            }
            _ => return Err(NotClaimed::Taken),
        }
    }
    Err(NotClaimed::Taken)
}

/// Whether a holder whose claim lapsed bears the value after all; if so, confirms on its behalf.
async fn bears<C: Claims>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
    attempt: u32,
) -> Result<bool, Problem> {
    let step = format!("vouch/{}/{attempt}", C::unique(value));
    match command.step(&step, holder_id.to_string(), C::vouch(value)).await? {
        Decided::Accepted(_) => {
            confirm(command, value, holder_id).await?;
            Ok(true)
        }
        Decided::Refused(Refusal::Rejected { .. }) => Ok(false),
        // An unreadable holder may bear it.
        Decided::Refused(_) => Ok(true),
    }
}

/// Makes a claim good for ever. Where this does not happen, whoever next wants the value asks the holder and does it.
///
/// # Errors
/// There is no outcome in time.
pub async fn confirm<C: Claims>(command: &Command<'_, C>, value: &C::Value, holder_id: Uuid) -> Result<(), Problem> {
    let step = format!("confirm/{}/{holder_id}", C::unique(value));
    let body = claims::Command::Confirm { value: C::unique(value), holder_id };
    match command.step(&step, C::claim_id(value), C::on_claim(body)).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a confirmation was refused: {refusal:?}"))),
    }
}

impl Claims for posts::Posts {
    type Value = values::Slug;

    fn claim_id(value: &values::Slug) -> String {
        posts::slug_claim_id(value.as_str())
    }

    fn unique(value: &values::Slug) -> String {
        value.to_string()
    }

    fn on_claim(command: claims::Command) -> posts::Command {
        posts::Command::Slug(command)
    }

    fn vouch(value: &values::Slug) -> posts::Command {
        posts::Command::Vouch { slug: value.clone() }
    }

    fn claim_rejection(rejection: &posts::Rejection) -> Option<&claims::Rejection> {
        match rejection {
            posts::Rejection::Slug(rejection) => Some(rejection),
            _ => None,
        }
    }

    fn lapsed(rejection: &posts::Rejection) -> bool {
        *rejection == posts::Rejection::GrantLapsed
    }
}

impl Claims for accounts::Accounts {
    type Value = values::UserName;

    fn claim_id(value: &values::UserName) -> String {
        accounts::user_name_claim_id(value)
    }

    fn unique(value: &values::UserName) -> String {
        value.canonical()
    }

    fn on_claim(command: claims::Command) -> accounts::Command {
        accounts::Command::UserName(command)
    }

    fn vouch(value: &values::UserName) -> accounts::Command {
        accounts::Command::Vouch { user_name: value.clone() }
    }

    fn claim_rejection(rejection: &accounts::Rejection) -> Option<&claims::Rejection> {
        match rejection {
            accounts::Rejection::UserName(rejection) => Some(rejection),
            _ => None,
        }
    }

    fn lapsed(rejection: &accounts::Rejection) -> bool {
        *rejection == accounts::Rejection::GrantLapsed
    }
}

/// How often a command claims anew because its claim lapsed before the act: each time means that half a claim's life
/// passed between two steps.
const ATTEMPTS: u32 = 3;

/// Claims `value` for `holder_id`, then has `act` decided on the strength of the claim, then confirms.
///
/// # Errors
/// `taken` if another has the value; otherwise there is no outcome in time.
pub async fn with_claim<C: Claims>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
    expected: Option<u64>,
    act: impl Fn(Grant) -> C::Command,
) -> Result<Decided<C>, NotClaimed> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let grant = claim(command, value, holder_id, attempt).await?;
        let decided = command.execute(act(grant), expected).await.map_err(NotClaimed::Problem)?;
        match &decided {
            Decided::Refused(Refusal::Rejected { rejection, .. }) if C::lapsed(rejection) && attempt < ATTEMPTS => {}
            Decided::Accepted(_) if grant != Grant::CONFIRMED => {
                if let Err(problem) = confirm(command, value, holder_id).await {
                    tracing::info!(%problem, "a claim was not confirmed; whoever wants the value next will see to it");
                }
                return Ok(decided);
            }
            Decided::Accepted(_) | Decided::Refused(_) => return Ok(decided),
        }
    }
}
