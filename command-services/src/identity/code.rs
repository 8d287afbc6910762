//! What a caller shows as a second factor: the six digits of their authenticator, or a recovery code.

use std::fmt;

use domain::values::{Invalid, Limited, Limits};
use serde::{Deserialize, Serialize};
use service_kit::schemas;
use sha2::{Digest as _, Sha256};

/// Crockford's: no letter that looks like a digit or another letter.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 125 random bits: more than the 112 from which on a plain hash is as good as a slow one.
const LENGTH: usize = 25;
/// As people read it.
const GROUP: usize = 5;
/// Of the authenticator.
const DIGITS: usize = 6;
/// Recovery codes that an owner gets.
const CODES: usize = 10;

/// Six digits, or a recovery code. It does not show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Code {
    /// Six digits.
    Totp(String),
    /// A recovery code.
    Recovery(RecoveryCode),
}

/// A code for when the authenticator is lost: good once. It does not show.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Draws as many as an owner gets.
    #[must_use]
    pub fn draw() -> Vec<Self> {
        (0..CODES).map(|_| Self(rand::random::<[u8; LENGTH]>().into_iter().map(letter).collect())).collect()
    }

    /// What the vault keeps.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }

    /// The code in groups, for the one who is to have it.
    #[must_use]
    pub fn expose(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH).step_by(GROUP).map(|at| &self.0[at..at + GROUP]).collect();
        groups.join("-")
    }

    /// One that a caller typed, without what is between the groups.
    fn typed(text: &str) -> Option<Self> {
        let code: String = text.chars().map(read).collect::<Option<_>>()?;
        (code.len() == LENGTH).then_some(Self(code))
    }
}

impl Limited for Code {
    /// With what people put between the groups.
    const LIMITS: Limits = Limits::of(DIGITS, 64).matching(r"^[0-9A-Za-z\s-]+$");
}

service_kit::describe! {
    Code as "Code" = schemas::text(Code::LIMITS);
}

impl TryFrom<String> for Code {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let wrong = || Invalid("is neither six digits nor a recovery code".into());
        Self::LIMITS.check(&text).map_err(|_| wrong())?;
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if plain.len() == DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::Totp(plain));
        }
        RecoveryCode::typed(&plain).map(Self::Recovery).ok_or_else(wrong)
    }
}

impl From<RecoveryCode> for String {
    fn from(code: RecoveryCode) -> Self {
        code.expose()
    }
}

fn letter(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
}

/// A letter as it was meant, whichever way it was copied from paper.
fn read(typed: char) -> Option<char> {
    match typed.to_ascii_lowercase() {
        'o' => Some('0'),
        'i' | 'l' => Some('1'),
        c => ALPHABET.iter().map(|byte| char::from(*byte)).find(|letter| *letter == c),
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(***)")
    }
}

#[cfg(test)]
mod tests;
