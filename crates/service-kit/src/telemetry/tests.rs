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

fn logged(configured: &str, act: impl FnOnce()) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let logs = tracing_subscriber::fmt().with_env_filter(filter(configured).unwrap());
    tracing::subscriber::with_default(logs.with_writer(move || writer.clone()).finish(), act);
    let text = kept.0.lock().unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn what_strangers_send_is_no_error_of_ours() {
    let act = || {
        tracing::error!(target: "actix_http::h1::dispatcher", "a malformed request");
        tracing::error!("ours");
    };
    for configured in ["info", "error", "debug", "info,librdkafka=error,actix_server=warn"] {
        let text = logged(configured, act);
        assert!(text.contains("ours") && !text.contains("malformed"), "{configured}: {text}");
    }
    assert!(logged("info,actix_http=error", act).contains("malformed"), "who asks for it sees it");
}
