//! What people have in their pockets: makes codes (RFC 6238) of a secret, and no code twice.

use std::time::{Duration, SystemTime};

use totp_rs::{Builder, Secret, Totp};

/// For how long a code is that of its time step, in seconds.
const STEP: u64 = 30;
/// A code may take so long to arrive, in seconds.
const WAY: u64 = 3;

/// An authenticator.
#[derive(Debug)]
pub struct Authenticator {
    totp: Totp,
    last_step: u64,
}

impl Authenticator {
    /// One that was told this secret, in base 32.
    ///
    /// # Panics
    /// It is none.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).expect("a secret is in base 32");
        let totp = Builder::new().with_secret(secret).build().expect("a secret is long enough");
        Self { totp, last_step: 0 }
    }

    /// A code that was not made before: three are good at a time, so the fourth in a row has to be waited for.
    pub async fn next(&mut self) -> String {
        loop {
            if let Some(code) = self.ready() {
                return code;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// A code that was not made before, if one is good at this moment.
    pub fn ready(&mut self) -> Option<String> {
        // The oldest that is still good when it arrives.
        let (now, oldest) = (seconds() / STEP, (seconds() + WAY) / STEP - 1);
        let step = (self.last_step + 1).max(oldest);
        (step <= now + 1).then(|| {
            self.last_step = step;
            self.totp.generate(step * STEP).to_string()
        })
    }

    /// The code of so many time steps from now.
    #[must_use]
    pub fn at(&self, steps: i64) -> String {
        self.totp.generate((seconds() / STEP).saturating_add_signed(steps) * STEP).to_string()
    }
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
