//! Sealed text on its way from the log into rows.

use std::path::PathBuf;
use std::time::Duration;

use domain::accounts::{self, Erased, ProfileChanged, Registered};
use domain::personal::Personal;
use domain::values::{Bio, DisplayName, EmailKey, Invalid};
use domain::views::ViewEvent;
use domain::{AnyEvent, Recorded, Timestamp};
use projection_services::content::{CONTEXTS, LIVE};
use projection_services::rebuild::{Options, content};
use projection_services::unsealing::{Keys, Unsealing};
use sealing::{DataKey, KeyRing};
use uuid::Uuid;

use crate::support::log::MemoryLog;
use crate::support::stores::TestDatabase;
use crate::support::{Running, caught_up, config, eventually, start};

/// What identity's migrations make of it, as far as it can be seen from here.
const WINDOW: &str = "CREATE SCHEMA identity;
    CREATE TABLE identity.data_keys (account_id uuid PRIMARY KEY, key_id text NOT NULL, wrapped_key bytea NOT NULL)";

struct World {
    database: TestDatabase,
    log: MemoryLog,
    ring: KeyRing,
    file: PathBuf,
}

impl World {
    async fn new() -> Self {
        let file = std::env::temp_dir().join(format!("inklog-ring-{}", Uuid::new_v4().simple()));
        KeyRing::add(&file).unwrap();
        let database = TestDatabase::create().await;
        database.execute(WINDOW).await;
        Self { database, log: MemoryLog::new(), ring: KeyRing::open(&file).unwrap(), file }
    }

    fn opened(&self) -> Unsealing<MemoryLog> {
        Unsealing::new(self.log.clone(), Keys::new(self.database.options(), self.ring.clone()))
    }

    fn start(&self) -> Running {
        start(self.database.content(&self.log), LIVE, &CONTEXTS, &self.opened(), config())
    }

    async fn keep(&self, id: Uuid, key: &DataKey) {
        let wrapped = self.ring.wrap(id, key);
        let sql = "INSERT INTO identity.data_keys VALUES ($1, $2, $3)";
        let insert = sqlx::query(sql).bind(id).bind(wrapped.key_id).bind(wrapped.bytes);
        insert.execute(&mut self.database.connect().await).await.unwrap();
    }

    /// A person with a key, who registered.
    async fn person(&self, name: &str) -> (Uuid, DataKey) {
        let (id, key) = (Uuid::new_v4(), DataKey::draw());
        self.keep(id, &key).await;
        self.happen(id, 1, registered(id, &key, name));
        (id, key)
    }

    fn happen(&self, id: Uuid, version: u64, event: accounts::Event) {
        self.log.append(ViewEvent::from(recorded(id, version, event)));
    }

    async fn caught_up(&self) {
        caught_up(&mut self.database.content(&self.log), &CONTEXTS, &self.log).await;
    }

    async fn shown(&self, id: Uuid) -> (String, String) {
        let sql = "SELECT display_name, bio FROM content.authors WHERE account_id = $1";
        sqlx::query_as(sql).bind(id).fetch_one(&mut self.database.connect().await).await.unwrap()
    }

