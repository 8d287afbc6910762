//! The index of whose events are where.

use std::collections::{BTreeSet, HashMap};

use domain::AnyEvent;
use domain::accounts::{self, Erased};
use domain::views::ViewEvent;
use domain::whose::INDEX as NAME;
use event_log::subscription::PartitionId;
use projection_services::content::{Content, INDEX, Kept, kept};
use projection_services::parked::{list_content, replay};
use projection_services::rebuild::{Options, content};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::history::{Dice, drafted, history, published};
use crate::support::log::{MemoryLog, PARTITIONS, partition_of};
use crate::support::stores::TestDatabase;
use crate::support::{caught_up, config, start};

const VERIFY: Options = Options { verify: true, dry_run: false, retry_parked: false, new_log: false };

/// Whose, and where.
type Rows = BTreeSet<(Uuid, String, i32, i64)>;

fn index() -> Kept {
    kept().into_iter().find(|kept| kept.name == NAME).unwrap()
}

fn live(database: &TestDatabase, log: &MemoryLog) -> Content {
    index().live(&database.connector(), log)
}

async fn project(database: &TestDatabase, log: &MemoryLog) {
    let running = start(live(database, log), NAME, domain::CONTEXTS, log, config());
    caught_up(&mut live(database, log), domain::CONTEXTS, log).await;
    running.stop().await;
}

async fn rows(database: &TestDatabase) -> Rows {
    let sql = "SELECT account_id, context, partition, log_offset FROM content.account_events";
    let rows: Vec<_> = sqlx::query_as(sql).fetch_all(&mut database.connect().await).await.unwrap();
    rows.into_iter().collect()
}

/// By going through the log once for each account, as its export does that has no index.
fn expected(events: &[ViewEvent]) -> Rows {
    let mut ends: HashMap<PartitionId, i64> = HashMap::new();
    let placed: Vec<(&ViewEvent, PartitionId, i64)> = events
        .iter()
        .map(|event| {
            let partition = partition_of(event);
            let end = ends.entry(partition.clone()).or_default();
            *end += 1;
            (event, partition, *end - 1)
        })
        .collect();
    let erased: BTreeSet<Uuid> = events.iter().filter_map(|event| event.event.erases(&event.aggregate_id)).collect();
    let all: BTreeSet<Uuid> = events.iter().flat_map(ViewEvent::accounts).collect();
    let mut rows = Rows::new();
    for account in all.difference(&erased) {
        let mut owned = BTreeSet::new();
        for (event, partition, offset) in &placed {
            if event.event.belongs_to() == Some(*account) {
                owned.insert((&partition.context, &event.aggregate_id));
            }
            // A thread of comments has the id of its post, and is not its owner's for that.
            let is_owned = owned.contains(&(&partition.context, &event.aggregate_id));
            if is_owned || event.accounts().contains(account) {
                rows.insert((*account, partition.context.clone(), partition.partition, *offset));
            }
        }
    }
    rows
}

