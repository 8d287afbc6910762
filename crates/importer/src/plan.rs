//! What to send: ids, unique slugs and user names, and who wrote what. The same folder gives the same plan, always.

use std::collections::{HashMap, HashSet};

use domain::values::{Slug, UserName, kebab_of};
use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::author::{self, ParsedAuthor};
use crate::note::{Note, NoteKind, Refusal};
use crate::post::{Lines, ParsedPost};
use crate::source::Source;

/// The namespace of all ids that an import makes.
const NAMESPACE: Uuid = Uuid::from_u128(0x8a1c_5d0e_36f4_4b7a_9c52_e1f0_73d8_264b);

/// What to send for a folder.
#[derive(Debug, Default)]
pub struct Plan {
    /// The accounts, in the order of the pages; then those that have none.
    pub accounts: Vec<AccountPlan>,
    /// The posts, in the order of the files.
    pub posts: Vec<PostPlan>,
    /// What cannot be imported: file, and why.
    pub refused: Vec<(String, Refusal)>,
    /// What was repaired: file, and what.
    pub notes: Vec<(String, Note)>,
}

/// An account to put.
#[derive(Debug)]
pub struct AccountPlan {
    /// Its id.
    pub id: Uuid,
    /// Its page, or that of the post that names it.
    pub file: String,
    /// The profile.
    pub profile: Profile,
}

/// An account as the command API takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// The user name.
    pub user_name: String,
    /// The name to show.
    pub display_name: String,
    /// A few words.
    pub bio: String,
    /// A picture's address.
    pub image_url: String,
}

/// A post to put.
#[derive(Debug)]
pub struct PostPlan {
    /// Its id.
    pub id: Uuid,
    /// Its file.
    pub file: String,
    /// Where in the file each part stands.
    pub lines: Lines,
    /// Whether it is not to be published.
    pub draft: bool,
    /// The content.
    pub content: Content,
}

/// A post as the command API takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Content {
    /// The first author; `None` only in a dry run without a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_id: Option<Uuid>,
    /// The other authors.
    pub co_author_ids: Vec<Uuid>,
    /// The slug.
    pub slug: String,
    /// The title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The text.
    pub body: String,
    /// The tags.
    pub tags: Vec<String>,
    /// When it was first published, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originally_published_at: Option<String>,
}

impl Plan {
    /// Plans an import. `origin` tells this folder's entries from those of others; `subject` owns what has no author.
    #[must_use]
    pub fn of(source: Source, origin: &str, subject: Option<Uuid>) -> Self {
        let mut plan = Self { refused: source.refused, notes: source.notes, ..Self::default() };
        let mut accounts =
            Accounts { origin, by_key: HashMap::new(), by_words: HashMap::new(), names: Names::default() };
        for author in source.authors {
            plan.register(&mut accounts, author, None);
        }
        let mut slugs = Slugs::of(&source.posts);
        for post in source.posts {
            plan.add(&mut accounts, &mut slugs, post, subject);
        }
        plan
    }

    fn register(&mut self, accounts: &mut Accounts<'_>, author: ParsedAuthor, named_in: Option<&str>) -> Uuid {
        let file = author.path.as_deref().or(named_in).unwrap_or_default().to_owned();
        let id = id(accounts.origin, "account", &author.key);
        let user_name = accounts.names.unique(&author.user_name);
        self.notes.extend(author.notes.into_iter().map(|note| (file.clone(), note)));
        if user_name != author.user_name {
            let detail = format!("{} → {user_name}", author.user_name);
            self.notes.push((file.clone(), Note::new(NoteKind::UserNameMadeUnique, 1, detail)));
        }
        accounts.by_words.entry(kebab_of(&author.key, 64)).or_insert(id);
        accounts.by_key.insert(author.key, id);
        let profile = Profile {
            user_name: user_name.into(),
            display_name: author.display_name.into(),
            bio: author.bio.into(),
            image_url: author.image_url.into(),
        };
        self.accounts.push(AccountPlan { id, file, profile });
        id
    }

