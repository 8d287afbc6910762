//! The vault by itself: whose turn it is, and what requests leave to each other that are under way at once.

use clap::Parser as _;
use command_services::identity::secret::Token;
use command_services::identity::vault::Vault;
use command_services::identity::vault::erasures::Erasure;
use command_services::identity::vault::new_passwords::NewPassword;
use command_services::identity::vault::one_time::{NewToken, Purpose};
use command_services::identity::vault::outbox::Kind;
use command_services::identity::vault::people::Prepared;
use command_services::identity::vault::sessions::Which;
use event_log::known_logs::{Known, KnownLogs, Named, Topics};
use service_kit::config::PostgresArgs;
use sqlx::PgConnection;
use testkit::Scope;
use uuid::Uuid;

use crate::support::unique;

const HASH: &str = "the hash";
const MINUTE: f64 = 60.0;

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    postgres: PostgresArgs,
}

/// A vault of which no process sends or sweeps anything.
struct Quiet {
    vault: Vault,
    connection: PgConnection,
    _scope: Scope,
}

struct Person {
    id: Uuid,
    email: String,
}

impl Quiet {
    async fn new() -> Self {
        let scope = Scope::with_vault().await;
        let environment = scope.environment();
        let (_, url) = environment.iter().find(|(name, _)| name == "INKLOG_DATABASE_URL").unwrap();
        let arguments = Arguments::parse_from(["test", "--database-url", url]);
        let vault = Vault::new(&arguments.postgres).unwrap();
        Self { vault, connection: scope.postgres().await, _scope: scope }
    }

    /// A person who registered: there is a letter to them.
    async fn person(&self) -> Person {
        let (id, email) = (Uuid::new_v4(), format!("{}@example.org", unique("person")));
        self.vault.prepare(id, &email, HASH).await.unwrap();
        self.vault.settle(id, "ada").await.unwrap();
        Person { id, email }
    }

    async fn send(&self, person: &Person, purpose: Purpose, email: &str) -> Token {
        let token = Token::draw();
        let kind = match purpose {
            Purpose::VerifyEmail => Kind::VerifyEmail,
            Purpose::ChangeEmail => Kind::ChangeEmail,
            Purpose::ResetPassword => Kind::ResetPassword,
        };
        let new = NewToken { account_id: person.id, purpose, email, token: &token };
        self.vault.send_token(new, None, kind, "ada").await.unwrap();
        token
    }

    /// Whether a new password is taken.
    async fn sets_password(&self, person: &Person) -> bool {
        let (account_id, before, after) = (person.id, HASH, HASH);
        let change = NewPassword { account_id, before, in_place: None, after, keep: None, user_name: "ada" };
        self.vault.change_password(change).await.is_ok_and(|ended| ended.is_some())
    }

    async fn address(&self, person: &Person) -> String {
        self.vault.person(person.id).await.unwrap().unwrap().email
    }

    async fn next_letter(&self) -> (Kind, String) {
        let letter = self.vault.take_letter().await.unwrap().unwrap();
        (letter.kind().unwrap(), letter.recipient)
    }
}

#[tokio::test]
async fn who_is_locked_out_gets_their_letter_first_and_no_letter_waits_for_ever() {
    let mut quiet = Quiet::new().await;
    let (first, second) = (quiet.person().await, quiet.person().await);
    quiet.send(&second, Purpose::ResetPassword, &second.email).await;
    quiet.send(&first, Purpose::ChangeEmail, "new@example.org").await;
    assert_eq!(quiet.next_letter().await, (Kind::ResetPassword, second.email.clone()));
    assert_eq!(quiet.next_letter().await, (Kind::ChangeEmail, "new@example.org".to_owned()));
    // What strangers had written to many has waited for long enough.
    let sql = "UPDATE vault.outbox SET turn = turn - interval '11 minutes' WHERE kind = 'verify_email'";
    sqlx::query(sql).execute(&mut quiet.connection).await.unwrap();
    quiet.send(&first, Purpose::ResetPassword, &first.email).await;
    assert_eq!(quiet.next_letter().await, (Kind::VerifyEmail, first.email.clone()));
    assert_eq!(quiet.next_letter().await, (Kind::VerifyEmail, second.email.clone()));
    assert_eq!(quiet.next_letter().await, (Kind::ResetPassword, first.email.clone()));
}

