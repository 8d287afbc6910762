//! `bench upstream`: a service of which is known what it bears. It answers every request after a fixed time, so many at
//! once, and the others in turn; and it does what it was asked for whether or not somebody waits for it yet, as a
//! database does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use clap::Args;
use service_kit::config::duration;
use service_kit::health::Health;
use service_kit::{Problem, Shutdown, server};
use tokio::sync::Semaphore;

/// Where to listen, and what to bear.
#[derive(Args, Debug)]
pub(crate) struct UpstreamArgs {
    /// Address and port to answer HTTP on.
    #[arg(long)]
    listen: SocketAddr,
    /// How long an answer takes; nothing: it is given at once.
    #[arg(long, value_parser = duration)]
    takes: Option<Duration>,
    /// How many are made at once.
    #[arg(long, default_value_t = 1)]
    at_once: usize,
}

/// How answers are made.
#[derive(Clone, Debug)]
struct Work {
    takes: Option<Duration>,
    places: Arc<Semaphore>,
}

/// Answers until SIGTERM.
///
/// # Errors
/// The address is taken.
pub(crate) async fn serve(args: UpstreamArgs) -> anyhow::Result<()> {
    let shutdown = Shutdown::on_signals()?;
    let listeners = server::bind(args.listen, None)?;
    let work = web::Data::new(Work { takes: args.takes, places: Arc::new(Semaphore::new(args.at_once)) });
    let health = Health::new(shutdown.clone());
    let answering = server::serve(listeners, 1, shutdown, move |config| {
        health.configure(config);
        config.app_data(work.clone()).service(web::resource("/v1/{path:.*}").to(answer));
    });
    Ok(answering.await?)
}

async fn answer(work: web::Data<Work>) -> Result<HttpResponse, Problem> {
    if let Some(takes) = work.takes {
        let places = Arc::clone(&work.places);
        let doing = async move {
            let place = places.acquire_owned().await;
            tokio::time::sleep(takes).await;
            drop(place);
        };
        // A task of its own: who hangs up does not take back what was begun.
        tokio::spawn(doing).await.map_err(|error| Problem::internal(error.to_string()))?;
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"posts": []}"#))
}
