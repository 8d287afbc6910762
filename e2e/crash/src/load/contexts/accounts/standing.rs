//! What an admin does to accounts that the load has registered: roles given and taken, deactivations undone. (These
//! accounts are never deactivated, for that needs a password; those of `people.rs` are.)

use std::sync::Arc;

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value};

use super::Accounts;
use crate::load::values::{id, if_match, one_of};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// Few, so that many are given already and many are taken that are not there.
const ROLES: [&str; 3] = ["author", "editor", "admin"];

/// How accounts stand.
pub(in crate::load) struct Standing {
    accounts: Arc<Accounts>,
    admin: Person,
}

impl Standing {
    pub(in crate::load) fn new(accounts: Arc<Accounts>, admin: Person) -> Self {
        Self { accounts, admin }
    }
}

impl Generator for Standing {
    fn context(&self) -> &'static str {
        "accounts"
    }

    fn sender(&self) -> Option<&Person> {
        Some(&self.admin)
    }

    fn draw(&self, rng: &mut StdRng, _: &Person) -> Intent {
        // Now and then an account that no client has heard of.
        let known = self.accounts.some(rng).filter(|_| rng.random_bool(0.97));
        let (account_id, version) =
            known.map_or_else(|| (id(rng).to_string(), None), |(id, last)| (id, Some(last.version)));
        let role = one_of(rng, &ROLES);
        let of_role = || Map::from_iter([("role_name".to_owned(), Value::from(role))]);
        let (kind, method, verb, recorded) = match rng.random_range(0..100) {
            0..50 => ("accounts.grant", "PUT", format!("roles/{role}"), of_role()),
            50..92 => ("accounts.revoke", "DELETE", format!("roles/{role}"), of_role()),
            _ => ("accounts.reactivate", "POST", "reactivate".to_owned(), Map::new()),
        };
        let (if_match, expected) = match version.filter(|_| rng.random_bool(0.2)) {
            Some(version) => if_match(rng, version),
            None => (None, None),
        };
        let path = format!("/v1/accounts/{account_id}/{verb}");
        let (body, key) = (Value::Null, id(rng).to_string());
        Intent { kind, method, path, aggregate_id: account_id, if_match, expected, body, recorded, key }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        self.accounts.learn(intent, accepted);
    }

    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        self.accounts.ask(rng)
    }
}
