use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::personal::{Personal, PersonalText, Sealed};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::cipher::{self, KEY_BYTES, KeyBytes, NONCE_BYTES};

/// Bytes that say under which key a text was sealed.
const MARK_BYTES: usize = 4;
/// Sealed text tells its length to so many bytes, and no better.
const BLOCK: usize = 32;
/// The nonce of all texts: equal text of one person and field is to be sealed equally. AES-GCM-SIV allows that, and
/// then tells which texts are equal, and nothing else.
const NONCE: [u8; NONCE_BYTES] = [0; NONCE_BYTES];

/// The key of one person's texts.
#[derive(Clone)]
pub struct DataKey(KeyBytes);

/// A text was sealed under this key, and then changed, or moved from another person or field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed text does not verify")]
pub struct NotAuthentic;

impl DataKey {
    /// Draws one.
    #[must_use]
    pub fn draw() -> Self {
        Self(cipher::draw())
    }

    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(<[u8; KEY_BYTES]>::try_from(bytes).ok()?)))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Seals a value of this person. No text stays no text.
    #[must_use]
    pub fn seal<T: PersonalText>(&self, account_id: Uuid, value: T) -> Personal<T> {
        if value.as_ref().is_empty() {
            return Personal::Plain(value);
        }
        let encrypted = cipher::encrypt(&self.0, NONCE, &padded(value.as_ref()), &about(account_id, T::FIELD));
        let encoded = URL_SAFE_NO_PAD.encode([&self.mark(), encrypted.as_slice()].concat());
        Personal::Sealed(Sealed::of_base64url(&encoded).expect("base64url is base64url"))
    }

    /// Opens a text of this person's field; nothing if it was sealed under another key, which is gone then.
    ///
    /// # Errors
    /// It was sealed under this key, and does not verify.
    pub fn open(&self, account_id: Uuid, field: &str, sealed: &Sealed) -> Result<Option<String>, NotAuthentic> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed.base64url()).map_err(|_| NotAuthentic)?;
        let (mark, encrypted) = bytes.split_at_checked(MARK_BYTES).ok_or(NotAuthentic)?;
        if mark != self.mark() {
            return Ok(None);
        }
        let padded = cipher::decrypt(&self.0, NONCE, encrypted, &about(account_id, field)).ok_or(NotAuthentic)?;
        unpadded(&padded).map(Some).ok_or(NotAuthentic)
    }

    /// Tells keys of one person apart: after a vault was restored from an old backup there may be another than the one
    /// that sealed.
    fn mark(&self) -> [u8; MARK_BYTES] {
        let digest = Sha256::new().chain_update(b"inklog data key").chain_update(self.0.as_slice()).finalize();
        let mut mark = [0; MARK_BYTES];
        mark.copy_from_slice(&digest[..MARK_BYTES]);
        mark
    }
}

/// What a text belongs to: moved to another person or field it does not verify.
fn about(account_id: Uuid, field: &str) -> Vec<u8> {
    [account_id.as_bytes(), field.as_bytes()].concat()
}

/// A one, then zeros, up to whole blocks.
fn padded(text: &str) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity((text.len() / BLOCK + 1) * BLOCK));
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0x80);
    let whole = bytes.len().next_multiple_of(BLOCK);
    bytes.resize(whole, 0);
    bytes
}

fn unpadded(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().rposition(|byte| *byte != 0).filter(|end| bytes[*end] == 0x80)?;
    std::str::from_utf8(&bytes[..end]).ok().map(str::to_owned)
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

#[cfg(test)]
mod tests;
