use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http_body::{Body, Frame};
use http_body_util::{Full, StreamBody};
use service_kit::network::Network;

use super::{Messages, framed};
use crate::body::SMALL_BYTES;
use crate::grpc::status::Code;

const PATIENCE: Duration = Duration::from_millis(200);

fn messages<B: Body<Data = Bytes> + Unpin>(body: B, network: &str) -> Messages<B> {
    Messages::new(body, 4 * SMALL_BYTES, PATIENCE, &Network(network.into()))
}

/// A long message of which so many bytes come.
fn begun(bytes: usize) -> impl Body<Data = Bytes> + Unpin {
    let data = framed(&vec![0; 2 * SMALL_BYTES as usize]).slice(..bytes);
    let first = stream::iter([Ok::<_, Infallible>(Frame::data(data))]);
    StreamBody::new(first.chain(stream::pending()).boxed())
}

#[tokio::test]
async fn a_long_message_takes_a_place_once_its_bytes_are_there() {
    let network = "long-messages";
    let mut announced = messages(begun(SMALL_BYTES as usize), network);
    assert_eq!(announced.next().await.unwrap_err().code, Code::DeadlineExceeded);
    assert!(announced.place.is_none());
    let mut come = messages(begun(SMALL_BYTES as usize + 1), network);
    assert_eq!(come.next().await.unwrap_err().code, Code::DeadlineExceeded);
    assert!(come.place.is_some());

    let long = framed(&vec![0; 2 * SMALL_BYTES as usize]);
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut whole = messages(Full::new(long.clone()), network);
        assert_eq!(whole.only().await.unwrap().len() as u64, 2 * SMALL_BYTES);
        others.push(whole);
    }
    let mut fifth = messages(Full::new(long), network);
    assert_eq!(fifth.only().await.unwrap_err().code, Code::Unavailable);
    let small = [framed(&[0; 40_000]), framed(&[1; 40_000])].concat();
    let mut small = messages(Full::new(Bytes::from(small)), network);
    assert!(small.next().await.unwrap().is_some() && small.next().await.unwrap().is_some());
    assert!(small.next().await.unwrap().is_none() && small.place.is_none(), "each of them is small");
}
