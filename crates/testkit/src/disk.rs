//! A disk of its own, so small that a test fills it.

use std::path::Path;
use std::process::Command;

/// A disk in memory; it is gone with this.
#[derive(Debug)]
pub struct Disk(tempfile::TempDir);

impl Disk {
    /// One of so many KiB; `None` where this user may not mount one, which the test's output says.
    #[must_use]
    pub fn of_kib(kib: u32) -> Option<Self> {
        let place = tempfile::tempdir().expect("a folder for tests");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "inklog-test"]).arg(place.path());
        match mount.output() {
            Ok(mounted) if mounted.status.success() => Some(Self(place)),
            Ok(refused) => {
                eprintln!("skipped: no disk can be mounted here: {}", String::from_utf8_lossy(&refused.stderr));
                None
            }
            Err(error) => {
                eprintln!("skipped: no disk can be mounted here: {error}");
                None
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once, whoever has a file open on it: the folder can be removed then.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
