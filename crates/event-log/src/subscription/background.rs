//! A client that may be dropped where no caller is to wait.

use std::sync::Arc;

use rdkafka::consumer::BaseConsumer;

/// A client that is dropped in the background: its threads look up only ten times a second whether they are to end.
pub(super) struct Background(Option<Arc<BaseConsumer>>);

impl Background {
    pub(super) fn of(client: BaseConsumer) -> Self {
        Self(Some(Arc::new(client)))
    }

    pub(super) fn client(&self) -> Arc<BaseConsumer> {
        Arc::clone(self.0.as_ref().expect("it is taken out only when this is dropped"))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let client = self.0.take();
        std::thread::spawn(move || drop(client));
    }
}
