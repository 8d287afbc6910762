use super::*;
use crate::following::{self, Followed};
use crate::posts::{self, Drafted, Edited, Unpublished};
use crate::reservations::Held;
use crate::security::Note;
use crate::testing::{NOW, ada_id, bob_id, drafted, editor, post_id, registered};
use crate::{AnyEvent, Recorded, accounts};

fn whose(aggregate_id: impl ToString, actor_id: Uuid, event: impl Into<AnyEvent>) -> Vec<Uuid> {
    let (aggregate_id, event) = (aggregate_id.to_string(), event.into());
    Recorded { aggregate_id, version: 1, occurred_at: NOW, actor_id, event }.accounts().into_iter().collect()
}

fn sorted<const N: usize>(mut ids: [Uuid; N]) -> Vec<Uuid> {
    ids.sort_unstable();
    ids.into()
}

#[test]
fn an_event_is_its_actors_its_aggregates_and_that_of_the_one_whom_it_concerns() {
    let (editor, post) = (editor().id, post_id(1));
    let registered = accounts::Event::Registered(registered());
    assert_eq!(whose(ada_id(), editor, registered), sorted([ada_id(), editor]));
    let drafted = posts::Event::Drafted(drafted());
    assert_eq!(
        whose(post, editor, drafted),
        sorted([ada_id(), editor]),
        "its author's, and the editor's who wrote it down"
    );
    assert_eq!(whose(post, editor, posts::Event::Unpublished(Unpublished {})), [editor]);
    let followed = Followed { follower_id: ada_id(), followee_id: bob_id() };
    let pair = format!("{}:{}", ada_id(), bob_id());
    assert_eq!(whose(pair, ada_id(), following::Event::Followed(followed)), sorted([ada_id(), bob_id()]));
    let held = Held { claimed_value: "ada".into(), holder_id: ada_id() };
    let confirmed = accounts::Event::Reservation(accounts::ReservationEvent::UserNameConfirmed(held));
    assert_eq!(whose("user-name:ada", Uuid::nil(), confirmed), [ada_id()]);
}

/// An import names co-authors and asks none of them.
#[test]
fn an_event_is_that_of_whom_it_names_as_a_co_author() {
    let (editor, post) = (editor().id, post_id(1));
    let drafted = Drafted { co_author_ids: vec![bob_id()], ..drafted() };
    assert_eq!(whose(post, editor, posts::Event::Drafted(drafted)), sorted([ada_id(), bob_id(), editor]));
    let named = |ids: &[Uuid]| Edited { co_author_ids: Some(ids.to_vec()), ..Edited::default() };
    assert_eq!(whose(post, editor, posts::Event::Edited(named(&[bob_id()]))), sorted([bob_id(), editor]));
    assert_eq!(whose(post, editor, posts::Event::Edited(named(&[]))), [editor]);
}

#[test]
fn what_is_of_no_account_is_in_no_export() {
    assert_eq!(whose(Uuid::nil(), Uuid::nil(), Note::LogInFailed.event()), Vec::<Uuid>::new());
}
