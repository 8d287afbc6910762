use std::time::Duration;

use domain::media::Item;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use uuid::Uuid;

use super::*;

fn object(rendition: Option<&str>) -> Object {
    let item = Item { account_id: Uuid::from_u128(1), sha256: "a".repeat(64).parse().unwrap() };
    Object { item, upload_id: Uuid::from_u128(2), rendition: rendition.map(|size| size.parse().unwrap()) }
}

fn folder() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let objects = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    (folder, Store::of(Arc::new(objects)))
}

async fn read(store: &Store, object: &Object, range: Option<Range<u64>>) -> Result<Vec<u8>, StoreError> {
    let reading = store.get(object, range).await?;
    let pieces: Vec<Bytes> = reading.bytes.try_collect().await?;
    Ok(pieces.concat())
}

/// Writes a picture and a smaller size of it, reads them, whole and in a range, and lists what there is.
async fn written_and_read(store: &Store) -> Vec<Listed> {
    // More than two parts.
    let bytes: Vec<u8> = (0..11 * 1024 * 1024_u32).map(|number| (number % 251) as u8).collect();
    store.put(&object(None), bytes.as_slice()).await.unwrap();
    store.put(&object(Some("320w")), b"small".as_slice()).await.unwrap();
    assert_eq!(store.size(&object(None)).await.unwrap(), bytes.len() as u64);
    assert!(read(store, &object(None), None).await.unwrap() == bytes);
    assert_eq!(read(store, &object(None), Some(250..254)).await.unwrap(), [250, 0, 1, 2]);
    store.list().try_collect().await.unwrap()
}

/// Deletes both, one of them twice; then nothing is there.
async fn deleted(store: &Store) {
    store.delete(&object(None), &["320w".parse().unwrap()]).await.unwrap();
    store.delete(&object(None), &[]).await.unwrap();
    assert!(matches!(store.get(&object(None), None).await, Err(StoreError::NotFound)));
    assert_eq!(store.list().count().await, 0);
}

#[tokio::test]
async fn what_is_written_is_read_whole_and_in_ranges_and_listed_until_it_is_deleted() {
    let (_folder, store) = folder();
    let listed = written_and_read(&store).await;
    let mut found: Vec<_> = listed.iter().map(|listed| listed.object.clone().unwrap().rendition).collect();
    found.sort();
    assert_eq!(found, [None, object(Some("320w")).rendition]);
    deleted(&store).await;
}

#[tokio::test]
async fn what_cannot_be_read_to_its_end_is_not_there() {
    let (_folder, store) = folder();
    assert!(matches!(store.put(&object(None), Box::pin(broken())).await, Err(StoreError::Source(_))));
    assert!(matches!(store.get(&object(None), None).await, Err(StoreError::NotFound)));
}

/// One that fails behind its first part.
fn broken() -> impl AsyncRead {
    tokio::io::AsyncReadExt::chain(
        tokio::io::AsyncReadExt::take(tokio::io::repeat(1), 6 * 1024 * 1024),
        broken_reader(),
    )
}

/// A reader that fails.
fn broken_reader() -> impl AsyncRead {
    struct Broken;
    impl AsyncRead for Broken {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Err(io::Error::other("broken")))
        }
    }
    Broken
}

