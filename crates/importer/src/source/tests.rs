use time::macros::datetime;

use super::*;
use crate::date::Zone;

fn read(dir: &Path) -> Result<Source, Unreadable> {
    Source::read(dir, Rules { now: datetime!(2025-06-01 12:00 UTC), publish_expired: false, zone: Zone::UTC })
}

/// A folder of its own below the system's folder for temporary files, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let dir = std::env::temp_dir().join(format!("inklog-importer-{}", uuid::Uuid::new_v4()));
        for (path, content) in files {
            let file = dir.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        Self(dir)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const POST: &[u8] = b"---\ntitle: T\n---\nText.\n";

#[test]
fn files_are_told_apart_by_their_paths_and_come_in_their_order() {
    let folder = Folder::with(&[
        ("news/b/z.md", POST),
        ("news/a.md", POST),
        ("news/_index.md", POST),
        ("authors/_index.md", POST),
        ("authors/ada/_index.md", b"---\ndisplay_name: A\n---\n"),
        ("topics/x/_index.md", POST),
        ("top.MD", POST),
        ("README.md", b"hello"),
        (".git/x.md", POST),
        ("archetypes/default.md", POST),
        ("news/node_modules/pack/x.md", POST),
        ("e.markdown", POST),
        ("f.mkd", POST),
        ("news/picture.png", b"\x89PNG"),
        ("authors/ada/essay.md", POST),
    ]);
    let source = read(&folder.0).unwrap();
    let posts: Vec<_> = source.posts.iter().map(|post| post.path.as_str()).collect();
    assert_eq!(posts, ["authors/ada/essay.md", "e.markdown", "f.mkd", "news/a.md", "news/b/z.md", "top.MD"]);
    assert_eq!(source.authors.len(), 1);
    assert_eq!(source.refused, []);
    let skipped: Vec<_> = source.notes.iter().map(|(path, note)| (path.as_str(), note.kind)).collect();
    assert_eq!(
        skipped,
        [
            (".git", NoteKind::LeftOut),
            ("archetypes", NoteKind::LeftOut),
            ("news/node_modules", NoteKind::LeftOut),
            ("news/picture.png", NoteKind::NotMarkdown),
            ("README.md", NoteKind::FileSkipped),
            ("authors/_index.md", NoteKind::FileSkipped),
            ("news/_index.md", NoteKind::FileSkipped),
        ]
    );
}

#[test]
fn one_bad_file_is_refused_and_the_others_are_read() {
    let huge = vec![b'x'; usize::try_from(LARGEST_FILE).unwrap() + 1];
    let folder = Folder::with(&[
        ("a.md", b"---\ntitle: T\nno end\n"),
        ("b.md", POST),
        ("c.md", &huge),
        ("d.md", b"\x89\x00\x01"),
        ("topics/t/_index.md", b"---\n: :\n  - [\n---\n"),
        ("e.md", b"---\ntitle: caf\xe9\n---\n"),
    ]);
    let source = read(&folder.0).unwrap();
    let mut refused: Vec<_> = source.refused.iter().map(|(path, _)| path.as_str()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["a.md", "c.md", "d.md"]);
    assert_eq!(source.notes[0].1.kind, NoteKind::TopicUnreadable);
    assert_eq!(source.posts.len(), 2);
    assert_eq!(source.posts[1].title.as_str(), "café");
    assert!(source.posts[1].notes.iter().any(|note| note.kind == NoteKind::NotUtf8));
}

/// The posts of a folder with why each is hidden, if it is.
fn hidden(folder: &Folder) -> Vec<(String, Option<NoteKind>)> {
    let source = read(&folder.0).unwrap();
    let why = |post: &ParsedPost| post.notes.iter().map(|note| note.kind).find(|kind| kind.hides());
    assert!(source.posts.iter().all(|post| post.draft == why(post).is_some()));
    source.posts.iter().map(|post| (post.path.clone(), why(post))).collect()
}

#[test]
fn a_bundles_parts_are_drafts_or_left_out_with_a_note() {
    let folder = Folder::with(&[
        ("b/index.md", POST),
        ("b/index.de.md", POST),
        ("b/part.md", POST),
        ("b/raw.md", b"No front matter.\n"),
    ]);
    let expected = [("b/index.de.md", None), ("b/index.md", None), ("b/part.md", Some(NoteKind::BundlePart))];
    assert_eq!(hidden(&folder), expected.map(|(path, why)| (path.to_owned(), why)));
    let source = read(&folder.0).unwrap();
    assert_eq!(
        (source.refused.len(), &source.notes),
        (0, &vec![("b/raw.md".to_owned(), Note::new(NoteKind::BundlePart, 1, "b"))])
    );
    assert!(source.posts[0].notes.contains(&Note::new(NoteKind::Translation, 1, "de")));
}

#[test]
fn a_folders_cascade_hides_what_is_below_it() {
    let folder = Folder::with(&[
        ("a/_index.md", b"---\ntitle: A\ncascade:\n  draft: true\n---\n"),
        ("a/x.md", POST),
        ("a/deep/y.md", POST),
        ("b/_index.md", b"---\ncascade:\n- target: {kind: page}\n  build: {render: never}\n---\n"),
        ("b/x.md", POST),
        ("c/_index.md", b"---\ndraft: true\ncascade: {type: x}\n---\n"),
        ("c/x.md", POST),
        ("d/_index.md", b"+++\n[cascade]\ndraft = true\n+++\n"),
        ("d/x.md", POST),
    ]);
    let section = Some(NoteKind::HiddenBySection);
    let expected =
        [("a/deep/y.md", section), ("a/x.md", section), ("b/x.md", section), ("c/x.md", None), ("d/x.md", section)];
    assert_eq!(hidden(&folder), expected.map(|(path, why)| (path.to_owned(), why)));
}

#[test]
fn what_belongs_to_a_site_beside_its_pages_is_left_out_only_where_a_site_is() {
    let site = Folder::with(&[("hugo.toml", b""), ("themes/t/content/x.md", POST), ("content/a.md", POST)]);
    assert_eq!(hidden(&site), [("content/a.md".to_owned(), None)]);
    let section = Folder::with(&[("themes/x.md", POST)]);
    assert_eq!(hidden(&section), [("themes/x.md".to_owned(), None)]);
}

#[test]
fn names_in_two_unicode_forms_are_the_same_and_one_in_the_other_form_has_the_same_id() {
    let (nfc, nfd) = ("caf\u{e9}/a.md", "cafe\u{301}/a.md");
    let alone = read(&Folder::with(&[(nfd, POST)]).0).unwrap();
    assert_eq!(alone.posts[0].path, nfc);
    let twins = read(&Folder::with(&[(nfd, POST), (nfc, POST), ("b.md", POST)]).0).unwrap();
    let refused: Vec<_> = twins.refused.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!((refused, twins.posts.len()), (vec![nfc, nfc], 1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::with(&[("a.md", POST)]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
    fs::write(folder.0.join(name), POST).unwrap();
    let source = read(&folder.0).unwrap();
    assert_eq!((source.posts.len(), source.refused.len()), (1, 1));
}

/// What a folder brings with it is that folder: a link could otherwise publish any file that the caller may read.
#[cfg(unix)]
#[test]
fn a_link_that_leads_out_of_the_folder_is_refused_and_one_within_it_is_read() {
    use std::os::unix::fs::symlink;
    let outside = Folder::with(&[("secret.md", POST)]);
    let folder = Folder::with(&[("a.md", POST), ("topics/t/x.md", POST)]);
    let link = |target: &Path, name: &str| symlink(target, folder.0.join(name)).unwrap();
    link(Path::new("a.md"), "b.md");
    link(&outside.0.join("secret.md"), "c.md");
    link(&Path::new("..").join(outside.0.file_name().unwrap()).join("secret.md"), "d.md");
    link(Path::new("nothing.md"), "e.md");
    link(&outside.0.join("secret.md"), "topics/t/_index.md");
    link(Path::new("topics"), "f.md");
    link(&outside.0, "linked");
    let source = read(&folder.0).unwrap();
    let posts: Vec<_> = source.posts.iter().map(|post| post.path.as_str()).collect();
    assert_eq!(posts, ["a.md", "b.md", "topics/t/x.md"]);
    let out = "the file is a link that leads out of the folder";
    let refused: Vec<_> = source.refused.iter().map(|(path, why)| (path.as_str(), why.reason.as_str())).collect();
    assert_eq!((refused[0], refused[1], refused[4]), (("c.md", out), ("d.md", out), ("topics/t/_index.md", out)));
    assert!(refused[2].0 == "e.md" && refused[2].1.starts_with("the file cannot be read: "), "{refused:?}");
    assert_eq!(refused[3], ("f.md", "it is not a regular file"));
    // A folder that is reached by a link itself is read as any other.
    let alias = Folder(outside.0.with_extension("alias"));
    symlink(&folder.0, &alias.0).unwrap();
    assert_eq!(read(&alias.0).unwrap().posts.len(), 3);
    fs::remove_file(&alias.0).unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_its_name() {
    let error = read(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(error.to_string().starts_with("the folder /nowhere/at/all cannot be read: "), "{error}");
}
