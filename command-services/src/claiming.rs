//! Making a value unique before it is used: claim, then act, then confirm. Each step is a command of its own with an
//! id derived from the client's, so the whole can be repeated at any point, by anyone, any number of times.

use domain::accounts::USER_NAME_KEPT_MS;
use domain::claims::{self, CLAIM_MS, Grant, Lapsed};
use domain::values::EmailKey;
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
    fn on_claim(value: &Self::Value, command: claims::Command) -> Self::Command;
    /// The question to a holder's own aggregate whether it bears the value.
    fn vouch(value: &Self::Value) -> Self::Command;
    /// What a rejection says of the claim.
    fn claim_rejection(rejection: &Self::Rejection) -> Option<&claims::Rejection>;
    /// Whether the act came too late for its claim.
    fn lapsed(rejection: &Self::Rejection) -> bool;
    /// For how many milliseconds a value is kept from others once its holder bears another; `None` for ever.
    fn kept_ms(value: &Self::Value) -> Option<i64>;
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
    let (asked_at, mut instead_of) = (command.now(), None);
    // At most once: a second lapsed holder in a row means that others are at it right now.
    for _ in 0..2 {
        let step = format!("claim/{}/{attempt}/{instead_of:?}", C::unique(value));
        let body = claims::Command::Claim { value: C::unique(value), holder_id, instead_of };
        let decided = command.step(&step, C::claim_id(value), C::on_claim(value, body)).await;
        let rejection = match decided.map_err(NotClaimed::Problem)? {
            Decided::Accepted(accepted) => {
                let grant = accepted.receipt.note.as_deref().and_then(Grant::of_receipt);
                let grant = grant.map(|grant| C::kept_ms(value).map_or(grant, |_| grant.asked_for_at(asked_at)));
                return grant.ok_or_else(|| NotClaimed::Problem(Problem::internal("a claim without a receipt")));
            }
            Decided::Refused(Refusal::Rejected { rejection, .. }) => rejection,
            Decided::Refused(refusal) => {
                return Err(NotClaimed::Problem(Problem::internal(format!("a claim was refused: {refusal:?}"))));
            }
        };
        match C::claim_rejection(&rejection) {
            Some(claims::Rejection::Pending { holder_id: other, expires_at, lapsed: true }) => {
                if bears(command, value, *other, attempt).await.map_err(NotClaimed::Problem)? {
                    return Err(NotClaimed::Taken);
                }
                instead_of = Some(Lapsed { holder_id: *other, expires_at: *expires_at });
            }
            Some(claims::Rejection::Taken { holder_id: other }) if C::kept_ms(value).is_some() => {
                // It should have been released when its holder came to bear another, and was not: a crash.
                if !bears(command, value, *other, attempt).await.map_err(NotClaimed::Problem)? {
                    release(command, value, *other).await.map_err(NotClaimed::Problem)?;
                }
                return Err(NotClaimed::Taken);
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
    match confirmed(command, value, holder_id).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a confirmation was refused: {refusal:?}"))),
    }
}

/// Sees to it that a value can be released which its holder bears and is about to give up: only a confirmed claim is,
/// and the one on it may not have been, where a process died. One that is not the holder's any more is let go.
///
/// # Errors
/// There is no outcome in time.
pub async fn keep<C: Claims>(command: &Command<'_, C>, value: &C::Value, holder_id: Uuid) -> Result<(), Problem> {
    confirmed(command, value, holder_id).await.map(drop)
}

async fn confirmed<C: Claims>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
) -> Result<Decided<C>, Problem> {
    let step = format!("confirm/{}/{holder_id}", C::unique(value));
    let body = claims::Command::Confirm { value: C::unique(value), holder_id };
    command.step(&step, C::claim_id(value), C::on_claim(value, body)).await
}

/// Gives a value up that its holder bears no more. Where this does not happen, whoever next wants the value asks the
/// holder and does it.
///
/// # Errors
/// There is no outcome in time.
pub async fn release<C: Claims>(command: &Command<'_, C>, value: &C::Value, holder_id: Uuid) -> Result<(), Problem> {
    let Some(after_ms) = C::kept_ms(value) else { return Ok(()) };
    let step = format!("release/{}/{holder_id}", C::unique(value));
    let body = claims::Command::Release { value: C::unique(value), holder_id, after_ms };
    match command.step(&step, C::claim_id(value), C::on_claim(value, body)).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a release was refused: {refusal:?}"))),
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

    fn on_claim(_: &values::Slug, command: claims::Command) -> posts::Command {
        posts::Command::Slug(command)
    }

    fn vouch(value: &values::Slug) -> posts::Command {
        posts::Command::Vouch { slug: value.clone() }
    }

    fn claim_rejection(rejection: &posts::Rejection) -> Option<&claims::Rejection> {
        match rejection {
            posts::Rejection::Slug(rejection) => Some(rejection),
            posts::Rejection::NotFound
            | posts::Rejection::NotAnAuthor
            | posts::Rejection::NotTheAuthor
            | posts::Rejection::Deleted
            | posts::Rejection::Differs
            | posts::Rejection::AuthorIsFixed
            | posts::Rejection::GrantLapsed
            | posts::Rejection::DoesNotBear
            | posts::Rejection::WrongAggregate => None,
        }
    }

    fn lapsed(rejection: &posts::Rejection) -> bool {
        *rejection == posts::Rejection::GrantLapsed
    }

    fn kept_ms(_: &values::Slug) -> Option<i64> {
        None
    }
}

