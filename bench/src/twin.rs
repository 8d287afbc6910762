//! `bench twin`: the command API's twin. The same server, authentication, parsing and reply; but what a command comes
//! to is one insert into Postgres.

use std::net::SocketAddr;
use std::str::FromStr;

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use clap::Args;
use command_services::commands::{Caller, Deadline};
use command_services::posts::EditPost;
use command_services::posts::PostReply;
use command_services::reply::Accepted;
use event_log::Receipt;
use service_kit::auth::TokenArgs;
use service_kit::config::PostgresArgs;
use service_kit::health::Health;
use service_kit::{Json, Methods, Problem, Shutdown, server};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::writer::{CREATE, INSERT};

/// Threads that answer HTTP: as many as the command services have.
const WORKERS: u16 = 2;
/// Connections of each of them.
const CONNECTIONS: u32 = 16;

/// Where to listen, and where Postgres is.
#[derive(Args, Debug)]
pub(crate) struct TwinArgs {
    /// Address and port to answer HTTP on.
    #[arg(long, env = "INKLOG_LISTEN")]
    listen: SocketAddr,
    #[command(flatten)]
    postgres: PostgresArgs,
    #[command(flatten)]
    token: TokenArgs,
}

/// Answers until SIGTERM.
///
/// # Errors
/// The address is taken, or Postgres does not answer.
pub(crate) async fn serve(args: TwinArgs) -> anyhow::Result<()> {
    let shutdown = Shutdown::on_signals()?;
    let listener = server::bind(args.listen, None)?;
    let options = PgConnectOptions::from_str(args.postgres.database_url.expose())?;
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    sqlx::query(CREATE).execute(&pool).await?;
    pool.close().await;
    let verifier = web::Data::new(args.token.verifier());
    let health = Health::new(shutdown.clone());
    let answering = server::serve(listener, WORKERS, shutdown, move |config| {
        // Called on each worker's thread: its connections live there, and no query has to change threads.
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_lazy_with(options.clone());
        health.configure(config);
        config
            .app_data(verifier.clone())
            .app_data(Deadline(command_services::commands::DEFAULT_DEADLINE))
            .app_data(web::Data::new(pool))
            .service(Methods::at("/v1/posts/{id}").on(Method::PATCH, edit).build());
    });
    Ok(answering.await?)
}

/// What the command API does with an edit, but for the log.
async fn edit(
    caller: Caller,
    pool: web::Data<PgPool>,
    id: web::Path<Uuid>,
    body: Json<EditPost>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    // Each post is there, as `*` demands.
    caller.must_say_version(|| Ok(1))?;
    let version = caller.conditions.expected(|| 1).unwrap_or(1) + 1;
    let payload = serde_json::to_vec(&body.0).map_err(internal)?;
    let row = sqlx::query(INSERT).bind(id.to_string()).bind(i64::try_from(version).map_err(internal)?);
    let row = row.bind(Uuid::now_v7()).bind("inklog.posts.Edited").bind(payload);
    row.execute(pool.get_ref()).await.map_err(internal)?;
    let slug = format!("post-{id}");
    let receipt = Receipt { version, offset: 1, log_id: Some(id), changed: true, note: None };
    let accepted = Accepted { context: "posts", partition: 0, receipt };
    Ok(accepted.reply(&PostReply { id, version, changed: true, slug }, None))
}

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(error.to_string())
}
