use std::time::Duration;

use actix_web::HttpRequest;
use service_kit::patience;
use tokio::time::Instant;

/// How long a command may take when nothing else is configured.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// How long a command may take, as the application is configured.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Duration);

impl Deadline {
    /// Until when the command of a request may take whose caller waits from now on: as long as is configured, or as the
    /// caller says where that is less.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Instant {
        let configured = request.app_data::<Self>().map_or(DEFAULT_DEADLINE, |deadline| deadline.0);
        Instant::now() + patience::of(request.headers()).map_or(configured, |waits| waits.min(configured))
    }
}
