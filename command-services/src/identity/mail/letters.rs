//! What letters say. `{name}`, `{token}` and `{url}` stand for who reads it, what they can use, and where links lead.

use crate::identity::vault::outbox::{Kind, Waiting};

const VERIFY_EMAIL: (&str, &str) = (
    "Please confirm your address",
    "Hello {name},\n\nan account was registered with this address. If it was you, please confirm it:\n\n\
     {url}/email/confirm#token={token}\n\nThe link is good for three days. If it was not you, do nothing:\n\
     an address that is not confirmed is given up again.\n",
);
const CHANGE_EMAIL: (&str, &str) = (
    "Please confirm your new address",
    "Hello {name},\n\nyour account is to have this address from now on. Please confirm it:\n\n\
     {url}/email/confirm#token={token}\n\nThe link is good for a day. If it was not you, do nothing.\n",
);
const EMAIL_CHANGED: (&str, &str) = (
    "Your address was changed",
    "Hello {name},\n\nyour account has another e-mail address from now on, and this one is no longer used.\n\
     If it was not you, please write to us at once.\n",
);
const RESET_PASSWORD: (&str, &str) = (
    "Your new password",
    "Hello {name},\n\nsomebody asked for a new password for your account. If it was you, set it here:\n\n\
     {url}/password/reset#token={token}\n\nThe link is good for half an hour, once. If it was not you, do \
     nothing: your password is as it was.\n",
);
const PASSWORD_CHANGED: (&str, &str) = (
    "Your password was changed",
    "Hello {name},\n\nthe password of your account was changed, and you have been logged out elsewhere.\n\
     If it was not you, ask for a new password at once: {url}/password/forgot\n",
);
const SECOND_FACTOR_ADDED: (&str, &str) = (
    "Your account has a second factor",
    "Hello {name},\n\nyour account asks for a code besides the password from now on, and you have been logged out\n\
     elsewhere. Keep the recovery codes where you find them. If it was not you, please write to us at once.\n",
);
const SECOND_FACTOR_REMOVED: (&str, &str) = (
    "Your account has no second factor any more",
    "Hello {name},\n\nyour account asks for no code besides the password any more, and you have been logged out\n\
     elsewhere. If it was not you, ask for a new password at once: {url}/password/forgot\n",
);
const RECOVERY_CODE_USED: (&str, &str) = (
    "A recovery code was used",
    "Hello {name},\n\none of the recovery codes of your account was used, and is good no more. If it was not you,\n\
     ask for a new password at once: {url}/password/forgot\n",
);

/// A letter's subject and text.
pub(super) fn words(kind: Kind, letter: &Waiting, public_url: &str) -> (&'static str, String) {
    let (subject, text) = match kind {
        Kind::VerifyEmail => VERIFY_EMAIL,
        Kind::ChangeEmail => CHANGE_EMAIL,
        Kind::EmailChanged => EMAIL_CHANGED,
        Kind::ResetPassword => RESET_PASSWORD,
        Kind::PasswordChanged => PASSWORD_CHANGED,
        Kind::SecondFactorAdded => SECOND_FACTOR_ADDED,
        Kind::SecondFactorRemoved => SECOND_FACTOR_REMOVED,
        Kind::RecoveryCodeUsed => RECOVERY_CODE_USED,
    };
    // The address last: neither a name nor a token can have a brace in it.
    let text = text.replace("{name}", &letter.user_name).replace("{token}", &letter.token);
    (subject, text.replace("{url}", public_url))
}
