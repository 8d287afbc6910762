//! A second factor as its owner has it.

use testkit::authenticator::Authenticator;

/// A second factor that a person has, or may have.
pub(super) struct Factor {
    authenticator: Authenticator,
    pub(super) recovery_codes: Vec<String>,
}

impl Factor {
    /// An authenticator that was told this secret, and no recovery codes yet.
    pub(super) fn of(secret: &str) -> Self {
        Self { authenticator: Authenticator::of(secret), recovery_codes: Vec::new() }
    }

    /// A code that was not shown before, if there is one.
    pub(super) fn code(&mut self) -> Option<String> {
        self.authenticator.ready().or_else(|| self.recovery_codes.pop())
    }
}
