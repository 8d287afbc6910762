use std::time::Duration;

/// How many events are committed at once. What takes longer than a commit may is tried again as half as many, for what
/// an event costs is not known by its kind: a post is told to as many as follow its authors. So a backlog passes, one
/// event at a time if it must.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    most: usize,
    now: usize,
    most_of_a_batch: usize,
    /// How many records the source gives at once.
    batch: usize,
}

impl Size {
    pub(super) fn new(most: usize, batch: usize) -> Self {
        Self { most, now: most, most_of_a_batch: batch, batch }
    }

    /// Whether so many may be added to.
    pub(super) fn has_room(&self, events: usize) -> bool {
        events < self.now
    }

    /// So many took too long.
    pub(super) fn halve(&mut self, events: usize) {
        self.now = (events.min(self.now) / 2).max(1);
    }

    /// It took so long, of the time that it may: where that was little, twice as many pass, too.
    pub(super) fn grow(&mut self, took: Duration, deadline: Duration) {
        if took < deadline / 4 {
            self.now = (2 * self.now).min(self.most);
        }
    }

    /// Whether the source is to be opened anew, for it gives more at once.
    pub(super) fn is_less_than_a_batch(&self) -> bool {
        self.now < self.batch
    }

    /// How many records a source that is opened now is to give at once.
    pub(super) fn batch(&mut self) -> usize {
        self.batch = self.most_of_a_batch.min(self.now);
        self.batch
    }
}
