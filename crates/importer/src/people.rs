//! Who is meant by the name of an author: one with a page, or one who is only named by posts. Different people are
//! never taken for one: where it is not certain, the post is refused.

use std::collections::HashMap;

use domain::values::{Invalid, kebab_of};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::author::{self, ParsedAuthor};
use crate::note::Refusal;
use crate::post::ParsedPost;
use crate::spelling::{Spelled, Spellings, words};

/// The people who are known so far.
#[derive(Debug, Default)]
pub(crate) struct People {
    pages: Vec<Person>,
    stubs: HashMap<String, Person>,
    spellings: Spellings,
}

/// One of them.
#[derive(Debug)]
struct Person {
    id: Uuid,
    key: String,
    display_name: String,
}

/// Who is meant by a name.
#[derive(Debug)]
pub(crate) enum Who {
    /// An account that is known; `is_exact` says whether it is spelled as its own name or key is.
    Known { id: Uuid, is_exact: bool },
    /// An author without a page, named for the first time.
    New(Box<ParsedAuthor>),
    /// No letter or digit is in it.
    NoName,
}

impl People {
    /// No person yet; `posts` tell how names are spelled.
    pub(crate) fn named_in(posts: &[ParsedPost]) -> Self {
        let mut people = Self::default();
        for name in posts.iter().flat_map(|post| &post.authors).filter(|name| !is_key(name)) {
            people.spellings.add(&spelled(name, 1));
        }
        people
    }

    /// Takes note of an author with the account's id.
    pub(crate) fn add(&mut self, author: &ParsedAuthor, id: Uuid) {
        let person = Person { id, key: author.key.clone(), display_name: author.display_name.to_string() };
        if author.path.is_some() {
            self.pages.push(person);
        } else {
            self.stubs.insert(author.key.clone(), person);
        }
    }

    /// Who is meant by a name.
    ///
    /// # Errors
    /// It may mean several, or comes to the same Latin letters as the name of another.
    pub(crate) fn find(&self, name: &str, line: usize) -> Result<Who, Refusal> {
        let refused = |reason: String| Refusal::new(line, format!("author: `{name}` {reason}"));
        let (name, latin) = (name.nfc().collect::<String>(), kebab_of(name, 64));
        if let Some(page) = self.pages.iter().find(|page| page.key == name) {
            return Ok(Who::Known { id: page.id, is_exact: true });
        }
        let own_words = words(&name);
        let by_words: Vec<_> = self.pages.iter().filter(|page| words(&page.key) == own_words).collect();
        if let [page] = by_words.as_slice() {
            return Ok(Who::Known { id: page.id, is_exact: true });
        }
        let alike = self.pages.iter().filter(|page| !latin.is_empty() && kebab_of(&page.key, 64) == latin);
        let alike: Vec<_> = if by_words.is_empty() { alike.collect() } else { by_words };
        let meant = |page: &&&Person| is_key(&name) || words(&page.display_name) == own_words;
        let mut meant_pages = alike.iter().filter(meant);
        match (meant_pages.next(), meant_pages.next(), alike.first()) {
            (Some(page), None, _) => Ok(Who::Known { id: page.id, is_exact: words(&page.display_name) == own_words }),
            (Some(one), Some(other), _) => Err(refused(format!("may be `{}` or `{}`", one.key, other.key))),
            (None, _, Some(page)) => {
                let reason = "is spelled otherwise and written alike in Latin letters; name the author by the folder";
                Err(refused(format!("and the author of the folder `{}`: one {reason}", page.key)))
            }
            (None, _, None) => self.without_a_page(&name, latin, line),
        }
    }

    fn without_a_page(&self, name: &str, latin: String, line: usize) -> Result<Who, Refusal> {
        let spelled = Spelled { latin, name: name.to_owned(), line };
        if let Some(other) = self.spellings.clash(&spelled).filter(|_| !is_key(name)) {
            let reason = "are written alike in Latin letters; give each a page authors/NAME/_index.md";
            return Err(Refusal::new(line, format!("author: `{name}` and `{other}` {reason}")));
        }
        match self.stubs.get(&spelled.latin) {
            Some(stub) => Ok(Who::Known { id: stub.id, is_exact: words(&stub.display_name) == words(name) }),
            None => match author::stub(name) {
                Ok(stub) => Ok(stub.map_or(Who::NoName, |stub| Who::New(Box::new(stub)))),
                Err(Invalid(reason)) => Err(Refusal::new(line, format!("author: `{name}` {reason}"))),
            },
        }
    }
}

/// Whether a name is written as a key: as accounts are called in addresses, and not as people are called.
fn is_key(name: &str) -> bool {
    kebab_of(name, 64) == *name
}

fn spelled(name: &str, line: usize) -> Spelled {
    Spelled { latin: kebab_of(name, 64), name: name.to_owned(), line }
}

#[cfg(test)]
mod tests;
