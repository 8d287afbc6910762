//! Who there is, and what they do: drawn from a seed, so that each run has the same. What is popular is so by Zipf's
//! law.

use domain::Role;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use uuid::{Builder, Uuid};

use crate::posts;
use crate::site::Site;

/// Tags, and words of titles, that there are.
const NAMES: u32 = 2_000;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Posts, all published: four events each, with the claim of the slug.
    pub(crate) posts: u32,
    /// Who writes them.
    pub(super) authors: u32,
    /// Who reads and follows; the first of all authors is followed by each.
    pub(super) readers: u32,
    /// Whom one reader follows.
    pub(super) followed: u32,
    /// Reactions to posts.
    pub(super) reactions: u32,
    /// Comments on posts: of a hundred eight on the most popular one, besides what chance has it get, so that it has
    /// 10,000 of 75,000.
    pub(super) comments: u32,
}

impl Size {
    /// A million events: 303,000 of accounts and their names, 400,000 of posts, 102,000 of who follows whom, 120,000
    /// reactions (a few of which come twice), and 75,000 comments.
    pub(super) const ALL: Self = Self {
        posts: 100_000,
        authors: 1_000,
        readers: 100_000,
        followed: 2_000,
        reactions: 120_000,
        comments: 75_000,
    };

    /// A tenth of it. Whom the one reader follows are as many, where there are.
    pub(super) fn tenth(self) -> Self {
        let Self { posts, authors, readers, followed, reactions, comments } = self;
        Self {
            posts: posts / 10,
            authors: authors / 10,
            readers: readers / 10,
            followed: followed.min(authors / 10 + readers / 10 - 1),
            reactions: reactions / 10,
            comments: comments / 10,
        }
    }

    /// Authors and readers.
    pub(super) fn accounts(self) -> u32 {
        self.authors + self.readers
    }
}

/// A request.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) bearer: String,
    pub(super) body: String,
}

/// Everything, as far as requests need it.
pub(super) struct World {
    pub(super) size: Size,
    /// The token of an editor.
    pub(crate) editor: String,
    seed: u64,
    accounts: Vec<Uuid>,
    posts: Vec<Uuid>,
    tokens: Box<dyn Fn(Uuid, Role) -> anyhow::Result<String> + Send + Sync>,
}

