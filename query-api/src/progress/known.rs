use std::collections::HashMap;

use domain::CONTEXTS;
use service_kit::PositionToken;
use sqlx::{Executor, PgConnection, Postgres};
use uuid::Uuid;

use super::announcement::Announced;

/// Whose positions count.
pub(super) const PROJECTOR: &str = "content";

/// The positions of one projector by context and partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known(HashMap<(String, i32), Reached>);

/// How far one partition was read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reached {
    log_id: Option<Uuid>,
    next_offset: i64,
}

/// What the known positions say of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The event is in the read models.
    Passed,
    /// It is not, as far as is known.
    NotYet,
    /// It is of another log, or of none.
    Foreign,
}

impl Verdict {
    /// As a metric's label.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotYet => "behind",
            Self::Foreign => "foreign",
        }
    }
}

impl Known {
    /// Reads the table.
    pub(super) async fn read<'c>(executor: impl Executor<'c, Database = Postgres>) -> sqlx::Result<Self> {
        let rows: Vec<(String, i32, Option<Uuid>, i64)> = sqlx::query_as(
            "SELECT context, partition, log_id, next_offset FROM projection.positions WHERE projector = $1",
        )
        .bind(PROJECTOR)
        .fetch_all(executor)
        .await?;
        let reached =
            |(context, partition, log_id, next_offset)| ((context, partition), Reached { log_id, next_offset });
        Ok(Self(rows.into_iter().map(reached).collect()))
    }

    /// The same of some contexts, as the rows are in one transaction. `None` if an event of theirs is parked: then they
    /// are not what their positions say.
    pub(crate) async fn unless_parked(connection: &mut PgConnection, contexts: &[&str]) -> sqlx::Result<Option<Self>> {
        const READ: &str = "SELECT p.context, p.partition, p.log_id, p.next_offset, EXISTS (
                SELECT FROM projection.parked_events e WHERE e.projector = $1 AND e.context = ANY($2))
            FROM projection.positions p WHERE p.projector = $1 AND p.context = ANY($2)";
        let contexts: Vec<String> = contexts.iter().map(ToString::to_string).collect();
        let query = sqlx::query_as(READ).bind(PROJECTOR).bind(contexts);
        let rows: Vec<(String, i32, Option<Uuid>, i64, bool)> = query.fetch_all(connection).await?;
        let is_parked = rows.iter().any(|(.., is_parked)| *is_parked);
        let reached =
            |(context, partition, log_id, next_offset, _)| ((context, partition), Reached { log_id, next_offset });
        Ok((!is_parked).then(|| Self(rows.into_iter().map(reached).collect())))
    }

    /// The offset that is read next, of a partition of which something was read.
    pub(crate) fn next_offset(&self, context: &str, partition: i32) -> Option<i64> {
        self.0.get(&(context.to_owned(), partition)).map(|reached| reached.next_offset)
    }

    /// Takes over an announcement. One that was queued while the table was read may be older than what was read
    /// there, and then changes nothing.
    pub(super) fn announce(&mut self, announced: Announced) {
        let Announced { context, partition, next_offset, log_id } = announced;
        let new = Reached { log_id, next_offset };
        let reached = self.0.entry((context, partition)).or_insert(new);
        if reached.log_id != log_id || reached.next_offset < next_offset {
            *reached = new;
        }
    }

    /// Whether a token was passed.
    pub(crate) fn judge(&self, token: &PositionToken) -> Verdict {
        let reached = self.0.get(&(token.context.clone(), token.partition));
        match reached {
            Some(Reached { log_id: Some(log_id), .. }) if *log_id != token.log_id => Verdict::Foreign,
            Some(Reached { log_id: Some(_), next_offset }) if *next_offset > token.offset => Verdict::Passed,
            None if self.is_nowhere(token) => Verdict::Foreign,
            Some(_) | None => Verdict::NotYet,
        }
    }

    /// Whether there is no such partition: no such context, or others of the context. Tokens are not signed, so anyone
    /// can name anything. The projector begins with all partitions of a context at once.
    fn is_nowhere(&self, token: &PositionToken) -> bool {
        !CONTEXTS.contains(&token.context.as_str()) || self.0.keys().any(|(context, _)| *context == token.context)
    }

    /// Whether the table may have a partition by now that is not known yet: of its beginning nobody tells.
    pub(super) fn may_lack(&self, token: &PositionToken) -> bool {
        let is_context = CONTEXTS.contains(&token.context.as_str());
        is_context && !self.0.contains_key(&(token.context.clone(), token.partition)) && self.is_nowhere(token)
    }

    /// Takes over what the table has and this has not. What is known may be newer.
    pub(super) fn complete(&mut self, Self(read): Self) {
        for (partition, reached) in read {
            self.0.entry(partition).or_insert(reached);
        }
    }

    /// Whether something that stands at the positions that `other` gives for `context` is as far as this everywhere.
    /// Nothing known is not far at all.
    pub(crate) fn reached_by(&self, context: &str, other: impl Fn(i32) -> Option<(Option<Uuid>, i64)>) -> bool {
        let mut ours = self.0.iter().filter(|((name, _), _)| name == context).peekable();
        ours.peek().is_some()
            && ours.all(|((_, partition), reached)| {
                let is_as_far = |(log_id, next)| log_id == reached.log_id && next >= reached.next_offset;
                reached.next_offset == 0 || other(*partition).is_some_and(is_as_far)
            })
    }
}
