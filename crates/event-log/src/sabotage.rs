//! Deliberately broken: what the checker is checked with. Each name breaks one promise on purpose, at the one place
//! that asks [`on`] for it; the simulator and the crash lab must then find something, or they would not find it in us.
//!
//! Without the feature `sabotage` nothing can be broken: `on` is a constant `false`, and the compiler takes the
//! branches out. With it, `INKLOG_SABOTAGE` chooses; in this crate's own tests `choose` does, for the thread.

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Readers take events of any term.
    IgnoreTerms,
    /// Readers take events whose predecessor is missing, and events twice.
    IgnoreSeq,
    /// The leader answers when it has appended, not when it has read back.
    AnswerEarly,
    /// After a failed append the leader says "not applied" and goes on in the same term.
    SameTerm,
    /// The ids of applied commands are not remembered.
    ForgetCommands,
    /// Refusals and "already so" do not wait for what the read barrier found.
    NoBarrier,
    /// The broker's leader is believed where a partition ends, and may be cut off from the other replicas.
    AskOneBroker,
    /// A projector's positions are committed before its rows, in a transaction of their own.
    PositionsApart,
}

impl Sabotage {
    /// All of them with their names in `INKLOG_SABOTAGE`.
    pub const ALL: [(&'static str, Self); 8] = [
        ("ignore-terms", Self::IgnoreTerms),
        ("ignore-seq", Self::IgnoreSeq),
        ("answer-early", Self::AnswerEarly),
        ("same-term", Self::SameTerm),
        ("forget-commands", Self::ForgetCommands),
        ("no-barrier", Self::NoBarrier),
        ("ask-one-broker", Self::AskOneBroker),
        ("positions-apart", Self::PositionsApart),
    ];
}

/// Whether this is broken.
#[cfg(not(any(test, feature = "sabotage")))]
#[inline]
#[must_use]
pub const fn on(_: Sabotage) -> bool {
    false
}

/// Whether this is broken: what `INKLOG_SABOTAGE` names, nothing if it is not set.
///
/// # Panics
/// It names nothing that there is: a check that breaks nothing would prove nothing.
#[cfg(all(feature = "sabotage", not(test)))]
#[must_use]
pub fn on(which: Sabotage) -> bool {
    static CHOSEN: std::sync::LazyLock<Option<Sabotage>> = std::sync::LazyLock::new(|| {
        let name = std::env::var("INKLOG_SABOTAGE").ok()?;
        let chosen = Sabotage::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, chosen)| chosen);
        tracing::error!(name, "this process is broken on purpose");
        Some(chosen.unwrap_or_else(|| panic!("INKLOG_SABOTAGE={name} is not known")))
    });
    *CHOSEN == Some(which)
}

#[cfg(test)]
thread_local! {
    static CHOSEN: std::cell::Cell<Option<Sabotage>> = const { std::cell::Cell::new(None) };
}

/// Whether this is broken in this thread.
#[cfg(test)]
pub fn on(which: Sabotage) -> bool {
    CHOSEN.get() == Some(which)
}

/// Breaks this, for this thread, until the next choice.
#[cfg(test)]
pub(crate) fn choose(which: Option<Sabotage>) {
    CHOSEN.set(which);
}
