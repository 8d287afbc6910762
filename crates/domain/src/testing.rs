//! Dev-only: given / when / then for the deciders, and what the tests are about: people, posts, and strategies that
//! draw from alphabets small enough for the interesting coincidences to happen.

pub(crate) mod any;
mod given;
pub(crate) mod properties;
mod recorded;
mod samples;

pub(crate) use given::given;
pub(crate) use properties::properties;
pub(crate) use samples::{
    NOW, ada, ada_id, admin, bob, bob_id, category_id, drafted, editor, email_key, moderator, post_id, registered,
    tags, text,
};
