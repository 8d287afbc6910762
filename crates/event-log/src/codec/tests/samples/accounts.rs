use domain::accounts::{
    Deactivated, EmailChanged, EmailGivenUp, EmailVerified, Erased, Event, PreferencesChanged, ProfileChanged,
    Reactivated, Registered, ReservationEvent, RoleGranted, RoleRevoked, UserNameChanged,
};
use domain::values::EmailKey;

use super::{held, reserved, text};

/// One event of each type, with every field filled.
pub(super) fn filled() -> Vec<Event> {
    vec![
        Event::Registered(Registered {
            user_name: text("Ada.L"),
            display_name: text("Ada Lovelace"),
            bio: text("Analystin, 1815–1852."),
            image_url: text("https://example.org/ada.png"),
            email_key: EmailKey::of_mac([0xa1; 32]),
        }),
        Event::ProfileChanged(ProfileChanged {
            display_name: Some(text("A. Lovelace")),
            bio: Some(text("")),
            image_url: Some(text("https://example.org/ada-2.png")),
        }),
        ReservationEvent::UserNameClaimed(reserved("ada.l")).into(),
        ReservationEvent::UserNameConfirmed(held("ada.l")).into(),
        ReservationEvent::UserNameReleased(reserved("ada.l")).into(),
        ReservationEvent::EmailClaimed(reserved(EmailKey::of_mac([0xa1; 32]).as_str())).into(),
        ReservationEvent::EmailConfirmed(held(EmailKey::of_mac([0xa1; 32]).as_str())).into(),
        ReservationEvent::EmailReleased(reserved(EmailKey::of_mac([0xa1; 32]).as_str())).into(),
        Event::UserNameChanged(UserNameChanged { user_name: text("Countess") }),
        Event::EmailVerified(EmailVerified { email_key: EmailKey::of_mac([0xa1; 32]) }),
        Event::EmailChanged(EmailChanged { email_key: EmailKey::of_mac([0xb2; 32]) }),
        Event::EmailGivenUp(EmailGivenUp { email_key: EmailKey::of_mac([0xa1; 32]) }),
        Event::RoleGranted(RoleGranted { role_name: "editor".into() }),
        Event::RoleRevoked(RoleRevoked { role_name: "editor".into() }),
        Event::Deactivated(Deactivated {}),
        Event::Reactivated(Reactivated {}),
        Event::Erased(Erased {}),
        Event::PreferencesChanged(PreferencesChanged {
            locale: Some("pt-BR".into()),
            time_zone: Some("Europe/Lisbon".into()),
            theme: Some("dark".into()),
            posts_per_page: Some(50),
            email_new_follower: Some(true),
            email_comment: Some(false),
            email_digest: Some("weekly".into()),
            following_list: Some("private".into()),
            reset_fields: vec!["mood".into(), "taste".into()],
        }),
    ]
}
