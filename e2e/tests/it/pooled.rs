//! Behind a pooler that keeps no session nothing starts, and what is started says so: real PgBouncer, as it is set up
//! elsewhere.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use futures::future::join_all;
use reqwest::Url;
use testkit::stack::binary;
use testkit::{Scope, eventually};

use crate::support::{PATIENCE, System, is_there};

/// What is started, each with its arguments: the services, and what an operator does before.
const PROGRAMS: [(&str, &[&str]); 6] = [
    ("command-services", &["all"]),
    ("projection-services", &["all"]),
    ("query-api", &[]),
    ("command-services", &["vault", "migrate"]),
    ("projection-services", &["migrate"]),
    ("projection-services", &["rebuild", "all"]),
];

/// What people add to PgBouncer's settings until clients such as ours can connect.
const LENIENT: &str = "ignore_startup_parameters = extra_float_digits,options\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_that_keeps_no_session_nothing_starts_and_each_process_says_why() {
    if !is_there("pgbouncer", "what happens behind a pooler") {
        return;
    }
    let system = System::writing(0).await;
    for (settings, mode, what) in [
        ("", "transaction", "refuses the settings of a connection"),
        (LENIENT, "transaction", "does not pass on notifications"),
        (LENIENT, "session", "drops the settings of a connection"),
    ] {
        let pooler = Pooler::start(&system.scope, mode, settings).await;
        let outputs = PROGRAMS.map(|(program, arguments)| run(&system.scope, program, arguments, &pooler.url));
        for ((program, arguments), output) in PROGRAMS.iter().zip(join_all(outputs).await) {
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{program} {arguments:?}, {what}: {said}");
            for part in ["INKLOG_DATABASE_URL", what, "the address of Postgres itself"] {
                assert!(said.contains(part), "{program} {arguments:?}: {part} is not in: {said}");
            }
        }
    }
}

/// Runs a program until it ends, and no longer than it may take to notice.
async fn run(scope: &Scope, program: &str, arguments: &[&str], database_url: &Url) -> Output {
    let mut command = Command::new("timeout");
    command.arg("30").arg(binary(program)).args(arguments).envs(scope.environment());
    command.env("INKLOG_DATABASE_URL", database_url.as_str());
    command.env("INKLOG_LISTEN", "127.0.0.1:0").env("INKLOG_GRPC_LISTEN", "127.0.0.1:0");
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// PgBouncer before the scope's database; it ends when it is dropped, or with the thread that started it.
struct Pooler {
    process: Child,
    settings: PathBuf,
    url: Url,
}

impl Pooler {
    async fn start(scope: &Scope, mode: &str, further: &str) -> Self {
        let environment = scope.environment();
        let (_, url) = environment.iter().find(|(name, _)| name == "INKLOG_DATABASE_URL").unwrap();
        let mut url = Url::parse(url).unwrap();
        let (host, port, database) = (url.host_str().unwrap(), url.port().unwrap(), url.path().trim_start_matches('/'));
        let (user, password) = (url.username(), url.password().unwrap());
        let own = free_port();
        let text = format!(
            "[databases]\n\
             {database} = host={host} port={port} user={user} password={password} pool_mode={mode}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {own}\nunix_socket_dir =\nauth_type = any\n{further}"
        );
        let settings = std::env::temp_dir().join(format!("{database}-{own}.ini"));
        fs::write(&settings, text).unwrap();
        url.set_port(Some(own)).unwrap();
        let process = as_ordinary_user().arg("pgbouncer").arg(&settings).stderr(Stdio::null()).spawn().unwrap();
        let pooler = Self { process, settings, url };
        eventually("PgBouncer listens", PATIENCE, async || TcpStream::connect(("127.0.0.1", own)).ok()).await;
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_file(&self.settings);
    }
}

/// PgBouncer refuses to run as root: then it is the user `postgres`, as Postgres is.
fn as_ordinary_user() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
