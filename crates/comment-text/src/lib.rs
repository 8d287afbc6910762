//! What comments say: the Markdown that they are written in, and where it mentions people. The edge that keeps a
//! mention by the account's id, and the reader that is shown the name, ask it here, so that they find the same ones.
//!
//! An author writes `@ada`; what is kept is `@` and the id of the account that bears the name at that time. Readers are
//! shown the name that it bears when they look. Only words of the text mention people: an `@` in code, in a link, in an
//! address of mail or of a page is what it is, and stays.

mod budget;
mod said;
mod shown;

pub use budget::Budget;
pub use said::{Marked, Said, TooManyMentions, account, accounts, kept};
pub use shown::shown;

use comrak::Options;

/// What of Markdown comments have.
#[must_use]
pub fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // Chinese and Japanese have no spaces around what is emphasised.
    options.extension.cjk_friendly_emphasis = true;
    options.render.escape = true;
    // Who answers in a line of its own means one.
    options.render.hardbreaks = true;
    options
}