#[tokio::test]
async fn a_letter_that_is_tried_again_keeps_what_its_kind_is_ahead() {
    let mut quiet = Quiet::new().await;
    let person = quiet.person().await;
    quiet.send(&person, Purpose::ResetPassword, &person.email).await;
    let reset = quiet.vault.take_letter().await.unwrap().unwrap();
    quiet.vault.letter_failed(&reset, false).await.unwrap();
    assert_eq!(quiet.next_letter().await.0, Kind::VerifyEmail, "the other waits for its time");
    quiet.person().await;
    sqlx::query("UPDATE vault.outbox SET not_before = now() WHERE kind = 'reset_password'")
        .execute(&mut quiet.connection)
        .await
        .unwrap();
    assert_eq!(quiet.next_letter().await.0, Kind::ResetPassword);
}

#[tokio::test]
async fn a_claim_is_given_up_by_its_own_request_only() {
    let quiet = Quiet::new().await;
    let person = quiet.person().await;
    let token = quiet.send(&person, Purpose::ChangeEmail, "new@example.org").await;
    let [one, other] = [Uuid::new_v4(), Uuid::new_v4()];
    for claim in [one, other] {
        assert!(quiet.vault.claim(&token, claim, MINUTE).await.unwrap());
    }
    quiet.vault.unclaim(&token, other).await.unwrap();
    assert!(!quiet.sets_password(&person).await, "the first request may yet change the address");
    quiet.vault.unclaim(&token, one).await.unwrap();
    assert!(quiet.sets_password(&person).await);
}

#[tokio::test]
async fn a_letter_cannot_be_claimed_for_ever() {
    let quiet = Quiet::new().await;
    let person = quiet.person().await;
    let token = quiet.send(&person, Purpose::ChangeEmail, "new@example.org").await;
    let mut claims = 0;
    while quiet.vault.claim(&token, Uuid::new_v4(), MINUTE).await.unwrap() {
        claims += 1;
        assert!(claims < 100, "it is claimed again and again");
    }
    assert_eq!(claims, 8);
}

#[tokio::test]
async fn another_letter_takes_none_away_whose_address_is_becoming_the_accounts() {
    let quiet = Quiet::new().await;
    let person = quiet.person().await;
    let token = quiet.send(&person, Purpose::ChangeEmail, "thief@example.org").await;
    assert!(quiet.vault.claim(&token, Uuid::new_v4(), MINUTE).await.unwrap());
    quiet.send(&person, Purpose::ChangeEmail, "thief@example.net").await;
    assert!(!quiet.sets_password(&person).await, "it would not void what it cannot find");
}

#[tokio::test]
async fn of_two_addresses_the_later_stays_however_late_the_former_is_noted() {
    let mut quiet = Quiet::new().await;
    let person = quiet.person().await;
    let earlier = quiet.send(&person, Purpose::ChangeEmail, "earlier@example.org").await;
    assert!(quiet.vault.claim(&earlier, Uuid::new_v4(), MINUTE).await.unwrap());
    let later = quiet.send(&person, Purpose::ChangeEmail, "later@example.org").await;
    for (token, version) in [(&later, 4), (&earlier, 3)] {
        let proof = quiet.vault.proof(token).await.unwrap().unwrap();
        quiet.vault.email_confirmed(token, &proof, version, "ada").await.unwrap();
    }
    assert_eq!(quiet.address(&person).await, "later@example.org");
    let sql = "SELECT count(*) FROM vault.outbox WHERE kind = 'email_changed' AND recipient = 'later@example.org'";
    let told: i64 = sqlx::query_scalar(sql).fetch_one(&mut quiet.connection).await.unwrap();
    assert_eq!(told, 0, "and its owner is not told that it is no longer used");
}

