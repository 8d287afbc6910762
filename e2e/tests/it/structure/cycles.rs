//! Between the files of a crate dependencies go one way.
//!
//! A file depends on another if it names something of that other: in a `use`, or in a path. What a module only
//! re-exports is the file's that declares it, and to re-export is not to use. A file and the files below it (`a.rs`
//! and `a/b.rs`) are one room: a parent may use its children, and a child what its parent declares; that is no cycle.
//! But between two files of which neither is above the other, nothing may lead back, not even by way of further
//! files.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// The names of the modules that lead to a file; none for the crate's root.
type Module = Vec<String>;
/// The segments of a path.
type Segments = Vec<String>;

/// What the files of a crate name, and what they re-export.
#[derive(Default)]
struct Crate {
    files: BTreeMap<Module, File>,
}

#[derive(Default)]
struct File {
    /// The paths that it names, and whether each is only re-exported.
    named: Vec<(Segments, bool)>,
    /// The names that it gives to others, each with the path that it stands for.
    exported: BTreeMap<String, Segments>,
}

/// The dependencies within a package that are part of a cycle.
pub(super) fn of(package: &str, sources: &[Source]) -> Vec<String> {
    let krate = Crate::of(&format!("{package}/src/"), sources);
    let edges = krate.edges();
    let mut cycles = Vec::new();
    for (from, targets) in &edges {
        for (to, path) in targets {
            if reaches(&edges, to, from) {
                cycles.push(format!("{package}: {} uses {path} of {}", shown(from), shown(to)));
            }
        }
    }
    cycles
}

fn shown(module: &Module) -> String {
    if module.is_empty() { "the root".to_owned() } else { format!("{}.rs", module.join("/")) }
}

type Edges = BTreeMap<Module, BTreeMap<Module, String>>;

fn reaches(edges: &Edges, from: &Module, to: &Module) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(module) = next.pop() {
        if module == to {
            return true;
        }
        next.extend(
            edges.get(module).into_iter().flatten().map(|(target, _)| target).filter(|target| seen.insert(target)),
        );
    }
    false
}

impl Crate {
    fn of(folder: &str, sources: &[Source]) -> Self {
        let in_crate = |source: &&Source| source.path.starts_with(folder) && !source.is_test;
        let has_library = sources.iter().any(|source| source.path == format!("{folder}lib.rs"));
        let mut files = BTreeMap::new();
        for source in sources.iter().filter(in_crate) {
            let module = match source.path.trim_start_matches(folder).trim_end_matches(".rs") {
                "lib" => Module::new(),
                "main" if has_library => continue,
                "main" => Module::new(),
                path => path.split('/').map(str::to_owned).collect(),
            };
            files.insert(module, File::of(&source.tokens()));
        }
        Self { files }
    }

    /// Which file depends on which, with a path by which it does.
    fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (module, file) in &self.files {
            for (segments, re_exported) in &file.named {
                let Some(target) = self.declares(module, segments, 0) else { continue };
                let is_below = target.starts_with(module);
                let is_above = module.starts_with(&target);
                if !is_below && !is_above && !re_exported {
                    edges.entry(module.clone()).or_default().entry(target).or_insert_with(|| segments.join("::"));
                }
            }
        }
        edges
    }

    /// The file that declares what a path names, as it is written in a file; `None` if it is of another crate.
    fn declares(&self, module: &Module, segments: &[String], followed: usize) -> Option<Module> {
        let (mut at, mut rest) = self.beginning(module, segments)?;
        while let Some(name) = rest.first() {
            let below: Module = at.iter().chain([name]).cloned().collect();
            if self.files.contains_key(&below) {
                (at, rest) = (below, &rest[1..]);
                continue;
            }
            // A re-export leads on; it never leads through more than a few modules.
            if let Some(path) = self.files.get(&at)?.exported.get(name).filter(|_| followed < 8) {
                let path: Segments = path.iter().chain(&rest[1..]).cloned().collect();
                return self.declares(&at, &path, followed + 1).or(Some(at));
            }
            break;
        }
        self.files.contains_key(&at).then_some(at)
    }

    /// Where a path begins, and what is left of it then.
    fn beginning<'s>(&self, module: &Module, segments: &'s [String]) -> Option<(Module, &'s [String])> {
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" => Some((Module::new(), rest)),
            "self" => Some((module.clone(), rest)),
            "super" => {
                let ups = segments.iter().take_while(|segment| *segment == "super").count();
                Some((module[..module.len().checked_sub(ups)?].to_vec(), &segments[ups..]))
            }
            name => {
                let child: Module = module.iter().cloned().chain([name.to_owned()]).collect();
                self.files.contains_key(&child).then_some((module.clone(), segments))
            }
        }
    }
}

