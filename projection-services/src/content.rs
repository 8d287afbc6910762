//! The projectors in Postgres, whose rows and positions commit in one transaction: `content`, the views that readers
//! see, and `account-index-2`, which says where in the log the events of each account are. The index has positions of
//! its own, so that it holds no reader up; and so that it is whole up to them whichever version filled it.
//!
//! The order in a transaction is always the same: positions first, which locks them; then what is parked; then the
//! rows. So a replay or a rebuild, which lock the positions too, never interleave with a commit.

mod account_events;
mod bisect;
mod bulk;
mod column;
mod connect;
mod derived;
mod known;
mod literal;
pub mod parking;
mod points;
pub mod positions;
mod sabotaged;
mod table;
mod time;
mod tuples;
mod view;
mod views;

pub(crate) use bulk::{Bulk, Fitting, needs_two};
pub use column::Definition;
pub use connect::Connector;
pub use table::{Table, TableDefinition, load};
pub(crate) use view::fold;
pub use view::{ContentView, Stored};
pub use views::{VIEWS, ViewVisitor, for_each_view};

use std::sync::LazyLock;

use event_log::subscription::{PartitionId, Position};
use sqlx::{Connection, PgConnection};

use crate::log::{Log, Positions};
use crate::poison::Poison;
use crate::projector::{Committed, Failed, Projector};
use crate::work::{Located, Work};

/// The contexts that the views for readers are made of.
pub static CONTEXTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| ContentView::contexts_of(VIEWS));
/// The name of the live projector of the views for readers.
pub const LIVE: &str = "content";
/// What the live projector of the index keeps.
pub static INDEX: &[ContentView] = &[account_events::ACCOUNT_EVENTS];

/// The live projectors in Postgres, each by what it keeps.
#[must_use]
pub fn kept() -> [Kept; 2] {
    [
        Kept { name: LIVE, contexts: &CONTEXTS, views: VIEWS, for_readers: true },
        Kept { name: domain::whose::INDEX, contexts: domain::CONTEXTS, views: INDEX, for_readers: false },
    ]
}

/// What a live projector in Postgres keeps.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// The projector's name.
    pub name: &'static str,
    /// The contexts that its views are made of.
    pub contexts: &'static [&'static str],
    /// Its views.
    pub views: &'static [ContentView],
    /// Whether readers wait for it. What none of them waits for stops alone where it cannot go on.
    pub for_readers: bool,
}

/// What a live projector was called by versions before.
#[must_use]
pub fn former_names(live: &str) -> &'static [&'static str] {
    if live == domain::whose::INDEX { &["account-index"] } else { &[] }
}

impl Kept {
    /// The projector.
    #[must_use]
    pub fn live(self, connector: &Connector, log: &impl Log) -> Content {
        Content {
            name: self.name,
            views: self.views.to_vec(),
            partitions: log.partitions(self.contexts),
            connector: connector.clone(),
            connection: None,
            announces: self.for_readers,
        }
    }
}

/// A projector. Also what fills a rebuild's tables, under another name and in another schema.
#[derive(Debug)]
pub struct Content {
    name: &'static str,
    views: Vec<ContentView>,
    partitions: Vec<PartitionId>,
    connector: Connector,
    connection: Option<PgConnection>,
    announces: bool,
}

impl Content {
    /// The live projector of the views for readers, in the schema `content`.
    #[must_use]
    pub fn live(connector: Connector, partitions: Vec<PartitionId>) -> Self {
        let views = VIEWS.to_vec();
        Self { name: LIVE, views, partitions, connector, connection: None, announces: true }
    }

    /// One that fills tables beside the live ones: those in the search path of `connector`.
    #[must_use]
    pub fn beside(
        name: &'static str,
        connector: Connector,
        partitions: Vec<PartitionId>,
        views: Vec<ContentView>,
    ) -> Self {
        Self { name, views, partitions, connector, connection: None, announces: false }
    }

