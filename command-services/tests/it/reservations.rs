//! A reservation whose holder never came to be, and one whose holder did: what becomes of the slug after the
//! reservation expired. No test can wait for that over HTTP, so here the log is in memory and begins with a history of
//! long ago.

use std::sync::Arc;
use std::time::Duration;

use command_services::commands::{Caller, Command, Decided};
use command_services::reservations::{Bears, NotReserved, with_reservation, with_suggestion};
use domain::posts::{
    Command as PostCommand, Drafted, Event, Posts, Rejection, ReservationEvent, State, Unique, UniqueKind,
};
use domain::reservations::{Reservation, Reserved, UniqueValue as _};
use domain::values::Slug;
use domain::{Actor, Recorded, Role, Timestamp};
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::record::{CommandRef, EventRecord, Record, Stamp, TermStarted};
use event_log::{EventLog, NoForward, Refusal, now};
use tokio::time::Instant;
use uuid::Uuid;

/// A log whose one partition already tells of a former owner's term.
struct History {
    broker: Arc<MemoryBroker<Posts>>,
    seq: u64,
}

impl History {
    fn new() -> Self {
        let broker = MemoryBroker::new(1);
        let address = "http://127.0.0.1:1".to_owned();
        let (owner, nonce) = (Uuid::new_v4(), Uuid::new_v4());
        broker.append(0, Record::TermStarted(TermStarted { term: 1, owner, address, nonce }));
        Self { broker, seq: 0 }
    }

    fn happened(&mut self, aggregate_id: String, at: Timestamp, event: Event) {
        self.seq += 1;
        let id = Uuid::new_v4();
        self.broker.append(
            0,
            Record::Event(EventRecord {
                stamp: Stamp { term: 1, seq: self.seq },
                command: CommandRef { id, digest: 0, correlation_id: id, traceparent: None },
                recorded: Recorded { aggregate_id, version: 1, occurred_at: at, actor_id: id, event },
            }),
        );
    }

    fn reserved(&mut self, slug: &Slug, holder_id: Uuid, expires_at: Timestamp) {
        let reserved = Reserved { claimed_value: slug.to_string(), holder_id, expires_at };
        self.happened(
            Unique::Slug(slug.clone()).reservation_id(),
            expires_at.plus_millis(-60_000),
            ReservationEvent::SlugClaimed(reserved).into(),
        );
    }

    fn drafted(&mut self, slug: &Slug, post_id: Uuid, at: Timestamp) {
        self.happened(post_id.to_string(), at, Event::Drafted(content(Uuid::new_v4(), slug)));
    }

    fn unreadable(&mut self, aggregate_id: String) {
        self.seq += 1;
        let (stamp, reason) = (Stamp { term: 1, seq: self.seq }, "of a version to come".to_owned());
        self.broker.append(0, Record::Unreadable { stamp, aggregate_id, reason });
    }

    fn open(self) -> Arc<EventLog<Posts>> {
        let log = EventLog::new(1, "http://127.0.0.1:2", Limits::default(), Arc::new(NoForward));
        self.broker.join(&log);
        log
    }
}

fn content(author_id: Uuid, slug: &Slug) -> Drafted {
    Drafted::new(author_id, slug.clone(), "A title".parse().unwrap())
}

fn caller() -> Caller {
    Caller {
        actor: Actor::new(Uuid::new_v4()).with(Role::Author),
        key: "key".into(),
        conditions: service_kit::etag::Conditions::default(),
        traceparent: "00-00000000000000000000000000000001-0000000000000001-01".into(),
        deadline: Instant::now() + Duration::from_secs(10),
    }
}

/// A caller drafts a post with the slug.
async fn draft(log: &Arc<EventLog<Posts>>, slug: &Slug) -> Result<Decided<Posts>, NotReserved> {
    draft_as(&caller(), Uuid::new_v4(), log, slug).await
}

/// The same, of a caller who may ask again.
async fn draft_as(
    caller: &Caller,
    id: Uuid,
    log: &Arc<EventLog<Posts>>,
    slug: &Slug,
) -> Result<Decided<Posts>, NotReserved> {
    let command: Command<'_, Posts> = caller.command(log, id.to_string(), &"draft");
    let content = content(caller.actor.id, slug);
    let put = |lease| PostCommand::Put { content: content.clone(), overwrite: false, lease };
    with_suggestion(&command, &Unique::Slug(slug.clone()), id, put).await
}

