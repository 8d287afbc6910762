//! `GET /v1/me/export`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::{Answer, Api};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::members::{Member, PASSWORD, letter, log_in, member};
use crate::support::{Server, author, editor, person, unique};

async fn ask(api: &Api) -> Answer {
    api.get("/v1/me/export").send().await
}

/// Waits its turn: another test may be asking for many.
async fn export(api: &Api) -> Answer {
    testkit::eventually("there is room", Duration::from_secs(60), async || {
        let answer = ask(api).await;
        (answer.status != 503).then_some(answer)
    })
    .await
}

/// The lines before the manifest, and the manifest, which must be right about them.
fn checked(answer: &Answer) -> (Vec<Value>, Value) {
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let (before, last) = answer.text.trim_end().rsplit_once('\n').unwrap();
    let manifest: Value = serde_json::from_str(last).unwrap();
    let lines: Vec<Value> = before.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sha256: String = Sha256::digest(format!("{before}\n")).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((manifest["kind"].as_str(), manifest["format"].as_u64()), (Some("manifest"), Some(1)));
    assert_eq!((manifest["lines"].as_u64(), manifest["sha256"].as_str()), (Some(lines.len() as u64), Some(&*sha256)));
    let mut events: BTreeMap<&str, u64> = BTreeMap::new();
    for line in lines.iter().filter(|line| line["kind"] == "event") {
        *events.entry(line["event_type"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(manifest["events"], json!(events));
    (lines, manifest)
}

/// The types of the events of an aggregate, but for what is noted about its security.
fn story<'a>(lines: &'a [Value], id: &str) -> Vec<&'a str> {
    let of = |line: &&Value| line["aggregate_id"] == id && line["context"] != "security";
    let short = |line: &'a Value| line["event_type"].as_str().unwrap().rsplit('.').next().unwrap();
    lines.iter().filter(of).map(short).collect()
}

async fn describe(member: &Member, bio: &str) {
    let path = format!("/v1/accounts/{}", member.id);
    let _ = member.api.patch(&path).json(&json!({"bio": bio})).if_match(1).send().await.expect(200);
}

#[tokio::test]
async fn everything_that_is_held_is_given_opened_and_no_secret() {
    let (member, bio) = (member().await, unique("Bio"));
    letter(&member.email, "Please confirm your address").await;
    describe(&member, &bio).await;
    let (_, codes) = crate::careful::add(&member.api).await;
    let slug = unique("post");
    let draft = json!({"title": "T", "slug": slug, "body": "Mine."});
    let post = member.api.post("/v1/posts").json(&draft).send().await.expect(201).id();
    // By another account, of the member's post: theirs, too.
    let path = format!("/v1/posts/{post}");
    let edit = json!({"title": "Edited"});
    let _ = editor().await.api.patch(&path).json(&edit).if_match(1).send().await.expect(200);
    let answer = export(&member.api).await.expect(200);
    let (lines, manifest) = checked(&answer);
    assert_eq!(manifest["account_id"], *member.id);
    assert_eq!(story(&lines, &member.id), ["Registered", "ProfileChanged"]);
    assert_eq!(story(&lines, &post), ["Drafted", "Edited"]);
    assert_eq!(story(&lines, &format!("slug:{slug}")), ["SlugClaimed", "SlugConfirmed"]);
    assert_eq!(story(&lines, &format!("user-name:{}", member.name)), ["UserNameClaimed", "UserNameConfirmed"]);
    let changed = lines.iter().find(|line| line["event_type"] == "inklog.accounts.ProfileChanged").unwrap();
    assert_eq!(changed["fields"]["bio"], bio);
    let of_kind = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    assert_eq!(of_kind("person")[0]["email"], *member.email);
    assert_eq!(of_kind("session")[0]["session"]["id"], *member.session);
    assert_eq!(of_kind("letter")[0]["letter"]["about"], "verify_email");
    assert!(of_kind("person")[0]["second_factor_since_ms"].as_i64() > Some(1_700_000_000_000));
    for secret in [PASSWORD, "argon2", member.refresh_token.as_str(), "sealed.v1.", "wrapped", codes[0].as_str()] {
        assert!(!answer.text.contains(secret), "{secret} is in it");
    }
    let ends = manifest["read_to"].as_array().unwrap();
    assert!(ends.iter().any(|end| end["context"] == "posts" && end["next_offset"].as_i64() > Some(0)), "{manifest}");
}

#[tokio::test]
async fn what_is_personal_of_others_is_not_given() {
    let (other, admin_id, bio) = (member().await, uuid::Uuid::new_v4(), unique("Bio"));
    let admin = person(admin_id, &["admin"]).await;
    let _ = admin.api.post("/v1/accounts").json(&json!({"user_name": unique("adm")})).send().await.expect(201);
    let path = format!("/v1/accounts/{}", other.id);
    let _ = admin.api.patch(&path).json(&json!({"bio": bio})).if_match(1).send().await.expect(200);
    let answer = export(&admin.api).await.expect(200);
    let (lines, _) = checked(&answer);
    // What they did is theirs to know, and that is all.
    assert_eq!(story(&lines, &other.id), ["ProfileChanged"]);
    assert!(!answer.text.contains(&bio) && answer.text.contains("sealed.v1."));
    assert!(!answer.text.contains(&other.email));
}

/// An import names co-authors and asks none of them.
#[tokio::test]
async fn whom_an_import_names_gets_what_says_so() {
    let (named, left_out, editor) = (member().await, member().await, editor().await);
    let draft = json!({"title": "Imported", "slug": unique("named"), "co_author_ids": [named.id]});
    let post = editor.api.post("/v1/posts").json(&draft).send().await.expect(201).id();
    let path = format!("/v1/posts/{post}");
    let also = json!({"co_author_ids": [named.id, left_out.id]});
    let _ = editor.api.patch(&path).json(&also).if_match(1).send().await.expect(200);
    let _ = editor.api.patch(&path).json(&json!({"title": "Not of them"})).if_match(2).send().await.expect(200);
    let (lines, _) = checked(&export(&named.api).await.expect(200));
    assert_eq!(story(&lines, &post), ["Drafted", "Edited"]);
    let (lines, _) = checked(&export(&left_out.api).await.expect(200));
    assert_eq!(story(&lines, &post), ["Edited"]);
}

#[tokio::test]
async fn all_that_was_accepted_before_is_in_it() {
    let member = member().await;
    for count in 1..=3 {
        let post = member.api.post("/v1/posts").json(&json!({"title": "T", "slug": unique("p")})).send().await;
        let _ = post.expect(201);
        let (lines, _) = checked(&export(&member.api).await.expect(200));
        let drafted = lines.iter().filter(|line| line["event_type"] == "inklog.posts.Drafted").count();
        assert_eq!(drafted, count);
    }
}

#[tokio::test]
async fn who_has_no_account_has_no_export() {
    let _ = export(&Server::shared().await.api()).await.problem(401, "unauthorized");
    let _ = export(&author().await.api).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_few_are_written_at_once_and_one_of_an_account() {
    let members = [member().await, member().await, member().await, member().await];
    let apis: Arc<Vec<Api>> = Arc::new(members.iter().map(|member| member.api.clone()).collect());
    let ask_as = |number: usize| {
        let apis = Arc::clone(&apis);
        tokio::spawn(async move { ask(&apis[number % apis.len()]).await })
    };
    let asked: Vec<_> = (0..24).map(ask_as).collect();
    let (mut given, mut refused) = (0, 0);
    for answer in asked {
        let answer = answer.await.unwrap();
        if answer.status == 200 {
            checked(&answer);
            given += 1;
        } else {
            assert_eq!(answer.status, 503, "{}", answer.text);
            assert!(answer.header("retry-after").parse::<u32>().is_ok());
            refused += 1;
        }
    }
    assert!(given >= 1 && refused > 0, "{given} given, {refused} refused");
    // The owner who had to wait gets theirs.
    let _ = export(&apis[0]).await.expect(200);
}

/// Asks for the export of a new account with seven megabytes of posts, and reads only how it begins.
async fn ask_and_not_read() -> TcpStream {
    let (member, server) = (member().await, Server::shared().await);
    for _ in 0..15 {
        let draft = json!({"title": "T", "slug": unique("p"), "body": "x".repeat(480_000)});
        let _ = member.api.post("/v1/posts").json(&draft).send().await.expect(201);
    }
    let log_in = log_in(&member.name, PASSWORD).await.expect(201);
    let (address, token) = (server.address(), log_in.body["access_token"].as_str().unwrap());
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!("GET /v1/me/export HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let _ = connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 200");
    connection
}

#[tokio::test]
async fn who_does_not_read_theirs_keeps_no_other_from_theirs() {
    let _held = futures::future::join_all((0..3).map(|_| ask_and_not_read())).await;
    let asked = tokio::time::timeout(Duration::from_secs(3), export(&member().await.api)).await;
    let _ = checked(&asked.expect("within the time that the others may take for a piece").expect(200));
}
