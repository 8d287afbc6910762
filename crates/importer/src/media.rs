//! The pictures and files that lie beside posts: which of them a text refers to by a relative address, and the text
//! with the addresses that they get. What is not there, or lies outside of the folder, stays as it is, with a note.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use comrak::nodes::NodeValue;
use comrak::{Arena, Options};

use crate::note::{Note, NoteKind};
use crate::plan::{Plan, PostPlan};
use crate::source::entry;

/// Where generators have files that are named from the root of a site.
const ROOTS: [&str; 3] = ["", "static", "assets"];

/// What posts refer to.
#[derive(Debug, Default)]
pub struct Media {
    /// The files, in the order of their paths.
    pub files: Vec<Beside>,
    /// Of each post's file, the addresses in its text and the files that they mean.
    uses: HashMap<String, Vec<(String, usize)>>,
}

/// A file beside posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its path in the folder.
    pub path: String,
    /// The file to read.
    pub file: PathBuf,
}

/// A relative address in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Linked {
    url: String,
    /// Whether it is that of a picture: else it may well be another page's.
    is_picture: bool,
    line: usize,
}

impl Media {
    /// What the posts of a plan refer to in their folder. What is not there is noted, and what is found is no file any
    /// more that is left out.
    pub fn beside(plan: &mut Plan, dir: &Path) -> Self {
        let Ok(root) = fs::canonicalize(dir) else { return Self::default() };
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        let mut uses: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for post in &plan.posts {
            for linked in linked(&post.content.body) {
                match resolve(&root, &post.file, &linked.url) {
                    Some((path, file)) => {
                        found.insert(path.clone(), file);
                        uses.entry(post.file.clone()).or_default().push((linked.url, path));
                    }
                    None if linked.is_picture => missing.push((post.file.clone(), note(post, &linked))),
                    None => {}
                }
            }
        }
        let taken: BTreeSet<&String> = found.keys().collect();
        plan.notes.retain(|(path, note)| note.kind != NoteKind::NotMarkdown || !taken.contains(path));
        plan.notes.extend(missing);
        let files: Vec<Beside> = found.into_iter().map(|(path, file)| Beside { path, file }).collect();
        let place = |path: &String| files.binary_search_by(|beside| beside.path.cmp(path)).ok();
        let placed = |(url, path): (String, String)| Some((url, place(&path)?));
        let uses = uses.into_iter().map(|(post, uses)| (post, uses.into_iter().filter_map(placed).collect())).collect();
        Self { files, uses }
    }

    /// A post's text with the addresses that its files got; of one that got none it stays as it was.
    #[must_use]
    pub fn rewritten(&self, post: &str, text: &str, addresses: &[Option<String>]) -> String {
        let uses = self.uses.get(post).into_iter().flatten();
        let known = uses.filter_map(|(url, file)| Some((url, addresses.get(*file)?.as_ref()?)));
        known.fold(text.to_owned(), |text, (url, address)| replaced(&text, url, address))
    }

    /// The posts that refer to a file.
    pub fn posts_with(&self, file: usize) -> impl Iterator<Item = &str> {
        let with = move |(_, uses): &(&String, &Vec<(String, usize)>)| uses.iter().any(|(_, used)| *used == file);
        self.uses.iter().filter(with).map(|(post, _)| post.as_str())
    }
}

fn note(post: &PostPlan, linked: &Linked) -> Note {
    Note::new(NoteKind::MediaMissing, post.lines.of("/body") + linked.line - 1, linked.url.as_str())
}

/// The relative addresses of a text, as Markdown and HTML have them, each once.
fn linked(text: &str) -> Vec<Linked> {
    let arena = Arena::new();
    let document = comrak::parse_document(&arena, text, &Options::default());
    let mut found: Vec<Linked> = Vec::new();
    for node in document.descendants() {
        let data = node.data();
        let line = data.sourcepos.start.line;
        let urls: Vec<(String, bool)> = match &data.value {
            NodeValue::Image(link) => vec![(link.url.clone(), true)],
            NodeValue::Link(link) => vec![(link.url.clone(), false)],
            NodeValue::HtmlInline(html) => sources(html),
            NodeValue::HtmlBlock(block) => sources(&block.literal),
            _ => Vec::new(), // all else has no address
        };
        for (url, is_picture) in urls.into_iter().filter(|(url, _)| is_relative(url)) {
            if !found.iter().any(|linked| linked.url == url) {
                found.push(Linked { url, is_picture, line });
            }
        }
    }
    found
}

/// The addresses of the pictures in HTML.
fn sources(html: &str) -> Vec<(String, bool)> {
    let pictures = html.split("<img").skip(1).filter_map(|rest| rest.split('>').next());
    let address = |picture: &str| {
        let value = picture.split_once("src=")?.1;
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Some((value[1..].split(quote).next()?.to_owned(), true))
    };
    pictures.filter_map(address).collect()
}

fn is_relative(url: &str) -> bool {
    let has_scheme = url.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    !url.is_empty() && !has_scheme && !url.starts_with("//") && !url.starts_with(['#', '?']) && !url.contains("{{")
}

/// The file that an address in a post means, if it is in the folder and no page.
fn resolve(root: &Path, post: &str, url: &str) -> Option<(String, PathBuf)> {
    let path = crate::percent::percent_decoded(url.split(['?', '#']).next()?);
    let folder = post.rsplit_once('/').map_or("", |(folder, _)| folder);
    let places: Vec<PathBuf> = match path.strip_prefix('/') {
        Some(path) => ROOTS.iter().map(|of_root| root.join(of_root).join(path)).collect(),
        // Jekyll and Hugo show a page as a folder of its own, so some go up once more than the file lies.
        None => {
            let up = path.strip_prefix("../").map(|path| root.join(folder).join(path));
            [root.join(folder).join(&path)].into_iter().chain(up).collect()
        }
    };
    places.into_iter().find_map(|place| {
        let file = fs::canonicalize(place).ok().filter(|file| file.is_file())?;
        let inside = file.strip_prefix(root).ok()?.to_str()?.to_owned();
        (!entry::is_markdown(&inside)).then_some((inside, file))
    })
}

/// A text in which an address is another wherever it stands as one.
fn replaced(text: &str, url: &str, address: &str) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(url) {
        let (before, after) = (&rest[..at], &rest[at + url.len()..]);
        let begins = ["](", "](<", "]: ", "]: <", "src=\"", "src='", "href=\"", "href='"];
        let stands = begins.iter().any(|begin| before.ends_with(begin))
            && after.chars().next().is_none_or(|next| matches!(next, ')' | '>' | '"' | '\'') || next.is_whitespace());
        done.push_str(before);
        done.push_str(if stands { address } else { url });
        rest = after;
    }
    done + rest
}

#[cfg(test)]
mod tests;
