use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;

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