#[tokio::test]
async fn confirming_the_address_that_an_account_had_makes_it_not_its_address_again() {
    let mut quiet = Quiet::new().await;
    let person = quiet.person().await;
    let token = quiet.send(&person, Purpose::VerifyEmail, &person.email).await;
    let proof = quiet.vault.proof(&token).await.unwrap().unwrap();
    // It got another between the event and this note of it.
    let sql = "UPDATE vault.people SET email = 'new@example.org', unconfirmed_since = now() WHERE account_id = $1";
    sqlx::query(sql).bind(person.id).execute(&mut quiet.connection).await.unwrap();
    quiet.vault.email_confirmed(&token, &proof, 2, "ada").await.unwrap();
    let sql = "SELECT email, unconfirmed_since IS NOT NULL FROM vault.people WHERE account_id = $1";
    let now: (String, bool) = sqlx::query_as(sql).bind(person.id).fetch_one(&mut quiet.connection).await.unwrap();
    assert_eq!(now, ("new@example.org".to_owned(), true));
}

#[tokio::test]
async fn a_person_is_withdrawn_by_who_wrote_them_down_and_only_if_no_other_came_since() {
    let quiet = Quiet::new().await;
    let prepare = async |id: Uuid, hash: &str| quiet.vault.prepare(id, "ada@example.org", hash).await.unwrap();
    let [alone, contested] = [Uuid::new_v4(), Uuid::new_v4()];
    let Prepared::New(written_at) = prepare(alone, HASH).await else { panic!("there was none") };
    quiet.vault.withdraw(alone, written_at).await.unwrap();
    assert!(quiet.vault.person(alone).await.unwrap().is_none());

    let Prepared::New(written_at) = prepare(contested, HASH).await else { panic!("there was none") };
    assert!(matches!(prepare(contested, "another hash").await, Prepared::Known(_)));
    quiet.vault.withdraw(contested, written_at).await.unwrap();
    assert!(quiet.vault.person(contested).await.unwrap().is_some(), "the other may be registering them");
}

#[tokio::test]
async fn a_former_password_begins_no_erasure_and_no_deactivation() {
    let quiet = Quiet::new().await;
    let (person, request) = (quiet.person().await, Uuid::new_v4());
    let erasure = Erasure { account_id: person.id, requested_by: person.id };
    assert!(quiet.vault.begin_erasure(erasure, Some("the former hash")).await.unwrap().is_none());
    assert!(quiet.vault.next_unfinished().await.unwrap().is_none());
    assert!(quiet.vault.begin_deactivation(person.id, "the former hash", request).await.is_err());
    assert!(quiet.sets_password(&person).await);

    quiet.vault.begin_deactivation(person.id, HASH, request).await.unwrap();
    quiet.vault.end_deactivation(person.id, Uuid::new_v4()).await.unwrap();
    assert!(!quiet.sets_password(&person).await, "the account may be deactivated by who had this one");
    quiet.vault.end_deactivation(person.id, request).await.unwrap();
    assert!(quiet.sets_password(&person).await);
    assert!(quiet.vault.begin_erasure(erasure, Some(HASH)).await.unwrap().is_some());
}

#[tokio::test]
async fn what_has_not_ended_elsewhere_is_tried_without_limit_and_each_in_its_turn() {
    let mut quiet = Quiet::new().await;
    let (blocked, other) = (quiet.person().await.id, quiet.person().await.id);
    for account_id in [blocked, other] {
        quiet.vault.begin_erasure(Erasure { account_id, requested_by: account_id }, None).await.unwrap();
        quiet.vault.forget(account_id, &[]).await.unwrap();
    }
    let mut move_back = async |what: &'static str| {
        sqlx::query(what).execute(&mut quiet.connection).await.unwrap();
    };
    let days = "UPDATE vault.erasures SET late_comers_until = now() - interval '8 days',
        finished_at = now() - interval '9 days'";
    move_back(days).await;
    let next = async || quiet.vault.next_to_look_after().await.unwrap();
    let mut tried = [next().await, next().await];
    tried.sort();
    let mut both = [Some(blocked), Some(other)];
    both.sort();
    assert_eq!(tried, both);
    assert_eq!(next().await, None, "not at once again");
    quiet.vault.ended_elsewhere(other).await.unwrap();
    let hours = "UPDATE vault.erasures SET tried_at = tried_at - interval '2 hours'";
    move_back(hours).await;
    assert_eq!((next().await, next().await), (Some(blocked), None), "days later, and the other is done");

    // An erased account's name is about to come into a post again.
    quiet.vault.expect_late_comers(other).await.unwrap();
    assert_eq!(next().await, Some(other));
    quiet.vault.ended_elsewhere(other).await.unwrap();
    move_back(hours).await;
    let mut tried = [next().await, next().await];
    tried.sort();
    assert_eq!(tried, both, "a try that began so early is not the last");
}

