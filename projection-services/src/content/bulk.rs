//! Filling tables that no one else writes or reads: rows that are new, nearly all of them, go in by COPY, and several
//! connections write at once.
//!
//! Only the good case is handled here. Where an event does not fit or Postgres refuses a row, the rebuild goes back and
//! commits event by event, as the live projector does: that finds out which, and what is to become of it.

use futures::future::try_join_all;
use sqlx::{AssertSqlSafe, PgConnection};

use super::known::Known;
use super::view::{ContentView, FoldedRows};
use super::{refused, unavailable};
use crate::projector::Failed;
use crate::work::Located;

/// The tables of some views while they are filled.
#[derive(Debug)]
pub(crate) struct Bulk<'a> {
    /// The keeper's, and if there is a second connection, that one's.
    lanes: Vec<Lane<'a>>,
}

/// Whether the rows are as the tables and the folds take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fitting {
    /// They are.
    Yes,
    /// Some are not, and nothing of all was done.
    No,
}

/// Views that share a connection, if there are any.
#[derive(Debug)]
struct Lane<'a> {
    connection: &'a mut PgConnection,
    views: Vec<(ContentView, Known)>,
    folded: Vec<Box<dyn FoldedRows>>,
}

/// Whether it pays to fill these views over two connections. A connection costs Postgres a process, which takes it as
/// long as writing a thousand rows: one that is there already is shared.
pub(crate) fn needs_two(views: &[ContentView]) -> bool {
    views.len() > 1 && views.iter().any(|view| view.is_large)
}

impl<'a> Bulk<'a> {
    /// Over connections that have the tables, which are empty, in their search path.
    pub(crate) fn over(
        keeper: &'a mut PgConnection,
        second: Option<&'a mut PgConnection>,
        views: &[ContentView],
    ) -> Self {
        let of = |view: &ContentView| (*view, Known::default());
        let Some(second) = second else {
            return Self { lanes: vec![Lane::new(keeper, views.iter().map(of).collect())] };
        };
        let (large, others) = views.iter().map(of).partition(|(view, _)| view.is_large);
        Self { lanes: vec![Lane::new(keeper, others), Lane::new(second, large)] }
    }

    /// The connection that is also used for other things between two bulks.
    pub(crate) fn keeper(&mut self) -> &mut PgConnection {
        self.lanes[0].connection
    }

    /// Folds events, to be written next. Rows are loaded only if earlier events may have made them.
    ///
    /// # Errors
    /// Postgres fails.
    pub(crate) async fn fold(&mut self, events: &[Located<'_>]) -> Result<Fitting, Failed> {
        let folded = try_join_all(self.lanes.iter_mut().map(|lane| lane.fold(events))).await.map_err(unavailable)?;
        Ok(Fitting::all(folded))
    }

    /// Forgets what was folded and not written; the one-by-one way writes it to the tables.
    pub(crate) fn forget(&mut self) {
        for lane in &mut self.lanes {
            lane.folded.clear();
            lane.views.iter_mut().for_each(|(_, known)| known.add_any());
        }
    }

    /// Writes what was folded: all of it, or nothing.
    ///
    /// # Errors
    /// Postgres fails.
    pub(crate) async fn write(&mut self) -> Result<Fitting, Failed> {
        if self.lanes.iter().all(|lane| lane.folded.is_empty()) {
            return Ok(Fitting::Yes);
        }
        let written = try_join_all(self.lanes.iter_mut().map(Lane::write)).await.map_err(unavailable)?;
        let fitting = Fitting::all(written);
        let end = match fitting {
            Fitting::Yes => "COMMIT",
            Fitting::No => "ROLLBACK",
        };
        try_join_all(self.lanes.iter_mut().map(|lane| lane.end(end))).await.map_err(unavailable)?;
        Ok(fitting)
    }

    /// Runs statements that may take long: those of a lane's tables after each other, and other lanes' meanwhile.
    ///
    /// # Errors
    /// Postgres fails.
    pub(crate) async fn run(&mut self, statements: impl Fn(&'static str) -> Vec<String>) -> Result<(), sqlx::Error> {
        let each = self.lanes.iter_mut().map(async |lane| {
            let views: Vec<ContentView> = lane.views.iter().map(|(view, _)| *view).collect();
            let statements: Vec<String> = ContentView::table_names(&views).into_iter().flat_map(&statements).collect();
            lane.run(format!("SET statement_timeout = '1h'; {}", statements.join("; "))).await
        });
        try_join_all(each).await.map(|_| ())
    }
}

impl Fitting {
    fn all(each: Vec<Self>) -> Self {
        if each.into_iter().all(|fitting| fitting == Self::Yes) { Self::Yes } else { Self::No }
    }
}

impl<'a> Lane<'a> {
    fn new(connection: &'a mut PgConnection, views: Vec<(ContentView, Known)>) -> Self {
        Self { connection, views, folded: Vec::new() }
    }

    async fn fold(&mut self, events: &[Located<'_>]) -> Result<Fitting, sqlx::Error> {
        self.folded.clear();
        let connection = &mut *self.connection;
        for (view, known) in &mut self.views {
            match (view.fold)(connection, known, events).await? {
                Some(folded) => self.folded.push(folded),
                None => return Ok(Fitting::No),
            }
        }
        Ok(Fitting::Yes)
    }

    async fn write(&mut self) -> Result<Fitting, sqlx::Error> {
        if self.views.is_empty() {
            return Ok(Fitting::Yes);
        }
        self.run("BEGIN".to_owned()).await?;
        for folded in self.folded.drain(..) {
            match folded.write_alone(self.connection).await {
                Ok(()) => {}
                Err(error) if refused(&error).is_some() => return Ok(Fitting::No),
                Err(error) => return Err(error),
            }
        }
        Ok(Fitting::Yes)
    }

    async fn end(&mut self, statement: &str) -> Result<(), sqlx::Error> {
        if self.views.is_empty() { Ok(()) } else { self.run(statement.to_owned()).await }
    }

    async fn run(&mut self, statement: String) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *self.connection).await.map(|_| ())
    }
}
