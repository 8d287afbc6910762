use std::io::Cursor;

use domain::media::Item;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::*;

/// A bucket that is missing for a while answers as one without the object does.
#[tokio::test]
async fn sizes_are_made_once_the_picture_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path().to_owned());
    store.adopt_empty().await.unwrap();
    let worker =
        Worker { store: store.clone(), made: Made::default(), spool: folder.path().to_owned(), pixels: 1_000_000 };
    let item = Item { account_id: Uuid::from_u128(1), sha256: "5a".repeat(32).parse().unwrap() };
    let original = Object { item, upload_id: Uuid::from_u128(2), rendition: None };
    assert!(matches!(worker.render(&original).await, Err(Failed::Store(StoreError::NotFound))));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(400, 3)).write_to(&mut bytes, ImageFormat::Png).unwrap();
    store.put(&original, bytes.get_ref().as_slice()).await.unwrap();
    assert_eq!(worker.render(&original).await.unwrap(), ["320w".parse().unwrap()]);
}