fn slug() -> Slug {
    "wanted".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_reservation_whose_holder_never_came_to_be_is_taken_over() {
    let mut history = History::new();
    history.reserved(&slug(), Uuid::new_v4(), now().plus_millis(-1));
    let log = history.open();
    assert!(matches!(draft(&log, &slug()).await, Ok(Decided::Accepted(receipt)) if receipt.created()));
    assert!(matches!(draft(&log, &slug()).await, Err(NotReserved::Taken)));
    log.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_has_not_expired_is_its_holders() {
    let mut history = History::new();
    history.reserved(&slug(), Uuid::new_v4(), now().plus_millis(30_000));
    let log = history.open();
    assert!(matches!(draft(&log, &slug()).await, Err(NotReserved::Taken)));
    log.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_reservation_whose_holder_acted_is_confirmed_on_its_behalf() {
    let (mut history, holder) = (History::new(), Uuid::new_v4());
    history.reserved(&slug(), holder, now().plus_millis(-1));
    history.drafted(&slug(), holder, now().plus_millis(-50_000));
    let log = history.open();
    assert!(matches!(draft(&log, &slug()).await, Err(NotReserved::Taken)));
    let (version, state) = log.confirmed(&Unique::Slug(slug()).reservation_id()).unwrap();
    assert_eq!(version, 2, "{state:?}");
    let confirmed = Reservation::Confirmed { holder_id: holder };
    assert_eq!(state, State::Reservation(UniqueKind::Slug, confirmed));
    log.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_a_expired_reservation_over_one_wins() {
    let slug = slug();
    for _ in 0..20 {
        let mut history = History::new();
        history.reserved(&slug, Uuid::new_v4(), now().plus_millis(-1));
        let log = history.open();
        let drafts = futures::future::join_all((0..4).map(|_| draft(&log, &slug))).await;
        let won = drafts.iter().filter(|draft| matches!(draft, Ok(Decided::Accepted(_)))).count();
        assert_eq!(won, 1, "{drafts:?}");
        log.close();
    }
}

/// A caller has its post be as given.
async fn put_as(
    caller: &Caller,
    id: Uuid,
    log: &Arc<EventLog<Posts>>,
    slug: &Slug,
) -> Result<Decided<Posts>, NotReserved> {
    let command: Command<'_, Posts> = caller.command(log, id.to_string(), &"put");
    let content = content(caller.actor.id, slug);
    let put = |lease| PostCommand::Put { content: content.clone(), overwrite: false, lease };
    with_reservation(&command, &Unique::Slug(slug.clone()), id, (None, Bears::NothingElse), put).await
}

/// Who has the slug, and since how many events.
fn reservation(log: &EventLog<Posts>, slug: &Slug) -> (u64, Reservation) {
    match log.confirmed(&Unique::Slug(slug.clone()).reservation_id()).unwrap() {
        (version, State::Reservation(UniqueKind::Slug, reservation)) => (version, reservation),
        (_, state) => panic!("no reservation: {state:?}"),
    }
}

/// Whether the slug is reserved for the very holder that is asking, or was for another: a command that is refused for
/// another reason keeps it from none.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_renews_no_reservation_and_takes_none_over() {
    for (is_own, expires_in_ms) in [(true, 20_000), (true, -1), (false, -1)] {
        let (mut history, caller, id) = (History::new(), caller(), Uuid::new_v4());
        let holder_id = if is_own { id } else { Uuid::new_v4() };
        let expires_at = now().plus_millis(expires_in_ms);
        history.reserved(&slug(), holder_id, expires_at);
        let drafted = Event::Drafted(content(caller.actor.id, &"another".parse().unwrap()));
        history.happened(id.to_string(), now().plus_millis(-50_000), drafted);
        let log = history.open();
        let put = put_as(&caller, id, &log, &slug()).await;
        let Ok(Decided::Refused(Refusal::Rejected { rejection, .. })) = put else { panic!("{put:?}") };
        assert_eq!(rejection, Rejection::Differs);
        assert_eq!(reservation(&log, &slug()), (1, Reservation::Reserved { holder_id, expires_at }));
        log.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_for_its_reservation_alone_renews_it() {
    for expires_in_ms in [20_000, -1] {
        let (mut history, caller, id) = (History::new(), caller(), Uuid::new_v4());
        history.reserved(&slug(), id, now().plus_millis(expires_in_ms));
        let log = history.open();
        let put = put_as(&caller, id, &log, &slug()).await;
        assert!(matches!(&put, Ok(Decided::Accepted(accepted)) if accepted.created()), "{put:?}");
        assert_eq!(reservation(&log, &slug()), (3, Reservation::Confirmed { holder_id: id }));
        log.close();
    }
}

/// It was accepted, and its process died before it confirmed.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_confirms_what_it_was_accepted_on() {
    let (mut history, caller, id) = (History::new(), caller(), Uuid::new_v4());
    history.reserved(&slug(), id, now().plus_millis(-1));
    let drafted = Event::Drafted(content(caller.actor.id, &slug()));
    history.happened(id.to_string(), now().plus_millis(-50_000), drafted);
    let log = history.open();
    let put = put_as(&caller, id, &log, &slug()).await;
    assert!(matches!(&put, Ok(Decided::Accepted(accepted)) if !accepted.receipt.changed), "{put:?}");
    assert_eq!(reservation(&log, &slug()), (2, Reservation::Confirmed { holder_id: id }));
    log.close();
}

/// The suggested slug was another's when the command first came; when it came again, that one had let it expire.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_draft_takes_no_other_slug_than_it_has() {
    let (mut history, holder_id, expires_at) = (History::new(), Uuid::new_v4(), now().plus_millis(-1));
    history.reserved(&slug(), holder_id, expires_at);
    let log = history.open();
    let (caller, id, other) = (caller(), Uuid::new_v4(), "wanted-2".parse::<Slug>().unwrap());
    assert!(matches!(draft_as(&caller, id, &log, &other).await, Ok(Decided::Accepted(_))));
    let again = draft_as(&caller, id, &log, &slug()).await;
    assert!(matches!(&again, Ok(Decided::Accepted(it)) if it.receipt.note.as_deref() == Some("wanted-2")), "{again:?}");
    assert_eq!(reservation(&log, &slug()), (1, Reservation::Reserved { holder_id, expires_at }));
    log.close();
}

/// What the holder's id leads to is no post: an answer that says nothing of what it bears.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_holder_that_says_so_does_not_bear_a_value() {
    let (mut history, holder_id) = (History::new(), Uuid::new_v4());
    history.reserved(&slug(), holder_id, now().plus_millis(-1));
    let claimed_value = "other".to_owned();
    let reserved = Reserved { claimed_value, holder_id, expires_at: now().plus_millis(-1) };
    history.happened(holder_id.to_string(), now(), ReservationEvent::SlugClaimed(reserved).into());
    let log = history.open();
    assert!(matches!(draft(&log, &slug()).await, Err(NotReserved::Taken)));
    log.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_cannot_be_read_is_told_as_such() {
    let mut history = History::new();
    history.unreadable(Unique::Slug(slug()).reservation_id());
    let log = history.open();
    let Err(NotReserved::Problem(problem)) = draft(&log, &slug()).await else { panic!("it cannot be read") };
    assert_eq!(problem.details().status, 503);
    assert!(problem.details().detail.contains("cannot read"), "{problem}");
    log.close();
}

/// The suggested slug was reserved when the command first came, and so it took another; when it came again it was free.
#[tokio::test(flavor = "multi_thread")]
async fn a_slug_that_the_first_outcome_does_not_name_is_not_confirmed() {
    let log = History::new().open();
    let (caller, id, other) = (caller(), Uuid::new_v4(), "wanted-2".parse::<Slug>().unwrap());
    assert!(matches!(draft_as(&caller, id, &log, &other).await, Ok(Decided::Accepted(_))));
    let again = draft_as(&caller, id, &log, &slug()).await;
    assert!(matches!(&again, Ok(Decided::Accepted(it)) if it.receipt.note.as_deref() == Some("wanted-2")), "{again:?}");
    let confirmed = |slug: &Slug| log.confirmed(&Unique::Slug(slug.clone()).reservation_id()).unwrap().1;
    assert!(
        matches!(confirmed(&other), State::Reservation(_, Reservation::Confirmed { holder_id }) if holder_id == id)
    );
    let left = confirmed(&slug());
    assert!(!matches!(left, State::Reservation(_, Reservation::Confirmed { .. })), "burnt for ever: {left:?}");
    log.close();
}
