//! How long a caller still waits: the gateway says it with each request that it passes on, and any other client may.

use std::time::Duration;

use actix_web::http::header::HeaderMap;

/// The header that says it, in milliseconds.
pub const TIMEOUT: &str = "Inklog-Timeout-Ms";

/// What an answer has of that time to arrive: a tenth of it, but no more than this.
const WAY_BACK: Duration = Duration::from_millis(100);

/// How long may be worked on an answer that is still to reach the caller, counted from now; `None` where the caller
/// does not say, or not by a number.
#[must_use]
pub fn of(headers: &HeaderMap) -> Option<Duration> {
    let millis = headers.get(TIMEOUT)?.to_str().ok()?.trim().parse().ok()?;
    let waits = Duration::from_millis(millis);
    Some(waits - (waits / 10).min(WAY_BACK))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn what_a_caller_says_leaves_time_for_the_way_back() {
        let said = |value: &'static str| {
            let name = HeaderName::from_static("inklog-timeout-ms");
            of(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))])).map(|left| left.as_millis())
        };
        assert_eq!(said("500"), Some(450));
        assert_eq!(said(" 15000 "), Some(14_900));
        assert_eq!(said("0"), Some(0));
        for unread in ["", "-1", "1.5", "soon", "99999999999999999999"] {
            assert_eq!(said(unread), None, "{unread}");
        }
        assert_eq!(of(&HeaderMap::new()), None);
    }
}
