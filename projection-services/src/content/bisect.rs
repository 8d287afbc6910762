//! Finding the events whose rows Postgres refuses. A refused statement says nothing about which of its thousand rows
//! was at fault, so the work is tried again in halves, each in a savepoint.

use std::collections::HashSet;

use sqlx::{Connection, PgConnection};

use super::{CommitError, Content, parking};
use crate::poison::Poison;
use crate::work::{Located, Work};

impl Content {
    /// The culprits in a work that was refused. Changes nothing.
    pub(super) async fn find_refused(
        &self,
        connection: &mut PgConnection,
        work: &Work,
    ) -> Result<Vec<Poison>, sqlx::Error> {
        let mut tx = connection.begin().await?;
        let sorted = work.sort(parking::held(&mut tx, self.name, work).await?);
        let mut poison = sorted.poison;
        let mut held: HashSet<(&str, &str)> = HashSet::new();
        // Halves still to be tried, the earliest last: an event is tried on top of all good ones before it.
        let mut halves = vec![sorted.apply.as_slice()];
        while let Some(half) = halves.pop() {
            let free: Vec<Located<'_>> =
                half.iter().copied().filter(|located| !held.contains(&aggregate(located))).collect();
            match self.try_half(&mut tx, &free).await? {
                Tried::Fine => {}
                Tried::Unfoldable(found) => {
                    let offsets: HashSet<_> = found.iter().map(|poison| (&poison.partition, poison.offset)).collect();
                    held.extend(
                        half.iter()
                            .filter(|located| offsets.contains(&(located.partition, located.offset)))
                            .map(aggregate),
                    );
                    poison.extend(found);
                    halves.push(half);
                }
                Tried::Refused { view, reason } => {
                    if let [culprit] = half {
                        held.insert(aggregate(culprit));
                        poison.push(culprit.poison(view, reason));
                    } else {
                        let (first, second) = half.split_at(half.len() / 2);
                        halves.push(second);
                        halves.push(first);
                    }
                }
            }
        }
        tx.rollback().await?;
        Ok(poison)
    }

    async fn try_half(&self, tx: &mut PgConnection, events: &[Located<'_>]) -> Result<Tried, sqlx::Error> {
        let mut savepoint = tx.begin().await?;
        let tried = match self.apply(&mut savepoint, events).await {
            Ok(poison) if poison.is_empty() => Tried::Fine,
            Ok(poison) => Tried::Unfoldable(poison),
            Err(CommitError::Refused { view, reason }) => Tried::Refused { view, reason },
            Err(CommitError::Sql(error)) => return Err(error),
            Err(CommitError::Failed(failed)) => return Err(sqlx::Error::Protocol(failed.to_string())),
        };
        match tried {
            Tried::Fine => savepoint.commit().await?,
            Tried::Unfoldable(_) | Tried::Refused { .. } => savepoint.rollback().await?,
        }
        Ok(tried)
    }
}

enum Tried {
    Fine,
    Unfoldable(Vec<Poison>),
    Refused { view: &'static str, reason: String },
}

fn aggregate<'a>(located: &Located<'a>) -> (&'a str, &'a str) {
    (&located.partition.context, &located.event.aggregate_id)
}
