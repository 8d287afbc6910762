use domain::Timestamp;
use domain::posts::co_authors::HandedOver;
use domain::posts::{self, CoAuthorEvent};
use domain::views::ViewEvent;

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

fn happened(aggregate_id: Uuid, event: impl Into<domain::AnyEvent>) -> ViewEvent {
    let (aggregate_id, actor_id) = (aggregate_id.to_string(), Uuid::nil());
    ViewEvent { aggregate_id, version: 1, occurred_at: Timestamp(0), actor_id, event: event.into() }
}

fn handed_over(from_account_id: Uuid, to_account_id: Uuid) -> posts::Event {
    CoAuthorEvent::HandedOver(HandedOver { from_account_id, to_account_id }).into()
}

/// A post may be given the id of an account.
#[test]
fn what_is_owned_in_one_context_is_not_in_another() {
    let [ada, bob, carol] = [1, 2, 3].map(Uuid::from_u128);
    let mut of_ada = Selection::of(ada);
    assert!(of_ada.takes(&happened(bob, handed_over(carol, ada))));
    assert!(of_ada.takes(&happened(bob, posts::Event::Published(posts::Published {}))));
    assert!(!of_ada.takes(&happened(bob, Note::LogInFailed.event())), "it is Bob's");
    assert!(of_ada.takes(&happened(bob, handed_over(ada, carol))), "until then it was hers");
    assert!(!of_ada.takes(&happened(bob, posts::Event::Published(posts::Published {}))));
}
