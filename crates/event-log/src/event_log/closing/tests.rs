use std::sync::Arc;

use domain::posts::Posts;

use super::super::hint::CONTEND_AFTER;
use super::*;
use crate::NoForward;
use crate::memory::MemoryBroker;
use crate::partition::Limits;

/// Much longer than a look, much shorter than patience.
const SOON: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(10);

fn owner(broker: &Arc<MemoryBroker<Posts>>) -> Arc<EventLog<Posts>> {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let until = Instant::now() + PATIENCE;
    while !log.standing(0).mine && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
    assert!(log.standing(0).mine);
    log
}

#[test]
fn who_has_nobody_to_wait_for_leaves_at_once() {
    let log = owner(&MemoryBroker::new(1));
    let began = Instant::now();
    log.hand_over(|| false, PATIENCE);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(!log.standing(0).mine);
    log.close();
}

#[test]
fn who_is_not_relieved_leaves_when_patience_ends_and_does_not_try_again() {
    let log = owner(&MemoryBroker::new(1));
    // By then whoever should own, and does not, would try again.
    let (began, patience) = (Instant::now(), CONTEND_AFTER + LOOK);
    log.hand_over(|| true, patience);
    assert!(began.elapsed() >= patience && began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    log.tick();
    assert!(!log.slot(0).partition.lock().takes_commands());
    log.close();
}

#[test]
fn who_is_relieved_was_in_office_until_then() {
    let broker = MemoryBroker::new(1);
    let (leaving, staying) = (owner(&broker), EventLog::new(1, "there", Limits::default(), Arc::new(NoForward)));
    broker.join(&staying);
    let close = std::thread::spawn({
        let leaving = Arc::clone(&leaving);
        move || leaving.hand_over(|| true, PATIENCE)
    });
    std::thread::sleep(Duration::from_millis(50));
    assert!(leaving.standing(0).mine && !close.is_finished(), "there is nobody else yet");
    staying.assigned(0);
    close.join().unwrap();
    let (term, mine) = (leaving.standing(0).term, leaving.standing(0).mine);
    assert_eq!((term, mine), (2, false), "it has read the other's term");
    leaving.close();
    staying.close();
}
