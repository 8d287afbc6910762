//! How identity is set up.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use domain::Role;
use lettre::message::Mailbox;
use sealing::KeyRing;
use service_kit::auth::{KeyFolder, PrivateKey, SigningKeys, TokenNames};
use service_kit::config::duration;

use super::mail::{MailTransport, Mailer};
use super::passwords::Policy;
use super::secret::EmailHmacKey;
use crate::accounts::reserved::{self, ReservedNames};

/// Which passwords are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PasswordPolicy {
    /// None that is common, or made of the account's own name or address.
    Uncommon,
    /// Any of 8 to 128 characters.
    Any,
}

/// What signs access tokens.
#[derive(Args, Clone, Debug)]
pub struct SigningArgs {
    /// Folder of the keys that sign access tokens; `token rotate` makes it.
    #[arg(long, env = "INKLOG_TOKEN_KEYS_DIR", value_name = "FOLDER")]
    pub token_keys_dir: Option<PathBuf>,
    /// PEM file with the one Ed25519 key that signs access tokens, where there is no folder.
    #[arg(long, env = "INKLOG_TOKEN_PRIVATE_KEY_FILE", value_name = "FILE")]
    pub token_private_key_file: Option<PrivateKey>,
}

/// Identity; other services do not look at these.
#[derive(Args, Clone, Debug)]
pub struct IdentityArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub signing: SigningArgs,
    /// File with the key (32 characters or more) of the HMACs that stand for e-mail addresses in the log. It can never
    /// be changed: addresses would be taken twice.
    #[arg(long, env = "INKLOG_EMAIL_KEY_FILE", value_name = "FILE")]
    pub email_key_file: Option<EmailHmacKey>,
    /// File with the keys that wrap people's data keys, the newest first; `keys add` makes it.
    #[arg(long, env = "INKLOG_KEY_RING_FILE", value_name = "FILE")]
    pub key_ring_file: Option<KeyRing>,
    /// Where mail goes: file:<folder>, smtp://user:password@host:port or smtps://…; without it, it waits.
    #[arg(long, env = "INKLOG_MAIL", value_name = "URL", hide_env_values = true)]
    pub mail: Option<MailTransport>,
    /// Whom mail is from.
    #[arg(long, env = "INKLOG_MAIL_FROM", value_name = "ADDRESS", default_value = "inklog <no-reply@inklog.example>")]
    pub mail_from: Mailbox,
    /// Where the links in mail lead.
    #[arg(long, env = "INKLOG_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub public_url: String,
    /// Threads that hash passwords; half the cores where it is missing.
    #[arg(long, env = "INKLOG_PASSWORD_THREADS", value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub password_threads: Option<u16>,
    /// Which passwords are taken.
    #[arg(long, env = "INKLOG_PASSWORD_POLICY", value_name = "POLICY", value_enum, default_value = "uncommon")]
    pub password_policy: PasswordPolicy,
    /// Bad log-ins, registrations and the like from one network, per 15 minutes.
    #[arg(long, env = "INKLOG_ATTEMPTS_PER_NETWORK", value_name = "N", default_value_t = 100,
          value_parser = clap::value_parser!(i32).range(1..))]
    pub attempts_per_network: i32,
    /// Whether an account whose address is not verified may write.
    #[arg(long, env = "INKLOG_UNVERIFIED_MAY_WRITE", value_name = "BOOL", default_value_t = true,
          action = clap::ArgAction::Set)]
    pub unverified_may_write: bool,
    /// How long an account keeps an address that is not confirmed; then it gives the address up, and goes on without
    /// one.
    #[arg(long, env = "INKLOG_UNCONFIRMED_EMAIL_KEPT", value_name = "DURATION", default_value = "7d",
          value_parser = duration)]
    pub unconfirmed_email_kept: Duration,
    /// User names, with commas between them, that people may not take themselves; editors can give them. Capitals,
    /// dots, hyphens and underscores make no difference.
    #[arg(long, env = "INKLOG_RESERVED_USER_NAMES", value_name = "NAMES", default_value = reserved::USUAL)]
    pub reserved_user_names: ReservedNames,
    /// What authenticator apps call this installation.
    #[arg(long, env = "INKLOG_SECOND_FACTOR_ISSUER", value_name = "NAME", default_value = "inklog",
          value_parser = issuer)]
    pub second_factor_issuer: String,
    /// The least role (author, moderator, editor or admin) that needs a second factor: it, and those that include it,
    /// are missing from the tokens of an account until it has one. Without it no role does.
    #[arg(long, env = "INKLOG_SECOND_FACTOR_REQUIRED", value_name = "ROLE", value_parser = demanding)]
    pub second_factor_required: Option<Role>,
}

fn issuer(name: &str) -> Result<String, String> {
    // What authenticators put between it and the account.
    if name.is_empty() || name.contains(':') { Err("is empty or has a colon in it".into()) } else { Ok(name.into()) }
}

fn demanding(name: &str) -> Result<Role, String> {
    let role = Role::named(name).filter(|role| *role > Role::Reader);
    role.ok_or_else(|| "is not author, moderator, editor or admin".into())
}

impl SigningArgs {
    /// The keys.
    ///
    /// # Errors
    /// There are none, or none that signs now.
    pub fn keys(&self, names: &TokenNames) -> anyhow::Result<SigningKeys> {
        if let Some(folder) = &self.token_keys_dir {
            return SigningKeys::of_folder(KeyFolder(folder.clone()), names.clone()).context("INKLOG_TOKEN_KEYS_DIR");
        }
        let key = self.token_private_key_file.clone();
        let key = key.context("INKLOG_TOKEN_KEYS_DIR or INKLOG_TOKEN_PRIVATE_KEY_FILE is needed")?;
        Ok(SigningKeys::of_key(key, names.clone()))
    }
}

impl IdentityArgs {
    /// Which passwords are taken.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match self.password_policy {
            PasswordPolicy::Uncommon => Policy::Uncommon,
            PasswordPolicy::Any => Policy::Any,
        }
    }

    /// What sends mail, where that is configured.
    #[must_use]
    pub fn mailer(&self) -> Option<Mailer> {
        let (from, public_url) = (self.mail_from.clone(), self.public_url.trim_end_matches('/').to_owned());
        self.mail.clone().map(|transport| Mailer { transport, from, public_url })
    }

    /// Threads that hash passwords: half of the cores where nothing else is said.
    #[must_use]
    pub fn threads(&self) -> usize {
        let half = || std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1));
        self.password_threads.map_or_else(half, usize::from)
    }
}
