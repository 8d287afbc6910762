use tokio::sync::mpsc;
use tokio::time::sleep;

use super::*;

const PATIENCE: Duration = Duration::from_millis(200);

/// Writes twenty pieces to a client that pauses before it takes each; how many it took, and whether all was written.
async fn download(pause: Duration) -> (usize, bool) {
    let (sender, mut pieces) = mpsc::channel(2);
    let writing = async {
        let mut lines = Lines::new(sender, PATIENCE);
        for _ in 0..20 {
            lines.line(&json!("x".repeat(PIECE))).await?;
        }
        anyhow::Ok(())
    };
    let reading = async {
        let mut taken = 0;
        sleep(pause).await;
        while pieces.recv().await.is_some() {
            taken += 1;
            sleep(pause).await;
        }
        taken
    };
    let (written, taken) = futures::future::join(writing, reading).await;
    (taken, written.is_ok())
}

#[tokio::test]
async fn a_client_that_takes_its_time_gets_all_of_it() {
    assert_eq!(download(PATIENCE / 20).await, (20, true));
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let (taken, whole) = download(PATIENCE * 5).await;
    assert!(taken < 20 && !whole, "{taken}");
}