impl File {
    fn of(tokens: &[&str]) -> Self {
        let (mut file, mut imported, mut in_code) = (Self::default(), BTreeMap::new(), vec![]);
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).map_or("", |before| tokens[before]);
            if tokens[at] == "use" && tokens.get(at + 1) != Some(&"<") {
                let is_public = matches!(before, "pub" | ")");
                let length = tokens[at..].iter().position(|token| *token == ";").unwrap_or(0);
                for (name, segments) in tree(&tokens[at + 1..at + length]) {
                    if is_public {
                        file.exported.insert(name.clone(), segments.clone());
                    }
                    imported.insert(name, segments.clone());
                    file.named.push((segments, is_public));
                }
                at += length.max(1);
            } else {
                let length = path_length(&tokens[at..]);
                if length > 1 && !matches!(before, "$" | "::" | ".") {
                    in_code.push(tokens[at..at + length].iter().step_by(2).map(|name| (*name).to_owned()).collect());
                }
                at += length.max(1);
            }
        }
        file.named.extend(in_code.into_iter().map(|path| (with_import(path, &imported), false)));
        file
    }
}

/// How many tokens belong to the path that begins here: `a :: b :: c`.
fn path_length(tokens: &[&str]) -> usize {
    let is_name = |token: &&str| token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    let mut length = usize::from(tokens.first().is_some_and(is_name));
    while length > 0 && tokens.get(length) == Some(&"::") && tokens.get(length + 1).is_some_and(is_name) {
        length += 2;
    }
    length
}

/// A path whose first name was imported, in full.
fn with_import(path: Segments, imported: &BTreeMap<String, Segments>) -> Segments {
    match imported.get(&path[0]) {
        Some(import) => import.iter().chain(&path[1..]).cloned().collect(),
        None => path,
    }
}

/// The paths of a `use`, by the names that they get.
fn tree(tokens: &[&str]) -> Vec<(String, Segments)> {
    let Some(open) = tokens.iter().position(|token| *token == "{") else { return leaf(tokens).into_iter().collect() };
    let head: Segments = tokens[..open].iter().filter(|token| **token != "::").map(|name| (*name).to_owned()).collect();
    let (mut depth, mut begin, mut paths) = (0, open + 1, Vec::new());
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += i32::from(*token == "{");
        depth -= i32::from(*token == "}");
        if depth == 0 || depth == 1 && *token == "," {
            paths.extend(tree(&tokens[begin..at]));
            begin = at + 1;
        }
    }
    let in_full = |(name, path): (String, Segments)| match path.as_slice() {
        [this] if this == "self" => (head.last().cloned().unwrap_or(name), head.clone()),
        _ => (name, head.iter().cloned().chain(path).collect()),
    };
    paths.into_iter().map(in_full).collect()
}

fn leaf(tokens: &[&str]) -> Option<(String, Segments)> {
    let (path, alias) = match tokens {
        [path @ .., "as", alias] => (path, Some(*alias)),
        path => (path, None),
    };
    let segments: Segments = path.iter().filter(|token| **token != "::").map(|name| (*name).to_owned()).collect();
    Some((alias.map(str::to_owned).or_else(|| segments.last().cloned())?, segments))
}

#[test]
fn a_cycle_is_found_through_re_exports_and_nesting_and_a_room_is_none() {
    let source = |path: &str, code: &str| Source {
        path: format!("x/src/{path}.rs"),
        text: String::new(),
        code: code.to_owned(),
        is_test: false,
    };
    let room = [
        source("lib", "mod a;"),
        source("a", "mod b; use b::B; struct A;"),
        source("a/b", "use super::A; pub struct B;"),
    ];
    assert_eq!(of("x", &room), Vec::<String>::new());
    let through = [
        source("lib", "mod a; mod c; pub use a::B;"),
        source("a", "mod b; pub use b::{B, Z as Y};"),
        source("a/b", "use crate::c::{self, D}; pub struct B; pub struct Z;"),
        source("c", "fn d(_: crate::B) -> a::Y { #[cfg(test)] use crate::gone; }"),
    ];
    let found = of("x", &through);
    assert_eq!(found, ["x: a/b.rs uses crate::c of c.rs", "x: c.rs uses crate::B of a/b.rs"]);
    let one_way = [source("lib", "mod a; mod c;"), source("a", "use crate::c::C;"), source("c", "pub struct C;")];
    assert_eq!(of("x", &one_way), Vec::<String>::new());
}
