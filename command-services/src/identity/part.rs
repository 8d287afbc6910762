//! Identity and the audit, as parts of a service.

use std::sync::Arc;

use anyhow::Context as _;
use domain::CONTEXTS;
use domain::accounts::Accounts;
use domain::security::Security;
use event_log::subscription::SubscriptionConfig;
use service_kit::config::KafkaArgs;

use super::Identity;
use super::audit::{self, Failures};
use super::export::Exports;
use super::passwords::Passwords;
use super::sweeper::sweep;
use super::throttling::Throttle;
use crate::part::{Part, Process};

/// How accounts log in, as a part of a service.
pub const PART: Part = Part { routes: super::routes, start, erases: true, ..Part::NOTHING };

/// The audit: the context `security`, as a part of a service.
pub const AUDIT: Part = Part { start: start_audit, ..Part::of::<Security>(Vec::new) };

fn start(process: &mut Process) -> anyhow::Result<()> {
    let identity = Arc::new(identity(process)?);
    process.spawn(sweep(Arc::clone(&identity)));
    match process.args.identity.mailer() {
        Some(mailer) => process.spawn(mailer.run(process.vault.clone())),
        None => tracing::warn!("INKLOG_MAIL is not set: letters wait in the vault"),
    }
    process.provide(identity);
    Ok(())
}

fn start_audit(process: &mut Process) -> anyhow::Result<()> {
    process.spawn(audit::run(process.vault.clone(), process.logs.of::<Security>()?));
    Ok(())
}

/// Identity, as the process's arguments describe it.
fn identity(process: &Process) -> anyhow::Result<Identity> {
    let Process { args, logs, vault, revoked, forgets, .. } = process;
    let identity = &args.identity;
    let email_key = identity.email_key_file.clone().context("INKLOG_EMAIL_KEY_FILE is needed by identity")?;
    let passwords = Passwords::start(identity.threads(), identity.policy());
    Ok(Identity {
        log: logs.of::<Accounts>()?,
        logs: logs.clone(),
        forgets: forgets.clone(),
        throttle: Throttle::new(vault.clone(), email_key.clone(), identity.attempts_per_network),
        vault: vault.clone(),
        passwords: passwords.context("starting the threads that hash passwords")?,
        signing: identity.signing.keys(&args.token.names)?,
        ended: revoked.clone(),
        email_key,
        exports: Exports::new(all_events(&args.broker.kafka)),
        failures: Failures::default(),
        key_ring: identity.key_ring_file.clone().context("INKLOG_KEY_RING_FILE is needed by identity")?,
        unverified_may_write: identity.unverified_may_write,
        unconfirmed_email_kept: identity.unconfirmed_email_kept,
        reserved_names: identity.reserved_user_names.clone(),
        authenticator_issuer: identity.second_factor_issuer.clone(),
        second_factor_required: identity.second_factor_required,
    })
}

/// The events of all contexts.
fn all_events(kafka: &KafkaArgs) -> SubscriptionConfig {
    SubscriptionConfig {
        brokers: kafka.kafka_brokers.clone(),
        registry_url: kafka.registry_url.clone(),
        topic_prefix: kafka.topic_prefix.clone(),
        contexts: CONTEXTS.iter().map(ToString::to_string).collect(),
        partitions: kafka.partitions,
        max_batch: 1,
    }
}
