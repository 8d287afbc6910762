use std::time::Duration;

use super::*;

#[tokio::test]
async fn everyone_hears_it_also_those_who_come_late() {
    let shutdown = Shutdown::new();
    let waiting = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { shutdown.requested().await }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!waiting.is_finished() && !shutdown.is_requested());
    shutdown.request();
    shutdown.request();
    waiting.await.unwrap();
    shutdown.requested().await;
    assert!(shutdown.is_requested());
}