    fn add(&mut self, accounts: &mut Accounts<'_>, slugs: &mut Slugs, post: ParsedPost, subject: Option<Uuid>) {
        let slug = slugs.unique(&post);
        let mut authors = self.authors(accounts, &post).into_iter();
        let ParsedPost { path: file, title, summary, body, tags, date, draft, lines, notes, .. } = post;
        self.notes.extend(notes.into_iter().map(|note| (file.clone(), note)));
        if slug != post.slug {
            let note = Note::new(NoteKind::SlugMadeUnique, lines.of("/slug"), format!("{} → {slug}", post.slug));
            self.notes.push((file.clone(), note));
        }
        let content = Content {
            author_id: authors.next().or(subject),
            co_author_ids: authors.collect(),
            slug: slug.into(),
            title: title.into(),
            summary: summary.into(),
            body: body.into(),
            tags: tags.into_iter().map(String::from).collect(),
            originally_published_at: date
                .map(|at| at.format(&Rfc3339).expect("years have four digits, see date::read")),
        };
        self.posts.push(PostPlan { id: id(accounts.origin, "post", &file), file, lines, draft, content });
    }

    /// The ids of a post's authors, in its order; those without a page get an account with just the name.
    fn authors(&mut self, accounts: &mut Accounts<'_>, post: &ParsedPost) -> Vec<Uuid> {
        let mut ids = Vec::new();
        let line = post.lines.of("/author_id");
        for name in &post.authors {
            let known = accounts.by_key.get(name).or_else(|| accounts.by_words.get(&kebab_of(name, 64))).copied();
            let id = known.or_else(|| {
                let stub = author::stub(name)?;
                self.notes.push((post.path.clone(), Note::new(NoteKind::UnknownAuthor, line, name.as_str())));
                Some(self.register(accounts, stub, Some(&post.path)))
            });
            let kind = match id {
                Some(id) if !ids.contains(&id) => {
                    ids.push(id);
                    continue;
                }
                Some(_) => NoteKind::RepeatedAuthor,
                None => NoteKind::AuthorDropped,
            };
            self.notes.push((post.path.clone(), Note::new(kind, line, name.as_str())));
        }
        ids
    }
}

struct Accounts<'o> {
    origin: &'o str,
    by_key: HashMap<String, Uuid>,
    by_words: HashMap<String, Uuid>,
    names: Names,
}

/// User names that are taken, in the form that is unique.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    fn unique(&mut self, name: &UserName) -> UserName {
        let candidates = std::iter::once(name.clone()).chain((2..).map(|n| numbered_user_name(name, n)));
        let mut free = candidates.filter(|candidate| self.0.insert(candidate.canonical()));
        free.next().expect("numbers do not run out")
    }
}

/// Slugs that are taken. Who asks for one first keeps it, so a number never takes a slug that a file asks for.
struct Slugs {
    first: HashMap<Slug, String>,
    given: HashSet<Slug>,
}

impl Slugs {
    fn of(posts: &[ParsedPost]) -> Self {
        let mut first = HashMap::new();
        for post in posts {
            first.entry(post.slug.clone()).or_insert_with(|| post.path.clone());
        }
        Self { first, given: HashSet::new() }
    }

    fn unique(&mut self, post: &ParsedPost) -> Slug {
        if self.first.get(&post.slug).is_some_and(|holder| *holder == post.path) {
            return post.slug.clone();
        }
        let candidates = (2u32..).map(|n| post.slug.with_suffix(&n.to_string()));
        let mut free = candidates.filter(|slug| !self.first.contains_key(slug) && self.given.insert(slug.clone()));
        free.next().expect("numbers do not run out")
    }
}

/// A user name with a number, within its limit.
pub(crate) fn numbered_user_name(name: &UserName, number: u32) -> UserName {
    let suffix = format!("-{number}");
    let stem: String = name.as_str().chars().take(64 - suffix.len()).collect();
    format!("{stem}{suffix}").parse().expect("it begins as a user name does and ends with a digit")
}

/// The id of an entry: of its origin, what it is and what it is called there.
fn id(origin: &str, what: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{what}\n{origin}\n{name}").as_bytes())
}

#[cfg(test)]
mod tests;
