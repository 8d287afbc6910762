//! The HTTP server: the same limits, the same defaults and the same way to end for every process.

mod defaults;
mod observe;

pub use defaults::configure_defaults;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use crate::Shutdown;
use crate::json::BodyBudget;

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

/// Takes the address at once, so that a taken one ends the process before it has begun anything.
///
/// # Errors
/// The address cannot be had.
pub fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(listen)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen} (INKLOG_LISTEN): {error}")))
}

/// Answers HTTP until `shutdown` is requested and the requests under way are done. `configure` registers the routes
/// and is called once per worker; unknown routes, unreadable paths and queries are answered with problem details.
/// The threads start at once, inside a running Tokio; the future ends when they have.
///
/// # Errors
/// The listener cannot be used.
pub fn serve(
    listener: TcpListener,
    workers: u16,
    shutdown: Shutdown,
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> impl Future<Output = io::Result<()>> + Send {
    // Built outside the future: actix's builder cannot be sent between threads, what it builds can.
    let server = start(listener, workers, shutdown, configure);
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
        App::new()
            .app_data(seen.clone())
            .app_data(budget.clone())
            .wrap(from_fn(observe::observe))
            .configure(configure.clone())
            .configure(configure_defaults)
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

#[cfg(test)]
mod tests;
