//! A TCP proxy that stands on a link between two components and breaks it on demand.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What a held-back connection may gather before its sender has to wait.
const HELD_BYTES: usize = 8 * 1024 * 1024;
/// What is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// What a link does with what is sent over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It passes everything on.
    Open,
    /// It passes nothing on, in neither direction, and says nothing: a network that lost its way.
    Paused,
    /// Requests arrive, answers do not.
    Mute,
    /// Requests are taken and kept, and arrive when the link opens again, even if their sender is gone by then.
    Held,
    /// Connections are broken, and new ones too.
    Cut,
}

/// A proxy before one address; it listens until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<watch::Sender<State>>,
    accepting: AbortHandle,
}

#[derive(Clone, Copy, Debug)]
struct State {
    mode: Mode,
    /// Connections so far, each of which has the number of those before it.
    connections: u64,
    /// Connections with lesser numbers are forgotten.
    forgotten: u64,
}

impl State {
    fn mode_of(self, connection: u64) -> Mode {
        if connection < self.forgotten && self.mode != Mode::Cut { Mode::Paused } else { self.mode }
    }
}

/// What a connection is told of the link's state.
struct Told {
    state: watch::Receiver<State>,
    connection: u64,
}

impl Told {
    fn lets_through(&mut self, way: Way) -> bool {
        lets_through(self.state.borrow_and_update().mode_of(self.connection), way)
    }

    async fn wait_for(&mut self, wanted: impl Fn(Mode) -> bool) {
        let connection = self.connection;
        // The sender lives as long as the proxy; without it nothing is to pass.
        let _ = self.state.wait_for(|state| wanted(state.mode_of(connection))).await;
    }

    fn again(&self) -> Self {
        Self { state: self.state.clone(), connection: self.connection }
    }
}

/// Which way the bytes of a pump go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Requests,
    Answers,
}

impl Proxy {
    /// Listens at `listen` (port 0: any that is free) for what goes to `upstream`.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn open(listen: SocketAddr, upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(watch::Sender::new(State { mode: Mode::Open, connections: 0, forgotten: 0 }));
        let accepting = tokio::spawn(accept(listener, upstream, Arc::clone(&state))).abort_handle();
        Ok(Self { address, state, accepting })
    }

    /// Breaks or mends the link.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// What is sent over the connections that there are gets nowhere from now on, and neither end is told; new ones
    /// work: a firewall that was restarted.
    pub fn forget(&self) {
        self.state.send_modify(|state| state.forgotten = state.connections);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Mode::Cut);
    }
}

async fn accept(listener: TcpListener, upstream: SocketAddr, state: Arc<watch::Sender<State>>) {
    loop {
        // A failed accept is the client's trouble or ours for a moment; the next one tells.
        let Ok((client, _)) = listener.accept().await else { continue };
        let connection = state.borrow().connections;
        state.send_modify(|state| state.connections += 1);
        tokio::spawn(carry(client, upstream, Told { state: state.subscribe(), connection }));
    }
}

/// One connection, until both directions have ended or the link is cut.
async fn carry(client: TcpStream, upstream: SocketAddr, told: Told) {
    let mut cut = told.again();
    tokio::select! {
        // What became of it, both ends see for themselves.
        _ = connect_and_pump(client, upstream, told) => {}
        () = cut.wait_for(|mode| mode == Mode::Cut) => {}
    }
}

async fn connect_and_pump(client: TcpStream, upstream: SocketAddr, mut told: Told) -> io::Result<()> {
    // A connection that begins while nothing gets through is not made before something does.
    told.wait_for(|mode| lets_through(mode, Way::Requests)).await;
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let requests = pump(from_client, to_server, told.again(), Way::Requests);
    let answers = pump(from_server, to_client, told, Way::Answers);
    let (requests, answers) = tokio::join!(requests, answers);
    requests.and(answers)
}

/// Moves bytes one way. What was read stays in order and is never dropped: it arrives late, or the connection breaks.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut told: Told, way: Way) -> io::Result<()> {
    let mut waiting = Vec::with_capacity(CHUNK_BYTES);
    let mut ended = false;
    while !ended || !waiting.is_empty() {
        let passes = told.lets_through(way);
        if passes && !waiting.is_empty() {
            to.write_all(&waiting).await?;
            waiting.clear();
            continue;
        }
        let room = !ended && waiting.len() < HELD_BYTES;
        tokio::select! {
            read = from.read_buf(&mut waiting), if room => ended = read.unwrap_or(0) == 0,
            changed = told.state.changed() => changed.map_err(|_| io::ErrorKind::ConnectionAborted)?,
        }
    }
    to.shutdown().await
}

fn lets_through(mode: Mode, way: Way) -> bool {
    match mode {
        Mode::Open => true,
        Mode::Mute => way == Way::Requests,
        Mode::Held => way == Way::Answers,
        Mode::Paused | Mode::Cut => false,
    }
}

#[cfg(test)]
mod tests;
