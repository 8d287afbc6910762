use super::*;

fn password(text: &str) -> Password {
    Password::try_from(text.to_owned()).unwrap()
}

fn presented(text: &str) -> Presented {
    Presented::try_from(text.to_owned()).unwrap()
}

fn passwords(policy: Policy) -> Passwords {
    Passwords::start(1, policy).unwrap()
}

#[test]
fn a_password_has_8_to_128_characters_of_any_kind() {
    for good in ["12345678", &"x".repeat(128), "пароль для входа", "🦀🦀🦀🦀🦀🦀🦀🦀", "with spaces in it"]
    {
        assert!(Password::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for bad in ["", "1234567", &"x".repeat(129), &"x".repeat(1_000_000)] {
        assert!(Password::try_from(bad.to_owned()).is_err(), "{}", bad.len());
    }
}

#[test]
fn a_password_is_the_same_on_every_keyboard() {
    assert_eq!(password("cafe\u{301} au lait"), password("café au lait"));
    assert_eq!(presented("ｐａｓｓｗｏｒｄ"), presented("password"));
}

#[test]
fn a_password_does_not_show() {
    let shown = format!("{:?} {:?}", password("hunter2hunter2"), presented("hunter2"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn common_passwords_are_refused_offline_unless_the_policy_says_otherwise() {
    let about = vec!["ada.lovelace".to_owned(), "ada@example.org".to_owned()];
    let refused = ["password123", "qwertyuiop", "12345678", "iloveyou1", "letmein123", "P@ssw0rd", "ada.lovelace"];
    for text in refused {
        assert!(Policy::Uncommon.check(&password(text), &about).is_err(), "{text}");
        assert!(Policy::Any.check(&password(text), &about).is_ok(), "{text}");
    }
    for text in ["correct horse battery staple", "kq7xw-vzjt-pm", "Zwölf Boxkämpfer jagen Viktor", "🦀🐙🦀🐙x9🦀🐙"]
    {
        assert!(Policy::Uncommon.check(&password(text), &about).is_ok(), "{text}");
    }
}

#[tokio::test]
async fn a_hash_is_argon2id_at_owasps_strength_and_verifies() {
    let passwords = passwords(Policy::Any);
    let hash = passwords.hash(&password("correct horse"), &[]).await.unwrap().unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_ne!(passwords.hash(&password("correct horse"), &[]).await.unwrap().unwrap(), hash, "each has its own salt");
    let verify = async |text: &str, hash: Option<&str>| passwords.verify(&presented(text), hash).await.unwrap();
    assert_eq!(verify("correct horse", Some(&hash)).await, Verdict::Good(None));
    assert_eq!(verify("correct horsf", Some(&hash)).await, Verdict::Wrong);
    assert_eq!(verify("correct horse", None).await, Verdict::Wrong);
    assert_eq!(verify("correct horse", Some("not a hash")).await, Verdict::Wrong);
}

#[tokio::test]
async fn a_weak_hash_is_replaced_when_its_password_is_shown() {
    use argon2::password_hash::SaltString;
    use argon2::{Argon2, Params, PasswordHasher as _};
    let weak =
        Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    let salt = SaltString::encode_b64(&[1; 16]).unwrap();
    let hash = weak.hash_password(b"correct horse", &salt).unwrap().to_string();
    let passwords = passwords(Policy::Any);
    assert_eq!(passwords.verify(&presented("wrong"), Some(&hash)).await.unwrap(), Verdict::Wrong);
    let Verdict::Good(Some(better)) = passwords.verify(&presented("correct horse"), Some(&hash)).await.unwrap() else {
        panic!("it is weak");
    };
    assert!(better.contains("m=19456,t=2"), "{better}");
    assert_eq!(passwords.verify(&presented("correct horse"), Some(&better)).await.unwrap(), Verdict::Good(None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_turned_away_at_the_bound_and_not_later() {
    let passwords = passwords(Policy::Any);
    let began = Instant::now();
    let one = presented("correct horse");
    let all = futures::future::join_all((0..300).map(|_| passwords.verify(&one, None))).await;
    let turned_away = all.iter().filter(|outcome| outcome.is_err()).count();
    assert!(turned_away >= 300 - QUEUE - 2, "{turned_away} of 300");
    assert!(all.iter().filter(|outcome| outcome.is_ok()).count() >= 1);
    assert!(began.elapsed() < PATIENCE + Duration::from_secs(8), "{:?}", began.elapsed());
}
