use super::*;

fn token() -> PositionToken {
    PositionToken { context: "posts".into(), partition: 3, offset: 41, log_id: Uuid::from_u128(7) }
}

#[test]
fn a_token_survives_the_way_to_the_client_and_back() {
    assert_eq!(token().to_string().parse(), Ok(token()));
}

#[test]
fn the_encoding_is_the_agreed_one() {
    let text = URL_SAFE_NO_PAD.decode(token().to_string()).unwrap();
    assert_eq!(text, b"posts/3/41/00000000-0000-0000-0000-000000000007");
}

#[test]
fn anything_else_is_refused() {
    let id = Uuid::from_u128(7);
    for text in [
        "",
        "posts/3/41",
        &format!("posts/3/41/{id}/x"),
        &format!("posts/-1/41/{id}"),
        &format!("posts/3/-41/{id}"),
        &format!("Posts/3/41/{id}"),
        &format!("/3/41/{id}"),
        "posts/3/41/not-an-id",
        &format!("posts/99999999999/41/{id}"),
    ] {
        assert_eq!(URL_SAFE_NO_PAD.encode(text).parse::<PositionToken>(), Err(NotAPosition), "{text}");
    }
    assert_eq!("%%%".parse::<PositionToken>(), Err(NotAPosition));
    assert_eq!("A".repeat(300).parse::<PositionToken>(), Err(NotAPosition));
}
