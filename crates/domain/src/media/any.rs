use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::{Command, Deleted, Described, Event, Item, Kept, Media, Rendered, Swept, Uploaded};
use crate::testing::any::{Drawn, account_id, any_text, time};
use crate::testing::text;
use crate::values::{AltText, MediaType, Rendition, Sha256};

impl Drawn for Media {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let upload = (uploaded(), 0..10_000_i64).prop_map(|(item, grace_ms)| Command::Upload { item, grace_ms });
        let render =
            (upload_id(), renditions()).prop_map(|(upload_id, renditions)| Command::Render { upload_id, renditions });
        let keep = (time(), 0..10_000_i64).prop_map(|(since, grace_ms)| Command::Keep { since, grace_ms });
        let command = prop_oneof![
            upload,
            alt().prop_map(Command::Describe),
            render,
            keep,
            time().prop_map(|since| Command::Sweep { since }),
            Just(Command::Delete),
        ];
        (item(), command).prop_map(|(item, command)| (item.id(), command))
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            uploaded().prop_map(Event::Uploaded),
            alt().prop_map(|alt| Event::Described(Described { alt })),
            renditions().prop_map(|renditions| Event::Rendered(Rendered { renditions })),
            time().prop_map(|kept_until_at| Event::Kept(Kept { kept_until_at })),
            Just(Event::Deleted(Deleted {})),
            Just(Event::Swept(Swept {})),
        ]
    }
}

fn item() -> impl Strategy<Value = Item> {
    (account_id(), sha256()).prop_map(|(account_id, sha256)| Item { account_id, sha256 })
}

fn sha256() -> impl Strategy<Value = Sha256> {
    (1..3_u8).prop_map(|digit| text(&digit.to_string().repeat(64)))
}

fn upload_id() -> impl Strategy<Value = Uuid> {
    (1..3_u128).prop_map(Uuid::from_u128)
}

fn alt() -> impl Strategy<Value = AltText> {
    prop_oneof![Just(AltText::default()), any_text()]
}

fn renditions() -> impl Strategy<Value = Vec<Rendition>> {
    vec(select(vec!["320w", "640w"]).prop_map(text), 0..3)
}

fn uploaded() -> impl Strategy<Value = Uploaded> {
    let what = (item(), upload_id(), select(vec!["image/png", "application/pdf"]).prop_map(text::<MediaType>));
    let times = (time(), option::of(time()));
    (what, 1..4_i64, option::of(1..4_i64), times).prop_map(|((item, upload_id, media_type), bytes, size, times)| {
        let (kept_until_at, render_from_at) = times;
        let Item { account_id, sha256 } = item;
        let (width, height) = (size, size);
        Uploaded { account_id, sha256, upload_id, media_type, bytes, width, height, kept_until_at, render_from_at }
    })
}
