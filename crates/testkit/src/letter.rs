//! Mail as its reader sees it.

use std::path::Path;

/// A letter in the folder that stands for the mail system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// To which address.
    pub to: String,
    /// What about.
    pub subject: String,
    /// Its `Message-ID`.
    pub message_id: String,
    /// Its text, decoded.
    pub text: String,
}

impl Letter {
    /// All letters in a folder.
    #[must_use]
    pub fn all(folder: &Path) -> Vec<Self> {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "eml"));
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).map(|text| Self::parse(&text)).collect()
    }

    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a letter has a head and a body");
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_default().trim().to_owned()
        };
        let text = match header("Content-Transfer-Encoding").as_str() {
            "quoted-printable" => unquoted(body),
            _ => body.to_owned(),
        };
        let (to, subject, message_id) = (header("To"), header("Subject"), header("Message-ID"));
        Self { to, subject, message_id, text }
    }

    /// The token in the letter's link.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn token(&self) -> String {
        let (_, rest) = self.text.split_once("#token=").expect("the letter has a link with a token");
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

/// RFC 2045, as far as ASCII texts need it.
fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut parts = joined.split('=');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2.min(part.len()));
        plain.extend(u8::from_str_radix(code, 16).map(char::from));
        plain.push_str(rest);
    }
    plain
}
