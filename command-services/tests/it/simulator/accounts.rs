//! Accounts with their user names and e-mail addresses, which they give up for others.

use std::ops::Range;

use checker::history::{Outcome, Refusal};
use command_services::accounts::identifiers::{self, Seen};
use command_services::commands::{Caller, Command, Decided};
use domain::Actor;
use domain::accounts::{Account, Accounts, Registered, Rejection, State, USER_NAME_KEPT_MS, Unique};
use domain::values::{EmailKey, UserName};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::owners::{Owners, Process};
use super::record::not_reserved as came_of;
use super::scenario::{Asked, Came, Scenario};

/// Numbers of values that no other caller wants.
const UNWANTED: usize = 1_000_000;

/// What a person wants to be.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// Registered, with both.
    Register(UserName, EmailKey),
    /// Called something else.
    Rename(UserName),
    /// Reached elsewhere.
    ChangeEmail(EmailKey),
}

impl Scenario for Accounts {
    type Wish = Wish;

    const AGGREGATES: u128 = 3;
    const RIVALS: usize = 40;
    /// One more than there are accounts, so that they can move.
    const NEAR: usize = 4;
    const ASKS: u32 = 14;
    const STEPS: Range<usize> = 100..600;
    const LONG_MS: i64 = USER_NAME_KEPT_MS * 4 / 3;
    /// The first finds out that a value is borne no more, and gives it up for the one that did not.
    const TRIES: usize = 2;

    fn draw(rng: &mut StdRng, account: Uuid, number: usize, asked: &[Asked<Self>]) -> Wish {
        let mine = || asked.iter().filter(|asked| asked.aggregate == account);
        // Again what it wanted before, and may bear: to act on a reservation that is good already.
        if let Some(before) = mine().next_back().filter(|_| rng.random_bool(0.3)) {
            return before.wish.again();
        }
        let shouts = rng.random_bool(0.1);
        let (name, email) =
            (name(number + rng.random_range(0..Self::NEAR), shouts), email(number + rng.random_range(0..Self::NEAR)));
        match rng.random_range(0..100) {
            0..5 => Wish::Register(name, email),
            _ if mine().next().is_none() => Wish::Register(name, email),
            5..50 => Wish::Rename(name),
            _ => Wish::ChangeEmail(email),
        }
    }

    fn last_wishes(number: usize) -> Vec<Wish> {
        let unwanted = UNWANTED + number;
        vec![Wish::Register(name(number, false), email(unwanted)), Wish::Register(name(unwanted, false), email(number))]
    }

    fn is_borne(owners: &Owners<Self>, wish: &Wish) -> bool {
        let bears_name = |account: &Account, name: &UserName| account.user_name.canonical() == name.canonical();
        let bears = |account: &Account| match wish {
            Wish::Register(name, email) => bears_name(account, name) || account.email_key == *email,
            Wish::Rename(name) => bears_name(account, name),
            Wish::ChangeEmail(email) => account.email_key == *email,
        };
        owners.any(|state| matches!(state, State::Account(account) if bears(account)))
    }

    fn about(command: &mut Self::Command) -> Option<&mut domain::reservations::Command<Unique>> {
        if let domain::accounts::Command::Reservation(about) = command { Some(about) } else { None }
    }

    fn actor(account: Uuid) -> Actor {
        Actor::new(account)
    }

    fn call(wish: &Wish) -> (&'static str, Value) {
        match wish {
            Wish::Register(name, email) => ("accounts.register", json!({"user_name": name, "email_key": email})),
            Wish::Rename(name) => ("accounts.rename", json!({ "user_name": name })),
            // Of this kind the checker judges what holds of all.
            Wish::ChangeEmail(email) => ("accounts.email", json!({ "email_key": email })),
        }
    }

    fn refusal(rejection: &Rejection) -> Refusal {
        match rejection {
            Rejection::NotFound => Refusal::NotFound,
            Rejection::Differs => Refusal::Differs,
            _ => Refusal::Invalid,
        }
    }

    fn answer(process: Process<Self>, caller: Caller, asked: Asked<Self>) -> LocalBoxFuture<'static, Came<Self>> {
        async move {
            let id = asked.aggregate;
            let command = caller.command_over::<Self>(&process, id.to_string(), &Self::call(&asked.wish));
            match (asked.wish, process.seen(&id.to_string())) {
                (Wish::Register(name, email), _) => register(&command, id, name, email).await,
                (Wish::Rename(name), Some((version, State::Account(account)))) => {
                    let seen = Seen { account_id: id, version, bore: account.user_name };
                    let decided = identifiers::change_user_name(&command, seen, &name).await;
                    decided.map_err(|why| came_of(&why))
                }
                (Wish::ChangeEmail(email), Some((version, State::Account(account)))) => {
                    let seen = Seen { account_id: id, version, bore: account.email_key };
                    change_email(&command, &seen, &email).await
                }
                (Wish::Rename(_) | Wish::ChangeEmail(_), _) => {
                    Err(Outcome::Refused { refusal: Refusal::NotFound, version: None })
                }
            }
        }
        .boxed_local()
    }
}

impl Wish {
    /// The same of an account that is there.
    fn again(&self) -> Self {
        match self {
            Self::Register(_, email) => Self::ChangeEmail(email.clone()),
            Self::Rename(_) | Self::ChangeEmail(_) => self.clone(),
        }
    }
}

/// What `POST /v1/register` does.
async fn register(
    command: &Command<'_, Accounts>,
    id: Uuid,
    user_name: UserName,
    email_key: EmailKey,
) -> Came<Accounts> {
    let (display_name, bio, image_url) = ("".parse().unwrap(), "".parse().unwrap(), "".parse().unwrap());
    let profile = Registered { user_name, display_name, bio, image_url, email_key };
    identifiers::register(command, id, &profile).await.map_err(|(_, why)| came_of(&why))
}

/// What `POST /v1/email/confirm` does.
async fn change_email(command: &Command<'_, Accounts>, seen: &Seen<EmailKey>, email: &EmailKey) -> Came<Accounts> {
    let decided = identifiers::change_email(command, seen, (email, true)).await.map_err(|why| came_of(&why))?;
    if let Decided::Accepted(_) = &decided {
        identifiers::give_up_email(command, seen, email).await;
    }
    Ok(decided)
}

fn name(number: usize, shouts: bool) -> UserName {
    let name = format!("name-{number}");
    if shouts { name.to_uppercase().parse().unwrap() } else { name.parse().unwrap() }
}

fn email(number: usize) -> EmailKey {
    let mut mac = [0; 32];
    mac[..8].copy_from_slice(&number.to_be_bytes());
    EmailKey::of_mac(mac)
}
