/// The keys of one set of lists.
#[derive(Clone, Debug)]
pub struct Keys {
    base: String,
    channel: String,
}

impl Keys {
    /// The live ones: `<prefix>:lists:…`.
    #[must_use]
    pub fn live(prefix: &str) -> Self {
        Self { base: format!("{prefix}:lists:"), channel: format!("{prefix}:positions") }
    }

    /// Those of a rebuild, outside of the live ones.
    #[must_use]
    pub fn beside(prefix: &str) -> Self {
        Self { base: format!("{prefix}:lists-rebuild:"), channel: format!("{prefix}:positions") }
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

    /// ZSET of what is listed, by time.
    #[must_use]
    pub fn newest(&self) -> String {
        self.key("newest")
    }

    /// ZSET of what is listed under a tag, by time.
    #[must_use]
    pub fn tag(&self, tag: &str) -> String {
        self.key(&format!("tag:{tag}"))
    }

    /// ZSET of tags by the number of what is listed under each.
    #[must_use]
    pub fn tags(&self) -> String {
        self.key("tags")
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
        ["positions", "sizes", "posts", "newest", "tags", "parked", "parked_keys"].map(|name| self.key(name))
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }
}