/// Its disk is not mounted, say. What was stored in the folder that was made instead was lost once it was back, and
/// what was there was taken for gone.
#[tokio::test]
async fn a_folder_that_is_gone_is_away_and_none_is_made_in_its_place() {
    let place = tempfile::tempdir().unwrap();
    let (path, aside) = (place.path().join("media"), place.path().join("aside"));
    let media_store = Some(url::Url::from_file_path(&path).unwrap());
    let store = StoreArgs { media_store, media_s3_endpoint: None }.open().unwrap().unwrap();
    assert!(matches!(store.adopt_empty().await, Err(StoreError::Away(_))));
    assert!(!path.exists());
    std::fs::create_dir(&path).unwrap();
    store.adopt_empty().await.unwrap();
    store.put(&object(None), b"bytes".as_slice()).await.unwrap();
    std::fs::rename(&path, &aside).unwrap();
    let is_away = async || {
        assert!(matches!(store.put(&object(Some("320w")), b"small".as_slice()).await, Err(StoreError::Away(_))));
        assert!(matches!(store.get(&object(None), None).await, Err(StoreError::Away(_))));
        assert!(matches!(store.delete(&object(None), &[]).await, Err(StoreError::Away(_))));
        assert!(matches!(store.list().try_collect::<Vec<_>>().await, Err(StoreError::Away(_))));
    };
    is_away().await;
    assert!(!path.exists());
    std::fs::create_dir(&path).unwrap();
    is_away().await;
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
    std::fs::remove_dir(&path).unwrap();
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(read(&store, &object(None), None).await.unwrap(), b"bytes");
    assert!(matches!(store.get(&object(Some("320w")), None).await, Err(StoreError::NotFound)));
}

/// A process began while the disk was not mounted: it stored on what the disk is mounted on.
#[tokio::test]
async fn a_folder_without_a_marker_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path().to_owned());
    let put = async || store.put(&object(None), b"bytes".as_slice()).await;
    assert!(matches!(put().await, Err(StoreError::Unmarked)));
    assert!(matches!(store.get(&object(None), None).await, Err(StoreError::Unmarked)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(folder.path().join("a file"), "of another").unwrap();
    assert!(matches!(store.adopt_empty().await, Err(StoreError::Unmarked)));
    assert!(store.adopt().await.unwrap());
    put().await.unwrap();
}

#[tokio::test]
async fn the_root_of_a_new_disk_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lost+found")).unwrap();
    let store = Store::in_folder(folder.path().to_owned());
    store.adopt_empty().await.unwrap();
    store.put(&object(None), b"bytes".as_slice()).await.unwrap();
}

/// Before there were markers.
#[tokio::test]
async fn what_an_earlier_version_stored_is_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path().to_owned());
    store.adopt().await.unwrap();
    store.put(&object(None), b"bytes".as_slice()).await.unwrap();
    std::fs::remove_file(folder.path().join(".inklog-media")).unwrap();
    let store = Store::in_folder(folder.path().to_owned());
    assert_eq!(read(&store, &object(None), None).await.unwrap(), b"bytes");
    store.delete(&object(None), &[]).await.unwrap();
    std::fs::remove_dir_all(folder.path().join(Uuid::from_u128(1).to_string())).unwrap();
    store.is_there().await.unwrap();
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_not_waited_for() {
    let never = object_store::throttle::ThrottleConfig {
        wait_put_per_call: Duration::from_secs(60),
        wait_get_per_call: Duration::from_secs(60),
        ..Default::default()
    };
    let objects = object_store::throttle::ThrottledStore::new(object_store::memory::InMemory::new(), never);
    let store = Store::of(Arc::new(objects)).with_deadline(Duration::from_millis(50));
    assert!(matches!(store.put(&object(None), b"x".as_slice()).await, Err(StoreError::Away(_))));
    assert!(matches!(store.get(&object(None), None).await, Err(StoreError::Away(_))));
}

#[test]
fn a_full_disk_is_told_from_one_that_is_away() {
    let of = |kind: io::ErrorKind| object_store::Error::Generic { store: "x", source: io::Error::from(kind).into() };
    assert!(matches!(StoreError::from(of(io::ErrorKind::StorageFull)), StoreError::Full));
    assert!(matches!(StoreError::from(of(io::ErrorKind::ConnectionRefused)), StoreError::Away(_)));
}

