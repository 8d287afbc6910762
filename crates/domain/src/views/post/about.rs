//! What a post has that may be missing: where its text stands first, its cover, its language, what search engines are
//! told, fields of one's own, and who can read it.

use super::Post;
use crate::posts::{Drafted, Edited};
use crate::values::{Comments, Visibility};

/// Declares these fields: each with what its column holds of a value, and what the column is where there is none.
macro_rules! fields {
    ($($field:ident: |$value:ident| $held:expr, $missing:expr;)+) => {
        /// The row of a post that came to be as this says.
        pub(super) fn first(row: Post, drafted: &Drafted) -> Post {
            Post { $($field: drafted.$field.as_ref().map_or($missing, |$value| $held),)+ ..row }
        }

        /// A row after a change.
        pub(super) fn after(row: Post, edited: &Edited) -> Post {
            Post {
                $($field: match &edited.$field {
                    _ if edited.resets(stringify!($field)) => $missing,
                    Some($value) => $held,
                    None => row.$field,
                },)+
                ..row
            }
        }
    };
}

fields! {
    canonical_url: |url| Some(url.to_string()), None;
    cover_image: |image| Some(image.to_string()), None;
    cover_alt: |alt| Some(alt.to_string()), None;
    cover_focal_x: |percent| Some((*percent).into()), None;
    cover_focal_y: |percent| Some((*percent).into()), None;
    language_tag: |tag| Some(tag.to_string()), None;
    translation_of: |post_id| Some(*post_id), None;
    meta_title: |title| Some(title.to_string()), None;
    meta_description: |description| Some(description.to_string()), None;
    custom_fields: |fields| Some(fields.to_string()), None;
    visibility: |visibility| visibility.name().to_owned(), Visibility::Public.name().to_owned();
    featured: |featured| *featured, false;
    comments: |comments| comments.name().to_owned(), Comments::Open.name().to_owned();
}
