use domain::posts::{Deleted, Drafted, Edited, Event, Published, ReservationEvent, Restored, Unpublished};
use domain::values::Tag;
use uuid::Uuid;

use super::{AT, BEFORE, held, id, reserved, text};

/// One event of each type, with every field filled.
pub(in super::super) fn filled() -> Vec<Event> {
    vec![
        Event::Drafted(Drafted {
            author_id: id(2),
            co_author_ids: vec![id(3), id(4)],
            slug: text("ueber-maschinen"),
            title: text("Über Maschinen 🖋"),
            summary: text("Was sie können."),
            body: text("# Über\n\n*Alles*, was wir `anordnen` können.\n"),
            tags: tags(&["maschinen", "notes-2"]),
            originally_published_at: Some(BEFORE),
        }),
        Event::Edited(Edited {
            co_author_ids: Some(vec![id(3)]),
            slug: Some(text("maschinen")),
            title: Some(text("Maschinen")),
            summary: Some(text("Kurz.")),
            body: Some(text("Neu.")),
            tags: Some(tags(&["maschinen"])),
            originally_published_at: Some(AT),
        }),
        Event::Published(Published {}),
        Event::Unpublished(Unpublished {}),
        Event::Deleted(Deleted {}),
        Event::Restored(Restored {}),
        ReservationEvent::SlugClaimed(reserved("maschinen")).into(),
        ReservationEvent::SlugConfirmed(held("maschinen")).into(),
    ]
}

/// The same types with as little in them as there can be.
pub(in super::super) fn sparse() -> Vec<Event> {
    let drafted = Drafted {
        author_id: Uuid::nil(),
        co_author_ids: vec![],
        slug: text("a"),
        title: text("a"),
        summary: text(""),
        body: text(""),
        tags: vec![],
        originally_published_at: None,
    };
    let (co_author_ids, tags, body) = (Some(vec![]), Some(vec![]), Some(text("")));
    let emptied = Edited { co_author_ids, tags, body, ..Edited::default() };
    let untouched = Edited::default();
    vec![Event::Drafted(drafted), Event::Edited(emptied), Event::Edited(untouched)]
}

fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| text(name)).collect()
}
