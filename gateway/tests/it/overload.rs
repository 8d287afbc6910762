use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::{Door, Service, text};

/// What the service bears: eight requests at a time, of 100 ms each.
const PER_SECOND: f64 = 80.0;

/// Does what it began, whether or not somebody waits for it yet, as a database does.
async fn bears_little() -> Service {
    let places = Arc::new(Semaphore::new(8));
    Service::start(move |_| {
        let places = Arc::clone(&places);
        let doing = async move {
            let _place = places.acquire_owned().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        async move {
            tokio::spawn(doing).await.unwrap();
            text(200, "done")
        }
    })
    .await
}

/// Sends so many a second, whatever becomes of those before, each of which waits for a second: how many a second are
/// answered well and in time, the first seconds left aside.
async fn good(door: &Door, per_second: f64, seconds: f64, aside: f64) -> f64 {
    let (began, mut sent) = (Instant::now(), 0_u32);
    let mut asked = JoinSet::new();
    while began.elapsed().as_secs_f64() < seconds {
        let due = began + Duration::from_secs_f64(f64::from(sent) / per_second);
        tokio::time::sleep_until(due.into()).await;
        sent += 1;
        let counts = due.duration_since(began).as_secs_f64() >= aside;
        let request = door.client.get(door.url("/v1/posts")).header("inklog-timeout-ms", "1000");
        asked.spawn(async move {
            let is_good = request.send().await.unwrap().status() == 200;
            is_good && counts && due.elapsed() <= Duration::from_millis(1_050)
        });
    }
    let good = asked.join_all().await.into_iter().filter(|is_good| *is_good).count();
    good as f64 / (seconds - aside)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_times_what_a_service_bears_leaves_most_of_what_it_bears_also_after_it_was_busy_for_long() {
    let service = bears_little().await;
    let door = Door::start(&service.url(), &["--connections=16000"]).await;
    let best = good(&door, 0.9 * PER_SECOND, 3.0, 1.0).await;
    // A little more than it bears: each waits for others, and that must not become what is usual.
    good(&door, 1.1 * PER_SECOND, 6.0, 1.0).await;
    let much = good(&door, 3.0 * PER_SECOND, 6.0, 1.0).await;
    assert!(much >= 0.8 * best, "{much:.0} of {best:.0} a second");
    let after = good(&door, 0.5 * PER_SECOND, 3.0, 2.0).await;
    assert!(after >= 0.9 * 0.5 * PER_SECOND, "{after:.0} a second, and the service could do twice as many");
}
