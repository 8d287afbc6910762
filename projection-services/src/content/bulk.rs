//! Filling tables that nobody else writes or reads: rows that are new, nearly all of them, go in by COPY, and several
//! connections write at once.
//!
//! Only the good case is handled here. Whoever fills goes back and commits event by event, as the live projector does,
//! where an event does not fit or Postgres refuses a row: that finds out which, and what is to become of it.

mod known;

use domain::views::{Authors, Follows, Posts, Preferences, Slugs, Tags};
use futures::future::try_join_all;
use sqlx::{AssertSqlSafe, PgConnection};

use super::view::{ContentView, Folded, Table, touched};
use super::{refused, unavailable};
use crate::projector::Failed;
use crate::work::Located;
use known::Known;

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
    folded: Vec<FoldedView>,
}

#[derive(Debug)]
enum FoldedView {
    Posts(Folded<Posts>),
    Authors(Folded<Authors>),
    Slugs(Folded<Slugs>),
    Tags(Folded<Tags>),
    Follows(Folded<Follows>),
    Preferences(Folded<Preferences>),
}

/// Whether it pays to fill these views over two connections. A connection costs Postgres a process, which takes it as long
/// as writing a thousand rows: whoever has one already, shares it.
pub(crate) fn needs_two(views: &[ContentView]) -> bool {
    views.contains(&ContentView::Posts) && views.len() > 1
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
        // The bodies of posts take about as long as everything else together.
        let (posts, others) = views.iter().map(of).partition(|(view, _)| *view == ContentView::Posts);
        Self { lanes: vec![Lane::new(keeper, others), Lane::new(second, posts)] }
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

    /// Forgets what was folded and not written; somebody else writes it to the tables.
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
            let tables: Vec<&str> = lane.views.iter().flat_map(|(view, _)| view.tables().iter().copied()).collect();
            let statements: Vec<String> = tables.into_iter().flat_map(&statements).collect();
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
            let folded = match view {
                ContentView::Posts => fold(connection, known, events).await?.map(FoldedView::Posts),
                ContentView::Authors => fold(connection, known, events).await?.map(FoldedView::Authors),
                ContentView::Slugs => fold(connection, known, events).await?.map(FoldedView::Slugs),
                ContentView::Tags => fold(connection, known, events).await?.map(FoldedView::Tags),
                ContentView::Follows => fold(connection, known, events).await?.map(FoldedView::Follows),
                ContentView::Preferences => fold(connection, known, events).await?.map(FoldedView::Preferences),
            };
            match folded {
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
            match folded.write(self.connection).await {
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

impl FoldedView {
    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        match self {
            Self::Posts(folded) => folded.write_alone(connection).await,
            Self::Authors(folded) => folded.write_alone(connection).await,
            Self::Slugs(folded) => folded.write_alone(connection).await,
            Self::Tags(folded) => folded.write_alone(connection).await,
            Self::Follows(folded) => folded.write_alone(connection).await,
            Self::Preferences(folded) => folded.write_alone(connection).await,
        }
    }
}

/// `None`: an event is no successor of what its row has seen.
async fn fold<T: Table>(
    connection: &mut PgConnection,
    known: &mut Known,
    events: &[Located<'_>],
) -> Result<Option<Folded<T>>, sqlx::Error> {
    let touched = touched::<T>(events);
    let existing: Vec<T::Key> = touched.iter().filter(|key| known.may_be(*key)).cloned().collect();
    let loaded = if existing.is_empty() { Vec::new() } else { T::load(connection, existing).await? };
    touched.iter().for_each(|key| known.add(key));
    Ok(Folded::of(loaded, events).ok())
}
