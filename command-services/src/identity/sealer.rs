//! Seals what is personal before it becomes part of a command. So no partition, no other instance, no log and no
//! snapshot ever holds it in clear, and the writer knows nothing of keys.

use domain::personal::{Personal, PersonalText};
use sealing::{DataKey, KeyRing};
use service_kit::Problem;
use uuid::Uuid;

use super::Identity;
use super::vault::Vault;
use crate::accounts::replies::erased;

/// Seals for one person.
#[derive(Debug)]
pub struct Sealer {
    account_id: Uuid,
    key: DataKey,
}

impl Sealer {
    /// What seals for an account, be it there or about to be. Only for who may write in its name: it may draw a key.
    ///
    /// # Errors
    /// 410: the person was forgotten; 503: the vault cannot be reached.
    pub async fn of(vault: &Vault, key_ring: &KeyRing, account_id: Uuid) -> Result<Self, Problem> {
        let key = vault.data_key_or_new(key_ring, account_id).await?.ok_or_else(erased)?;
        Ok(Self { account_id, key })
    }

    /// The text as it may go into a command.
    #[must_use]
    pub fn seal<T: PersonalText>(&self, text: T) -> Personal<T> {
        self.key.seal(self.account_id, text)
    }
}

impl Identity {
    /// See [`Sealer::of`].
    ///
    /// # Errors
    /// See [`Sealer::of`].
    pub async fn sealer(&self, account_id: Uuid) -> Result<Sealer, Problem> {
        Sealer::of(&self.vault, &self.key_ring, account_id).await
    }
}
