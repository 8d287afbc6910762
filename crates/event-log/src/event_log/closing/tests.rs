use std::sync::Arc;

use domain::posts::Posts;

use super::super::assignment::CONTEND_AFTER;
use super::*;
use crate::NoForward;
use crate::memory::MemoryBroker;
use crate::partition::Limits;

/// Much longer than a look, much shorter than patience.
const SOON: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(10);

fn leader(broker: &Arc<MemoryBroker<Posts>>) -> Arc<EventLog<Posts>> {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let until = Instant::now() + PATIENCE;
    while !log.standing(0).is_leader && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
    assert!(log.standing(0).is_leader);
    log
}

#[test]
fn who_has_no_successor_leaves_at_once() {
    let log = leader(&MemoryBroker::new(1));
    let began = Instant::now();
    log.hand_over(|| false, PATIENCE);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(!log.standing(0).is_leader);
    log.close();
}

#[test]
fn who_is_not_succeeded_leaves_when_patience_ends_and_does_not_try_again() {
    let log = leader(&MemoryBroker::new(1));
    // By then an instance that is assigned, and does not lead, would try again.
    let (began, patience) = (Instant::now(), CONTEND_AFTER + LOOK);
    log.hand_over(|| true, patience);
    assert!(began.elapsed() >= patience && began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    log.tick();
    assert!(!log.slot(0).partition.lock().takes_commands());
    log.close();
}

#[test]
fn who_is_succeeded_led_until_then() {
    let broker = MemoryBroker::new(1);
    let (leaving, staying) = (leader(&broker), EventLog::new(1, "there", Limits::default(), Arc::new(NoForward)));
    broker.join(&staying);
    let close = std::thread::spawn({
        let leaving = Arc::clone(&leaving);
        move || leaving.hand_over(|| true, PATIENCE)
    });
    std::thread::sleep(Duration::from_millis(50));
    assert!(leaving.standing(0).is_leader && !close.is_finished(), "there is no successor yet");
    staying.assigned(0);
    close.join().unwrap();
    let (term, is_leader) = (leaving.standing(0).term, leaving.standing(0).is_leader);
    assert_eq!((term, is_leader), (2, false), "it has read the other's term");
    leaving.close();
    staying.close();
}
