//! `command-services`: see `--help`.

use std::process::ExitCode;

use command_services::cli::{Cli, MediaTask, SchemasTask, Task, TokenTask, TopicsTask, VaultTask};
use command_services::identity::{admin, keys, vault};
use command_services::{openapi, repartition, service, tasks};
use service_kit::{Shutdown, config, postgres, telemetry};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    match run(config::parse::<Cli>().task).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("command-services: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(task: Task) -> anyhow::Result<ExitCode> {
    let (services, args) = match task {
        Task::Service(service) => service.split(),
        Task::Topics { task: TopicsTask::Create(args) } => return tasks::create_topics(&args).await,
        Task::Topics { task: TopicsTask::Adopt(args) } => return tasks::adopt_logs(&args).await,
        Task::Topics { task: TopicsTask::Repartition(args) } => return repartition::run(&args).await,
        Task::Schemas { task: SchemasTask::Register(args) } => return tasks::register_schemas(&args).await,
        Task::Schemas { task: SchemasTask::Restore(args) } => return tasks::restore_schemas(&args).await,
        Task::Token { task: TokenTask::Mint(args) } => return tasks::mint(&args),
        Task::Token { task: TokenTask::Rotate(args) } => return tasks::rotate(args),
        Task::Vault { task: VaultTask::Migrate(args) } => return tasks::migrate_vault(&args).await,
        Task::Media { task: MediaTask::Adopt(args) } => return tasks::adopt_media(&args).await,
        Task::Keys { task } => return keys::run(task).await.map(|()| ExitCode::SUCCESS),
        Task::Admin { task } => return admin::run(task).await.map(|()| ExitCode::SUCCESS),
        Task::Import(import) => return tasks::import(*import).await,
        Task::Openapi => {
            println!("{}", openapi::document());
            return Ok(ExitCode::SUCCESS);
        }
    };
    telemetry::init("command-services", &args.log)?;
    let database = vault::options(&args.postgres)?;
    postgres::guarded(database, service::run(&services, args, Shutdown::on_signals()?)).await?;
    Ok(ExitCode::SUCCESS)
}
