use domain::posts::Posts;
use tokio::sync::mpsc;

use super::*;

/// Takes commands, says so, and never answers: what a peer that died asked for.
struct Stuck(mpsc::Sender<()>);

#[async_trait]
impl Execute for Stuck {
    async fn execute(&self, _: &[u8], _: Instant) -> Result<Vec<u8>, Status> {
        let _ = self.0.send(()).await;
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_connection_that_does_not_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (taken, mut takes) = mpsc::channel(1);
    let mut bus = Bus::new(None);
    bus.contexts.insert(Posts::NAME, Arc::new(Stuck(taken)));
    let shutdown = Shutdown::new();
    let serving = tokio::spawn(bus.serve(listener, shutdown.clone(), Duration::from_millis(50)));
    let mut peer = CommandBusClient::connect(address).await.unwrap();
    let message = ExecuteRequest { context: Posts::NAME.to_owned(), request: Vec::new(), deadline_ms: 60_000 };
    let waiting = tokio::spawn(async move { peer.execute(message).await });
    takes.recv().await.unwrap();

    shutdown.request();

    let ended = tokio::time::timeout(Duration::from_secs(10), serving).await;
    ended.expect("it ends though its peer does not").unwrap().unwrap();
    waiting.abort();
}
