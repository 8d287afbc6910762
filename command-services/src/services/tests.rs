use std::sync::Arc;

use domain::CONTEXTS;
use event_log::partition::Limits;
use tokio::runtime::Handle;

use crate::SERVICES;
use crate::bus::Forwarder;
use crate::logs::Logs;
use crate::part::Opener;

#[tokio::test]
async fn every_context_belongs_to_one_service() {
    let mut logs = Logs::default();
    for (service, parts) in SERVICES {
        let (address, limits) = (String::new(), Limits::default());
        let forwarder = Arc::new(Forwarder::new(Handle::current(), None));
        let opener = Opener { service, partitions: 1, address, limits, forwarder };
        parts.iter().for_each(|part| (part.open)(&opener, &mut logs));
    }
    let mut opened: Vec<&str> = logs.iter().map(|log| log.context()).collect();
    opened.sort_unstable();
    assert_eq!(opened, CONTEXTS);
}
