//! The index of whose events are where: the one view that is about places in the log, and so no fold of rows. It only
//! ever grows, but for what is of accounts that are erased; so it is a function of the log alone, in whatever batches
//! and whatever order of the partitions that is read.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::column::{Column, Definition};
use super::table::TableDefinition;
use super::view::{ContentView, FoldedRows};
use crate::work::Located;

/// The view.
pub(super) const ACCOUNT_EVENTS: ContentView = ContentView {
    name: "account_events",
    about: "Where in the log the events of each account are",
    projector: domain::whose::INDEX,
    contexts: domain::CONTEXTS,
    is_large: false,
    tables,
    apply: |connection, events| {
        async move {
            Places::of(events).write(connection).await?;
            Ok(Vec::new())
        }
        .boxed()
    },
    fold: |_, _, events| {
        let places: Box<dyn FoldedRows> = Box::new(Places::of(events));
        async move { Ok(Some(places)) }.boxed()
    },
};

fn tables() -> Vec<TableDefinition> {
    let column = |name, kind| Definition { name, kind, nullable: false, element: kind };
    let (uuid, text, bigint) = (Uuid::KIND, String::KIND, i64::KIND);
    let table = |name, key: &[&'static str], columns: &[(&'static str, &'static str)]| TableDefinition {
        name,
        key: key.to_vec(),
        columns: columns.iter().map(|(name, kind)| column(*name, *kind)).collect(),
    };
    vec![
        table(
            "account_events",
            &["account_id", "context", "partition", "log_offset"],
            &[("account_id", uuid), ("context", text), ("partition", "integer"), ("log_offset", bigint)],
        ),
        table(
            "aggregate_owners",
            &["context", "aggregate_id", "account_id"],
            &[("context", text), ("aggregate_id", text), ("account_id", uuid), ("since_version", bigint)],
        ),
        table("erased_accounts", &["account_id"], &[("account_id", uuid)]),
    ]
}

/// What events say of whose they are, a vector for each column.
#[derive(Debug, Default)]
struct Places {
    erased: BTreeSet<Uuid>,
    /// By context, aggregate and account, the version from which on it is theirs.
    owners: BTreeMap<(&'static str, String, Uuid), i64>,
    events: Vec<Event>,
    /// The place among the events, and whose it is.
    named: Vec<(i64, Uuid)>,
}

#[derive(Debug)]
struct Event {
    context: &'static str,
    partition: i32,
    offset: i64,
    aggregate_id: String,
    version: i64,
}

const ERASE: &str = "INSERT INTO erased_accounts SELECT UNNEST($1::uuid[]) ON CONFLICT DO NOTHING";
const FORGET_EVENTS: &str = "DELETE FROM account_events WHERE account_id = ANY($1)";
const FORGET_OWNERS: &str = "DELETE FROM aggregate_owners WHERE account_id = ANY($1)";

const OWN: &str = "INSERT INTO aggregate_owners (context, aggregate_id, account_id, since_version)
    SELECT * FROM UNNEST($1::text[], $2::text[], $3::uuid[], $4::bigint[])
        AS o (context, aggregate_id, account_id, since_version)
    WHERE NOT EXISTS (SELECT FROM erased_accounts AS x WHERE x.account_id = o.account_id)
    ON CONFLICT DO NOTHING";

/// After the owners: the same events may say who they are.
const PLACE: &str = "WITH happened AS MATERIALIZED (
        SELECT * FROM UNNEST($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::bigint[]) WITH ORDINALITY
            AS e (context, partition, log_offset, aggregate_id, version, place))
    INSERT INTO account_events (account_id, context, partition, log_offset)
    SELECT * FROM (
        SELECT n.account_id, e.context, e.partition, e.log_offset
        FROM UNNEST($6::bigint[], $7::uuid[]) AS n (place, account_id) JOIN happened AS e USING (place)
        UNION
        SELECT o.account_id, e.context, e.partition, e.log_offset
        FROM happened AS e JOIN aggregate_owners AS o
            ON o.context = e.context AND o.aggregate_id = e.aggregate_id AND o.since_version <= e.version) AS t
    WHERE NOT EXISTS (SELECT FROM erased_accounts AS x WHERE x.account_id = t.account_id)
    ON CONFLICT DO NOTHING";

impl Places {
    fn of(events: &[Located<'_>]) -> Self {
        let mut places = Self::default();
        for located in events {
            places.add(located);
        }
        places
    }

    fn add(&mut self, located: &Located<'_>) {
        let event = located.event;
        let (context, aggregate_id, version) =
            (event.event.context(), event.aggregate_id.clone(), event.version.cast_signed());
        self.erased.extend(event.event.erases(&aggregate_id));
        if let Some(owner) = event.event.belongs_to() {
            // Of one aggregate they come in order: the first counts.
            self.owners.entry((context, aggregate_id.clone(), owner)).or_insert(version);
        }
        let (partition, offset) = (located.partition.partition, located.offset);
        self.events.push(Event { context, partition, offset, aggregate_id, version });
        // Postgres counts from 1.
        let place = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        self.named.extend(event.accounts().into_iter().map(|account_id| (place, account_id)));
    }

    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if !self.erased.is_empty() {
            let erased: Vec<Uuid> = self.erased.iter().copied().collect();
            for statement in [ERASE, FORGET_EVENTS, FORGET_OWNERS] {
                sqlx::query(statement).bind(&erased).execute(&mut *connection).await?;
            }
        }
        if !self.owners.is_empty() {
            self.own(connection).await?;
        }
        if !self.events.is_empty() {
            self.place(connection).await?;
        }
        Ok(())
    }

    async fn own(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let keys = || self.owners.keys();
        sqlx::query(OWN)
            .bind(keys().map(|(context, _, _)| *context).collect::<Vec<_>>())
            .bind(keys().map(|(_, aggregate_id, _)| aggregate_id.as_str()).collect::<Vec<_>>())
            .bind(keys().map(|(_, _, account_id)| *account_id).collect::<Vec<_>>())
            .bind(self.owners.values().copied().collect::<Vec<_>>())
            .execute(connection)
            .await
            .map(drop)
    }

    async fn place(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let (places, accounts): (Vec<i64>, Vec<Uuid>) = self.named.iter().copied().unzip();
        sqlx::query(PLACE)
            .bind(self.events.iter().map(|event| event.context).collect::<Vec<_>>())
            .bind(self.events.iter().map(|event| event.partition).collect::<Vec<_>>())
            .bind(self.events.iter().map(|event| event.offset).collect::<Vec<_>>())
            .bind(self.events.iter().map(|event| event.aggregate_id.as_str()).collect::<Vec<_>>())
            .bind(self.events.iter().map(|event| event.version).collect::<Vec<_>>())
            .bind(places)
            .bind(accounts)
            .execute(connection)
            .await
            .map(drop)
    }
}

impl FoldedRows for Places {
    fn write_alone<'a>(
        &'a self,
        connection: &'a mut PgConnection,
    ) -> futures::future::BoxFuture<'a, Result<(), sqlx::Error>> {
        self.write(connection).boxed()
    }
}
