//! For tests: an instance that has read all of a log but its last record, and may answer from that. It reads the last
//! one once it asks where the log ends. And a picture that such a log has.

use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Decider;
use domain::media::{Item, Uploaded};
use event_log::codec::Wire;
use event_log::partition::Limits;
use event_log::record::Record;
use event_log::transport::{End, Transport, Unsure};
use event_log::{EventLog, NoForward};
use parking_lot::Mutex;
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(60);

/// What brings the last record only when the end is asked for.
struct Lagging<C: Decider> {
    log: Weak<EventLog<C>>,
    last: Mutex<Option<(i64, Record<C::Event>)>>,
}

impl<C: Decider> Transport<C> for Lagging<C> {
    fn append(&self, _: i32, _: Record<C::Event>, _: Option<Wire>) -> Result<(), Unsure> {
        Err(Unsure("this one follows".to_owned()))
    }

    fn renew(&self, _: i32) {}

    fn ask_barrier(&self, partition: i32, number: u64) {
        let (Some(log), last) = (self.log.upgrade(), self.last.lock().take()) else { return };
        let Some((offset, record)) = last else { return };
        std::thread::spawn(move || {
            let end = End { offset: offset + 1, fresh_until: std::time::Instant::now() + LONG };
            log.barrier_answered(partition, number, Some(end));
            log.records_read(partition, [(offset, record)]);
        });
    }

    fn close(&self) {}
}

/// The instance that is behind these records of a log with one partition.
pub(crate) fn behind<C: Decider>(records: Vec<Record<C::Event>>) -> Arc<EventLog<C>> {
    let mut records: Vec<_> = (0..).zip(records).collect();
    let last = records.pop();
    let log = EventLog::<C>::new(1, "http://127.0.0.1:2", Limits::default(), Arc::new(NoForward));
    log.connect(Arc::new(Lagging { log: Arc::downgrade(&log), last: Mutex::new(last) }));
    let end = i64::try_from(records.len()).expect("there are few records");
    log.catch_up_to(&[end], std::time::Instant::now() + LONG);
    log.records_read(0, records);
    log
}

/// A picture that was brought, of which nothing else matters to what looks at it.
pub(crate) fn uploaded(item: &Item, upload_id: Uuid) -> Uploaded {
    Uploaded {
        account_id: item.account_id,
        sha256: item.sha256.clone(),
        upload_id,
        media_type: "image/png".parse().expect("it is a media type"),
        bytes: 10,
        width: Some(1),
        height: Some(1),
        kept_until_at: event_log::now(),
        render_from_at: None,
    }
}