/// What speaks S3 as far as it is asked here: keeps one object, and the headers of the last request.
async fn fake_s3(listener: tokio::net::TcpListener, requests: tokio::sync::mpsc::Sender<String>) {
    let mut kept = Vec::new();
    loop {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        let end = loop {
            let mut buffer = [0; 4096];
            let count = connection.read(&mut buffer).await.unwrap();
            read.extend_from_slice(&buffer[..count]);
            if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = read[end + 4..].to_vec();
        while body.len() < length.unwrap_or(0) {
            let mut buffer = [0; 4096];
            let count = connection.read(&mut buffer).await.unwrap();
            body.extend_from_slice(&buffer[..count]);
        }
        let about = "ETag: \"1\"\r\nLast-Modified: Sun, 29 Nov 2026 00:00:00 GMT\r\nConnection: close\r\n";
        let answer = if head.starts_with("PUT") {
            kept = body;
            format!("HTTP/1.1 200 OK\r\n{about}Content-Length: 0\r\n\r\n").into_bytes()
        } else {
            let head = format!("HTTP/1.1 200 OK\r\n{about}Content-Length: {}\r\n\r\n", kept.len());
            [head.as_bytes(), &kept].concat()
        };
        requests.send(head).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut connection, &answer).await.unwrap();
    }
}

#[tokio::test]
async fn s3_is_asked_with_signed_requests() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut requests) = tokio::sync::mpsc::channel(10);
    let server = tokio::spawn(fake_s3(listener, sender));
    let bucket = object_store::aws::AmazonS3Builder::new()
        .with_bucket_name("pictures")
        .with_region("eu-central-1")
        .with_access_key_id("an id")
        .with_secret_access_key("a secret")
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_crypto_provider(Arc::new(crypto::Hashes))
        .build()
        .unwrap();
    let store = Store::of(Arc::new(bucket));
    store.put(&object(None), b"bytes".as_slice()).await.unwrap();
    assert_eq!(read(&store, &object(None), None).await.unwrap(), b"bytes");
    for method in ["PUT", "GET"] {
        let request = requests.recv().await.unwrap().to_lowercase();
        let of = format!("{} /pictures/{}/", method.to_lowercase(), Uuid::from_u128(1));
        assert!(request.starts_with(&of), "{request}");
        assert!(request.contains("authorization: aws4-hmac-sha256 credential=an id/"), "{request}");
    }
    server.abort();
}

#[test]
fn requests_are_signed_with_hmac_sha256() {
    use object_store::client::{CryptoProvider as _, DigestAlgorithm};
    // RFC 4231, test case 2.
    let mut mac = crypto::Hashes.hmac(DigestAlgorithm::Sha256, b"Jefe").unwrap();
    mac.update(b"what do ya want ");
    mac.update(b"for nothing?");
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(mac.finish().unwrap()), expected);
    let mut digest = crypto::Hashes.digest(DigestAlgorithm::Sha256).unwrap();
    digest.update(b"abc");
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex(digest.finish().unwrap()), expected);
}

/// Against what really speaks S3: `INKLOG_TEST_S3` is its address, with a bucket `pictures`, and the usual `AWS_`
/// variables are set. `make s3` sees to it.
#[tokio::test]
#[ignore = "needs an S3-compatible server: make s3"]
async fn a_real_s3_does_what_a_folder_does() {
    let endpoint = std::env::var("INKLOG_TEST_S3").expect("INKLOG_TEST_S3 says where it is");
    let at = |bucket: &str| {
        let media_store = Some(format!("s3://{bucket}/a/prefix").parse().unwrap());
        StoreArgs { media_store, media_s3_endpoint: Some(endpoint.parse().unwrap()) }.open().unwrap().unwrap()
    };
    let store = at("pictures");
    let listed = written_and_read(&store).await;
    assert_eq!(listed.iter().filter(|listed| listed.object.is_some()).count(), 2);
    let another = Object { upload_id: Uuid::from_u128(3), ..object(None) };
    assert!(matches!(store.put(&another, Box::pin(broken())).await, Err(StoreError::Source(_))));
    assert!(matches!(store.get(&another, None).await, Err(StoreError::NotFound)));
    deleted(&store).await;
    // Nothing is gone for that.
    let nowhere = at("no-such-bucket");
    assert!(matches!(nowhere.put(&object(None), b"x".as_slice()).await, Err(StoreError::Away(_))));
    assert!(matches!(nowhere.get(&object(None), None).await, Err(StoreError::Away(_))));
    assert!(matches!(nowhere.delete(&object(None), &[]).await, Err(StoreError::Away(_))));
}
