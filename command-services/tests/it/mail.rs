//! Mail through SMTP, as a mail server sees it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use testkit::process::Signal;
use testkit::{Api, Process, Scope, eventually};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::members::application;
use crate::support::unique;

const PATIENCE: Duration = Duration::from_secs(40);

/// What a mail server does with a letter it has read.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// Takes it and says so.
    Accepts,
    /// Asks to try again later.
    IsBusy,
    /// Takes it and never says so.
    IsSilent,
}

/// A mail server that says of each letter what it is told to say.
#[derive(Clone)]
struct MailServer {
    address: std::net::SocketAddr,
    letters: Arc<Mutex<Vec<String>>>,
    does: Arc<Mutex<Does>>,
}

impl MailServer {
    async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, letters: Arc::default(), does: Arc::new(Mutex::new(does)) };
        let answering = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = answering.clone();
                // A client that goes away in the middle is none of our concern.
                tokio::spawn(async move { drop(server.converse(stream).await) });
            }
        });
        server
    }

    fn does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let reply: &[u8] = match line.to_ascii_uppercase().as_str() {
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut letter = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        letter += &line;
                        letter.push('\n');
                    }
                    let does = *self.does.lock().unwrap();
                    if does != Does::IsBusy {
                        self.letters.lock().unwrap().push(letter);
                    }
                    match does {
                        Does::Accepts => b"250 taken\r\n",
                        Does::IsBusy => b"451 later\r\n",
                        Does::IsSilent => std::future::pending().await,
                    }
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 fine\r\n",
            };
            write.write_all(reply).await?;
        }
        Ok(())
    }
}

fn message_id(letter: &str) -> &str {
    letter.lines().find(|line| line.starts_with("Message-ID: ")).unwrap()
}

async fn start(scope: &Scope, server: &MailServer) -> Process {
    let mut environment = scope.environment();
    environment.push(("INKLOG_MAIL".into(), format!("smtp://{}", server.address)));
    let mut process = Process::start("command-services", &["identity"], &environment);
    process.ready().await;
    process
}

async fn register(process: &Process) -> String {
    let name = unique("mail");
    let _ = Api::new(process.url()).post("/v1/register").json(&application(&name)).send().await.expect(201);
    name
}

/// Whether every letter is noted as sent, and nothing that was in them is kept.
async fn all_sent(scope: &Scope) {
    let mut vault = scope.postgres().await;
    eventually("every letter is sent", PATIENCE, async || {
        let sql = "SELECT count(*) FROM vault.outbox WHERE sent_at IS NULL OR token <> '' OR recipient <> ''";
        (sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut vault).await.unwrap() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_sent_when_the_server_takes_it_and_once() {
    let (scope, server) = (Scope::with_vault().await, MailServer::start(Does::IsBusy).await);
    let process = start(&scope, &server).await;
    let name = register(&process).await;
    let mut vault = scope.postgres().await;
    eventually("it is tried", PATIENCE, async || {
        let sql = "SELECT max(attempts) FROM vault.outbox";
        let tried: Option<i32> = sqlx::query_scalar(sql).fetch_one(&mut vault).await.unwrap();
        tried.filter(|tried| *tried > 0)
    })
    .await;
    server.does(Does::Accepts);
    all_sent(&scope).await;
    let letters = server.letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].contains(&format!("To: {name}@example.org")) && letters[0].contains("#token"), "{letters:?}");
    assert!(!process.logged().contains(&format!("{name}@example.org")), "an address is in the log");
}

#[tokio::test]
async fn a_letter_whose_fate_a_crash_left_open_is_sent_again_as_the_same_letter() {
    let (scope, server) = (Scope::with_vault().await, MailServer::start(Does::IsSilent).await);
    let mut process = start(&scope, &server).await;
    register(&process).await;
    eventually("the server has it", PATIENCE, async || (!server.letters().is_empty()).then_some(())).await;
    process.signal(Signal::Kill);
    let _ = process.is_running();
    server.does(Does::Accepts);
    let _other = start(&scope, &server).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(server.letters().len(), 1, "the instance that had it may be sending it yet");
    // A minute later.
    let mut vault = scope.postgres().await;
    sqlx::query("UPDATE vault.outbox SET not_before = now()").execute(&mut vault).await.unwrap();
    all_sent(&scope).await;
    let letters = server.letters();
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert_eq!(message_id(&letters[0]), message_id(&letters[1]), "its reader can tell that it is the same");
    assert_eq!(json!(letters[0]), json!(letters[1]));
}
