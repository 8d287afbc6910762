//! The importer against the real thing: a second run appends nothing, a run after an edit exactly that edit. That it
//! has logged in is noted each time.

use std::path::Path;

use serde_json::{Value, json};
use testkit::eventually;
use testkit::stack::repository;

use crate::support::{PATIENCE, System};

/// So many edits of each post.
type Counts = Vec<(String, usize)>;

async fn import(system: &System, folder: &Path) -> Value {
    let arguments = ["import", folder.to_str().unwrap(), "--url", system.commands[0].url(), "--json"];
    serde_json::from_str(&system.scope.succeed("command-services", &arguments)).unwrap()
}

/// How many events there are in `posts`, `accounts` and `following`.
async fn events(system: &System) -> [usize; 3] {
    let mut counts = [0; 3];
    for (count, context) in counts.iter_mut().zip(["posts", "accounts", "following"]) {
        let log = system.scope.log(context).await;
        log.assert_whole();
        *count = log.events().count();
    }
    counts
}

/// What is in `security`, all of it about the importer, once it has so many log-ins; notes take a moment.
async fn notes(system: &System, importer: &str, log_ins: usize) -> Vec<String> {
    eventually("the log-in is noted", PATIENCE, async || {
        let log = system.scope.log("security").await;
        log.assert_whole();
        let notes: Vec<String> = log.story(importer).into_iter().map(str::to_owned).collect();
        assert_eq!(notes.len(), log.events().count(), "no other caller has done anything");
        (notes.iter().filter(|note| *note == "LoggedIn").count() == log_ins).then_some(notes)
    })
    .await
}

async fn edits(system: &System) -> Counts {
    let log = system.scope.log("posts").await;
    let edited = log.events().filter(|seen| seen.kind() == "inklog.posts.Edited");
    let mut counts = std::collections::BTreeMap::new();
    edited.for_each(|seen| *counts.entry(seen.key.clone()).or_default() += 1);
    counts.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_appends_nothing_and_an_edit_appends_itself() {
    let system = System::writing(1).await;
    let (url, password_file) = (system.commands[0].url(), system.scope.keys.password_file());
    let importer = ["admin", "service-account", "importer", "--role", "editor", "--url", url];
    let importer = [importer.as_slice(), &["--password-file", password_file.to_str().unwrap()]].concat();
    let id = system.scope.succeed("command-services", &importer);
    assert_eq!(system.scope.succeed("command-services", &importer), id, "it can be repeated");
    let id = id.trim();
    let folder = std::env::temp_dir().join(&system.scope.name);
    copy(&repository().join("dev/sample-posts"), &folder);

    let first = import(&system, &folder).await;
    let posts = first["posts"]["imported"].as_u64().unwrap();
    assert!(posts >= 9, "{first:#}");
    assert_eq!(first["refused"], json!([]), "{first:#}");
    let after_first = events(&system).await;
    // Twice when the account was made, and once to import.
    let mut noted = notes(&system, id, 3).await;

    let second = import(&system, &folder).await;
    assert_eq!(second["posts"], json!({"imported": 0, "changed": 0, "unchanged": posts, "refused": 0}));
    assert_eq!(second["accounts"]["imported"], 0);
    assert_eq!(events(&system).await, after_first, "a second run appends nothing");
    noted.push("LoggedIn".into());
    assert_eq!(notes(&system, id, 4).await, noted, "except that it has logged in");

    let post = folder.join("news/2025-09-08-one-thing-after-another.md");
    let text = std::fs::read_to_string(&post).unwrap();
    std::fs::write(&post, text + "\nOne more line.\n").unwrap();
    let third = import(&system, &folder).await;
    assert_eq!(third["posts"], json!({"imported": 0, "changed": 1, "unchanged": posts - 1, "refused": 0}));
    let [posts_after_first, others @ ..] = after_first;
    let [posts_after_edit, others_after_edit @ ..] = events(&system).await;
    assert_eq!(posts_after_edit, posts_after_first + 1, "a run after an edit appends that edit");
    assert_eq!(others_after_edit, others);
    assert_eq!(edits(&system).await.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1]);
    // Notes of an account come in order: had the second run caused another, it would be here by now.
    noted.push("LoggedIn".into());
    assert_eq!(notes(&system, id, 5).await, noted);
    std::fs::remove_dir_all(folder).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(path, to).unwrap();
        }
    }
}
