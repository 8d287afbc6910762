/// A service, or several that are one program, as far as the gateway tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Name {
    /// All that take commands and have no entry of their own.
    Commands,
    /// Accounts, sessions, following.
    Identity,
    /// Posts and what belongs to them.
    Publishing,
    /// Comments, reactions, moderation.
    Community,
    /// What readers ask.
    Queries,
}

impl Name {
    /// For people and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Identity => "identity",
            Self::Publishing => "publishing",
            Self::Community => "community",
            Self::Queries => "queries",
        }
    }
}
