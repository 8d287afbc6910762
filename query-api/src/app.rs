use std::net::TcpListener;

use actix_web::web::{Data, ServiceConfig};
use service_kit::health::Health;
use service_kit::{Methods, Shutdown, server};

use crate::args::Args;
use crate::library::Library;
use crate::{authors, follows, openapi, posts, preferences, tags};

/// Answers queries on `listener` until the shutdown is requested.
///
/// # Errors
/// An address in the arguments cannot be understood, or the listener cannot be used.
pub async fn serve(args: Args, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<()> {
    let library = Data::new(Library::new(&args)?);
    let following = tokio::spawn(follow(library.clone(), args.postgres.database_url.expose().clone()));
    let health = health(&library, shutdown.clone());
    let verifier = Data::new(args.token.verifier());
    let routes = move |config: &mut ServiceConfig| {
        config.app_data(library.clone()).app_data(verifier.clone()).configure(routes);
        health.configure(config);
    };
    server::serve(listener, args.http.http_workers, shutdown, routes).await?;
    following.abort();
    Ok(())
}

async fn follow(library: Data<Library>, database_url: String) {
    library.progress.follow(&database_url).await;
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

fn routes(config: &mut ServiceConfig) {
    config
        .service(Methods::at("/v1/posts").get(posts::list::list).build())
        .service(Methods::at("/v1/posts/{slug}").get(posts::by_slug::by_slug).build())
        .service(Methods::at("/v1/authors").get(authors::list).build())
        .service(Methods::at("/v1/authors/{user_name}").get(authors::by_user_name).build())
        .service(Methods::at("/v1/authors/{user_name}/followers").get(follows::followers).build())
        .service(Methods::at("/v1/authors/{user_name}/following").get(follows::following).build())
        .service(Methods::at("/v1/me/preferences").get(preferences::read).build())
        .service(Methods::at("/v1/me/preferences/schema").get(preferences::schema).build())
        .service(Methods::at("/v1/tags").get(tags::list).build())
        .service(Methods::at("/openapi.json").get(openapi::document).build());
}
