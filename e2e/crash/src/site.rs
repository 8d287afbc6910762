//! Where one seed's run takes place: topics, a database and Redis keys of its own, so that no run's events are another
//! one's burden.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use domain::Role;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use service_kit::auth::{PrivateKey, TokenNames, mint};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use testkit::{command, database, topics};
use tokio::process::Command;
use uuid::Uuid;

use crate::process::Environment;
use crate::stack::Stack;

/// After so long without a sign of life an instance is taken for dead: the least that the local broker allows.
pub const SESSION_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a seed has services that demand reviews.
const DEMANDS_REVIEW: f64 = 0.25;
/// What sets that apart from what else a seed draws.
const REVIEW_SALT: u64 = 0x4e71_e300;

/// Whether a seed's services are told that an editor approves what authors make public.
fn review_is_demanded(seed: u64) -> bool {
    StdRng::seed_from_u64(seed ^ REVIEW_SALT).random_bool(DEMANDS_REVIEW)
}

/// Topics, a database and a prefix.
#[derive(Debug)]
pub struct Site {
    /// The components.
    pub stack: Stack,
    /// What the names of topics and keys begin with.
    pub prefix: String,
    /// Where what is found goes.
    pub folder: PathBuf,
    /// Whether the services are told that an editor approves what authors make public.
    pub review_is_demanded: bool,
    database: String,
}

impl Site {
    /// Prepares a site with our own programs, as an operator does. Where others of another version are to run beside
    /// them, these come first, as before an upgrade: they know schemas only as they have them themselves.
    ///
    /// # Errors
    /// The components do not answer, or our programs are not built.
    pub async fn open(stack: &Stack, seed: u64, folder: &Path) -> anyhow::Result<Self> {
        let prefix = format!("crash-{seed}-{}", &Uuid::new_v4().simple().to_string()[..8]);
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let database = prefix.replace('-', "_");
        // An earlier version may know of none.
        let review_is_demanded = stack.previous.is_none() && review_is_demanded(seed);
        let site = Self { stack: stack.clone(), prefix, folder: folder.to_owned(), review_is_demanded, database };
        let media = site.media_folder();
        std::fs::create_dir_all(&media).with_context(|| format!("making {}", media.display()))?;
        database::create(site.stack.postgres.database_url.expose(), &site.database).await?;
        for folder in site.versions() {
            for (program, arguments) in [
                ("command-services", ["topics", "create"].as_slice()),
                ("command-services", &["schemas", "register"]),
                ("command-services", &["vault", "migrate"]),
                ("command-services", &["token", "rotate", "--if-missing"]),
                ("projection-services", &["migrate"]),
            ] {
                site.run(folder, program, arguments).await?;
            }
        }
        Ok(site)
    }

    /// Where the programs of each version are that runs here, today's last; those are found by name.
    fn versions(&self) -> impl Iterator<Item = Option<&Path>> {
        self.stack.previous.as_deref().map(Some).into_iter().chain([None])
    }

    /// Runs a program of ours to its end.
    ///
    /// # Errors
    /// It fails; the error says what it said.
    pub async fn run(&self, folder: Option<&Path>, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let path = folder.map_or_else(|| program.into(), |folder| folder.join(program));
        command::output(Command::new(path).args(arguments).envs(self.environment()?)).await.map(drop)
    }

    /// Registers the schemas of each version that runs here.
    ///
    /// # Errors
    /// See [`Site::run`].
    pub async fn register_schemas(&self) -> anyhow::Result<()> {
        for folder in self.versions() {
            self.run(folder, "command-services", &["schemas", "register"]).await?;
        }
        Ok(())
    }

    /// Removes what it made. Processes must have ended.
    ///
    /// # Errors
    /// The components do not answer.
    pub async fn close(self) -> anyhow::Result<()> {
        let _ = std::fs::remove_dir_all(self.media_folder());
        topics::remove(&self.stack.kafka.kafka_brokers, &self.prefix).await?;
        database::remove(self.stack.postgres.database_url.expose(), &self.database).await
    }

