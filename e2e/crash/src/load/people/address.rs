//! What stands for an e-mail address in the log (docs/topics.md); the code is this program's own.

use std::path::Path;

use anyhow::Context as _;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// What makes of an address what stands for it.
pub(super) struct EmailKeys(Vec<u8>);

impl EmailKeys {
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        Ok(Self(text.trim().as_bytes().to_vec()))
    }

    /// The HMAC-SHA-256 over `email` and the address in lower case, each after its length in eight bytes, in
    /// hexadecimal.
    pub(super) fn of(&self, address: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("an HMAC takes a key of any length");
        for part in ["email", &address.to_lowercase()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests;
