use super::*;

/// What a client reads, and whether it reads that it is not all.
async fn read(pieces: &[&'static str], is_whole: bool) -> (String, bool) {
    let (sender, receiver) = mpsc::channel(QUEUED);
    for piece in pieces {
        sender.send(Bytes::from_static(piece.as_bytes())).await.unwrap();
    }
    drop(sender);
    let read: Vec<Result<Bytes, CutOff>> = body(receiver, Arc::new(AtomicBool::new(is_whole))).collect().await;
    let cut_off = read.last().is_some_and(Result::is_err);
    let text = read.into_iter().flatten().map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect();
    (text, cut_off)
}

#[tokio::test]
async fn what_was_cut_off_does_not_look_whole() {
    assert_eq!(read(&["a", "b"], true).await, ("ab".into(), false));
    assert_eq!(read(&["a", "b"], false).await, ("ab".into(), true));
    assert_eq!(read(&[], false).await, (String::new(), true));
}

#[test]
fn a_place_is_given_back() {
    let log = SubscriptionConfig {
        brokers: String::new(),
        registry_url: String::new(),
        topic_prefix: String::new(),
        contexts: Vec::new(),
        partitions: 1,
        layout: event_log::kafka::Layout::default(),
        max_batch: 1,
    };
    let exports = Exports::new(log);
    let ids: Vec<Uuid> = (0..=UNDER_WAY as u128).map(Uuid::from_u128).collect();
    let first = exports.begin(ids[0]).unwrap();
    assert!(exports.begin(ids[0]).is_err(), "one of an account");
    let others: Vec<Place> = ids[1..UNDER_WAY].iter().map(|id| exports.begin(*id).unwrap()).collect();
    assert!(exports.begin(ids[UNDER_WAY]).is_err(), "so many");
    drop(first);
    assert!(exports.begin(ids[0]).is_ok());
    drop(others);
}
