use super::*;

// The pool of an SMTP transport lives in a runtime.
#[tokio::test]
async fn a_transport_is_a_folder_or_a_server() {
    assert!(matches!("file:/tmp/mail".parse(), Ok(MailTransport::Folder(folder)) if folder == Path::new("/tmp/mail")));
    assert!(matches!("smtp://127.0.0.1:2525".parse(), Ok(MailTransport::Smtp(_))));
    let refused = "http://user:hunter2@example.org".parse::<MailTransport>().unwrap_err();
    assert!(!refused.contains("hunter2"), "{refused}");
    assert!(!format!("{:?}", "smtp://user:hunter2@example.org".parse::<MailTransport>().unwrap()).contains("hunter2"));
}
