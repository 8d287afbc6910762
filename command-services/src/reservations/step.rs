//! The texts of the steps that make a value unique.
//!
//! They are stored: a step's id and its digest in the log are made of its text, and a repeated step is known by them,
//! whichever version repeats it. A text is therefore never made of what a version may rename, such as a type's `Debug`;
//! and it says all that the step asks. A step whose meaning changes needs another text. Earlier versions wrote
//! `claim/`, `vouch/`, `confirm/` and `release/`, with digests of the body's JSON, and later `confirmed/` without a
//! time: what they began is asked again under these texts, and answered as already so.

use domain::Timestamp;
use domain::reservations::Expired;
use uuid::Uuid;

/// The reservation is made for this holder, instead of one whose own has expired if there is one.
pub(super) fn reserve(reservation_id: &str, holder_id: Uuid, attempt: u32, instead_of: Option<Expired>) -> String {
    let instead_of = instead_of.map(|expired| format!("{}@{}", expired.holder_id, expired.expires_at.0));
    format!("reserve/{reservation_id}/{holder_id}/{attempt}/{}", instead_of.unwrap_or_default())
}

/// The holder is asked whether it bears the value.
pub(super) fn bears(reservation_id: &str, holder_id: Uuid, attempt: u32) -> String {
    format!("bears/{reservation_id}/{holder_id}/{attempt}")
}

/// The reservation that expires then is made good for ever.
pub(super) fn confirm(reservation_id: &str, holder_id: Uuid, expires_at: Timestamp) -> String {
    format!("confirmed/{reservation_id}/{holder_id}@{}", expires_at.0)
}

/// The value is given up.
pub(super) fn release(reservation_id: &str, holder_id: Uuid) -> String {
    format!("released/{reservation_id}/{holder_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_stay_as_they_are_stored() {
        let (holder, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let expired = Expired { holder_id: other, expires_at: Timestamp(5) };
        assert_eq!(reserve("slug:a", holder, 1, None), "reserve/slug:a/00000000-0000-0000-0000-000000000001/1/");
        assert_eq!(
            reserve("slug:a", holder, 2, Some(expired)),
            "reserve/slug:a/00000000-0000-0000-0000-000000000001/2/00000000-0000-0000-0000-000000000002@5"
        );
        assert_eq!(bears("slug:a", holder, 1), "bears/slug:a/00000000-0000-0000-0000-000000000001/1");
        assert_eq!(confirm("slug:a", holder, Timestamp(5)), "confirmed/slug:a/00000000-0000-0000-0000-000000000001@5");
        assert_eq!(release("slug:a", holder), "released/slug:a/00000000-0000-0000-0000-000000000001");
    }
}
