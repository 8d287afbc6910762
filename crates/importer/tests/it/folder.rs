//! A folder of posts for one test.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use importer::ImportArgs;

/// The subject of the token that tests use.
pub(crate) const SUBJECT: &str = "0195a8f0-0000-7000-8000-000000000001";

/// A token whose subject is [`SUBJECT`]. Nothing in these tests verifies it.
pub(crate) fn token() -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(format!("{{\"sub\":\"{SUBJECT}\"}}")))
}

/// A folder below the system's one for temporary files, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let dir = std::env::temp_dir().join(format!("inklog-import-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// One with two authors and `posts` posts, some by them, some without an author.
    pub(crate) fn of_posts(posts: usize) -> Self {
        let folder = Self::new();
        folder.write("authors/ada/_index.md", "---\ndisplay_name: Ada\nbio: Wrote.\n---\n");
        folder.write("authors/bob/_index.md", "---\ndisplay_name: Bob\n---\n");
        for n in 0..posts {
            let authors = ["", "[ada]", "[bob, ada]"][n % 3];
            let front = format!("slug: post-{n}\ntitle: Post {n}\ndate: 2020-01-02 3:04:05 -0500\nauthors: {authors}");
            folder.write(&format!("news/post-{n:03}.md"), &format!("---\n{front}\ntopics: [x]\n---\nText {n}.\n"));
        }
        folder
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.0.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.0.join(path)).unwrap();
    }

    /// The arguments that import it.
    pub(crate) fn args(&self, url: &str) -> ImportArgs {
        ImportArgs::new(&self.0, url, Some(token()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
