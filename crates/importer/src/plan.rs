//! What to send: ids, unique slugs and user names, and who wrote what. The same folder gives the same plan, always.

use domain::values::{Slug, Title, UserName};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::about::About;
use crate::address::{Address, Addresses};
use crate::author::ParsedAuthor;
use crate::category::CategoryPath;
use crate::note::{Note, NoteKind, Refusal};
use crate::people::{People, Who};
use crate::post::{Lines, ParsedPost};
use crate::source::Source;
use crate::spelling::{Spelled, Spellings};

/// The namespace of all ids that an import makes.
const NAMESPACE: Uuid = Uuid::from_u128(0x8a1c_5d0e_36f4_4b7a_9c52_e1f0_73d8_264b);

/// What to send for a folder.
#[derive(Debug, Default)]
pub struct Plan {
    /// The accounts, in the order of the pages; then those that have none.
    pub accounts: Vec<AccountPlan>,
    /// The categories, each behind the one that it is below.
    pub categories: Vec<CategoryPlan>,
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
    /// Whether it has no page: then all that is known is the name, which overwrites no profile that is there.
    pub is_stub: bool,
    /// The user name that it asks for, and gets if all accounts are new.
    pub name: Address<UserName>,
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

/// A category to make.
#[derive(Debug, Serialize)]
pub struct CategoryPlan {
    /// Its id: categories of one slug are one, whatever folder names them.
    pub id: Uuid,
    /// The one that it is below.
    #[serde(skip)]
    pub parent_id: Option<Uuid>,
    /// Its slug.
    pub slug: Slug,
    /// What it is called.
    pub name: Title,
    /// The first file that names it.
    #[serde(skip)]
    pub file: String,
    /// The line there.
    #[serde(skip)]
    pub line: usize,
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
    /// When a draft is to be published by itself, in RFC 3339.
    pub release: Option<String>,
    /// When it is to be unpublished by itself.
    pub expiry: Option<String>,
    /// Whether it is to be published for good, although its file has an expiry that has passed.
    pub drops_expiry: bool,
    /// The slug that it asks for, and gets if all posts are new.
    pub slug: Address<Slug>,
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
    /// The categories.
    pub category_ids: Vec<Uuid>,
    /// When it was first published, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originally_published_at: Option<String>,
    /// What else the file says.
    #[serde(flatten)]
    pub about: About,
}

impl Plan {
    /// Plans an import. `origin` tells this folder's entries from those of others; `subject` owns what has no author.
    #[must_use]
    pub fn of(source: Source, origin: &str, subject: Option<Uuid>) -> Self {
        let Source { authors, posts, refused, titles, notes } = source;
        let mut plan = Self { refused, notes, ..Self::default() };
        let page = |author: &ParsedAuthor| author.path.clone().unwrap_or_default();
        let pages: Vec<_> = authors.iter().map(|author| (page(author), author.user_name.clone())).collect();
        let names = Addresses::of(pages.iter().map(|(page, name)| (page.as_str(), name, false)));
        let mut accounts = Accounts { origin, names, people: People::named_in(&posts) };
        for author in authors {
            plan.register(&mut accounts, author, None);
        }
        let tags = Names::of(&posts, &titles);
        let asked = posts.iter().map(|post| (post.path.as_str(), &post.slug, post.slug_is_own));
        let mut slugs = Addresses::of(asked);
        for post in posts {
            let file = post.path.clone();
            if let Err(refusal) = plan.add(&mut accounts, &mut slugs, &tags, post, subject) {
                plan.refused.push((file, refusal));
            }
        }
        plan
    }

    /// The notes on the addresses that are not those that files ask for, if all entries are new.
    pub fn renamed(&self) -> impl Iterator<Item = (String, Note)> {
        let accounts = self.accounts.iter().map(|account| (&account.file, account.renamed(&account.name.given)));
        let posts = self.posts.iter().map(|post| (&post.file, post.renamed(&post.slug.given)));
        accounts.chain(posts).filter_map(|(file, note)| Some((file.clone(), note?)))
    }

    fn register(&mut self, accounts: &mut Accounts<'_>, author: ParsedAuthor, named_in: Option<&str>) -> Uuid {
        let file = author.path.as_deref().or(named_in).unwrap_or_default().to_owned();
        let id = id(accounts.origin, "account", &author.key);
        let entry = author.path.as_deref().unwrap_or(&author.key);
        let (name, is_stub) = (accounts.names.give(entry, &author.user_name, false), author.path.is_none());
        accounts.people.add(&author, id);
        self.notes.extend(author.notes.into_iter().map(|note| (file.clone(), note)));
        let profile = Profile {
            user_name: name.given.to_string(),
            display_name: author.display_name.into(),
            bio: author.bio.into(),
            image_url: author.image_url.into(),
        };
        self.accounts.push(AccountPlan { id, file, is_stub, name, profile });
        id
    }

