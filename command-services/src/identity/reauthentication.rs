//! Showing again who one is: before anything is changed that says how an owner logs in, a caller with a token shows the
//! password once more, and a code where the account has a second factor.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::accounts::Account;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use service_kit::auth::Verified;
use service_kit::json::broken_rule;
use service_kit::{Json, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::code::Code;
use super::passwords::Presented;
use super::throttling::{Network, Whose};
use super::vault::people::Person;
use super::{Identity, Shared};

/// A body in which a caller shows again who they are.
pub trait Shows: DeserializeOwned {
    /// The password, which only a lasting session may do without, and a code where there is one.
    fn shown(&self) -> (Option<&Presented>, Option<&Code>);
}

/// A caller who shows again who they are, and nothing else.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowAgain {
    /// The password.
    pub current_password: Presented,
    /// Where the account has a second factor: six digits, or a recovery code.
    pub code: Option<Code>,
}

impl Shows for ShowAgain {
    fn shown(&self) -> (Option<&Presented>, Option<&Code>) {
        (Some(&self.current_password), self.code.as_ref())
    }
}

/// A request of a caller who has a token and has shown again who they are. Guesses are counted like log-ins.
pub struct Reauthenticated<B> {
    /// The account's id.
    pub account_id: Uuid,
    /// The session that the token is of.
    pub session: Option<Uuid>,
    /// The account.
    pub account: Account,
    /// What the vault has of the person.
    pub person: Person,
    /// What is asked.
    pub body: B,
}

impl<B: Shows> Reauthenticated<B> {
    /// The lasting session that the caller has in place of the password. It may end before anything is changed.
    #[must_use]
    pub fn in_place(&self) -> Option<Uuid> {
        self.session.filter(|_| self.body.shown().0.is_none())
    }
}

impl<B: Shows + 'static> FromRequest for Reauthenticated<B> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Verified::from_request(request, payload);
        let body = Json::<B>::from_request(request, payload);
        let (identity, from) = (request.app_data::<Shared>().cloned(), Network::of(request));
        async move {
            let (Verified { actor, session, .. }, Json(body)) = (caller.await?, body.await?);
            let identity = identity.ok_or_else(|| Problem::internal("this application has no identity"))?;
            let (account, person) = identity.reauthenticate((actor.id, session), &body, &from).await?;
            Ok(Self { account_id: actor.id, session, account, person, body })
        }
        .boxed_local()
    }
}

impl Identity {
    async fn reauthenticate(
        &self,
        (account_id, session): (Uuid, Option<Uuid>),
        body: &impl Shows,
        from: &Network,
    ) -> Result<(Account, Person), Problem> {
        self.look_up(account_id).await?;
        let (account, (password, code)) = (self.account(account_id)?.ok_or_else(no_account)?, body.shown());
        let shown = match password {
            Some(password) => {
                let attempt = self.throttle.log_in(&Whose::Account(account_id), from).await?;
                let shown = self.shown(Some((account_id, account)), password).await?.ok_or_else(wrong_password)?;
                self.throttle.logged_in(&attempt).await?;
                shown
            }
            None => {
                let is_lasting = match session {
                    Some(session) => self.vault.is_lasting(session).await?,
                    None => false,
                };
                let needed = || broken_rule("/current_password", "is needed, for the session is no lasting one");
                let person = if is_lasting { self.vault.person(account_id).await? } else { return Err(needed()) };
                (account, person.ok_or_else(no_account)?)
            }
        };
        if self.vault.has_second_factor(account_id).await? {
            let needed = || broken_rule("/code", "is needed, for the account has a second factor");
            let code = code.ok_or_else(needed)?;
            if !self.takes_code(account_id, shown.0.user_name.as_str(), code, from).await? {
                return Err(wrong_code());
            }
        }
        Ok(shown)
    }
}

/// The caller has a token, but no account that logs in.
pub(crate) fn no_account() -> Problem {
    Problem::not_found("the token's subject has no account that logs in")
}

/// The password that was shown is not the one.
pub(super) fn wrong_password() -> Problem {
    broken_rule("/current_password", "is not the account's password")
}

/// The code that was shown is not one.
pub(super) fn wrong_code() -> Problem {
    broken_rule("/code", "is not good, or was used before")
}
