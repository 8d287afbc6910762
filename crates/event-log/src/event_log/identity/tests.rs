use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use domain::posts::{Event, Posts};

use super::*;
use crate::codec::Wire;
use crate::event_log::{Barriers, END, Transport, Unready};
use crate::partition::Limits;
use crate::record::{Record, TermStarted};
use crate::transport::{End, Unsure};
use crate::{NoForward, Stale};

const LONG: Duration = Duration::from_secs(60);

/// Remembers logs, and keeps what is appended.
#[derive(Default)]
struct Appended(Mutex<Vec<Record<Event>>>);

impl Transport<Posts> for Appended {
    fn append(&self, _: i32, record: Record<Event>, _: Option<Wire>) -> Result<(), Unsure> {
        self.0.lock().push(record);
        Ok(())
    }

    fn knows_logs(&self) -> bool {
        true
    }

    fn renew(&self, _: i32) {}

    fn barriers(&self) -> Barriers {
        Barriers::Asked
    }

    fn ask_barrier(&self, _: i32, _: u64) {}

    fn close(&self) {}
}

fn begun(nonce: Uuid) -> Record<Event> {
    Record::TermStarted(TermStarted { term: 1, owner: Uuid::new_v4(), address: "there".to_owned(), nonce })
}

/// An instance that has read these records, all that there are, and is to lead the partition.
fn assigned(records: impl IntoIterator<Item = Record<Event>>) -> (Arc<EventLog<Posts>>, Arc<Appended>) {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    let appended = Arc::new(Appended::default());
    log.connect(Arc::clone(&appended) as Arc<dyn Transport<Posts>>);
    log.catch_up_to(&[0], Instant::now() + LONG);
    log.records_read(0, (0..).zip(records));
    let offset = log.standing(0).next_offset;
    log.barrier_answered(0, END, Some(End { offset, fresh_until: Instant::now() + LONG }));
    log.assigned(0);
    (log, appended)
}

#[test]
fn a_first_term_waits_until_no_log_is_known() {
    let (log, appended) = assigned([]);
    log.tick();
    assert!(appended.0.lock().is_empty(), "it may have been lost");
    assert_eq!(log.to_compare(), [(0, None)]);
    assert_eq!(log.to_compare(), [], "one question at a time");

    log.compared(0, None, &Known::Nothing);

    assert_eq!(appended.0.lock().len(), 1);
}

#[test]
fn a_log_that_is_lost_is_not_begun_anew() {
    let (log, appended) = assigned([]);
    let known = Uuid::new_v4();
    log.compared(0, None, &Known::Log(known));
    log.tick();
    assert!(appended.0.lock().is_empty());
    assert_eq!(log.unready(), BTreeMap::from([(0, Unready::Another)]));
    let why = log.standing(0).stuck.unwrap();
    assert!(why.contains(&known.to_string()) && why.contains("topics adopt"), "{why}");

    log.compared(0, None, &Known::Nothing);
    assert_eq!(appended.0.lock().len(), 0, "what is another is not written to");
}

/// Another instance begins a first term, and this one is told of it before it has read it: that was an alarm whenever
/// an installation started for the first time.
#[test]
fn that_a_term_is_not_read_yet_raises_no_alarm_before_it_is_so_again() {
    let identity = Identity::default();
    let missing = |sure| identity.is_not_as_known("it has no term".into(), false, sure);
    assert!(!missing(false) && identity.is_another());
    assert!(missing(false));
    identity.is_as_known();
    assert!(!missing(false), "it was found since");
    assert!(Identity::default().is_not_as_known("it is another".into(), false, true));
}

#[test]
fn another_log_is_not_written_to_and_not_answered_from() {
    let (nonce, known) = (Uuid::new_v4(), Uuid::new_v4());
    let (log, appended) = assigned([begun(nonce)]);
    log.tick();
    assert!(appended.0.lock().is_empty(), "it waits to be told");
    assert!(log.confirmed("a").is_ok());
    assert_eq!(log.to_compare(), [(0, Some(nonce))]);

    log.compared(0, Some(nonce), &Known::Log(known));
    log.tick();

    assert!(appended.0.lock().is_empty());
    assert_eq!(log.unready(), BTreeMap::from([(0, Unready::Another)]));
    assert_eq!(log.confirmed("a").unwrap_err(), Stale { context: Posts::NAME, partition: 0 }.into());
    assert!(!log.standing(0).is_leader);
    assert_eq!(log.to_compare(), [(0, Some(nonce))], "an operator may take it for ours");
    assert_eq!(log.to_compare(), [], "that is asked once in a while");
    log.compared(0, Some(nonce), &Known::Log(nonce));
    assert_eq!(log.unready(), BTreeMap::new());
    assert_eq!(log.to_compare(), [], "it is known for good");
}

/// A broker of another installation: it has a topic of that name, and this context's goes on in another.
#[test]
fn a_topic_that_the_context_has_left_is_not_begun_and_not_gone_on_with() {
    for records in [vec![], vec![begun(Uuid::new_v4())]] {
        let (log, appended) = assigned(records);
        let [(_, read)] = log.to_compare()[..] else { panic!("it is to be compared") };
        log.compared(0, read, &Known::Elsewhere("inklog.posts.v2".to_owned()));
        log.tick();
        assert!(appended.0.lock().is_empty());
        assert_eq!(log.unready(), BTreeMap::from([(0, Unready::Another)]));
        let why = log.standing(0).stuck.unwrap();
        assert!(why.contains("log of posts is in inklog.posts.v2"), "{why}");
    }
}

#[test]
fn where_it_cannot_be_told_what_was_begun_goes_on_and_nothing_is_begun() {
    let (log, appended) = assigned([begun(Uuid::new_v4())]);
    log.untold(0);
    log.tick();
    assert_eq!(appended.0.lock().len(), 1, "it succeeds the leader that there was");

    let (log, appended) = assigned([]);
    log.untold(0);
    log.tick();
    assert!(appended.0.lock().is_empty());
}

#[test]
fn a_log_that_is_made_anew_under_an_instance_stays_another() {
    let (nonce, another) = (Uuid::new_v4(), Uuid::new_v4());
    for first in [None, Some(another)] {
        let (log, _) = assigned([begun(nonce)]);
        log.compared(0, Some(nonce), &Known::Log(nonce));
        assert_eq!(log.begun(), [0]);
        log.begins_with(0, Some(nonce));
        assert_eq!(log.unready(), BTreeMap::new());

        log.begins_with(0, first);

        assert_eq!(log.unready(), BTreeMap::from([(0, Unready::Another)]));
        // What it has read is of no log that there is.
        log.compared(0, Some(nonce), &Known::Log(nonce));
        assert_eq!(log.unready(), BTreeMap::from([(0, Unready::Another)]));
    }
}