    /// The topic of a context.
    #[must_use]
    pub fn topic(&self, context: &str) -> String {
        topics::name(&self.prefix, context)
    }

    /// How to reach this site's database.
    ///
    /// # Errors
    /// The stack's address is none.
    pub fn database(&self) -> anyhow::Result<PgConnectOptions> {
        database::named(self.stack.postgres.database_url.expose(), &self.database)
    }

    /// What every process of ours is told; by which way it reaches the components is up to the caller, who starts it.
    ///
    /// # Errors
    /// The database's address is none.
    pub fn environment(&self) -> anyhow::Result<Environment> {
        let database = self.database()?.to_url_lossy().to_string();
        let Stack { kafka, redis, token_public_key_file, token_private_key_file, replication, .. } = &self.stack;
        let keys = self.folder.join("keys");
        let variables = [
            ("INKLOG_KAFKA_BROKERS", kafka.kafka_brokers.clone()),
            ("INKLOG_REGISTRY_URL", kafka.registry_url.clone()),
            ("INKLOG_TOPIC_PREFIX", self.prefix.clone()),
            ("INKLOG_PARTITIONS", kafka.partitions.to_string()),
            ("INKLOG_REPLICATION", replication.to_string()),
            ("INKLOG_DATABASE_URL", database),
            ("INKLOG_REDIS_URL", redis.redis_url.expose().clone()),
            ("INKLOG_REDIS_PREFIX", self.prefix.clone()),
            ("INKLOG_TOKEN_PUBLIC_KEY_FILE", token_public_key_file.display().to_string()),
            ("INKLOG_TOKEN_PRIVATE_KEY_FILE", token_private_key_file.display().to_string()),
            ("INKLOG_TOKEN_KEYS_DIR", keys.display().to_string()),
            ("INKLOG_TOKEN_JWKS", keys.join("jwks.json").display().to_string()),
            ("INKLOG_MAIL", format!("file:{}", self.mail_folder().display())),
            ("INKLOG_MEDIA_STORE", format!("file://{}", self.media_folder().display())),
            // What no post shows is swept while others bring it again.
            ("INKLOG_MEDIA_GRACE", "10s".to_owned()),
            // All clients are in one network.
            ("INKLOG_ATTEMPTS_PER_NETWORK", "1000000".to_owned()),
            ("INKLOG_REVIEW", if self.review_is_demanded { "required" } else { "optional" }.to_owned()),
            ("INKLOG_SESSION_TIMEOUT", format!("{}ms", SESSION_TIMEOUT.as_millis())),
        ];
        Ok(variables.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Where pictures and files are.
    #[must_use]
    pub fn media_folder(&self) -> PathBuf {
        self.stack.media.join(&self.prefix)
    }

    /// Where letters go.
    #[must_use]
    pub fn mail_folder(&self) -> PathBuf {
        self.folder.join("keys/mail")
    }

    /// A token that is good for the whole run.
    ///
    /// # Errors
    /// The key cannot be read.
    pub fn token(&self, id: Uuid, roles: &[Role]) -> anyhow::Result<String> {
        let path = self.stack.token_private_key_file.display().to_string();
        let key = PrivateKey::from_str(&path).map_err(anyhow::Error::msg)?;
        let names = TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() };
        mint(&key, id, &roles.iter().copied().collect(), Duration::from_secs(24 * 3600), &names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the seeds that `make test` runs one does, and the others are what they were.
    #[test]
    fn some_seeds_demand_reviews() {
        assert_eq!([1, 4, 503, 501, 77_700].map(review_is_demanded), [false, true, false, false, false]);
        let some = (0..1_000).filter(|seed| review_is_demanded(*seed)).count();
        assert!((200..300).contains(&some), "{some}");
    }
}
