use std::time::Duration;

use actix_web::test::TestRequest;
use domain::posts::{Command as PostCommand, Posts};
use parking_lot::Mutex;
use service_kit::patience;

use super::*;

/// Takes commands nowhere, and keeps what they are known by.
#[derive(Default)]
struct Kept(Mutex<Vec<CommandRef>>);

impl Executes<Posts> for Kept {
    fn partition_of(&self, _: &str) -> i32 {
        0
    }

    fn execute(&self, request: Request<Posts>, _: Instant) -> BoxFuture<'_, Result<Outcome<Posts>, ExecuteError>> {
        self.0.lock().push(request.command);
        async { Ok(Outcome::Moved) }.boxed()
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

/// A version that renames a field of a body sends other JSON, and must be known to repeat the same step.
#[tokio::test]
async fn a_step_is_known_by_its_text_whatever_the_json_of_its_body() {
    let (kept, id) = (Kept::default(), Uuid::from_u128(1).to_string());
    let caller = Caller::in_the_name_of(Actor::new(Uuid::from_u128(2)), "key", Instant::now());
    let command = caller.command_over(&kept, id.clone(), &"asked");
    for (step, body) in [("a", PostCommand::Delete), ("a", PostCommand::Publish), ("b", PostCommand::Publish)] {
        assert!(command.step(step, id.clone(), body).await.is_err(), "it has no outcome here");
    }
    let steps = kept.0.lock().clone();
    assert_eq!(steps[0], steps[1]);
    assert_ne!((steps[1].id, steps[1].digest), (steps[2].id, steps[2].digest));
    assert_eq!(steps[0].correlation_id, steps[2].correlation_id);
}

/// A client that sends the key by which something is done in its name has a command of its own.
#[test]
fn what_is_done_in_an_accounts_name_is_no_command_that_the_account_can_send() {
    let (kept, actor) = (Kept::default(), Actor::new(Uuid::from_u128(2)));
    let within = Caller::in_the_name_of(actor, "ruling/1/1", Instant::now());
    let sent = Caller { key: "ruling/1/1".to_owned(), ..within.clone() };
    let id = |caller: &Caller| caller.command_over(&kept, "a".to_owned(), &"asked").id;
    assert_ne!(id(&within), id(&sent));
    assert!(!within.key.chars().all(|c| c.is_ascii_graphic()), "no header has it");
}

#[actix_web::test]
async fn a_command_takes_no_longer_than_its_caller_waits() {
    let left = async |said: Option<&'static str>| {
        let request = TestRequest::default().app_data(Deadline(Duration::from_secs(3)));
        let request = said.into_iter().fold(request, |request, said| request.insert_header((patience::TIMEOUT, said)));
        let Anyone(caller) = Anyone::from_request(&request.to_http_request(), &mut Payload::None).await.unwrap();
        caller.deadline.duration_since(Instant::now()).as_secs_f64()
    };
    for (said, expected) in
        [(None, 3.0), (Some("500"), 0.45), (Some("60000"), 3.0), (Some("no"), 3.0), (Some("0"), 0.0)]
    {
        let left = left(said).await;
        assert!((expected - 0.1..=expected).contains(&left), "{said:?}: {left}");
    }
}
