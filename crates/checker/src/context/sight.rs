//! What readers may see of an aggregate, and what a service looks up in others.

/// What readers may see of a version.
#[derive(Clone, Copy, Default)]
pub(crate) struct Visibility {
    /// Only the author sees it.
    pub(crate) draft: bool,
    /// It is deleted: of an account, the person is forgotten.
    pub(crate) deleted: bool,
    /// It is there, and not for everyone: an account that is deactivated, a post whose text is for some.
    pub(crate) withheld: bool,
}

/// What is looked up.
pub(crate) struct LookedUp {
    /// In which context.
    pub(crate) context: &'static str,
    /// Which aggregate.
    pub(crate) aggregate_id: String,
    /// Which part of it, if it is not the whole: of a thread, the comment of this number.
    pub(crate) part: Option<i64>,
    /// Whether a caller is told that it was deleted, and not that there is none.
    pub(crate) is_told_gone: bool,
}

impl LookedUp {
    /// An aggregate that is not there once it is deleted.
    pub(crate) fn of(context: &'static str, aggregate_id: impl Into<String>) -> Self {
        Self { context, aggregate_id: aggregate_id.into(), part: None, is_told_gone: false }
    }

    /// One of which it is said that it was deleted.
    pub(crate) fn told_gone(context: &'static str, aggregate_id: impl Into<String>) -> Self {
        Self { is_told_gone: true, ..Self::of(context, aggregate_id) }
    }
}
