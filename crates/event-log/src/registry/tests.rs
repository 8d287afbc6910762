use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use super::*;
use crate::schemas::own;

/// What stands where a registry should, and answers everything so.
fn answering(status: &'static str, body: &'static str) -> Registry {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 1024]);
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    Registry::new(&url).unwrap()
}

#[tokio::test]
async fn only_what_the_registry_itself_says_of_schemas_is_final() {
    let waits = [
        ("401 Unauthorized", r#"{"error_code":40101,"message":"who are you?"}"#),
        ("403 Forbidden", ""),
        ("404 Not Found", "<h1>nginx</h1>"),
        ("404 Not Found", r#"{"error_code":404,"message":"no such path"}"#),
        ("404 Not Found", r#"{"error":"no route"}"#),
        ("429 Too Many Requests", r#"{"error_code":42901,"message":"slower"}"#),
        ("502 Bad Gateway", ""),
    ];
    for (status, body) in waits {
        let answer = answering(status, body).schema(1).await;
        assert!(matches!(answer, Err(RegistryError::Unavailable(_))), "{status} {body}: {answer:?}");
    }
    let finals = [("404 Not Found", r#"{"error_code":40403,"message":"Schema not found"}"#)];
    for (status, body) in finals {
        let answer = answering(status, body).schema(1).await;
        assert!(matches!(answer, Err(RegistryError::Refused(_))), "{status} {body}: {answer:?}");
    }
}

/// A registry that keeps schemas, as far as restoring one needs it.
#[derive(Default)]
struct Kept {
    /// Whether it takes ids in the mode IMPORT, or only counts.
    imports: bool,
    /// How many ids were used up: by a text that is there already, too.
    used: u32,
    texts: BTreeMap<u32, String>,
    subjects: BTreeSet<String>,
}

impl Kept {
    fn start(mut self) -> Registry {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = self.answer(stream);
            }
        });
        Registry::new(&url).unwrap()
    }

    fn answer(&mut self, stream: std::net::TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
        reader.read_line(&mut first)?;
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line)?;
            let lower = line.to_lowercase();
            length = lower.strip_prefix("content-length: ").map_or(length, |text| text.trim().parse().unwrap());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let target = first.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
        let path: Vec<&str> = target.split('/').skip(1).collect();
        let (status, answer) = self.reply(first.split(' ').next().unwrap(), &path, &body);
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
        reader.get_mut().write_all(format!("{head}{answer}").as_bytes())
    }

    fn reply(&mut self, method: &str, path: &[&str], body: &[u8]) -> (&'static str, serde_json::Value) {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        match (method, path) {
            ("GET", ["subjects"]) => ("200 OK", json!(self.subjects)),
            ("GET", ["schemas", "ids", id]) => match self.texts.get(&id.parse().unwrap()) {
                Some(text) => ("200 OK", json!({"schema": text})),
                None => ("404 Not Found", json!({"error_code": 40403})),
            },
            ("PUT", ["mode", _]) if self.imports => ("200 OK", json!({"mode": body["mode"]})),
            ("PUT", ["mode", _]) => ("404 Not Found", json!({"error_code": 0})),
            ("POST", ["subjects", subject, "versions"]) => {
                self.subjects.insert((*subject).to_owned());
                let text = body["schema"].as_str().unwrap().to_owned();
                self.used = self.texts.last_key_value().map_or(0, |(id, _)| *id).max(self.used) + 1;
                let same = self.texts.iter().find(|(_, known)| **known == text).map(|(id, _)| *id);
                let told = body["id"].as_u64().map(|id| u32::try_from(id).unwrap());
                let id = same.or(told).unwrap_or(self.used);
                self.texts.insert(id, text);
                ("200 OK", json!({"id": id}))
            }
            ("DELETE", ["subjects", subject]) => {
                self.subjects.remove(*subject);
                ("200 OK", json!([1]))
            }
            other => panic!("{other:?}"),
        }
    }
}

fn in_use(ids: &[(u32, &str)]) -> InUse {
    let of = |(id, name): &(u32, &str)| {
        let fingerprint = own::versions_of(name)[0].fingerprint;
        (*id, (fingerprint, BTreeSet::from([subject("inklog.posts.v1", name)])))
    };
    ids.iter().map(of).collect()
}

#[tokio::test]
async fn a_lost_registry_comes_back_under_the_ids_that_the_log_uses() {
    let (drafted, term) = ("inklog.posts.Drafted", schemas::TERM_STARTED);
    for imports in [true, false] {
        let registry = Kept { imports, ..Kept::default() }.start();
        // The words of a schema changed once: two ids of one schema.
        let in_use = in_use(&[(3, drafted), (7, drafted), (12, term)]);
        registry.restore(&in_use).await.unwrap();
        for (id, (fingerprint, _)) in &in_use {
            let layout = schemas::Layout::parse(&registry.schema(*id).await.unwrap()).unwrap();
            assert_eq!(layout.fingerprint, *fingerprint, "{id}, imports: {imports}");
        }
        assert_eq!(registry.schema(7).await.unwrap(), schemas::text_of(drafted).unwrap(), "what is written today");
        let left: Vec<String> = registry.ask::<Vec<String>>(Method::GET, "/subjects", None).await.unwrap();
        assert_eq!(left, [subject("inklog.posts.v1", term), subject("inklog.posts.v1", drafted)]);
        registry.restore(&in_use).await.expect("what is there is left as it is");
    }
}

#[tokio::test]
async fn a_schema_that_several_contexts_share_uses_up_no_id_of_another() {
    let mut in_use = in_use(&[(2, schemas::TERM_STARTED), (3, "inklog.posts.Drafted")]);
    let shared = &mut in_use.get_mut(&2).unwrap().1;
    shared.extend(
        ["following", "accounts"].map(|context| subject(&format!("inklog.{context}.v1"), schemas::TERM_STARTED)),
    );
    let registry = Kept::default().start();
    registry.restore(&in_use).await.unwrap();
    let left: Vec<String> = registry.ask::<Vec<String>>(Method::GET, "/subjects", None).await.unwrap();
    assert_eq!(left.len(), 4, "{left:?}");
    registry.restore(&in_use).await.expect("what is there is left as it is");
}

#[tokio::test]
async fn what_was_begun_anew_must_be_emptied_before_it_is_restored() {
    let texts = BTreeMap::from([(1, r#"{"type":"record","name":"Other","fields":[]}"#.to_owned())]);
    let registry = Kept { texts, ..Kept::default() }.start();
    let answer = registry.restore(&in_use(&[(1, schemas::TERM_STARTED)])).await;
    assert!(matches!(&answer, Err(RegistryError::Contradicts(why)) if why.contains("ids 1 are")), "{answer:?}");
}

/// Answers to a path and what was asked there, as long as it has some.
fn saying(answers: &'static [(&'static str, &'static str, &'static str)]) -> Registry {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (mut stream, (target, status, body)) in listener.incoming().flatten().zip(answers) {
            let mut first = String::new();
            BufReader::new(&stream).read_line(&mut first).unwrap();
            assert!(first.starts_with(&format!("{target} ")), "{first}");
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    Registry::new(&url).unwrap()
}

#[tokio::test]
async fn what_another_has_just_registered_is_registered() {
    const THERE: &str = r#"{"error_code":409,"message":"An artifact with ID 's' already exists."}"#;
    const UNKNOWN: &str = r#"{"error_code":40403,"message":"Schema not found"}"#;
    let registry = saying(&[
        ("PUT /config/s", "200 OK", "{}"),
        ("POST /subjects/s/versions", "409 Conflict", THERE),
        ("POST /subjects/s", "200 OK", r#"{"id":7}"#),
        ("PUT /config/s", "200 OK", "{}"),
        ("POST /subjects/s/versions", "409 Conflict", r#"{"error_code":409,"message":"incompatible"}"#),
        ("POST /subjects/s", "404 Not Found", UNKNOWN),
    ]);
    assert_eq!(registry.register("s", "{}").await.unwrap(), 7);
    let answer = registry.register("s", "{}").await;
    assert!(matches!(&answer, Err(RegistryError::Refused(why)) if why.contains("incompatible")), "{answer:?}");
}
