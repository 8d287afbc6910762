//! The words by which people hide pages: the fields, and what they may say.

/// What a field says about who may see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It hides the page if it is true.
    Hides,
    /// It hides the page if it is false.
    Shows,
    /// It hides the page if it is false, or a date that is yet to come: Jekyll's `published`, and Hugo's.
    ShowsOrFrom,
    /// It says in a word which state the page is in, or who may see it.
    Status,
    /// It hides the page whatever it says: a password.
    Secret,
    /// It hides the page until then.
    From,
    /// It hides the page from then on.
    Until,
    /// It says what of the page is built.
    Build,
}

/// The fields, each by its name in the form that is compared. Of Hugo: its dates with all their aliases, `draft`,
/// `headless`, `build`. Of Jekyll: `published`, `date`, `hidden`. Of what is converted to either: WordPress and Ghost.
pub(super) const KEYS: &[(&str, Meaning)] = &[
    ("draft", Meaning::Hides),
    ("isdraft", Meaning::Hides),
    ("private", Meaning::Hides),
    ("isprivate", Meaning::Hides),
    ("hidden", Meaning::Hides),
    ("ishidden", Meaning::Hides),
    ("hide", Meaning::Hides),
    ("unlisted", Meaning::Hides),
    ("unpublished", Meaning::Hides),
    ("headless", Meaning::Hides),
    ("public", Meaning::Shows),
    ("ispublic", Meaning::Shows),
    ("publish", Meaning::ShowsOrFrom),
    ("ispublished", Meaning::Shows),
    ("listed", Meaning::Shows),
    ("visible", Meaning::Shows),
    ("published", Meaning::ShowsOrFrom),
    ("status", Meaning::Status),
    ("poststatus", Meaning::Status),
    ("visibility", Meaning::Status),
    ("password", Meaning::Secret),
    ("date", Meaning::From),
    ("publishdate", Meaning::From),
    ("pubdate", Meaning::From),
    ("publishedat", Meaning::From),
    ("publishedon", Meaning::From),
    ("publisheddate", Meaning::From),
    ("datepublished", Meaning::From),
    ("publishat", Meaning::From),
    ("publishon", Meaning::From),
    ("embargo", Meaning::From),
    ("embargodate", Meaning::From),
    ("embargountil", Meaning::From),
    ("expirydate", Meaning::Until),
    ("expirationdate", Meaning::Until),
    ("expiredate", Meaning::Until),
    ("expires", Meaning::Until),
    ("expireson", Meaning::Until),
    ("expiresat", Meaning::Until),
    ("unpublishdate", Meaning::Until),
    ("unpublishon", Meaning::Until),
    ("unpublishat", Meaning::Until),
    ("build", Meaning::Build),
];

/// How the name of a field begins that seems to hide pages.
pub(super) const HIDING_STEMS: &[&str] =
    &["draft", "private", "unlisted", "unpublish", "embargo", "expir", "publishdate", "publishafter", "password"];

/// The words that say of a page that it is hidden, in whatever field they stand.
pub(super) const HIDING_WORDS: &[&str] =
    &["draft", "drafts", "auto-draft", "private", "hidden", "unlisted", "unpublished", "embargoed"];

/// The other states in which a page is not for all readers.
pub(super) const HIDDEN_STATES: &[&str] = &[
    "pending",
    "scheduled",
    "future",
    "trash",
    "deleted",
    "expired",
    "password",
    "protected",
    "members",
    "paid",
    "internal",
    "confidential",
    "review",
    "in review",
    "in-review",
    "wip",
];

/// The states in which it is.
pub(super) const SHOWN_STATES: &[&str] =
    &["publish", "published", "public", "live", "visible", "active", "final", "done", "complete", "completed"];

/// What a word says of yes or no, in any of the spellings that YAML and the generators take.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "t" | "y" => Some(true),
        "false" | "no" | "off" | "0" | "f" | "n" => Some(false),
        _ => None,
    }
}
