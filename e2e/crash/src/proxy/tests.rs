use std::time::Duration;

use tokio::time::timeout;

use super::*;

const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(5);

struct Link {
    proxy: Proxy,
    client: TcpStream,
    server: TcpStream,
    listener: TcpListener,
}

async fn link() -> Link {
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    let listener = TcpListener::bind(any).await.unwrap();
    let proxy = Proxy::open(any, listener.local_addr().unwrap()).await.unwrap();
    let client = TcpStream::connect(proxy.address).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    Link { proxy, client, server, listener }
}

async fn arrives(stream: &mut TcpStream, text: &[u8]) -> bool {
    let mut bytes = vec![0; text.len()];
    timeout(LATER, stream.read_exact(&mut bytes)).await.unwrap().unwrap();
    bytes == text
}

async fn is_silent(stream: &mut TcpStream) -> bool {
    timeout(SOON, stream.read_u8()).await.is_err()
}

#[tokio::test]
async fn an_open_link_passes_everything_on() {
    let mut link = link().await;
    link.client.write_all(b"question").await.unwrap();
    assert!(arrives(&mut link.server, b"question").await);
    link.server.write_all(b"answer").await.unwrap();
    assert!(arrives(&mut link.client, b"answer").await);
    drop(link.client);
    assert_eq!(link.server.read(&mut [0; 8]).await.unwrap(), 0, "the end is passed on too");
}

#[tokio::test]
async fn what_a_paused_link_was_given_arrives_afterwards() {
    let mut link = link().await;
    link.proxy.set(Mode::Paused);
    link.client.write_all(b"question").await.unwrap();
    link.server.write_all(b"answer").await.unwrap();
    assert!(is_silent(&mut link.server).await && is_silent(&mut link.client).await);
    link.proxy.set(Mode::Open);
    assert!(arrives(&mut link.server, b"question").await && arrives(&mut link.client, b"answer").await);
}

#[tokio::test]
async fn a_mute_link_loses_the_answers_only() {
    let mut link = link().await;
    link.proxy.set(Mode::Mute);
    link.client.write_all(b"question").await.unwrap();
    assert!(arrives(&mut link.server, b"question").await);
    link.server.write_all(b"answer").await.unwrap();
    assert!(is_silent(&mut link.client).await);
}

#[tokio::test]
async fn a_held_request_arrives_although_its_sender_is_gone() {
    let mut link = link().await;
    link.proxy.set(Mode::Held);
    link.client.write_all(b"last words").await.unwrap();
    drop(link.client);
    assert!(is_silent(&mut link.server).await);
    link.proxy.set(Mode::Open);
    assert!(arrives(&mut link.server, b"last words").await);
}

#[tokio::test]
async fn a_cut_link_breaks_and_refuses_until_it_is_mended() {
    let mut link = link().await;
    link.proxy.set(Mode::Cut);
    assert_eq!(timeout(LATER, link.client.read(&mut [0; 8])).await.unwrap().unwrap_or(0), 0);
    let mut refused = TcpStream::connect(link.proxy.address).await.unwrap();
    assert_eq!(timeout(LATER, refused.read(&mut [0; 8])).await.unwrap().unwrap_or(0), 0);
    link.proxy.set(Mode::Open);
    let mut client = TcpStream::connect(link.proxy.address).await.unwrap();
    client.write_all(b"again").await.unwrap();
    let (mut server, _) = link.listener.accept().await.unwrap();
    assert!(arrives(&mut server, b"again").await);
}

#[tokio::test]
async fn forgotten_connections_are_silent_for_good_and_new_ones_are_not() {
    let mut link = link().await;
    link.proxy.forget();
    link.client.write_all(b"question").await.unwrap();
    link.server.write_all(b"answer").await.unwrap();
    assert!(is_silent(&mut link.server).await && is_silent(&mut link.client).await);
    let mut client = TcpStream::connect(link.proxy.address).await.unwrap();
    let (mut server, _) = link.listener.accept().await.unwrap();
    client.write_all(b"question").await.unwrap();
    assert!(arrives(&mut server, b"question").await);
    link.proxy.set(Mode::Open);
    assert!(is_silent(&mut link.server).await, "nothing mends them");
}