impl World {
    pub(super) fn new(site: &Site, size: Size, seed: u64) -> anyhow::Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut ids = |count: u32| (0..count).map(|_| id(&mut rng)).collect();
        let (accounts, posts) = (ids(size.accounts()), ids(size.posts));
        let tokens = Box::new(site.tokens()?);
        let editor = tokens(Uuid::from_u128(1), Role::Editor)?;
        Ok(Self { size, editor, seed, accounts, posts, tokens })
    }

    /// The posts that readers care for most.
    pub(super) fn hottest(&self, count: usize) -> Vec<Uuid> {
        self.posts.iter().copied().take(count).collect()
    }

    /// A post that a reader cares for.
    pub(super) fn a_post(&self, n: u32) -> Uuid {
        self.posts[zipf(&mut self.dice(5, n), self.size.posts)]
    }

    /// A tag that posts have.
    pub(super) fn a_tag(&self, n: u32) -> String {
        format!("tag-{}", zipf(&mut self.dice(6, n), NAMES))
    }

    /// The author whom each reader follows.
    pub(super) fn famous(&self) -> anyhow::Result<String> {
        (self.tokens)(self.accounts[0], Role::Author)
    }

    /// The token of a reader, of whom the first follows many.
    pub(super) fn reader(&self, n: u32) -> anyhow::Result<String> {
        (self.tokens)(self.accounts[(self.size.authors + n) as usize], Role::Reader)
    }

    /// The account of an author or a reader.
    pub(super) fn account(&self, n: u32) -> anyhow::Result<Call> {
        let path = format!("/v1/accounts/{}", self.accounts[n as usize]);
        let body = json!({"user_name": format!("person-{n}")}).to_string();
        Ok(Call { method: "PUT", path, bearer: self.editor.clone(), body })
    }

    /// A post is drafted. The first author has the most, and the last posts are the newest.
    pub(super) fn draft(&self, n: u32) -> anyhow::Result<Call> {
        let (mut dice, id) = (self.dice(1, n), self.posts[n as usize]);
        let mut names = |stem: &str, count: usize| -> Vec<String> {
            let mut names: Vec<String> = (0..count).map(|_| format!("{stem}{}", zipf(&mut dice, NAMES))).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let (title, tags) = (names("word", 6).join(" "), names("tag-", 2));
        let text = "Some *text*, to be rendered, as long as a paragraph that a person may write. ".repeat(6);
        let body = json!({"title": title, "slug": posts::slug(id), "tags": tags, "body": text}).to_string();
        Ok(Call { method: "PUT", path: format!("/v1/posts/{id}"), bearer: self.author_of(n)?, body })
    }

    /// The same is published.
    pub(super) fn publish(&self, n: u32) -> anyhow::Result<Call> {
        let path = format!("/v1/posts/{}/publish", self.posts[n as usize]);
        Ok(Call { method: "POST", path, bearer: self.author_of(n)?, body: String::new() })
    }

    /// A reader begins to follow the author whom all follow.
    pub(super) fn follow_the_famous(&self, n: u32) -> anyhow::Result<Call> {
        self.follow(n, 0)
    }

    /// The first reader begins to follow another account.
    pub(super) fn follow_one_more(&self, n: u32) -> anyhow::Result<Call> {
        // The first author is followed already, and a reader does not follow oneself.
        let n = n + 1;
        self.follow(0, if n < self.size.authors { n } else { n + 1 })
    }

    fn follow(&self, reader: u32, account: u32) -> anyhow::Result<Call> {
        let path = format!("/v1/me/following/{}", self.accounts[account as usize]);
        Ok(Call { method: "PUT", path, bearer: self.reader(reader)?, body: String::new() })
    }

    /// A reader likes a post.
    pub(super) fn react(&self, n: u32) -> anyhow::Result<Call> {
        let mut dice = self.dice(2, n);
        let (reader, post) = (dice.random_range(0..self.size.readers), zipf(&mut dice, self.size.posts));
        let path = format!("/v1/me/reactions/post/{}/like", self.posts[post]);
        Ok(Call { method: "PUT", path, bearer: self.reader(reader)?, body: String::new() })
    }

    /// A reader comments on a post.
    pub(super) fn comment(&self, n: u32) -> anyhow::Result<Call> {
        let mut dice = self.dice(3, n);
        let (reader, post) = (dice.random_range(0..self.size.readers), zipf(&mut dice, self.size.posts));
        let path = format!("/v1/comments/{}", self.posts[if n % 100 < 8 { 0 } else { post }]);
        let body = json!({"text": format!("What reader {reader} has to say of it, in a sentence or two.")}).to_string();
        Ok(Call { method: "POST", path, bearer: self.reader(reader)?, body })
    }

    fn author_of(&self, post: u32) -> anyhow::Result<String> {
        let author = zipf(&mut self.dice(4, post), self.size.authors);
        (self.tokens)(self.accounts[author], Role::Author)
    }

    /// What one draws for the `n`th of a kind.
    fn dice(&self, kind: u64, n: u32) -> StdRng {
        StdRng::seed_from_u64(self.seed ^ (kind << 40) ^ u64::from(n))
    }
}

fn id(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}

/// A number below `count`: the first one is the most frequent, and the higher a number, the rarer it is. The exponent
/// is 1, as words of a text have it.
fn zipf(rng: &mut StdRng, count: u32) -> usize {
    let rank = f64::from(count + 1).powf(rng.random::<f64>()) as usize;
    (rank - 1).min(count as usize - 1)
}
