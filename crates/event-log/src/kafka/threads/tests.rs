use std::sync::mpsc::sync_channel;

use super::*;

#[test]
fn a_thread_that_does_not_end_is_left_behind() {
    let (keep, kept) = sync_channel::<()>(1);
    let stuck = spawn("stuck", "posts", move || {
        let _ = kept.recv();
    });
    let quick = spawn("quick", "posts", || {});
    let began = Instant::now();
    join_all(vec![stuck, quick], Duration::from_millis(50));
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(keep);
}
