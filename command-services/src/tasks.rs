//! The steps that are taken by hand or by a hook, rather than by a running service.

use std::process::ExitCode;
use std::time::Duration;

use domain::Role;
use event_log::kafka::topics;
use event_log::registry::Registry;
use service_kit::auth::{KeyFolder, MintArgs, mint as sign};
use service_kit::config::PostgresArgs;
use uuid::Uuid;

use crate::cli::{BrokerArgs, ImportTask, RotateArgs};
use crate::identity::vault;
use crate::service::CONTEXTS;

/// Whose token the importer uses where none is given: the owner of imported posts that name no author.
const IMPORTER: Uuid = Uuid::from_u128(0x696d_706f_7274_4000_8000_0000_0000_0001);
/// An import takes minutes; its token is good for longer.
const IMPORT_TOKEN: Duration = Duration::from_secs(6 * 3600);

/// Creates the topics that are missing and checks those that are there.
///
/// # Errors
/// The broker refuses or does not answer, or a topic is not as it must be.
pub async fn create_topics(args: &BrokerArgs) -> anyhow::Result<ExitCode> {
    let config = args.config();
    topics::create(&config, &CONTEXTS).await?;
    for context in CONTEXTS {
        println!("{}: {} partitions", config.topic(context), config.partitions);
    }
    Ok(ExitCode::SUCCESS)
}

/// Registers every schema.
///
/// # Errors
/// One is not compatible with what is registered, or the registry does not answer.
pub async fn register_schemas(args: &BrokerArgs) -> anyhow::Result<ExitCode> {
    let registry = Registry::new(&args.kafka.registry_url)?;
    let config = args.config();
    for context in CONTEXTS {
        for (name, id) in registry.register_context(&config.topic(context), context).await? {
            println!("{name}: schema {id} on {}", config.topic(context));
        }
    }
    Ok(ExitCode::SUCCESS)
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

/// Imports a folder, with the token given or one minted for the occasion.
///
/// # Errors
/// There is neither a token nor a key to mint one.
pub async fn import(task: ImportTask) -> anyhow::Result<ExitCode> {
    let ImportTask { mut import, token_private_key_file, names } = task;
    if let (None, Some(key)) = (&import.token, &token_private_key_file) {
        import.token = Some(sign(key, IMPORTER, &[Role::Editor].into(), IMPORT_TOKEN, &names)?);
    }
    Ok(importer::run_and_print(import).await)
}
