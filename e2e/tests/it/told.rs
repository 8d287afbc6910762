//! What the documents tell people to type does what they say.

use std::process::{Command, Output};

use testkit::stack::repository;
use uuid::Uuid;

use crate::support::System;
use crate::support::members::Member;

/// The block of commands in a document's section.
fn commands(document: &str, section: &str) -> String {
    let text = std::fs::read_to_string(repository().join(document)).unwrap();
    let (_, section) = text.split_once(&format!("## {section}\n")).expect("the section is there");
    let (_, block) = section.split_once("```sh\n").expect("it has commands");
    block.split_once("```").expect("they end").0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_an_author_is_as_it_is_told() {
    let system = System::behind_gateway(1).await;
    let (author, co_author) = (Uuid::new_v4(), Member::join(&system, "co-author").await);
    let picture = std::env::temp_dir().join(format!("inklog-{}.jpg", Uuid::new_v4()));
    image::RgbImage::from_pixel(16, 16, image::Rgb([7, 7, 7])).save(&picture).unwrap();
    let commands = commands("docs/writing.md", "A day of an author, with curl");
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &commands]).envs([
        ("A", system.door()),
        ("T", &system.scope.keys.token(author, &["author"])),
        ("E", &system.scope.keys.token(Uuid::new_v4(), &["editor"])),
        ("CO_AUTHOR", &co_author.name),
        ("PICTURE", &picture.to_string_lossy()),
    ]);
    let Output { status, stdout, stderr } = tokio::task::spawn_blocking(move || bash.output().unwrap()).await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{out}\n{err}");
    std::fs::remove_file(picture).unwrap();
    let log = system.scope.log("posts").await;
    let id = &log.events().find(|seen| seen.kind().ends_with(".Drafted")).unwrap().key;
    let story = log.story(id);
    let told = [
        "Drafted",
        "PreviewGiven",
        "Edited",
        "Edited",
        "CoAuthorInvited",
        "SubmittedForReview",
        "Approved",
        "Scheduled",
        "ExpirySet",
        "Published",
    ];
    assert_eq!(story, told);
}
