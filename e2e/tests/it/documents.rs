//! What the documents name is there: relative links, and files named by a path.

use std::path::{Path, PathBuf};

/// What is no document or source of ours.
const LEFT_OUT: [&str; 3] = ["target", ".git", "sample-posts"];
/// Endings of files that are named in text.
const ENDINGS: [&str; 9] = [".rs", ".md", ".sh", ".json", ".sql", ".toml", ".avsc", ".proto", ".py"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below a folder, by their paths from the root.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !LEFT_OUT.contains(&name.as_str()) && !name.starts_with(".inklog") {
            files(&path, found);
        } else if path.is_file() {
            found.push(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
        }
    }
}

fn all_files() -> Vec<String> {
    let mut found = Vec::new();
    files(&root(), &mut found);
    found
}

fn documents(files: &[String]) -> impl Iterator<Item = (&String, String)> {
    let documents = files.iter().filter(|file| file.ends_with(".md"));
    documents.map(|file| (file, std::fs::read_to_string(root().join(file)).unwrap()))
}

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut broken = Vec::new();
    for (document, text) in documents(&all_files()) {
        let folder = root().join(document).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
            if !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") && !folder.join(link).exists()
            {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The changelog tells of what was, and is left out.
#[test]
fn every_file_that_is_named_by_a_path_is_there() {
    let all = all_files();
    let is_path = |name: &str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        name.contains('/') && name.chars().all(is_name) && ENDINGS.iter().any(|ending| name.ends_with(ending))
    };
    // What a run writes, and what stands for any name.
    let is_made_up = |name: &str| name.starts_with("target/") || name.contains("NAME");
    let is_there = |name: &str| all.iter().any(|file| file == name || file.ends_with(&format!("/{name}")));
    let mut missing = Vec::new();
    for (document, text) in documents(&all).filter(|(document, _)| *document != "CHANGELOG.md") {
        for name in text.split('`').skip(1).step_by(2).filter(|name| is_path(name) && !name.starts_with('/')) {
            if !is_made_up(name) && !is_there(name.trim_start_matches("./")) {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The event of each record, a `*.avsc` that is none of a former version.
#[test]
fn every_event_is_in_the_document_of_the_topics() {
    let topics = std::fs::read_to_string(root().join("docs/topics.md")).unwrap();
    let events = all_files().into_iter().filter_map(|file| {
        let event = file.strip_prefix("avro-schemas/")?.strip_suffix(".avsc")?.to_owned();
        (!event.contains('.')).then_some(event)
    });
    let name = |event: &String| format!("`{}`", event.rsplit_once('/').map_or(event.as_str(), |(_, name)| name));
    let missing: Vec<_> = events.filter(|event| !topics.contains(&name(event))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