/// A history in which others have a hand in what is another's, and some accounts are erased midway.
fn with_others(seed: u64) -> Vec<ViewEvent> {
    let mut dice = Dice::new(seed);
    let mut events = history(seed, 20, 400);
    for event in &mut events {
        event.actor_id = Uuid::from_u128(1 + dice.below(6) as u128);
        if let AnyEvent::Posts(domain::posts::Event::Drafted(drafted)) = &mut event.event {
            drafted.author_id = Uuid::from_u128(1 + dice.below(6) as u128);
        }
    }
    for (account, place) in [(2, 100), (0x9001, 250)] {
        let event = AnyEvent::Accounts(accounts::Event::Erased(Erased {}));
        let aggregate_id = Uuid::from_u128(account).to_string();
        events.insert(place, ViewEvent { aggregate_id, version: 99, event, ..events[place].clone() });
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_whose_the_events_are_in_whatever_batches_they_come() {
    for seed in [51, 52] {
        let events = with_others(seed);
        let (database, log) = (TestDatabase::create().await, MemoryLog::of(&events));
        project(&database, &log.cut_by(seed)).await;
        let expected = expected(&events);
        assert!(expected.len() > 400, "{}", expected.len());
        assert_eq!(rows(&database).await, expected);
        assert_eq!(database.count("SELECT count(*) FROM content.erased_accounts").await, 2);
        let report = content::rebuild(&log, &database.connector(), INDEX, VERIFY).await.unwrap();
        assert!(report.verified && report.swapped, "{report:?}");
        assert_eq!(rows(&database).await, expected);
        // What comes after the rebuild goes on in the tables that it made.
        log.append(published(7_000, 1, 1_900_000_000_000));
        project(&database, &log).await;
        assert_eq!(rows(&database).await.len(), expected.len() + 1);
        database.execute("DELETE FROM content.account_events WHERE log_offset = 3").await;
        let refused = content::rebuild(&log, &database.connector(), INDEX, VERIFY).await.unwrap_err();
        assert!(refused.to_string().contains("account_events"), "{refused:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_forgets_what_the_index_read_and_parked_under_a_former_name() {
    let (database, log) = (TestDatabase::create().await, MemoryLog::of(&history(53, 4, 40)));
    project(&database, &log).await;
    database
        .execute(
            "INSERT INTO projection.positions SELECT 'account-index', context, partition, log_id, next_offset, term, \
             next_seq FROM projection.positions",
        )
        .await;
    database
        .execute(
            "INSERT INTO projection.parked_events (projector, context, partition, \"offset\", reason, key, \
             from_offset, from_term, from_seq, attempts, parked_at) \
             VALUES ('account-index', 'posts', 0, 1, 'not known', 'a', 1, 1, 1, 4, now())",
        )
        .await;
    content::rebuild(&log, &database.connector(), INDEX, VERIFY).await.unwrap();
    let positions = "SELECT count(*) FROM projection.positions WHERE projector = 'account-index'";
    let parked = "SELECT count(*) FROM projection.parked_events WHERE projector = 'account-index'";
    assert_eq!((database.count(positions).await, database.count(parked).await), (0, 0));
}

/// What identity is told of an account: by context and partition, the offsets, in pages of three.
async fn told(database: &TestDatabase, account: Uuid) -> Rows {
    let mut connection = database.connect().await;
    let sql = "SELECT context, partition, next_offset FROM account_index.positions($1)";
    let partitions: Vec<(String, i32, i64)> = sqlx::query_as(sql).bind(NAME).fetch_all(&mut connection).await.unwrap();
    assert_eq!(partitions.len(), domain::CONTEXTS.len() * usize::try_from(PARTITIONS).unwrap());
    let mut told = Rows::new();
    for (context, partition, end) in partitions {
        let mut from = 0;
        loop {
            let sql = "SELECT * FROM account_index.offsets($1, $2, $3, $4, $5, $6, 3)";
            let page = sqlx::query_scalar(sql).bind(NAME).bind(account).bind(&context).bind(partition);
            let page: Vec<i64> = page.bind(from).bind(end).fetch_all(&mut connection).await.unwrap();
            assert!(page.len() <= 3 && page.is_sorted() && page.iter().all(|offset| *offset >= from), "{page:?}");
            let Some(last) = page.last() else { break };
            from = last + 1;
            told.extend(page.into_iter().map(|offset| (account, context.clone(), partition, offset)));
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_parked_may_be_any_accounts_until_it_is_replayed() {
    let (database, log) = (TestDatabase::create().await, MemoryLog::new());
    let (ada, other) = (Uuid::from_u128(1), Uuid::from_u128(77));
    let all = [drafted(1, 1), published(1, 2, 2), drafted(2, 3), published(2, 3, 4)];
    log.append(all[0].clone());
    log.append_garbage(&all[1]);
    log.append(all[2].clone());
    let refuse = format!("ALTER TABLE content.aggregate_owners ADD CHECK (aggregate_id <> '{}')", all[2].aggregate_id);
    database.execute(AssertSqlSafe(refuse)).await;
    // By another than its owner, and its owner is not known.
    log.append(ViewEvent { actor_id: other, version: 2, ..all[3].clone() });
    project(&database, &log).await;
    let parked = list_content(&mut database.connect().await, NAME).await.unwrap();
    assert_eq!(parked.len(), 3, "{parked:#?}");
    assert_eq!(told(&database, ada).await.len(), 4, "all of what may be theirs");
    assert_eq!(told(&database, other).await.len(), 3, "what is parked");
    assert_eq!(rows(&database).await.len(), 3, "the author's, and that of each whom it names");

    database.execute("ALTER TABLE content.aggregate_owners DROP CONSTRAINT aggregate_owners_aggregate_id_check").await;
    log.mend(all[1].clone());
    let replayed = replay(&log, domain::CONTEXTS, &mut live(&database, &log), &parked).await.unwrap();
    assert_eq!((replayed.applied, replayed.waiting), (3, 0), "{replayed:?}");
    assert_eq!(told(&database, ada).await.len(), 4);
    assert_eq!(told(&database, other).await.len(), 1);
}
