use super::*;

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
        ("news/picture.png", b"\x89PNG"),
        ("authors/ada/essay.md", POST),
    ]);
    let source = Source::read(&folder.0).unwrap();
    let posts: Vec<_> = source.posts.iter().map(|post| post.path.as_str()).collect();
    assert_eq!(posts, ["authors/ada/essay.md", "news/a.md", "news/b/z.md", "top.MD"]);
    assert_eq!(source.authors.len(), 1);
    assert_eq!(source.refused, []);
    let skipped: Vec<_> = source.notes.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(skipped, ["README.md", "authors/_index.md", "news/_index.md"]);
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
    let source = Source::read(&folder.0).unwrap();
    let mut refused: Vec<_> = source.refused.iter().map(|(path, _)| path.as_str()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["a.md", "c.md", "d.md"]);
    assert_eq!(source.notes[0].1.kind, NoteKind::TopicUnreadable);
    assert_eq!(source.posts.len(), 2);
    assert_eq!(source.posts[1].title.as_str(), "café");
    assert!(source.posts[1].notes.iter().any(|note| note.kind == NoteKind::NotUtf8));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::with(&[("a.md", POST)]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
    fs::write(folder.0.join(name), POST).unwrap();
    let source = Source::read(&folder.0).unwrap();
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
    let source = Source::read(&folder.0).unwrap();
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
    assert_eq!(Source::read(&alias.0).unwrap().posts.len(), 3);
    fs::remove_file(&alias.0).unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_its_name() {
    let error = Source::read(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(error.to_string().starts_with("the folder /nowhere/at/all cannot be read: "), "{error}");
}
