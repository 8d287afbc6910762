use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// Answers one request after the other with these, each on a connection of its own: where, and how many came.
async fn answering(answers: &'static [&'static str]) -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut served = 0;
        for answer in answers {
            let Ok(accepted) = tokio::time::timeout(Duration::from_secs(2), listener.accept()).await else { break };
            let (mut stream, _) = accepted.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            let answer = format!("HTTP/1.1 {answer}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            served += 1;
        }
        served
    });
    (url, served)
}

#[tokio::test]
async fn a_server_that_says_when_to_come_again_is_asked_again() {
    const BUSY: &str = "503 Service Unavailable\r\nRetry-After: 0";
    let (url, served) = answering(&[BUSY, "429 Too Many Requests\r\nRetry-After: 1", "201 Created"]).await;
    let session = log_in(&url, "importer", "a password").await;
    assert!(session.is_ok(), "{session:?}");
    assert_eq!(served.await.unwrap(), 3);
}

#[tokio::test]
async fn a_server_that_does_not_say_so_or_says_much_later_is_not() {
    for answer in [&["503 Service Unavailable", ""], &["429 Too Many Requests\r\nRetry-After: 900", ""]] {
        let (url, served) = answering(answer).await;
        assert!(log_in(&url, "importer", "a password").await.is_err());
        assert_eq!(served.await.unwrap(), 1);
    }
}
