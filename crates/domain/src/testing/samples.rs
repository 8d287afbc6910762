use uuid::Uuid;

use crate::accounts::Registered;
use crate::posts::Drafted;
use crate::values::{EmailKey, Invalid, Tag};
use crate::{Actor, Role, Timestamp};

/// When everything happens that is not said to happen at another time.
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(crate) fn ada_id() -> Uuid {
    Uuid::from_u128(0xada)
}

pub(crate) fn bob_id() -> Uuid {
    Uuid::from_u128(0xb0b)
}

pub(crate) fn post_id(number: u128) -> Uuid {
    Uuid::from_u128(0x9057_0000 + number)
}

pub(crate) fn category_id(number: u128) -> Uuid {
    Uuid::from_u128(0xca7e_0000 + number)
}

/// The author of every sample.
pub(crate) fn ada() -> Actor {
    Actor::new(ada_id()).with(Role::Author)
}

/// Another author.
pub(crate) fn bob() -> Actor {
    Actor::new(bob_id()).with(Role::Author)
}

/// An actor who decides what stays before readers.
pub(crate) fn moderator() -> Actor {
    Actor::new(Uuid::from_u128(0x30d)).with(Role::Moderator)
}

/// An actor who may write in anyone's name.
pub(crate) fn editor() -> Actor {
    Actor::new(Uuid::from_u128(0xed)).with(Role::Editor)
}

/// An actor who may do everything.
pub(crate) fn admin() -> Actor {
    Actor::new(Uuid::from_u128(0xad)).with(Role::Admin)
}

/// A value that is known to be good.
pub(crate) fn text<T: std::str::FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| text(name)).collect()
}

/// A post as Ada wants it: also the event that makes it so.
pub(crate) fn drafted() -> Drafted {
    Drafted {
        summary: text("What they can do."),
        body: text("They can do *whatever we know how to order them to*."),
        tags: tags(&["engines", "notes"]),
        ..Drafted::new(ada_id(), text("on-engines"), text("On Engines"))
    }
}

/// Ada's profile.
pub(crate) fn registered() -> Registered {
    Registered {
        user_name: text("Ada.L"),
        display_name: text("Ada Lovelace"),
        bio: text("Analyst."),
        image_url: text("https://example.org/ada.png"),
        email_key: email_key(1),
    }
}

/// What stands for some e-mail address.
pub(crate) fn email_key(number: u8) -> EmailKey {
    EmailKey::of_mac([number; 32])
}
