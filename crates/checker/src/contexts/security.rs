//! `security`: what happened to accounts, noted by the service `identity`. No view for readers is made of it.

use crate::context::Context;

pub(super) struct Security;

impl Context for Security {
    fn name(&self) -> &'static str {
        "security"
    }

    fn is_of_accounts(&self) -> bool {
        true
    }

    fn has_callers(&self) -> bool {
        false
    }
}
