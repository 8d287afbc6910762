//! The pictures and files that lie beside posts: which of them a text refers to by a relative address, and the text
//! with the addresses that they get. What is not there, lies outside of the folder, or has an address that is not found
//! again in the text's source, stays as it is, with a note.

mod html;
mod places;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use domain::values::WITHIN;

use crate::about::CoverBeside;
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, PostPlan};
use crate::source::entry;
use places::{Linked, Place, linked, places, spliced};

/// Where generators have files that are named from the root of a site.
const ROOTS: [&str; 3] = ["", "static", "assets"];

/// How files of pictures end that can be covers.
const PICTURES: [&str; 7] = ["avif", "gif", "jpeg", "jpg", "png", "svg", "webp"];

/// What posts refer to.
#[derive(Debug, Default)]
pub struct Media {
    /// The files, in the order of their paths.
    pub files: Vec<Beside>,
    /// Of each post's file, where addresses stand in its text, in its order, and the files that they mean.
    uses: HashMap<String, Vec<(Range<usize>, usize)>>,
    /// Of each post's file, the file that is its cover.
    covers: HashMap<String, usize>,
}

/// A file beside posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its path in the folder.
    pub path: String,
    /// The file to read.
    pub file: PathBuf,
}

impl Media {
    /// What the posts of a plan refer to in their folder. What is not there is noted, and what is found is no file any
    /// more that is left out.
    pub fn beside(plan: &mut Plan, dir: &Path) -> Self {
        let Ok(root) = fs::canonicalize(dir) else { return Self::default() };
        let (mut found, mut notes) = (BTreeMap::new(), Vec::new());
        let mut uses: HashMap<String, Vec<(Range<usize>, String)>> = HashMap::new();
        let mut covers: HashMap<String, String> = HashMap::new();
        for post in &plan.posts {
            match cover(&root, post) {
                Some(Ok((path, file))) => {
                    found.insert(path.clone(), file);
                    covers.insert(post.file.clone(), path);
                }
                Some(Err(note)) => notes.push((post.file.clone(), note)),
                None => {}
            }
            let Beneath { files, missing } = Beneath::of(&root, post);
            let (places, left) = places(&post.content.body, |url| files.contains_key(url));
            let stays = once_each(left).into_iter().map(|linked| note(post, NoteKind::MediaNotRewritten, &linked));
            let missing = missing.iter().map(|linked| note(post, NoteKind::MediaMissing, linked));
            notes.extend(missing.chain(stays).map(|note| (post.file.clone(), note)));
            for Place { url, range } in places {
                let (path, file) = &files[&url];
                found.insert(path.clone(), file.clone());
                uses.entry(post.file.clone()).or_default().push((range, path.clone()));
            }
        }
        let taken: BTreeSet<&String> = found.keys().collect();
        plan.notes.retain(|(path, note)| note.kind != NoteKind::NotMarkdown || !taken.contains(path));
        plan.notes.extend(notes);
        let files: Vec<Beside> = found.into_iter().map(|(path, file)| Beside { path, file }).collect();
        let place = |path: &String| files.binary_search_by(|beside| beside.path.cmp(path)).ok();
        let placed = |(range, path): (Range<usize>, String)| Some((range, place(&path)?));
        let uses = uses.into_iter().map(|(post, uses)| (post, uses.into_iter().filter_map(placed).collect())).collect();
        let covers = covers.into_iter().filter_map(|(post, path)| Some((post, place(&path)?))).collect();
        Self { files, uses, covers }
    }

    /// The SHA-256 of a post's cover, if that was brought.
    #[must_use]
    pub fn cover(&self, post: &str, addresses: &[Option<String>]) -> Option<String> {
        let address = addresses.get(*self.covers.get(post)?)?.as_deref()?;
        address.strip_prefix(WITHIN).map(str::to_owned)
    }

    /// A post's text with the addresses that its files got; of one that got none it stays as it was.
    #[must_use]
    pub fn rewritten(&self, post: &str, text: &str, addresses: &[Option<String>]) -> String {
        let uses = self.uses.get(post).into_iter().flatten();
        spliced(text, uses.filter_map(|(range, file)| Some((range.clone(), addresses.get(*file)?.as_deref()?))))
    }

    /// The posts that refer to a file.
    pub fn posts_with(&self, file: usize) -> impl Iterator<Item = &str> {
        let with = move |(_, uses): &(&String, &Vec<(Range<usize>, usize)>)| uses.iter().any(|(_, used)| *used == file);
        let in_text = self.uses.iter().filter(with).map(|(post, _)| post);
        let covers = self.covers.iter().filter(move |(_, cover)| **cover == file).map(|(post, _)| post);
        in_text.chain(covers).map(String::as_str)
    }
}

/// What a post refers to.
struct Beneath {
    /// The files that are there, with their paths, by the addresses that mean them.
    files: HashMap<String, (String, PathBuf)>,
    /// The pictures that are not.
    missing: Vec<Linked>,
}

impl Beneath {
    fn of(root: &Path, post: &PostPlan) -> Self {
        let mut beneath = Self { files: HashMap::new(), missing: Vec::new() };
        for linked in once_each(linked(&post.content.body)) {
            match resolve(root, &post.file, &linked.url) {
                Some(file) => drop(beneath.files.insert(linked.url, file)),
                None if linked.is_picture => beneath.missing.push(linked),
                None => {}
            }
        }
        beneath
    }
}

/// The picture beside a post that its front matter names as its cover. One that no word describes is left out: with it
/// the post could not become public, unless the server asks for no words.
fn cover(root: &Path, post: &PostPlan) -> Option<Result<(String, PathBuf), Note>> {
    let CoverBeside { address, field: (name, line), alt } = post.content.about.cover_beside.as_ref()?;
    let not_so = |kind| Some(Err(Note::new(kind, *line, *name)));
    let is_picture = |path: &str| {
        let ends = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ends.is_some_and(|ending| PICTURES.contains(&ending.as_str()))
    };
    match resolve(root, &post.file, address).filter(|(path, _)| is_picture(path)) {
        Some(_) if alt.is_none() => not_so(NoteKind::CoverUndescribed),
        Some(file) => Some(Ok(file)),
        None => not_so(NoteKind::FieldNotKept),
    }
}

/// Of each address the first.
fn once_each(mut all: Vec<Linked>) -> Vec<Linked> {
    let mut seen = BTreeSet::new();
    all.retain(|linked| seen.insert(linked.url.clone()));
    all
}

fn note(post: &PostPlan, kind: NoteKind, linked: &Linked) -> Note {
    Note::new(kind, post.lines.of("/body") + linked.line - 1, linked.url.as_str())
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

#[cfg(test)]
mod tests;
