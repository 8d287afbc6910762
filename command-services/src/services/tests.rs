use std::sync::Arc;
use std::time::Duration;

use domain::CONTEXTS;
use event_log::kafka::KafkaConfig;
use event_log::partition::Limits;
use tokio::runtime::Handle;

use crate::SERVICES;
use crate::bus::Forwarder;
use crate::logs::{Log, Logs};
use crate::part::Opener;
use crate::services::open;

/// The logs of a process that runs the services of these names.
fn opened(names: &[&str]) -> Logs {
    let forwarder = Arc::new(Forwarder::new(Handle::current(), None));
    let kafka = KafkaConfig { session_timeout: Duration::from_secs(1), ..KafkaConfig::of("", "", 1) };
    let opener = Opener { service: None, kafka, address: String::new(), limits: Limits::default(), forwarder };
    let services: Vec<_> = SERVICES.iter().filter(|(name, _)| names.contains(name)).copied().collect();
    open(opener, &services)
}

#[tokio::test]
async fn every_context_belongs_to_one_service() {
    let logs = opened(&SERVICES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let mut contexts: Vec<&str> = logs.members().map(|log| log.context()).collect();
    contexts.sort_unstable();
    assert_eq!(contexts, CONTEXTS);
}

#[tokio::test]
async fn what_a_process_has_only_to_forget_or_to_look_up_it_does_not_lead() {
    let logs = opened(&["identity"]);
    let contexts = |logs: Vec<_>| logs.into_iter().map(|log: &Arc<dyn Log>| log.context()).collect::<Vec<_>>();
    assert_eq!(contexts(logs.members().collect()), ["accounts", "following", "security"]);
    let followed = contexts(logs.iter().collect());
    assert!(
        ["posts", "bookmarks", "media", "comments", "reactions", "moderation", "taxonomy", "series"]
            .iter()
            .all(|context| followed.contains(context)),
        "to forget, and to look up what is followed: {followed:?}"
    );
    let logs = opened(&["publishing"]);
    assert_eq!(contexts(logs.members().collect()), ["posts", "taxonomy", "series", "bookmarks", "media"]);
    let followed = contexts(logs.iter().collect());
    let expected = ["posts", "taxonomy", "series", "bookmarks", "media", "accounts", "moderation"];
    assert_eq!(followed, expected, "to look up who is invited, and who may publish");
    let logs = opened(&["community"]);
    assert_eq!(contexts(logs.members().collect()), ["comments", "reactions", "moderation"]);
    let followed = contexts(logs.iter().collect());
    let expected = ["posts", "accounts", "following", "comments", "reactions", "moderation"];
    assert_eq!(followed, expected, "to look up who may comment");
}
