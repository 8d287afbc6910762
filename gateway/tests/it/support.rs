//! A gateway, services behind it, and clients that speak HTTP by hand.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clap::{CommandFactory as _, FromArgMatches as _};
use gateway::{Args, Gateway};
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use service_kit::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;
type Handler = Arc<dyn Fn(Request<Incoming>) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Send + Sync>;

/// A gateway of a test's own.
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) running: JoinHandle<anyhow::Result<()>>,
    pub(crate) client: reqwest::Client,
}

/// The arguments of a gateway before these replicas, with further ones. The environment of the tests sets none of them:
/// `make test` runs beside services of its own, whose key is there.
pub(crate) fn args(upstream: &str, more: &[&str]) -> Args {
    let usual = [
        "gateway",
        "--listen=127.0.0.1:0",
        &format!("--upstream-commands={upstream}"),
        &format!("--upstream-queries={upstream}"),
        "--upstream-check=50ms",
        "--redis-url=redis://127.0.0.1:1",
        "--rate-factor=0",
        "--trusted-proxies=",
        "--cors-origins=",
    ];
    let command = Args::command().mut_args(|arg| arg.env(None::<&str>)).args_override_self(true);
    let matches = command.try_get_matches_from(usual.iter().chain(more)).unwrap();
    Args::from_arg_matches(&matches).unwrap()
}

impl Door {
    pub(crate) async fn start(upstream: &str, more: &[&str]) -> Self {
        let shutdown = Shutdown::new();
        let gateway = Gateway::bind(args(upstream, more), shutdown.clone()).await.unwrap();
        let address = gateway.address().unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
        Self { address, shutdown, running: tokio::spawn(gateway.run()), client }
    }

    /// What is answered to these bytes, until the gateway closes the connection or says nothing for two seconds.
    pub(crate) async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        rest(&mut stream).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }
}

/// The status, and the end of the problem's type.
pub(crate) async fn problem(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["status"], status, "{body}");
    (status, body["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned())
}

/// All that comes, until the end or two seconds of silence.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut part = [0; 16 * 1024];
    while let Ok(Ok(read @ 1..)) = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut part)).await {
        all.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// What comes until it contains this text; panics where it does not come within five seconds.
pub(crate) async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    let mut part = [0; 16 * 1024];
    while !all.contains(text) {
        let reading = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut part)).await;
        match reading {
            Ok(Ok(read @ 1..)) => all += &String::from_utf8_lossy(&part[..read]),
            other => panic!("{text} did not come, but {all:?} ({other:?})"),
        }
    }
    all
}

/// A service: what answers is the test's.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) ready: Arc<AtomicBool>,
    serving: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start<F>(handler: impl Fn(Request<Incoming>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, ready) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(true)));
        let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
        let serving = tokio::spawn(serve(listener, handler, Arc::clone(&ready)));
        Self { address, ready, serving }
    }

    /// One that answers every request with its name, method and address.
    pub(crate) async fn named(name: &'static str) -> Self {
        Self::start(move |request| async move { text(200, &format!("{name} {} {}", request.method(), request.uri())) })
            .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn stop(&self) {
        self.serving.abort();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(listener: TcpListener, handler: Handler, ready: Arc<AtomicBool>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (handler, ready) = (Arc::clone(&handler), Arc::clone(&ready));
        let service = service_fn(move |request: Request<Incoming>| {
            let (handler, is_ready) = (Arc::clone(&handler), ready.load(Ordering::SeqCst));
            async move {
                Ok::<_, Infallible>(match request.uri().path() {
                    "/readyz" if is_ready => text(200, "ready"),
                    "/readyz" => text(503, "not ready"),
                    _ => handler(request).await,
                })
            }
        });
        connections.spawn(async move {
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A service whose answers are a gibibyte long.
pub(crate) struct Endless {
    pub(crate) service: Service,
    frames: watch::Receiver<usize>,
    gone: watch::Receiver<bool>,
}

/// Says when it is gone.
struct Gone(watch::Sender<bool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

impl Endless {
    pub(crate) async fn start() -> Self {
        let (sent, frames) = watch::channel(0_usize);
        let (ended, gone) = watch::channel(false);
        let service = Service::start(move |_| {
            let (sent, guard) = (sent.clone(), Gone(ended.clone()));
            async move {
                let frames = futures::stream::unfold((0_usize, guard), move |(number, guard)| {
                    sent.send_replace(number);
                    let frame = Frame::data(Bytes::from(vec![b'a'; 64 * 1024]));
                    async move { (number < 16_000).then_some((Ok::<_, Infallible>(frame), (number + 1, guard))) }
                });
                Response::new(StreamBody::new(frames).boxed_unsync())
            }
        });
        Self { service: service.await, frames, gone }
    }

    /// How many of 16,000 frames were taken from it.
    pub(crate) fn taken(&self) -> usize {
        *self.frames.borrow()
    }

    /// Waits until its answer is not wanted any more.
    pub(crate) async fn given_up(&mut self) {
        let gone = self.gone.wait_for(|gone| *gone);
        tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the service is let go").unwrap();
    }
}

pub(crate) fn text(status: u16, text: &str) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())).boxed_unsync());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// A service that does with each connection what the test says. It never says that it is ready.
pub(crate) async fn by_hand<F>(handler: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handler(stream));
        }
    });
    format!("http://{address}")
}

/// An address where nobody listens; for as long as this lives no other test is given it.
pub(crate) struct Nobody(TcpSocket);

impl Nobody {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// From now on a service listens there.
    pub(crate) fn comes(self) -> TcpListener {
        self.0.listen(64).unwrap()
    }
}
