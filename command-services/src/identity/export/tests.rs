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
