use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

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

#[test]
fn a_letter_is_read_by_its_owner_alone_whatever_a_crash_left() {
    let root = std::env::temp_dir().join(Uuid::now_v7().to_string());
    let (folder, mode) = (root.join("mail"), |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777);
    write(&folder.join("one.eml"), b"a token").unwrap();
    std::fs::write(folder.join("two.new"), b"half a letter").unwrap();
    std::fs::set_permissions(folder.join("two.new"), Permissions::from_mode(0o644)).unwrap();
    for _ in 0..2 {
        write(&folder.join("two.eml"), b"another").unwrap();
    }
    assert_eq!(mode(&folder), 0o700);
    assert_eq!([mode(&folder.join("one.eml")), mode(&folder.join("two.eml"))], [0o600, 0o600]);
    assert_eq!(std::fs::read(folder.join("two.eml")).unwrap(), b"another");
    std::fs::remove_dir_all(root).unwrap();
}
