//! First runs, second runs, edits.

use importer::note::NoteKind;
use importer::report::Tally;
use importer::{Report, run};

use crate::fake::{Fake, Kind};
use crate::folder::{Folder, SUBJECT};

fn tally(imported: usize, changed: usize, unchanged: usize, refused: usize) -> Tally {
    Tally { imported, changed, unchanged, refused }
}

async fn import(folder: &Folder, fake: &Fake) -> Report {
    run(folder.args(fake.url())).await.unwrap()
}

#[actix_web::test]
async fn a_first_run_imports_everything_and_publishes_it() {
    let (folder, fake) = (Folder::of_posts(30), Fake::start());
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(2, 0, 0, 0), tally(30, 0, 0, 0)), "{report}");
    let state = fake.state();
    assert!(state.of(Kind::Post).all(|post| post.published));
    let (ada, post) = (state.named(Kind::Account, "ada"), state.named(Kind::Post, "post-2"));
    assert_eq!((&ada.content["display_name"], &ada.content["bio"]), (&"Ada".into(), &"Wrote.".into()));
    assert_eq!(post.content["originally_published_at"], "2020-01-02T08:04:05Z");
    assert_eq!((&post.content["body"], &post.content["tags"][0]), (&"Text 2.".into(), &"x".into()));
    let id_of = |name: &str| state.names[&(Kind::Account, name.to_owned())].clone();
    assert_eq!(post.content["author_id"], id_of("bob"));
    assert_eq!(post.content["co_author_ids"], serde_json::json!([id_of("ada")]));
    assert_eq!(state.named(Kind::Post, "post-0").content["author_id"], SUBJECT);
}

#[actix_web::test]
async fn a_second_run_appends_nothing() {
    let (folder, fake) = (Folder::of_posts(20), Fake::start());
    import(&folder, &fake).await;
    let events = fake.state().events.len();
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(0, 0, 2, 0), tally(0, 0, 20, 0)), "{report}");
    assert_eq!(fake.state().events.len(), events);
}

#[actix_web::test]
async fn an_edit_appends_exactly_that_edit_and_so_does_its_undoing() {
    let (folder, fake) = (Folder::of_posts(10), Fake::start());
    import(&folder, &fake).await;
    let text = |text: &str| folder.write("news/post-003.md", &format!("---\nslug: post-3\ntitle: T\n---\n{text}\n"));
    for body in ["One.", "Two.", "One."] {
        text(body);
        let events = fake.state().events.len();
        let report = import(&folder, &fake).await;
        assert_eq!(report.posts, tally(0, 1, 9, 0), "{report}");
        let state = fake.state();
        assert_eq!(state.events[events..].iter().map(|(_, event)| *event).collect::<Vec<_>>(), ["edited"]);
        assert_eq!(state.named(Kind::Post, "post-3").content["body"], body);
    }
}

#[actix_web::test]
async fn a_draft_is_not_published_and_a_post_that_becomes_one_is_hidden() {
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    folder.write("news/draft.md", "---\nslug: draft\ntitle: T\ndraft: true\n---\n");
    let report = import(&folder, &fake).await;
    assert_eq!((report.posts.imported, report.drafts), (2, 1));
    assert!(!fake.state().named(Kind::Post, "draft").published);
    folder.write("news/draft.md", "---\nslug: draft\ntitle: T\n---\n");
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 1, 1, 0));
    assert!(fake.state().named(Kind::Post, "draft").published);
    folder.write("news/draft.md", "---\nslug: draft\ntitle: T\ndraft: true\n---\n");
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 1, 1, 0));
    assert!(!fake.state().named(Kind::Post, "draft").published);
}

#[actix_web::test]
async fn a_post_that_an_earlier_run_left_unpublished_is_published() {
    let (folder, fake) = (Folder::of_posts(3), Fake::start());
    import(&folder, &fake).await;
    fake.state().entries.values_mut().for_each(|entry| entry.published = false);
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 3, 0, 0));
}

#[actix_web::test]
async fn names_that_others_have_get_a_number_and_keep_it() {
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    fake.state().take(Kind::Post, "post-0");
    fake.state().take(Kind::Post, "post-0-2");
    fake.state().take(Kind::Account, "ada");
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(2, 0, 0, 0), tally(1, 0, 0, 0)), "{report}");
    assert_eq!(report.notes_of(NoteKind::SlugMadeUnique).next().unwrap().note.detail, "post-0 → post-0-3");
    assert_eq!(report.notes_of(NoteKind::UserNameMadeUnique).next().unwrap().note.detail, "ada → ada-2");
    let events = fake.state().events.len();
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 0, 1, 0));
    assert_eq!(fake.state().events.len(), events);
}

#[actix_web::test]
async fn two_origins_with_the_same_paths_stay_apart() {
    let (folder, fake) = (Folder::of_posts(2), Fake::start());
    import(&folder, &fake).await;
    let mut args = folder.args(fake.url());
    args.source = "another".into();
    assert_eq!(run(args).await.unwrap().posts, tally(2, 0, 0, 0));
    assert_eq!(fake.state().of(Kind::Post).count(), 4);
}

#[actix_web::test]
async fn a_dry_run_sends_nothing_and_needs_no_token() {
    let (folder, fake) = (Folder::of_posts(3), Fake::start());
    folder.write("bad.md", "no front matter");
    let mut args = folder.args(fake.url());
    (args.dry_run, args.token) = (true, None);
    let report = run(args).await.unwrap();
    assert_eq!((report.accounts, report.posts), (tally(2, 0, 0, 0), tally(3, 0, 0, 1)));
    assert_eq!((fake.state().requests, importer::exit_code(&Ok(report))), (0, importer::EXIT_REFUSED));
}

#[actix_web::test]
async fn an_import_may_run_on_any_thread() {
    fn is_send<T: Send>(it: T) -> T {
        it
    }
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    assert_eq!(is_send(run(folder.args(fake.url()))).await.unwrap().posts.imported, 1);
}
