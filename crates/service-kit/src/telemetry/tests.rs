use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(configured: &str, repeats: Repeats, act: impl FnOnce()) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let logs = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(filter::read(configured).unwrap());
    tracing::subscriber::with_default(subscriber.with(logs.with_filter(repeats)), act);
    let text = kept.0.lock().unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

fn count(text: &str, of: &str) -> usize {
    text.lines().filter(|line| line.contains(of)).count()
}

#[test]
fn what_strangers_send_is_no_error_of_ours() {
    let act = || {
        tracing::error!(target: "actix_http::h1::dispatcher", "a malformed request");
        tracing::error!("ours");
    };
    for configured in ["info", "error", "debug", "info,librdkafka=error,actix_server=warn"] {
        let text = logged(configured, Repeats::default(), act);
        assert!(text.contains("ours") && !text.contains("malformed"), "{configured}: {text}");
    }
    assert!(logged("info,actix_http=error", Repeats::default(), act).contains("malformed"), "who asks for it sees it");
}

fn fails(of: usize, error: &str) {
    (0..of).for_each(|_| tracing::warn!(error, "the vault did not do as asked"));
}

#[test]
fn a_failure_of_every_call_is_a_line_a_second_with_a_count() {
    let repeats = Repeats::default();
    let text = logged("info", repeats.clone(), || {
        for _ in 0..3 {
            fails(200, "timed out");
            repeats.tell();
        }
    });
    assert_eq!(count(&text, "the vault"), 1 + 3, "{text}");
    assert!(count(&text, "count=199") == 1 && count(&text, "count=200") == 2, "{text}");
    assert_eq!(count(&text, "error=timed out"), 3, "what is told says all that the line said: {text}");
    assert!(text.lines().all(|line| line.contains("WARN")), "at its level: {text}");
}

#[test]
fn a_line_that_says_something_else_is_none_of_them() {
    let repeats = Repeats::default();
    let text = logged("info", repeats.clone(), || {
        fails(5, "timed out");
        fails(5, "closed");
        tracing::warn!(error = "closed", "the vault did not do as asked");
        repeats.tell();
    });
    assert_eq!(count(&text, "the vault"), 3 + 2, "{text}");
}

#[test]
fn what_has_something_new_in_each_line_is_counted_too() {
    let repeats = Repeats::default();
    let text = logged("info", repeats.clone(), || {
        (0..1_000).for_each(|id| tracing::error!(id, "failed"));
        repeats.tell();
    });
    assert_eq!(count(&text, "failed"), 8 + 1, "{text}");
    assert!(count(&text, "count=992") == 1 && count(&text, "id=999") == 1, "{text}");
}

#[test]
fn what_is_rare_is_never_held_back() {
    let repeats = Repeats::default();
    let text = logged("info", repeats.clone(), || {
        for _ in 0..5 {
            fails(1, "timed out");
            repeats.tell();
        }
    });
    assert_eq!((count(&text, "the vault"), count(&text, "count=")), (5, 0), "{text}");
}

#[test]
fn what_is_no_failure_is_told_each_time() {
    let text = logged("debug", Repeats::default(), || {
        (0..50).for_each(|_| tracing::info!("logged in"));
        (0..50).for_each(|_| tracing::debug!("again"));
    });
    assert_eq!((count(&text, "logged in"), count(&text, "again")), (50, 50));
}

#[test]
fn what_is_forgotten_takes_no_memory() {
    let repeats = Repeats::default();
    logged("info", repeats.clone(), || {
        fails(20, "timed out");
        repeats.tell();
        repeats.tell();
    });
    assert!(repeats.is_empty());
}
