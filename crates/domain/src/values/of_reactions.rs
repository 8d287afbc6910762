//! What readers say: how they react to a post, where they share it, and what else than people they follow.

use serde::{Deserialize, Serialize};

use super::rules::kebab;
use super::{Invalid, KEBAB, Limited, Limits, choice};

text_value!(
    /// A kind of reaction, such as `like`: lower-case ASCII letters, digits and single hyphens, 1 to 32. Which there
    /// are an operator says.
    ReactionKind, Limits::of(1, 32).matching(KEBAB), kebab
);
text_value!(
    /// Where something was shared, such as `mastodon`: as a kind of reaction.
    SharePlace, Limits::of(1, 32).matching(KEBAB), kebab
);

choice! {
    /// What can be followed that is no person.
    SubjectKind {
        /// A tag.
        Tag = "tag",
        /// A category.
        Category = "category",
        /// A series.
        Series = "series",
    }
}

choice! {
    /// What can be reacted to.
    TargetKind {
        /// A post.
        Post = "post",
        /// A comment.
        Comment = "comment",
    }
}