/// What an account bears that no other may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfAccount {
    /// A user name.
    UserName(values::UserName),
    /// An e-mail address, by its key.
    Email(EmailKey),
}

impl Claims for accounts::Accounts {
    type Value = OfAccount;

    fn claim_id(value: &OfAccount) -> String {
        match value {
            OfAccount::UserName(name) => accounts::user_name_claim_id(name),
            OfAccount::Email(key) => accounts::email_claim_id(key),
        }
    }

    fn unique(value: &OfAccount) -> String {
        match value {
            OfAccount::UserName(name) => name.canonical(),
            OfAccount::Email(key) => key.to_string(),
        }
    }

    fn on_claim(value: &OfAccount, command: claims::Command) -> accounts::Command {
        match value {
            OfAccount::UserName(_) => accounts::Command::UserName(command),
            OfAccount::Email(_) => accounts::Command::Email(command),
        }
    }

    fn vouch(value: &OfAccount) -> accounts::Command {
        match value {
            OfAccount::UserName(name) => accounts::Command::Vouch { user_name: name.clone() },
            OfAccount::Email(key) => accounts::Command::VouchEmail { email_key: key.clone() },
        }
    }

    fn claim_rejection(rejection: &accounts::Rejection) -> Option<&claims::Rejection> {
        match rejection {
            accounts::Rejection::UserName(rejection) | accounts::Rejection::Email(rejection) => Some(rejection),
            accounts::Rejection::NotFound
            | accounts::Rejection::NotTheOwner
            | accounts::Rejection::Differs
            | accounts::Rejection::Deactivated
            | accounts::Rejection::Erased
            | accounts::Rejection::UserNameIsFixed
            | accounts::Rejection::GrantLapsed
            | accounts::Rejection::Verified
            | accounts::Rejection::DoesNotBear
            | accounts::Rejection::WrongAggregate => None,
        }
    }

    fn lapsed(rejection: &accounts::Rejection) -> bool {
        *rejection == accounts::Rejection::GrantLapsed
    }

    fn kept_ms(value: &OfAccount) -> Option<i64> {
        Some(match value {
            OfAccount::UserName(_) => USER_NAME_KEPT_MS,
            OfAccount::Email(_) => CLAIM_MS,
        })
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
    let outcome = with_claims(command, [value], holder_id, expected, |[grant]| act(grant)).await;
    outcome.map_err(|(_, why)| why)
}

/// The same for several values, claimed in this order.
///
/// # Errors
/// See [`with_claim`]; with the value that could not be claimed.
pub async fn with_claims<'v, C: Claims, const N: usize>(
    command: &Command<'_, C>,
    values: [&'v C::Value; N],
    holder_id: Uuid,
    expected: Option<u64>,
    act: impl Fn([Grant; N]) -> C::Command,
) -> Result<Decided<C>, (&'v C::Value, NotClaimed)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut grants = [Grant::CONFIRMED; N];
        for (grant, value) in grants.iter_mut().zip(values) {
            *grant = claim(command, value, holder_id, attempt).await.map_err(|why| (value, why))?;
        }
        let decided = command.execute(act(grants), expected).await;
        let decided = decided.map_err(|problem| (values[N - 1], NotClaimed::Problem(problem)))?;
        match &decided {
            Decided::Refused(Refusal::Rejected { rejection, .. }) if C::lapsed(rejection) && attempt < ATTEMPTS => {}
            Decided::Accepted(_) => {
                for (_, value) in grants.iter().zip(values).filter(|(grant, _)| **grant != Grant::CONFIRMED) {
                    if let Err(problem) = confirm(command, value, holder_id).await {
                        tracing::info!(%problem, "a claim was not confirmed; whoever wants the value next sees to it");
                    }
                }
                return Ok(decided);
            }
            Decided::Refused(_) => return Ok(decided),
        }
    }
}
