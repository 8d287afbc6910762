use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A way to a database that can be cut.
pub(crate) struct Proxy {
    open: Arc<watch::Sender<bool>>,
}

impl Proxy {
    /// The proxy, and the address of the database by way of it.
    pub(crate) async fn before(url: &str) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (start, rest) = url.split_once('@').unwrap();
        let (target, name) = rest.split_once('/').unwrap();
        let through = format!("{start}@{}/{name}", listener.local_addr().unwrap());
        let open = Arc::new(watch::Sender::new(true));
        tokio::spawn(pass(listener, target.to_owned(), open.clone()));
        (Self { open }, through)
    }

    /// Drops every connection and lets no other through.
    pub(crate) fn cut(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(listener: TcpListener, target: String, open: Arc<watch::Sender<bool>>) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        if !*open.borrow() {
            continue;
        }
        let (target, mut cut) = (target.clone(), open.subscribe());
        tokio::spawn(async move {
            let mut server = TcpStream::connect(target).await.unwrap();
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => {}
                _ = cut.wait_for(|open| !open) => {}
            }
        });
    }
}
