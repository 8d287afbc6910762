//! What is said and done to keep a place civil: rules, words that are looked for, what people report and are told.

use serde::{Deserialize, Serialize};

use super::rules::{kebab, one_line, text, unsealed};
use super::{Invalid, KEBAB, Limited, Limits, TEXT, choice, seen};

text_value!(
    /// A rule of the house, such as `spam`: lower-case ASCII letters, digits and single hyphens, 1 to 64. Which there
    /// are an operator says.
    HouseRule, Limits::of(1, 64).matching(KEBAB), kebab
);
text_value!(
    /// A word, or several, that a comment is held for: one line of 1 to 64 characters, kept in lower case.
    FilterWord, Limits::of(1, 64).matching(r"\S"), |t, limits| one_line(&t.to_lowercase(), limits);
    typed: |text| seen::line(text.trim())
);
text_value!(
    /// What a person says who reports something, or appeals: at most 2,000 characters; may be empty. Personal: sealed
    /// in the log.
    Statement, Limits::of(0, 2_000).matching(TEXT), |t, limits| text(unsealed(t.trim().to_owned())?, limits);
    typed: seen::text
);
text_value!(
    /// What a person is told of a ruling that concerns them: 1 to 2,000 characters. Personal: sealed in the log; empty
    /// where its key is gone.
    Explanation, Limits::of(1, 2_000).matching(r"\S"), |t, limits| if t.is_empty() {
        Ok(t)
    } else {
        text(unsealed(t.trim().to_owned())?, limits)
    }; typed: |text| if text.trim().is_empty() { Err(Invalid("is empty".into())) } else { seen::text(text) }
);

empty_by_default!(Statement);

choice! {
    /// What a case is about.
    CaseKind {
        /// A post.
        Post = "post",
        /// A comment.
        Comment = "comment",
        /// An account, and the person whose it is.
        Account = "account",
    }
}

choice! {
    /// What a moderator decides to do.
    Measure {
        /// Of a thing: none but its author and moderators see it.
        Hide = "hide",
        /// Of a thing: none but moderators see it.
        Remove = "remove",
        /// Of a person: they are told.
        Warn = "warn",
        /// Of a person: they may not comment.
        Mute = "mute",
        /// Of a person: they may not take part, in one post's conversation or anywhere.
        Block = "block",
    }
}

choice! {
    /// Who is shown a thing, by what was decided of it.
    Visible {
        /// All who may see what it belongs to.
        All = "all",
        /// Its author, and moderators.
        Author = "author",
        /// Moderators.
        Moderators = "moderators",
    }
}

choice! {
    /// Why a comment was held.
    Filter {
        /// It has a word that is looked for.
        Words = "words",
        /// It has too many links.
        Links = "links",
        /// It is one of the first of its author.
        FirstComments = "first-comments",
    }
}
