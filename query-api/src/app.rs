use actix_web::web::{Data, ServiceConfig};
use service_kit::health::Health;
use service_kit::server::Listeners;
use service_kit::{Methods, Shutdown, postgres, routes, server};

use crate::args::Args;
use crate::compression::compressed;
use crate::database;
use crate::library::Library;
use crate::openapi;

/// Answers queries on `listeners` until the shutdown is requested.
///
/// # Errors
/// An address in the arguments cannot be understood, a listener cannot be used, or Postgres is behind a pooler.
pub async fn serve(args: Args, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    let library = Data::new(Library::new(&args)?);
    let following = tokio::spawn(follow(library.clone(), args.postgres.database_url.expose().clone()));
    let health = health(&library, shutdown.clone());
    let counting = tokio::spawn(count(library.clone(), shutdown.clone()));
    let proxies = args.trusted_proxies;
    let verifier = Data::new(args.token.verifier());
    let routes = openapi::routes();
    let answered_from = library.clone();
    let configure = move |config: &mut ServiceConfig| {
        config.app_data(answered_from.clone()).app_data(verifier.clone()).app_data(proxies.clone());
        health.configure(config);
        compressed(config, |config| {
            routes::configure(&routes, config);
            config.service(Methods::at("/openapi.json").get(openapi::document).build());
        });
    };
    let answering = server::serve(listeners, args.http.http_workers, shutdown, configure);
    let options = database::options(args.postgres.database_url.expose())?;
    postgres::guarded(options, async { Ok(answering.await?) }).await?;
    following.abort();
    counting.await?;
    if let Some(reads) = &library.reads {
        reads.finish(&library.database).await;
    }
    Ok(())
}

async fn follow(library: Data<Library>, database_url: String) {
    library.progress.follow(&database_url).await;
}

async fn count(library: Data<Library>, shutdown: Shutdown) {
    if let Some(reads) = &library.reads {
        reads.keep_writing(&library.database, &shutdown).await;
    }
}

/// Ready is who reaches Postgres. Redis is not needed: what it would answer, Postgres can.
fn health(library: &Data<Library>, shutdown: Shutdown) -> Health {
    let health = Health::new(shutdown);
    let database = library.database.clone();
    health.check("postgres", move || {
        let database = database.clone();
        async move { database.answers().await.map_err(|_| "does not answer".to_owned()) }
    });
    health
}
