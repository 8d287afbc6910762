//! Importing as an account that logs in.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Scope, eventually};
use tokio::process::Command;

use crate::members::with_token;
use crate::support::Server;

const POSTS: u64 = 300;
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of posts, which is removed with it.
struct Folder(PathBuf);

impl Folder {
    fn of_posts(scope: &Scope) -> Self {
        let folder = std::env::temp_dir().join(format!("{}-import", scope.name));
        std::fs::create_dir_all(&folder).unwrap();
        for number in 0..POSTS {
            let text = format!(
                "---\ntitle: Post {number}\ndate: 2020-01-01\nslug: imported-{number}\n---\n\nText {number}.\n"
            );
            std::fs::write(folder.join(format!("{number}.md")), text).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How many of its posts there are.
async fn imported(server: &Server) -> usize {
    let log = server.posts().await;
    let slugs = log.events().filter(|seen| seen.kind() == "inklog.posts.SlugConfirmed");
    slugs.filter(|seen| seen.key.starts_with("slug:imported-")).count()
}

async fn sessions(api: &testkit::Api) -> Vec<Value> {
    let answer = api.get("/v1/sessions").send().await.expect(200);
    answer.body["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_import_whose_token_is_good_no_more_logs_in_again_and_goes_on() {
    let server = Server::shared().await;
    let (scope, url) = (&server.scope, format!("http://{}", server.address()));
    let password_file = scope.keys.password_file();
    let account = ["admin", "service-account", "importer", "--role", "editor", "--url", &url];
    let account = [account.as_slice(), &["--password-file", password_file.to_str().unwrap()]].concat();
    scope.succeed("command-services", &account);
    let password = std::fs::read_to_string(&password_file).unwrap();
    let body = json!({"login": "importer", "password": password.trim()});
    let mine = server.api().post("/v1/sessions").json(&body).send().await.expect(201);
    let importer = with_token(&mine).await;

    let folder = Folder::of_posts(scope);
    let mut command = Command::new(testkit::stack::binary("command-services"));
    let arguments = ["import", folder.0.to_str().unwrap(), "--url", &url, "--json", "--in-flight", "1"];
    command.args(arguments).envs(scope.environment()).kill_on_drop(true).stdout(std::process::Stdio::piped());
    let import = command.spawn().unwrap();
    // In the middle of it, as when ten minutes are over: the session that it began is believed no more.
    eventually("it is under way", PATIENCE, async || (imported(server).await > 20).then_some(())).await;
    let _ = importer.delete("/v1/sessions").send().await.expect(204);
    assert_eq!(sessions(&importer).await.len(), 1);

    let output = tokio::time::timeout(Duration::from_secs(120), import.wait_with_output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    // The report is that of the run that went on: what the one before did is there already, and at most one post half.
    let posts = &report["posts"];
    let [new, half, there] = ["imported", "changed", "unchanged"].map(|told| posts[told].as_u64().unwrap());
    assert_eq!((new + half + there, posts["refused"].as_u64()), (POSTS, Some(0)), "{posts}");
    assert!(there >= 20 && new > 0 && half <= 1, "{posts}");
    assert_eq!(sessions(&importer).await.len(), 2, "it logged in again");
    assert_eq!(imported(server).await, usize::try_from(POSTS).unwrap(), "each once");
}
