mod rotation;

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, ResponseError as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

struct Issuer {
    pair: KeyPair,
    verifier: TokenVerifier,
}

fn issuer() -> Issuer {
    let pair = KeyPair::generate().unwrap();
    let verifier = TokenVerifier::from_pem(&pair.public_pem, "inklog", "inklog").unwrap();
    Issuer { pair, verifier }
}

fn names() -> TokenNames {
    TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() }
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({"iss": "inklog", "aud": "inklog", "sub": Uuid::from_u128(1), "roles": [],
        "exp": get_current_timestamp() + 60});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

impl Issuer {
    fn key(&self) -> EncodingKey {
        EncodingKey::from_ed_pem(self.pair.private_pem.as_bytes()).unwrap()
    }

    fn signed(&self, claims: &Value) -> String {
        let header = Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &self.key()).unwrap()
    }

    fn refusal(&self, token: &str) -> Refused {
        self.verifier.verify(token).unwrap_err()
    }
}

#[test]
fn a_minted_token_names_its_actor() {
    let issuer = issuer();
    let key = PrivateKey::from_pem(&issuer.pair.private_pem).unwrap();
    let roles = BTreeSet::from([Role::Editor]);
    let token = mint(&key, Uuid::from_u128(9), &roles, Duration::from_secs(60), &names()).unwrap();
    let verified = Verified { actor: Actor { id: Uuid::from_u128(9), roles }, session: None, confirmed: false };
    assert_eq!(issuer.verifier.verify(&token), Ok(verified.clone()));
    assert_eq!(issuer.verifier.verify(&token), Ok(verified), "from memory");
}

#[test]
fn each_fault_has_its_own_name() {
    let issuer = issuer();
    let refusal = |changes| issuer.refusal(&issuer.signed(&claims(changes)));
    assert_eq!(refusal(json!({"exp": get_current_timestamp() - 6})), Refused::Expired);
    assert_eq!(refusal(json!({"nbf": get_current_timestamp() + 60})), Refused::Early);
    assert_eq!(refusal(json!({"aud": "shop"})), Refused::Audience);
    assert_eq!(refusal(json!({"iss": "someone"})), Refused::Issuer);
    assert_eq!(refusal(json!({"sub": "someone"})), Refused::Claim("sub".into()));
    assert_eq!(refusal(json!({"exp": null})), Refused::Claim("exp".into()));
    assert_eq!(issuer.refusal("no.such.token"), Refused::Malformed);
    assert_eq!(issuer.refusal(&"a".repeat(9000)), Refused::Malformed);
}

#[test]
fn only_our_key_and_algorithm_count() {
    let issuer = issuer();
    let body = URL_SAFE_NO_PAD.encode(claims(json!({})).to_string());
    let unsigned = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#));
    assert_eq!(issuer.refusal(&unsigned), Refused::Algorithm);
    // The classic confusion: the public key taken for the secret of an HMAC.
    let header = Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::HS256) };
    let secret = EncodingKey::from_secret(issuer.pair.public_pem.as_bytes());
    let confused = encode(&header, &claims(json!({})), &secret).unwrap();
    assert_eq!(issuer.refusal(&confused), Refused::Algorithm);
    let other = self::issuer().signed(&claims(json!({})));
    assert_eq!(issuer.refusal(&other), Refused::Signature);
}

#[test]
fn other_kinds_of_token_do_not_pass() {
    let issuer = issuer();
    for typ in [None, Some("JWT"), Some("dpop+jwt")] {
        let header = Header { typ: typ.map(Into::into), ..Header::new(Algorithm::EdDSA) };
        let token = encode(&header, &claims(json!({})), &issuer.key()).unwrap();
        assert_eq!(issuer.refusal(&token), Refused::Kind);
    }
}

#[test]
fn unknown_roles_grant_nothing() {
    let issuer = issuer();
    let token = issuer.signed(&claims(json!({"roles": ["author", "emperor"]})));
    assert_eq!(issuer.verifier.verify(&token).unwrap().actor.roles, BTreeSet::from([Role::Author]));
}

#[test]
fn a_remembered_token_expires_too() {
    let issuer = issuer();
    let token = issuer.signed(&claims(json!({"exp": get_current_timestamp() - 4})));
    assert_eq!(issuer.verifier.remembered(&token), None, "it was not looked at yet");
    let verified = issuer.verifier.verify(&token).expect("within the leeway");
    assert_eq!(issuer.verifier.remembered(&token), Some(verified));
    assert_eq!(issuer.verifier.remembered(&format!("{token}x")), None);
    std::thread::sleep(Duration::from_millis(2_100));
    assert_eq!(issuer.verifier.remembered(&token), None);
    assert_eq!(issuer.refusal(&token), Refused::Expired);
}

async fn asked(path: &str, authorization: Option<&str>) -> StatusCode {
    let issuer = issuer();
    let good = format!("bearer {}", issuer.signed(&claims(json!({}))));
    let app = App::new()
        .app_data(actix_web::web::Data::new(issuer.verifier.clone()))
        .route("/must", web::get().to(async |Authenticated(actor): Authenticated| actor.id.to_string()))
        .route("/may", web::get().to(async |who: MaybeAuthenticated| format!("{:?}", who.0.is_some())));
    let app = init_service(app).await;
    let mut request = TestRequest::with_uri(path);
    if let Some(value) = authorization {
        request = request.insert_header(("authorization", if value == "good" { &good } else { value }));
    }
    call_service(&app, request.to_request()).await.status()
}

#[actix_web::test]
async fn extractors_tell_no_token_from_a_bad_one() {
    assert_eq!(asked("/must", Some("good")).await, 200);
    assert_eq!(asked("/must", None).await, 401);
    assert_eq!(asked("/must", Some("Basic YTpi")).await, 401);
    assert_eq!(asked("/may", None).await, 200);
    assert_eq!(asked("/may", Some("Bearer x")).await, 401);
}

#[test]
fn the_challenge_says_whether_a_token_was_there() {
    let challenge = |refused| refusal(refused).error_response().headers().get("www-authenticate").unwrap().clone();
    assert_eq!(challenge(Refused::Missing), "Bearer");
    assert_eq!(challenge(Refused::Expired), r#"Bearer error="invalid_token""#);
}
