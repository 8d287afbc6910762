//! Accepts connections, and ends them.

mod connection;
mod entrance;
mod files;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures::FutureExt as _;
use futures::future::{Either, ready, try_join};
use service_kit::{Shutdown, server};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::args::Args;
use crate::auth::Tokens;
use crate::limits::{Limits, Shared};
use crate::pipeline::Pipeline;
use crate::realworld::RealWorld;
use crate::routes::Routes;
use crate::upstream::{Upstreams, Watching};
use crate::validation::Validation;
use connection::Server;
use entrance::{Admitted, Entrance};

/// For so long new connections are taken yet once the end was requested: who sends them here has to learn of it. What
/// is answered is the last of its connection (`Connection: close`), here and afterwards.
const FAREWELL: Duration = Duration::from_millis(300);

/// The gateway, with its addresses taken and its services known.
#[derive(Debug)]
pub struct Gateway {
    listener: TcpListener,
    metrics: Option<StdListener>,
    pipeline: Pipeline,
    connections: usize,
}

impl Gateway {
    /// Takes the addresses, and looks for the services. Needs a running Tokio.
    ///
    /// # Errors
    /// An address cannot be had, or a setting cannot be used.
    pub async fn bind(args: Args, shutdown: Shutdown) -> anyhow::Result<Self> {
        let (http, metrics) = server::bind(args.http.listen, args.http.metrics_listen)?.into_parts();
        http.set_nonblocking(true)?;
        let listener = TcpListener::from_std(http)?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        let watching = Watching {
            resolve: args.upstreams.upstream_resolve,
            check: args.upstreams.upstream_check,
            concurrency: args.upstreams.upstream_concurrency,
        };
        let shared = Shared::new(args.redis.redis_url.expose(), &args.redis.redis_prefix)?;
        let pipeline = Pipeline {
            trusted: args.callers.trusted_proxies,
            origins: args.callers.cors_origins,
            routes: Routes::of_services()?,
            upstreams: Upstreams::new(args.upstreams.entries(), watching).await?,
            tokens: Tokens::new(args.tokens),
            limits: Limits::new(args.callers.rate_factor, Some(shared)),
            validation: Validation::of_services()?,
            realworld: RealWorld::new(),
            edge: args.edge,
            shutdown,
        };
        let connections = files::connections(pipeline.edge.connections as usize, pipeline.upstreams.connections());
        Ok(Self { listener, metrics, pipeline, connections })
    }

    /// Where clients are answered.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until the shutdown is requested and the requests under way are done, or have taken too long.
    ///
    /// # Errors
    /// The operators' listener cannot be used.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self { listener, metrics, pipeline, connections } = self;
        let shutdown = pipeline.shutdown.clone();
        let metrics = metrics.map_or_else(
            || Either::Left(ready(Ok(()))),
            |metrics| Either::Right(server::serve_operators(metrics, shutdown.clone())),
        );
        let answering = async {
            answer(listener, Arc::new(pipeline), connections).await;
            Ok(())
        };
        try_join(answering, metrics).await.context("answering operators")?;
        Ok(())
    }
}

async fn answer(listener: TcpListener, pipeline: Arc<Pipeline>, connections: usize) {
    let (shutdown, drain) = (pipeline.shutdown.clone(), pipeline.edge.drain);
    let ending = async {
        shutdown.requested().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::pin!(ending);
    // Connections end when this is requested, each after the request that it has.
    let closing = Shutdown::new();
    let entrance = Entrance::new(connections, pipeline.trusted.clone());
    let server = Server::new(pipeline, closing.clone());
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = &mut ending => break,
            Some(_) = open.join_next(), if !open.is_empty() => {}
            let_in = entrance.accept(&listener) => begin(&mut open, &server, let_in),
        }
    }
    // Who stands in the backlog was let in by the system, and would be cut off.
    // That `accept` has nothing to say must mean that there is nobody, and not that Tokio wants others to have a turn.
    while let Some(let_in) = tokio::task::unconstrained(entrance.accept(&listener)).now_or_never() {
        begin(&mut open, &server, let_in);
    }
    drop(listener);
    closing.request();
    let finished = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(drain, finished).await.is_err() {
        tracing::warn!(connections = open.len(), "connections are closed with requests under way");
    }
}

fn begin(open: &mut JoinSet<()>, server: &Server, (stream, peer, admitted): (TcpStream, SocketAddr, Admitted)) {
    let served = server.serve(stream, peer);
    open.spawn(async move {
        served.await;
        drop(admitted);
    });
}