/// It was asked for each topic alone: one that the context had never been in was new, and got a first term.
#[tokio::test]
async fn which_logs_are_ours_is_known_by_context() {
    let Quiet { vault, _scope, .. } = Quiet::new().await;
    let of = |context: &str| Topics { begin_with: format!("inklog.{context}.v") };
    let (posts, one, two) = (of("posts"), Uuid::new_v4(), Uuid::new_v4());
    let ask = async |topic: &str, partition: i32, read: Option<Uuid>| {
        vault.known(&posts, topic, partition, read).await.unwrap()
    };
    assert_eq!(ask("inklog.posts.v1", 0, None).await, Known::Nothing);
    assert_eq!(ask("inklog.posts.v1", 0, Some(one)).await, Known::Log(one), "whichever reads it first notes it");
    assert_eq!(ask("inklog.posts.v1", 0, Some(two)).await, Known::Log(one));
    assert_eq!(ask("inklog.posts.v1", 1, None).await, Known::Nothing, "a partition without a term");
    assert_eq!(ask("inklog.posts.v1", 1, Some(two)).await, Known::Log(two));
    assert_eq!(ask("inklog.posts.v2", 0, Some(two)).await, Known::Elsewhere("inklog.posts.v1".to_owned()));
    assert_eq!(ask("inklog.posts.v2", 0, None).await, Known::Elsewhere("inklog.posts.v1".to_owned()));
    let accounts = vault.known(&of("accounts"), "inklog.accounts.v1", 0, Some(two)).await.unwrap();
    assert_eq!(accounts, Known::Log(two), "another context is for itself");

    let named = |partition, log_id| Named { topic: "inklog.posts.v2".to_owned(), partition, log_id };
    // Of an attempt that died; the topic was deleted, and the next one made it again.
    KnownLogs::note(&vault, &[named(0, Some(one)), named(3, Some(one))]).await.unwrap();
    let copied = [named(0, Some(two)), named(1, Some(one)), named(2, None)];
    for _ in 0..2 {
        KnownLogs::note(&vault, &copied).await.unwrap();
        assert_eq!(vault.all(&posts).await.unwrap().len(), 4, "beside those that are known, and again");
    }
    assert_eq!(ask("inklog.posts.v1", 0, Some(one)).await, Known::Log(one));
    for _ in 0..2 {
        vault.keep_only(&posts, &copied).await.unwrap();
        assert_eq!(vault.all(&posts).await.unwrap(), copied[..2]);
    }
    assert_eq!(ask("inklog.posts.v1", 0, Some(one)).await, Known::Elsewhere("inklog.posts.v2".to_owned()));
    assert_eq!(vault.all(&of("accounts")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lasting_session_that_has_ended_meanwhile_changes_nothing() {
    let mut quiet = Quiet::new().await;
    let (person, session) = (quiet.person().await, Uuid::new_v4());
    let sql = "INSERT INTO vault.sessions (session_id, account_id, client, expires_at, lasting_token_hash)
        VALUES ($1, $2, 'a client', now() + interval '1 day', $3)";
    let insert = sqlx::query(sql).bind(session).bind(person.id).bind(Token::draw().hash());
    insert.execute(&mut quiet.connection).await.unwrap();
    let (account_id, in_place) = (person.id, Some(session));
    let change = NewPassword { account_id, before: HASH, in_place, after: HASH, keep: in_place, user_name: "ada" };
    assert!(quiet.vault.change_password(change).await.unwrap().is_some());
    quiet.vault.email_taken((account_id, in_place), "first@example.org", 2, "ada").await.unwrap();
    quiet.vault.end_sessions(account_id, Which::One(session)).await.unwrap();
    assert!(quiet.vault.change_password(change).await.is_err());
    assert!(quiet.vault.email_taken((account_id, in_place), "second@example.org", 3, "ada").await.is_err());
    assert_eq!(quiet.address(&person).await, "first@example.org");
    quiet.vault.email_taken((account_id, None), "third@example.org", 3, "ada").await.unwrap();
    assert_eq!(quiet.address(&person).await, "third@example.org");
}
