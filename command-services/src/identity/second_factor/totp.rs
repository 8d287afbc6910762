//! Time-based one-time passwords (RFC 6238), as every authenticator makes them: SHA-1, six digits, 30 seconds. That
//! SHA-1 has collisions does not matter to an HMAC.

use std::fmt;
use std::time::SystemTime;

use totp_rs::{Builder, Secret, Totp};

/// As RFC 4226 recommends: 160 bits.
const SECRET_BYTES: usize = 20;
/// How many time steps an authenticator's clock may be off, either way.
const DRIFT: u16 = 1;

/// What an authenticator makes codes of. It does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    /// Draws one.
    #[must_use]
    pub fn draw() -> Self {
        Self(rand::random())
    }

    /// One that was kept; `None` if it is none.
    #[must_use]
    pub fn of_base32(text: &str) -> Option<Self> {
        Secret::try_from_base32(text).ok()?.as_bytes().try_into().ok().map(Self)
    }

    /// The secret in base 32, for who types it, and to be kept.
    #[must_use]
    pub fn base32(&self) -> String {
        self.totp(Builder::new()).secret().to_base32()
    }

    /// The `otpauth:` address that authenticators read as a QR code. Neither name may have a colon in it.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let named = Builder::new().with_issuer(Some(issuer)).with_account_name(account);
        self.totp(named).to_url().expect("neither name is empty or has a colon in it")
    }

    /// The time step that six digits are the code of: the present one, or the one before or after it.
    #[must_use]
    pub fn step_of(&self, digits: &str, unix_seconds: u64) -> Option<i64> {
        let step = self.totp(Builder::new()).check(digits, unix_seconds)?;
        i64::try_from(step).ok()
    }

    fn totp(&self, builder: Builder) -> Totp {
        let builder = builder.with_digits(6).with_step_duration(30).with_skew(DRIFT);
        builder.with_secret(self.0.to_vec()).build().expect("a secret of 160 bits is one, and six digits are enough")
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(***)")
    }
}

/// Seconds since 1970.
#[must_use]
pub(super) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
