//! The folder of pictures and files is gone for a while.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tokio::fs;
use tokio::time::sleep;

use crate::system::System;

/// Moves the folder away and back.
pub(super) async fn take_away(system: &System, lasts: Duration) -> anyhow::Result<()> {
    let folder = system.site.media_folder();
    let away = folder.with_extension("away");
    fs::rename(&folder, &away).await.context("moving the folder of media away")?;
    sleep(lasts).await;
    // Between a look at the folder and what was done then an instance may have made one. It has told nobody that
    // anything is in it.
    if let Err(error) = discard(&folder).await {
        anyhow::bail!("removing what stands in the place of the folder of media: {error}");
    }
    fs::rename(&away, &folder).await.context("moving the folder of media back")
}

async fn discard(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
