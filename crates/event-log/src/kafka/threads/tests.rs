use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::mpsc::sync_channel;

use super::*;

#[test]
fn a_thread_that_does_not_end_is_left_behind() {
    let (keep, kept) = sync_channel::<()>(1);
    let stuck = spawn("stuck", "posts", move |_| {
        let _ = kept.recv();
    });
    let quick = spawn("quick", "posts", |_| {});
    let began = Instant::now();
    join_all(vec![stuck, quick], Duration::from_millis(50));
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(keep);
}

/// In a process of its own: this test again, which sees by its environment what it is.
#[test]
fn a_thread_that_panics_ends_the_process() {
    const CHILD: &str = "INKLOG_TEST_PANICS";
    if std::env::var_os(CHILD).is_some() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
        let _ = spawn("broken", "posts", |_| panic!("on purpose")).join();
        std::thread::sleep(Duration::from_secs(20));
        return;
    }
    let name = std::thread::current().name().unwrap().to_owned();
    let mut child = Command::new(std::env::current_exe().unwrap());
    let ended = child.args(["--exact", &name, "--nocapture"]).env(CHILD, "1").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.signal(), Some(6), "it aborts: {said}");
    assert!(said.contains("broken-posts") && said.contains("it panicked"), "{said}");
}

#[test]
fn a_thread_hangs_that_shows_no_life_in_many_rounds_and_one_that_ended_does_not() {
    let (alive, stuck, ended) = (Pulse::default(), Pulse::default(), Pulse::default());
    let watch = |name: &str, pulse: &Pulse| Watched {
        name: name.to_owned(),
        thread: std::thread::current().id(),
        beats: Arc::downgrade(&pulse.0),
        seen: 0,
        rounds: 0,
    };
    let mut watched = vec![watch("alive", &alive), watch("stuck", &stuck), watch("ended", &ended)];
    drop(ended);
    for _ in 1..HANGS_AFTER {
        alive.beat();
        assert_eq!(hanging(&mut watched), None);
    }
    alive.beat();
    assert_eq!(hanging(&mut watched).as_deref(), Some("stuck"));
    stuck.beat();
    assert_eq!(hanging(&mut watched), None, "it goes on");
}