    fn add(
        &mut self,
        accounts: &mut Accounts<'_>,
        slugs: &mut Addresses,
        tags: &Names,
        post: ParsedPost,
        subject: Option<Uuid>,
    ) -> Result<(), Refusal> {
        tags.permit(&post)?;
        let mut authors = self.authors(accounts, &post)?.into_iter();
        let category_ids = self.categories_of(&post);
        let slug = slugs.give(&post.path, &post.slug, post.slug_is_own);
        let ParsedPost { path: file, title, summary, body, tags, about, date, draft, to_come, lines, notes, .. } = post;
        let drops_expiry = notes.iter().any(|note| note.kind == NoteKind::ExpiryDropped);
        self.notes.extend(notes.into_iter().map(|note| (file.clone(), note)));
        let content = Content {
            author_id: authors.next().or(subject),
            co_author_ids: authors.collect(),
            slug: slug.given.to_string(),
            title: title.into(),
            summary: summary.into(),
            body: body.into(),
            tags: tags.into_iter().map(String::from).collect(),
            category_ids,
            originally_published_at: date.map(written),
            about,
        };
        let (release, expiry) = (to_come.release.map(written), to_come.expiry.map(written));
        let id = id(accounts.origin, "post", &file);
        self.posts.push(PostPlan { id, file, lines, draft, release, expiry, drops_expiry, slug, content });
        Ok(())
    }

    /// The ids of a post's categories, in its order; those that no post named before are made.
    fn categories_of(&mut self, post: &ParsedPost) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for path in &post.categories {
            let mut parent_id = None;
            for level in &path.levels {
                let id = id("", "category", level.slug.as_str());
                if self.categories.iter().all(|category| category.id != id) {
                    let (slug, name) = (level.slug.clone(), level.name.clone());
                    let (file, line) = (post.path.clone(), path.line);
                    self.categories.push(CategoryPlan { id, parent_id, slug, name, file, line });
                }
                parent_id = Some(id);
            }
            ids.extend(parent_id.filter(|id| !ids.contains(id)));
        }
        ids
    }

    /// The ids of a post's authors, in its order; those without a page get an account with just the name.
    fn authors(&mut self, accounts: &mut Accounts<'_>, post: &ParsedPost) -> Result<Vec<Uuid>, Refusal> {
        let line = post.lines.of("/author_id");
        let meant = post.authors.iter().map(|name| accounts.people.find(name, line).map(|who| (name, who)));
        let meant: Vec<_> = meant.collect::<Result<_, _>>()?; // a post that is refused makes no accounts
        let (mut ids, mut notes) = (Vec::new(), Vec::new());
        for (name, who) in meant {
            let mut note = |kind| notes.push((post.path.clone(), Note::new(kind, line, name.as_str())));
            let id = match who {
                Who::NoName => {
                    note(NoteKind::AuthorDropped);
                    continue;
                }
                Who::Known { id, is_exact } => {
                    (!is_exact).then(|| note(NoteKind::AuthorMatched));
                    id
                }
                Who::New(stub) => {
                    note(NoteKind::UnknownAuthor);
                    self.register(accounts, *stub, Some(&post.path))
                }
            };
            if ids.contains(&id) {
                note(NoteKind::RepeatedAuthor);
            } else {
                ids.push(id);
            }
        }
        self.notes.extend(notes);
        Ok(ids)
    }
}

impl AccountPlan {
    /// The note on a user name that is not the one asked for.
    pub(crate) fn renamed(&self, name: &UserName) -> Option<Note> {
        let asked = &self.name.asked;
        let kind = if self.name.is_numbered(name) { NoteKind::UserNameMadeUnique } else { NoteKind::AddressKept };
        (name != asked).then(|| Note::new(kind, 1, format!("{asked} → {name}")))
    }
}

impl PostPlan {
    /// The note on a slug that is not the one asked for.
    pub(crate) fn renamed(&self, slug: &Slug) -> Option<Note> {
        let (asked, line) = (&self.slug.asked, self.lines.of("/slug"));
        let kind = if self.slug.is_numbered(slug) { NoteKind::SlugMadeUnique } else { NoteKind::AddressKept };
        (slug != asked).then(|| Note::new(kind, line, format!("{asked} → {slug}")))
    }
}

struct Accounts<'o> {
    origin: &'o str,
    names: Addresses,
    people: People,
}

fn written(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).expect("years have four digits, see date::read")
}

/// How tags and categories are spelled in the whole folder.
#[derive(Default)]
struct Names {
    tags: Spellings,
    categories: Spellings,
}

impl Names {
    fn of(posts: &[ParsedPost], titles: &[Spelled]) -> Self {
        let mut names = Self::default();
        let tags = posts.iter().flat_map(|post| &post.spelled);
        tags.chain(titles).for_each(|spelled| names.tags.add(spelled));
        let categories = posts.iter().flat_map(|post| &post.categories).flat_map(CategoryPath::spelled);
        categories.for_each(|spelled| names.categories.add(&spelled));
        names
    }

    /// Refuses a post that names what is spelled otherwise than another of the same letters.
    fn permit(&self, post: &ParsedPost) -> Result<(), Refusal> {
        let categories = post.categories.iter().flat_map(CategoryPath::spelled);
        let categories = categories.map(|spelled| ("category", &self.categories, spelled));
        let tags = post.spelled.iter().cloned().map(|spelled| ("tag", &self.tags, spelled));
        for (what, spellings, spelled) in tags.chain(categories) {
            if let Some(other) = spellings.clash(&spelled) {
                let Spelled { name, latin, line } = spelled;
                let both = format!("`{name}` and `{other}` would both be `{latin}`");
                return Err(Refusal::new(line, format!("{what}: {both}; write the one that is meant")));
            }
        }
        Ok(())
    }
}

/// The id of an entry: of its origin, what it is and what it is called there.
fn id(origin: &str, what: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{what}\n{origin}\n{name}").as_bytes())
}

#[cfg(test)]
mod tests;