    /// The connection, taken out: a call that fails, or is dropped midway, does not put it back, and so none ever
    /// goes on with a connection in an unknown state.
    pub(crate) async fn take_connection(&mut self) -> Result<PgConnection, Failed> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => self.connector.connect().await.map_err(unavailable),
        }
    }

    /// The connection, on which all went well.
    pub(crate) fn put_back(&mut self, connection: PgConnection) {
        self.connection = Some(connection);
    }

    async fn try_commit(&self, connection: &mut PgConnection, work: &Work) -> Result<Committed, CommitError> {
        if sabotaged::positions_apart() {
            sabotaged::advance_apart(connection, self.name, work).await?;
        }
        let mut tx = connection.begin().await?;
        let outcome = self.write(&mut tx, work).await;
        match &outcome {
            Ok(_) => tx.commit().await?,
            Err(_) => tx.rollback().await?,
        }
        outcome
    }

    async fn write(&self, tx: &mut PgConnection, work: &Work) -> Result<Committed, CommitError> {
        if !sabotaged::positions_apart() && !positions::advance(tx, self.name, work).await? {
            return Err(CommitError::Failed(Failed::Moved));
        }
        let sorted = work.sort(parking::held(tx, self.name, work).await?);
        let mut poison = sorted.poison;
        poison.extend(self.apply(tx, &sorted.apply).await?);
        if !poison.is_empty() {
            return Err(CommitError::Failed(Failed::Poisoned(poison)));
        }
        let parked = parking::insert(tx, self.name, &sorted.park).await?;
        if self.announces {
            positions::announce(tx, self.name, work).await?;
        }
        Ok(Committed { applied: sorted.apply.len(), parked })
    }

    /// Folds events into all views; gives those that are no successor of what their row has seen.
    async fn apply(&self, connection: &mut PgConnection, events: &[Located<'_>]) -> Result<Vec<Poison>, CommitError> {
        let mut poison: Vec<Poison> = Vec::new();
        for view in &self.views {
            let found = (view.apply)(connection, events).await.map_err(|error| match refused(&error) {
                Some(reason) => CommitError::Refused { view: view.name, reason },
                None => CommitError::Sql(error),
            })?;
            for found in found {
                // An event that two views refuse is still one event to park.
                if !poison.iter().any(|known| (&known.partition, known.offset) == (&found.partition, found.offset)) {
                    poison.push(found);
                }
            }
        }
        Ok(poison)
    }

    /// Applies one event that was parked, and takes it off the list, in one transaction. `false`: it was not there
    /// any more.
    ///
    /// # Errors
    /// It still cannot be handled, or Postgres is not available.
    pub async fn replay(&mut self, event: Located<'_>) -> Result<bool, Failed> {
        let mut connection = self.take_connection().await?;
        let outcome = self.try_replay(&mut connection, event).await;
        if !matches!(outcome, Err(CommitError::Sql(_))) {
            self.connection = Some(connection);
        }
        outcome.map_err(|error| match error {
            CommitError::Refused { view, reason } => Failed::Poisoned(vec![event.poison(view, reason)]),
            CommitError::Failed(failed) => failed,
            CommitError::Sql(error) => unavailable(error),
        })
    }

    async fn try_replay(&self, connection: &mut PgConnection, event: Located<'_>) -> Result<bool, CommitError> {
        let mut tx = connection.begin().await?;
        positions::lock(&mut tx, self.name).await?;
        let found = parking::remove(&mut tx, self.name, event.partition, event.offset).await?;
        let outcome = if found { self.apply(&mut tx, &[event]).await } else { Ok(Vec::new()) };
        match outcome {
            Ok(poison) if poison.is_empty() => {
                tx.commit().await?;
                Ok(found)
            }
            Ok(poison) => {
                tx.rollback().await?;
                Err(CommitError::Failed(Failed::Poisoned(poison)))
            }
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }
}

impl Projector for Content {
    fn name(&self) -> &str {
        self.name
    }

    async fn resume(&mut self) -> Result<Positions, Failed> {
        let mut connection = self.take_connection().await?;
        positions::begin(&mut connection, self.name, &self.partitions).await.map_err(unavailable)?;
        let positions = positions::read(&mut connection, self.name).await.map_err(unavailable)?;
        self.connection = Some(connection);
        Ok(positions)
    }

    async fn positions(&mut self) -> Result<Positions, Failed> {
        let mut connection = self.take_connection().await?;
        let positions = positions::read(&mut connection, self.name).await.map_err(unavailable)?;
        self.connection = Some(connection);
        Ok(positions)
    }

    async fn commit(&mut self, work: &Work) -> Result<Committed, Failed> {
        let mut connection = self.take_connection().await?;
        let outcome = match self.try_commit(&mut connection, work).await {
            Err(CommitError::Sql(error)) => return Err(unavailable(error)),
            Err(CommitError::Refused { .. }) => match self.find_refused(&mut connection, work).await {
                Ok(poison) => Err(Failed::Poisoned(poison)),
                Err(error) => return Err(unavailable(error)),
            },
            Err(CommitError::Failed(failed)) => Err(failed),
            Ok(committed) => Ok(committed),
        };
        self.connection = Some(connection);
        outcome
    }
}

#[derive(Debug)]
enum CommitError {
    Failed(Failed),
    /// Postgres refuses a row of this view.
    Refused {
        view: &'static str,
        reason: String,
    },
    Sql(sqlx::Error),
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

/// What Postgres said, without the values that it may have quoted in saying so.
#[allow(clippy::needless_pass_by_value, reason = "it stands where map_err wants a function")]
pub(crate) fn unavailable(error: sqlx::Error) -> Failed {
    Failed::Unavailable(match &error {
        sqlx::Error::Database(error) => {
            let hint = if error.code().as_deref() == Some("42P01") { " (was `migrate` run?)" } else { "" };
            format!("Postgres refuses with SQLSTATE {}{hint}", error.code().unwrap_or_default())
        }
        other => other.to_string(),
    })
}

/// Why Postgres refused a row, if it was the row's fault: a data exception, a broken constraint, a value too large
/// for an index. Everything else is Postgres's trouble, which passes.
fn refused(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(error) = error else { return None };
    let code = error.code()?;
    let at_fault = ["22", "23", "54"].iter().any(|class| code.starts_with(class));
    let constraint = error.constraint().map(|name| format!(", constraint {name}")).unwrap_or_default();
    at_fault.then(|| format!("Postgres refuses the row: SQLSTATE {code}{constraint}"))
}

/// A position from its columns; offsets and numbers are never negative in the log, so nothing is lost.
fn position((log_id, next_offset, term, next_seq): (Option<uuid::Uuid>, i64, i64, i64)) -> Position {
    Position { log_id, next_offset, term: term.cast_unsigned(), next_seq: next_seq.cast_unsigned() }
}
