//! A run in a folder, as lines of JSON, so that it can be judged again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::history::{History, Partition};

/// Why a run cannot be saved or loaded.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The folder cannot be written or read.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What is wrong.
        error: io::Error,
    },
    /// A line is not what was written.
    #[error("{path}:{line}: {error}")]
    Json {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        error: serde_json::Error,
    },
}

/// How the services were set.
#[derive(Serialize, Deserialize)]
struct Settings {
    review_is_demanded: bool,
    #[serde(default)]
    has_earlier_version: bool,
}

impl History {
    /// Writes the run into a folder, which is made: `partitions/<context>-<number>.jsonl`, the same in
    /// `former`, `calls.jsonl`,
    /// `reads.jsonl`, `visits.jsonl`, `exports.jsonl`, `typing.jsonl`, `views/<name>.jsonl`; and how the services were
    /// set, `settings.jsonl`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), SaveError> {
        for part in ["partitions", "former", "views"] {
            let folder = folder.join(part);
            std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        }
        for (part, partitions) in [("partitions", &self.partitions), ("former", &self.former)] {
            for partition in partitions {
                let name = format!("{}-{}.jsonl", partition.context, partition.number);
                write(&folder.join(part).join(name), &partition.records)?;
            }
        }
        for (name, rows) in &self.views {
            write(&folder.join("views").join(format!("{name}.jsonl")), rows)?;
        }
        write(&folder.join("calls.jsonl"), &self.calls)?;
        write(&folder.join("reads.jsonl"), &self.reads)?;
        write(&folder.join("visits.jsonl"), &self.visits)?;
        write(&folder.join("exports.jsonl"), &self.exports)?;
        write(&folder.join("typing.jsonl"), &self.typing)?;
        let Self { review_is_demanded, has_earlier_version, .. } = *self;
        let settings = Settings { review_is_demanded, has_earlier_version };
        write(&folder.join("settings.jsonl"), &[settings])
    }

    /// Reads a run that was saved.
    ///
    /// # Errors
    /// The folder cannot be read, or is not of a run.
    pub fn load(folder: &Path) -> Result<Self, SaveError> {
        let mut history = Self { calls: read(&folder.join("calls.jsonl"))?, ..Self::default() };
        history.reads = read(&folder.join("reads.jsonl"))?;
        // Runs that were saved before there were any have no such files.
        let there = |name: &str| Some(folder.join(name)).filter(|file| file.exists());
        if let Some(visits) = there("visits.jsonl") {
            history.visits = read(&visits)?;
        }
        if let Some(exports) = there("exports.jsonl") {
            history.exports = read(&exports)?;
        }
        if let Some(typing) = there("typing.jsonl") {
            history.typing = read(&typing)?;
        }
        if let Some(settings) = there("settings.jsonl") {
            let settings: Vec<Settings> = read(&settings)?;
            history.review_is_demanded = settings.iter().any(|settings| settings.review_is_demanded);
            history.has_earlier_version = settings.iter().any(|settings| settings.has_earlier_version);
        }
        history.partitions = partitions(&folder.join("partitions"))?;
        let former = folder.join("former");
        if former.exists() {
            history.former = partitions(&former)?;
        }
        for (name, path) in files(&folder.join("views"))? {
            history.views.insert(name, read(&path)?);
        }
        Ok(history)
    }
}

fn failed(path: &Path, error: io::Error) -> SaveError {
    SaveError::Io { path: path.display().to_string(), error }
}

fn write<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), SaveError> {
    let io = |error| failed(path, error);
    let mut file = BufWriter::new(File::create(path).map_err(io)?);
    for (line, value) in (1..).zip(lines) {
        let json = serde_json::to_vec(value);
        let json = json.map_err(|error| SaveError::Json { path: path.display().to_string(), line, error })?;
        file.write_all(&json).and_then(|()| file.write_all(b"\n")).map_err(io)?;
    }
    file.flush().map_err(io)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, SaveError> {
    let file = BufReader::new(File::open(path).map_err(|error| failed(path, error))?);
    let parse = |(line, text): (usize, io::Result<String>)| {
        let text = text.map_err(|error| failed(path, error))?;
        serde_json::from_str(&text).map_err(|error| SaveError::Json { path: path.display().to_string(), line, error })
    };
    (1..).zip(file.lines()).map(parse).collect()
}

fn partitions(folder: &Path) -> Result<Vec<Partition>, SaveError> {
    let mut partitions = Vec::new();
    for (name, path) in files(folder)? {
        let Some((context, number)) = name.rsplit_once('-') else { continue };
        let Ok(number) = number.parse() else { continue };
        partitions.push(Partition { context: context.to_owned(), number, records: read(&path)? });
    }
    Ok(partitions)
}

/// The files of a folder by name, without the ending, in order.
fn files(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>, SaveError> {
    let io = |error| failed(folder, error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            files.push((name.to_owned(), path.clone()));
        }
    }
    files.sort();
    Ok(files)
}
