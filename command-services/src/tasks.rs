//! The steps that are taken by hand or by a hook, rather than by a running service.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use ::media::store::StoreArgs;
use anyhow::Context as _;
use domain::CONTEXTS;
use event_log::kafka::{KafkaConfig, census, first_terms, topics, writers};
use event_log::registry::{Registry, RegistryError};
use importer::ImportArgs;
use service_kit::auth::{KeyFolder, MintArgs};
use service_kit::config::PostgresArgs;

use crate::SERVICES;
use crate::args::BrokerArgs;
use crate::cli::{AdoptArgs, ImportTask, RotateArgs};
use crate::identity::admin;
use crate::identity::vault::{self, Vault};
use crate::services::Parts;

/// How long the broker is waited for, and then the registry.
const PATIENCE: Duration = Duration::from_secs(20);
/// Before the registry is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a group may take to drop a member whose session is over.
const GONE: Duration = Duration::from_secs(3);
/// An import that logs in more often makes no progress.
const LOG_INS: u32 = 36;

/// Creates the topics that are missing and checks those that are there.
///
/// # Errors
/// The broker refuses or does not answer, or a topic is not as it must be.
pub async fn create_topics(args: &BrokerArgs) -> anyhow::Result<ExitCode> {
    let config = args.current(PATIENCE).await?;
    topics::create(&config, CONTEXTS).await?;
    for context in CONTEXTS {
        println!("{}: {} partitions", config.topic(context), config.partitions_of(context));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes the logs that are there for this installation's.
///
/// # Errors
/// The broker, the registry or Postgres does not answer.
pub async fn adopt_logs(args: &AdoptArgs) -> anyhow::Result<ExitCode> {
    let config = args.broker.current(PATIENCE).await?;
    let registry = Registry::new(&args.broker.kafka.registry_url)?;
    let found = first_terms::named(&config, &registry, CONTEXTS).await?;
    let prefix = &args.broker.kafka.topic_prefix;
    let contexts: Vec<String> = CONTEXTS.iter().map(|context| format!("{prefix}.{context}.v")).collect();
    let replaced = Vault::new(&args.postgres)?.adopt(&found, &contexts).await;
    let replaced = replaced.map_err(|problem| anyhow::anyhow!("{problem}"))?;
    for vault::logs::Replaced { topic, partition, log_id } in &replaced {
        println!("{topic}, partition {partition}: {log_id} is no more");
    }
    let begun = found.iter().filter(|named| named.log_id.is_some()).count();
    println!("{begun} of {} partitions have a log, and it is ours; the others are new", found.len());
    if !replaced.is_empty() {
        println!("now: start the services, and `projection-services rebuild all --new-log`");
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a folder for the store of pictures and files.
///
/// # Errors
/// It is not there, or nothing is configured.
pub async fn adopt_media(args: &StoreArgs) -> anyhow::Result<ExitCode> {
    let store = args.open()?.context("INKLOG_MEDIA_STORE is not set")?;
    let is_folder = store.adopt().await.context("taking the folder of INKLOG_MEDIA_STORE for the store")?;
    println!("{}", if is_folder { "it is the store" } else { "what speaks S3 needs no marker" });
    Ok(ExitCode::SUCCESS)
}

/// Registers every schema.
///
/// # Errors
/// One is not compatible with what is registered, or the registry does not answer.
pub async fn register_schemas(args: &BrokerArgs) -> anyhow::Result<ExitCode> {
    let registry = Registry::new(&args.kafka.registry_url)?;
    let config = args.current(PATIENCE).await?;
    let until = Instant::now() + PATIENCE;
    for context in CONTEXTS {
        for (name, id) in register_context(&registry, &config.topic(context), context, until).await? {
            println!("{name}: schema {id} on {}", config.topic(context));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Again where the registry is not there yet, or has no good answer because another registers the same at this moment;
/// what is registered is no change.
async fn register_context(
    registry: &Registry,
    topic: &str,
    context: &str,
    until: Instant,
) -> Result<Vec<(&'static str, u32)>, RegistryError> {
    loop {
        match registry.register_context(topic, context).await {
            Err(RegistryError::Unavailable(_)) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
}

/// Registers every schema that the log uses under the id that its records say, and then those that it does not use yet.
/// These get new ids, so no service may run that knows them by those of before: what it writes first of such a kind, no
/// reader of the registry could tell from something else.
///
/// # Errors
/// Services run; the registry has other schemas under these ids; or it or the broker does not answer.
pub async fn restore_schemas(args: &BrokerArgs) -> anyhow::Result<ExitCode> {
    let config = args.current(PATIENCE).await?;
    refuse_beside_writers(&config).await?;
    let in_use = census::schemas_in_use(&config, CONTEXTS).await?;
    Registry::new(&args.kafka.registry_url)?.restore(&in_use).await?;
    println!("{} schemas of the log are under their ids", in_use.len());
    register_schemas(args).await
}

/// One that was killed counts as running until its session is over, which is waited for.
async fn refuse_beside_writers(config: &KafkaConfig) -> anyhow::Result<()> {
    let of = |(service, parts): &Parts| {
        let service = *service;
        parts.iter().filter_map(move |part| Some((service, part.context?)))
    };
    let services: Vec<(&str, &str)> = SERVICES.iter().flat_map(of).collect();
    let until = Instant::now() + config.session_timeout + GONE;
    loop {
        let running = writers::running(config, &services).await.context("asking which services run")?;
        if running.is_empty() {
            return Ok(());
        }
        let running = running.join(", ");
        anyhow::ensure!(
            Instant::now() < until,
            "services run ({running}), and go on writing with ids that the registry has lost: stop them, restore, and \
             start them again"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

/// Prints a token.
///
/// # Errors
/// The key cannot sign.
pub fn mint(args: &MintArgs) -> anyhow::Result<ExitCode> {
    println!("{}", args.mint()?);
    Ok(ExitCode::SUCCESS)
}

/// Makes the next key.
///
/// # Errors
/// The folder cannot be written.
pub fn rotate(args: RotateArgs) -> anyhow::Result<ExitCode> {
    let RotateArgs { token_keys_dir, lead, at_once, if_missing } = args;
    let folder = KeyFolder(token_keys_dir);
    if !if_missing || folder.is_empty() {
        println!("{}", folder.rotate(lead, at_once)?);
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the vault's tables.
///
/// # Errors
/// Postgres does not answer or refuses.
pub async fn migrate_vault(args: &PostgresArgs) -> anyhow::Result<ExitCode> {
    vault::migrate(args).await?;
    println!("the vault is up to date");
    Ok(ExitCode::SUCCESS)
}

/// Imports a folder, with the token given or as the account given. A token lasts ten minutes and an import may take
/// longer: then the account logs in again, and the import goes on where it stopped.
///
/// # Errors
/// The account cannot log in.
pub async fn import(task: ImportTask) -> anyhow::Result<ExitCode> {
    let ImportTask { import, user, password_file } = task;
    let (Some(user), Some(file), None) = (user, password_file, &import.token) else {
        return Ok(importer::run_and_print(import).await);
    };
    let password = std::fs::read_to_string(&file).context("reading INKLOG_IMPORT_PASSWORD_FILE")?;
    let mut stopped = Stopped::default();
    loop {
        let session = admin::log_in(&import.url, &user, password.trim()).await?;
        let token = session["access_token"].as_str().map(str::to_owned);
        let result = importer::run(ImportArgs { token, ..import.clone() }).await;
        if !stopped.may_go_on(&result) {
            return Ok(importer::print(&result, import.json));
        }
    }
}

/// How often an import was stopped because its token had expired.
#[derive(Default)]
struct Stopped {
    times: u32,
}

impl Stopped {
    fn may_go_on(&mut self, result: &anyhow::Result<importer::Report>) -> bool {
        self.times += 1;
        let expired = importer::exit_code(result) == importer::EXIT_UNAUTHORIZED;
        expired && self.times <= LOG_INS
    }
}
