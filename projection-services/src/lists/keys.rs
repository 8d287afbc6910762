/// The keys of one set of lists: of those that everyone is shown, or of feeds.
#[derive(Clone, Debug)]
pub struct Keys {
    base: String,
    channel: String,
    names: &'static Names,
}

/// What the keys of a kind are called that others have, too.
#[derive(Debug)]
struct Names {
    /// A sorted set.
    set: &'static str,
    /// A sorted set of the names of those keys of which there are many, by their sizes.
    sizes: &'static str,
    /// What each of those begins with.
    part: &'static str,
}

const LISTS: Names = Names { set: "newest", sizes: "tags", part: "tag:" };
const FEEDS: Names = Names { set: "merged", sizes: "parts", part: "part:" };

impl Keys {
    /// The live ones: `<prefix>:lists:…`.
    #[must_use]
    pub fn live(prefix: &str) -> Self {
        Self::of(prefix, "lists", &LISTS)
    }

    /// Those of a rebuild, outside of the live ones.
    #[must_use]
    pub fn beside(prefix: &str) -> Self {
        Self::of(prefix, "lists-rebuild", &LISTS)
    }

    /// Those of feeds: `<prefix>:feeds:…`.
    #[must_use]
    pub fn of_feeds(prefix: &str) -> Self {
        Self::of(prefix, "feeds", &FEEDS)
    }

    /// Those of a rebuild of feeds.
    #[must_use]
    pub fn of_feeds_beside(prefix: &str) -> Self {
        Self::of(prefix, "feeds-rebuild", &FEEDS)
    }

    fn of(prefix: &str, kind: &str, names: &'static Names) -> Self {
        Self { base: format!("{prefix}:{kind}:"), channel: format!("{prefix}:positions"), names }
    }

    /// What all keys begin with.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The channel on which new positions are announced.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// HASH from a post's id to its row.
    #[must_use]
    pub fn posts(&self) -> String {
        self.key("posts")
    }

    /// ZSET of what is listed, by time; of feeds, of the authors who are merged on read.
    #[must_use]
    pub fn newest(&self) -> String {
        self.key(self.names.set)
    }

    /// ZSET of what is listed under a tag, by time; of feeds, that of a name: `of:<reader>`.
    #[must_use]
    pub fn tag(&self, tag: &str) -> String {
        self.key(&format!("{}{tag}", self.names.part))
    }

    /// ZSET of tags by the number of what is listed under each; of feeds, of the names of all that there is of people.
    #[must_use]
    pub fn tags(&self) -> String {
        self.key(self.names.sizes)
    }

    /// HASH from `<context>/<partition>` to a position.
    #[must_use]
    pub fn positions(&self) -> String {
        self.key("positions")
    }

    /// HASH from the name of each key, but the tags' lists, to how large it was at the positions whose sum is in `at`.
    #[must_use]
    pub fn sizes(&self) -> String {
        self.key("sizes")
    }

    /// HASH from `<context>/<partition>/<offset>` to a parked event.
    #[must_use]
    pub fn parked(&self) -> String {
        self.key("parked")
    }

    /// HASH from an aggregate's id to the number of its parked events.
    #[must_use]
    pub fn parked_keys(&self) -> String {
        self.key("parked_keys")
    }

    /// All keys but the tags' lists, in the order in which scripts take them.
    #[must_use]
    pub fn all(&self) -> [String; 7] {
        self.names().map(|name| self.key(name))
    }

    /// What the key of a tag's list begins with, behind the base.
    pub(super) fn part(&self) -> &'static str {
        self.names.part
    }

    /// What the key of the tags is called, behind the base.
    pub(super) fn names_of_parts(&self) -> &'static str {
        self.names.sizes
    }

    /// What all keys but the tags' lists are called, behind the base.
    pub(super) fn names(&self) -> [&'static str; 7] {
        ["positions", "sizes", "posts", self.names.set, self.names.sizes, "parked", "parked_keys"]
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }
}
