//! The real posts, where they are at hand: `INKLOG_CORPUS`, or the folder beside the repository.

use std::path::PathBuf;

use importer::note::NoteKind;
use importer::report::Tally;
use importer::{Report, run};

use crate::fake::{Fake, Kind};
use crate::folder::token;

/// The corpus, or a message that there is none.
fn corpus() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/digitalgov");
    let dir = std::env::var_os("INKLOG_CORPUS").map_or_else(beside, PathBuf::from);
    if !dir.is_dir() {
        eprintln!("skipped: there is no corpus; set INKLOG_CORPUS to its folder");
    }
    dir.is_dir().then_some(dir)
}

fn noted(report: &Report, kind: NoteKind) -> usize {
    report.notes_of(kind).count()
}

#[actix_web::test]
async fn every_post_and_author_of_the_corpus_can_be_read() {
    let Some(dir) = corpus() else { return };
    let mut args = importer::ImportArgs::new(dir, "http://127.0.0.1:1", None);
    (args.dry_run, args.publish_expired) = (true, true);
    let report = run(args.clone()).await.unwrap();
    println!("{report}");
    assert_eq!(report.refused, []);
    let all = |imported| Tally { imported, ..Tally::default() };
    assert_eq!((report.accounts, report.posts), (all(1_043), all(2_082)));
    assert_eq!(noted(&report, NoteKind::SlugMadeUnique), 3);
    assert_eq!(noted(&report, NoteKind::LateFrontMatter), 4);
    assert_eq!(noted(&report, NoteKind::LineEnds), 2);
    assert_eq!(noted(&report, NoteKind::DateWithoutTime), 37);
    assert_eq!(noted(&report, NoteKind::TimeWithoutZone), 4);
    assert_eq!(noted(&report, NoteKind::UnknownAuthor), 0);
    assert_eq!((report.drafts, noted(&report, NoteKind::NoTitle)), (1, 1));
    // Most of these posts have been taken down since, by a date of expiry that has passed for all of them.
    args.publish_expired = false;
    let report = run(args).await.unwrap();
    assert_eq!((report.posts, report.drafts, report.refused.len()), (all(2_082), 1_634, 0));
}

#[actix_web::test]
async fn the_corpus_is_imported_whole_and_once() {
    let Some(dir) = corpus() else { return };
    let fake = Fake::start();
    let mut args = importer::ImportArgs::new(dir, fake.url(), Some(token()));
    args.publish_expired = true;
    let report = run(args.clone()).await.unwrap();
    println!("{report}");
    assert_eq!((report.accounts.imported, report.posts.imported, report.refused.len()), (1_043, 2_082, 0));
    assert_eq!(fake.state().of(Kind::Post).filter(|post| post.published).count(), 2_081);
    let events = fake.state().events.len();
    let report = run(args).await.unwrap();
    assert_eq!((report.accounts.unchanged, report.posts.unchanged), (1_043, 2_082));
    assert_eq!(fake.state().events.len(), events);
}

#[actix_web::test]
async fn of_the_sample_posts_nothing_is_to_note_but_that_one_expires() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dev/sample-posts");
    let fake = Fake::start();
    let report = run(importer::ImportArgs::new(dir, fake.url(), Some(token()))).await.unwrap();
    assert!(report.posts.imported >= 8 && report.accounts.imported >= 2, "{report}");
    assert!(report.refused.is_empty(), "{report}");
    let beside_folders = report.notes.iter().map(|note| &note.note.kind).filter(|kind| **kind != NoteKind::FileSkipped);
    assert_eq!(beside_folders.collect::<Vec<_>>(), [&NoteKind::Expires], "{report}");
}
