//! The source files of the workspace as these tests see them: without comments and texts, and without what is only
//! compiled for tests. They need no parser, for rustfmt has laid the files out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A Rust file of the workspace.
pub(super) struct Source {
    /// Its path from the root of the workspace: `crates/domain/src/posts.rs`.
    pub(super) path: String,
    /// As it is.
    pub(super) text: String,
    /// The same, with spaces in the place of comments and texts.
    pub(super) code: String,
    /// Whether it is only compiled for tests.
    pub(super) is_test: bool,
}

/// The root of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folders of the packages, as the workspace's manifest lists them.
pub(super) fn packages() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.split("members = [").nth(1).unwrap().split(']').next().unwrap();
    members.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// All Rust files of all packages.
pub(super) fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(read_all);
    &ALL
}

fn read_all() -> Vec<Source> {
    let mut paths = BTreeSet::new();
    for package in packages() {
        for part in ["src", "tests", "benches", "build.rs"] {
            collect(&format!("{package}/{part}"), &mut paths);
        }
    }
    let mut sources: Vec<Source> = paths.into_iter().map(Source::read).collect();
    let rooms: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in &mut sources {
        let module = source.path.trim_end_matches(".rs");
        source.is_test |= rooms.iter().any(|room| module == room || module.starts_with(&format!("{room}/")));
    }
    sources
}

fn collect(path: &str, paths: &mut BTreeSet<String>) {
    let full = root().join(path);
    if full.is_dir() {
        for entry in std::fs::read_dir(full).unwrap() {
            collect(&format!("{path}/{}", entry.unwrap().file_name().to_str().unwrap()), paths);
        }
    } else if full.is_file() && path.ends_with(".rs") {
        paths.insert(path.to_owned());
    }
}

impl Source {
    fn read(path: String) -> Self {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let code = without_comments_and_texts(&text);
        let is_test = path.contains("/tests/") || path.contains("/benches/");
        Self { path, text, code, is_test }
    }

    /// The files, without their ending, of the modules that it declares for tests only.
    fn test_modules(&self) -> Vec<String> {
        let tokens = tokens(&self.code);
        let folder = self.path.trim_end_matches(".rs").trim_end_matches("/lib").trim_end_matches("/main");
        let declared = tokens.windows(TEST_ONLY.len() + 3).filter(|window| window.starts_with(&TEST_ONLY));
        let modules = declared.filter_map(|window| match window[TEST_ONLY.len()..] {
            ["mod", name, ";"] => Some(format!("{folder}/{name}")),
            _ => None,
        });
        modules.collect()
    }

    /// Its tokens, without items that are only compiled for tests.
    pub(super) fn tokens(&self) -> Vec<&str> {
        let (all, mut kept, mut at) = (tokens(&self.code), Vec::new(), 0);
        while at < all.len() {
            if all[at..].starts_with(&TEST_ONLY) {
                at = end_of_item(&all, at + TEST_ONLY.len());
            } else {
                kept.push(all[at]);
                at += 1;
            }
        }
        kept
    }

    /// Its functions: the line of each, from 1, its name and how many lines it has.
    pub(super) fn functions(&self) -> Vec<(usize, &str, usize)> {
        let lines: Vec<&str> = self.code.lines().collect();
        let indented = |line: &str| line.len() - line.trim_start().len();
        let mut functions = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            if line.trim() == "#[cfg(test)]" && lines.get(at + 1).is_some_and(|next| next.trim_end().ends_with('{')) {
                break;
            }
            let Some(name) = function_name(line) else { continue };
            let rest = lines[at..].iter();
            let is_end = |line: &&str| indented(line) == indented(lines[at]) && line.trim_end().ends_with(['}', ';']);
            functions.push((at + 1, name, 1 + rest.take_while(|line| !is_end(line)).count()));
        }
        functions
    }
}

const TEST_ONLY: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// The name of the function that a line begins.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_modifier = |word: &str| {
        matches!(word, "pub" | "const" | "async" | "unsafe" | "extern" | "in")
            || word.starts_with("pub(")
            || word.ends_with(')')
    };
    let is_declared = before.split_whitespace().all(is_modifier);
    let name = after.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()?;
    (is_declared && !name.is_empty()).then_some(name)
}

/// Where the item ends that begins at a token: behind its braces, or its semicolon.
fn end_of_item(tokens: &[&str], begin: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(begin) {
        match *token {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Names, `::`, and single signs.
fn tokens(code: &str) -> Vec<&str> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut tokens, mut rest) = (Vec::new(), code.trim_start());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            letter if is_name(letter) => rest.find(|letter| !is_name(letter)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            other => other.len_utf8(),
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Puts spaces in the place of comments and of what stands in quotes; lines stay where they are.
fn without_comments_and_texts(text: &str) -> String {
    let (mut code, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let is_word = code.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let hidden = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => quoted(rest),
            'r' if !is_word || code.ends_with(" b") => raw(rest),
            '\'' => letter(rest),
            _ => 0,
        };
        let shown = if hidden == 0 { first.len_utf8() } else { 0 };
        code.push_str(&rest[..shown]);
        code.extend(rest[..hidden].chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        rest = &rest[shown + hidden..];
    }
    code
}

/// The length of a text in quotes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a raw text; 0 if it is none.
fn raw(rest: &str) -> usize {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    if !rest[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = 2 + hashes;
    rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len())
}

/// The length of a letter in quotes; 0 if it is a lifetime.
fn letter(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(0, |at| at + 4),
        Some(_) => letters.next().filter(|(_, letter)| *letter == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}
