//! The HTTP server: the same limits, the same defaults and the same way to end for every process.

mod defaults;
mod observe;
mod operators;

pub use defaults::configure_defaults;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, HttpServer, web};
use futures::future::{Either, ready, try_join};

use crate::json::BodyBudget;
use crate::{InProcess, Shutdown};

/// A client that has not sent its request's head by then is dropped.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// An idle connection is kept for so long.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Requests under way when the end is requested have so long to finish.
const LAST_SECONDS: u64 = 10;
/// An idle connection is closed without a word, and its client may be sending a request at that moment. So for this
/// long requests are still answered, with `Connection: close`.
const FAREWELL: Duration = Duration::from_millis(300);
/// Connections per worker; more wait in the backlog.
const CONNECTIONS: usize = 10_000;
/// What the bodies of all requests under way may hold together.
const BODIES_BYTES: usize = 64 * 1024 * 1024;
/// What those from one network may hold: a quarter.
const BODIES_OF_ONE_BYTES: usize = BODIES_BYTES / 4;
/// Threads per worker for work that would hold up the others.
const BLOCKING_THREADS: usize = 4;

/// The addresses of a process, taken and not answered on yet.
#[derive(Debug)]
pub struct Listeners {
    http: TcpListener,
    metrics: Option<TcpListener>,
}

/// Takes the addresses at once, so that a taken one ends the process before it has begun anything. Without `metrics`
/// nothing answers there.
///
/// # Errors
/// An address cannot be had.
pub fn bind(listen: SocketAddr, metrics: Option<SocketAddr>) -> io::Result<Listeners> {
    let take = |address: SocketAddr, variable: &str| {
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot listen on {address} ({variable}): {error}"))
        };
        TcpListener::bind(address).map_err(named)
    };
    let http = take(listen, "INKLOG_LISTEN")?;
    let metrics = metrics.map(|address| take(address, "INKLOG_METRICS_LISTEN")).transpose()?;
    Ok(Listeners { http, metrics })
}

impl Listeners {
    /// The listener for clients, for a program that answers HTTP by itself, and the one for operators.
    #[must_use]
    pub fn into_parts(self) -> (TcpListener, Option<TcpListener>) {
        (self.http, self.metrics)
    }

    /// Where clients are answered.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.http.local_addr()
    }
}

/// Answers HTTP until `shutdown` is requested and the requests under way are done. `configure` registers the routes
/// and is called once per worker; unknown routes, unreadable paths and queries are answered with problem details.
/// `/metrics` and `/log` are answered at an address of their own, by a thread of their own. The threads start at once,
/// inside a running Tokio; the future ends when they have.
///
/// # Errors
/// A listener cannot be used.
pub fn serve(
    listeners: Listeners,
    workers: u16,
    shutdown: Shutdown,
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> impl Future<Output = io::Result<()>> + Send {
    let Listeners { http, metrics } = listeners;
    // Built outside the future: actix's builder cannot be sent between threads, what it builds can.
    let server = start(http, workers, shutdown.clone(), configure);
    let metrics = metrics.map(|listener| start(listener, 1, shutdown, operators::configure)).transpose();
    async move {
        let (server, metrics) = (server?, metrics?);
        let metrics = metrics.map_or_else(|| Either::Left(ready(Ok(()))), Either::Right);
        try_join(server, metrics).await.map(|_| ())
    }
}

/// Answers `/metrics`, `/healthz` and `/log` alone, as [`serve`] does: for a program that answers HTTP by itself.
///
/// # Errors
/// The listener cannot be used.
pub fn serve_operators(listener: TcpListener, shutdown: Shutdown) -> impl Future<Output = io::Result<()>> + Send {
    let server = start(listener, 1, shutdown, operators::configure);
    async move { server?.await }
}

fn start(
    listener: TcpListener,
    workers: u16,
    shutdown: Shutdown,
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let (seen, budget) = (shutdown.clone(), BodyBudget::new(BODIES_BYTES, BODIES_OF_ONE_BYTES));
    let app = move || {
        let (seen, budget, configure) = (seen.clone(), budget.clone(), configure.clone());
        let application = move || application(seen.clone(), budget.clone(), configure.clone());
        application().app_data(InProcess::new(application))
    };
    let server = HttpServer::new(app)
        .workers(usize::from(workers))
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .max_connections(CONNECTIONS)
        .client_request_timeout(REQUEST_HEAD)
        .keep_alive(KEEP_ALIVE)
        .tcp_nodelay(true)
        .shutdown_signal(async move {
            shutdown.requested().await;
            tokio::time::sleep(FAREWELL).await;
        })
        .shutdown_timeout(LAST_SECONDS)
        .listen(listener)?;
    Ok(server.run())
}

/// The application, as it is served and as it is asked from within.
fn application(
    shutdown: Shutdown,
    budget: BodyBudget,
    configure: impl Fn(&mut web::ServiceConfig),
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(shutdown)
        .app_data(budget)
        .wrap(from_fn(observe::observe))
        .configure(configure)
        .configure(configure_defaults)
}

#[cfg(test)]
mod tests;