    async fn rebuilt_is_the_same(&self) {
        let options = Options { verify: true, ..Options::default() };
        let views = projection_services::content::VIEWS;
        content::rebuild(&self.opened().ahead(), &self.database.connector(), views, options).await.unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn recorded(id: Uuid, version: u64, event: accounts::Event) -> Recorded<AnyEvent> {
    let occurred_at = Timestamp(1_700_000_000_000 + version.cast_signed());
    Recorded { aggregate_id: id.to_string(), version, occurred_at, actor_id: id, event: event.into() }
}

fn text<T: std::str::FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().unwrap()
}

fn registered(id: Uuid, key: &DataKey, name: &str) -> accounts::Event {
    accounts::Event::Registered(Registered {
        user_name: text(&format!("u-{}", id.simple())),
        display_name: key.seal(id, text::<DisplayName>(name)),
        bio: key.seal(id, text::<Bio>("Writes.")),
        image_url: text(""),
        email_key: EmailKey::none(),
    })
}

fn new_bio(bio: Personal<Bio>) -> accounts::Event {
    accounts::Event::ProfileChanged(ProfileChanged { bio: Some(bio), ..ProfileChanged::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_hold_what_sealed_text_says() {
    let world = World::new().await;
    let (ada, key) = world.person("Ada").await;
    let running = world.start();
    world.happen(ada, 2, new_bio(key.seal(ada, text("Counts."))));
    world.caught_up().await;
    assert_eq!(world.shown(ada).await, ("Ada".into(), "Counts.".into()));
    world.rebuilt_is_the_same().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_key_is_gone_shows_as_nothing_and_a_rebuild_agrees() {
    let world = World::new().await;
    let (ada, _) = world.person("Ada").await;
    let (bob, _) = world.person("Bob").await;
    let running = world.start();
    world.caught_up().await;
    world.happen(ada, 2, accounts::Event::Erased(Erased {}));
    world.caught_up().await;
    let sql = "DELETE FROM identity.data_keys WHERE account_id = $1";
    sqlx::query(sql).bind(ada).execute(&mut world.database.connect().await).await.unwrap();
    assert_eq!(world.shown(ada).await, (String::new(), String::new()));
    world.rebuilt_is_the_same().await;
    assert_eq!(world.shown(ada).await, (String::new(), String::new()));
    assert_eq!(world.shown(bob).await.0, "Bob");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_not_outlive_its_owner_in_memory() {
    let world = World::new().await;
    let (ada, key) = world.person("Ada").await;
    let running = world.start();
    world.caught_up().await;
    let sql = "DELETE FROM identity.data_keys WHERE account_id = $1";
    sqlx::query(sql).bind(ada).execute(&mut world.database.connect().await).await.unwrap();
    world.happen(ada, 2, accounts::Event::Erased(Erased {}));
    world.caught_up().await;
    // It cannot happen after that; but if it did, no reader could open it.
    world.happen(ada, 3, new_bio(key.seal(ada, text("Again."))));
    world.caught_up().await;
    assert_eq!(world.shown(ada).await.1, "");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_is_not_said_whether_a_key_is_there_the_batch_waits() {
    let world = World::new().await;
    let running = world.start();
    world.caught_up().await;
    let (ada, key) = (Uuid::new_v4(), DataKey::draw());
    world.keep(ada, &key).await;
    world.database.execute("ALTER TABLE identity.data_keys RENAME TO away").await;
    world.happen(ada, 1, registered(ada, &key, "Ada"));
    eventually("it notices", async || !running.status.is_ready()).await;
    assert_eq!(world.database.count("SELECT count(*) FROM content.authors").await, 0);
    world.database.execute("ALTER TABLE identity.away RENAME TO data_keys").await;
    world.caught_up().await;
    assert_eq!(world.shown(ada).await.0, "Ada");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_ring_does_not_unwrap_is_waited_for_and_then_used() {
    let world = World::new().await;
    let running = world.start();
    // Identity has a newer ring than the projector.
    let whole = std::fs::read_to_string(&world.file).unwrap();
    KeyRing::add(&world.file).unwrap();
    let (newer, (ada, key)) = (std::fs::read_to_string(&world.file).unwrap(), (Uuid::new_v4(), DataKey::draw()));
    world.keep(ada, &key).await;
    std::fs::write(&world.file, whole).unwrap();
    let elsewhere = KeyRing::open(&world.file).unwrap();
    let keys = Keys::new(world.database.options(), elsewhere);
    let behind = Unsealing::new(world.log.clone(), keys);
    running.stop().await;
    let running = start(world.database.content(&world.log), LIVE, &CONTEXTS, &behind, config());
    world.happen(ada, 1, registered(ada, &key, "Ada"));
    eventually("it notices", async || !running.status.is_ready()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.database.count("SELECT count(*) FROM content.authors").await, 0);
    std::fs::write(&world.file, newer).unwrap();
    world.caught_up().await;
    assert_eq!(world.shown(ada).await.0, "Ada");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_verify_is_parked_and_the_rest_goes_on() {
    let world = World::new().await;
    let (ada, key) = world.person("Ada").await;
    // Sealed for another person.
    world.happen(ada, 2, new_bio(key.seal(Uuid::new_v4(), text("Moved."))));
    let (bob, _) = world.person("Bob").await;
    let running = world.start();
    world.caught_up().await;
    assert_eq!((world.shown(ada).await.1.as_str(), world.shown(bob).await.0.as_str()), ("Writes.", "Bob"));
    let parked = "SELECT count(*) FROM projection.parked_events WHERE reason LIKE 'bio:%' AND length(value) = 0";
    assert_eq!(world.database.count(parked).await, 1);
    running.stop().await;
}
