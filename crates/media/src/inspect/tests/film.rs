//! AVIF: what is in its boxes besides pictures, and films of what is none.

use super::*;

fn refused(bytes: &[u8]) -> bool {
    matches!(taken(bytes), Err(Refused::Bad(_)))
}

/// What a film is made of, of which a test changes one.
struct Film {
    handler: [u8; 4],
    coded: [u8; 4],
    frames: u32,
    /// How large the track says that it is, and how large its frames.
    sizes: [(u16, u16); 2],
    /// Boxes in the track besides.
    track: Vec<u8>,
}

const FILM: Film = Film { handler: *b"pict", coded: *b"av01", frames: 3, sizes: [(64, 48); 2], track: Vec::new() };
/// Two times of 4 bytes, and of 8.
const TIMES: &[u8] = b"MadeThenMadeThen";

impl Film {
    fn bytes(&self) -> Vec<u8> {
        let [shown, coded] = self.sizes.map(|(width, height)| [width.to_be_bytes(), height.to_be_bytes()]);
        let frames =
            [&[0; 24], coded.concat().as_slice(), &[0; 14], SECRET, &[0; 4], &iso_box(b"uuid", SECRET)].concat();
        let described =
            iso_box(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], iso_box(&self.coded, &frames).as_slice()].concat());
        let samples = iso_box(b"stsz", &[[0; 4], [0, 0, 0, 9], self.frames.to_be_bytes()].concat());
        let elsewhere = iso_box(b"url ", &[&[0; 4], SECRET].concat());
        let sources = iso_box(b"dinf", &iso_box(b"dref", &[&[0, 0, 0, 0, 0, 0, 0, 1], elsewhere.as_slice()].concat()));
        let table = iso_box(b"stbl", &[described, samples, iso_box(b"sgpd", SECRET)].concat());
        let handler = [&[0; 8], self.handler.as_slice(), &[0; 12], SECRET, &[0]].concat();
        let inner = [
            iso_box(b"mdhd", &[&[1, 0, 0, 0], TIMES, &[0; 16]].concat()),
            iso_box(b"hdlr", &handler),
            iso_box(b"minf", &[sources, table].concat()),
        ];
        let [width, height] = shown;
        let head = [&[0; 4], &TIMES[..8], &[0; 64], &width, &[0, 0], &height, &[0, 0]].concat();
        let track = [iso_box(b"tkhd", &head), iso_box(b"mdia", &inner.concat()), self.track.clone()].concat();
        let whole = iso_box(b"mvhd", &[&[0; 4], &TIMES[..8], &[0; 88]].concat());
        [avif(), iso_box(b"moov", &[whole, iso_box(b"trak", &track)].concat())].concat()
    }
}

/// A film with these boxes in its track.
fn film(track: &[u8], frames: u32) -> Vec<u8> {
    Film { frames, track: track.to_vec(), ..FILM }.bytes()
}

#[test]
fn what_an_avif_that_moves_tells_is_emptied_where_it_stands() {
    let bytes = film(&iso_box(b"udta", &iso_box(b"\xA9xyz", SECRET)), 3);
    let (found, kept) = taken(&bytes).unwrap();
    assert_eq!((found.size, kept.len()), (Some((64, 48)), bytes.len()));
    assert!(!contains(&kept, SECRET) && !contains(&kept, b"udta") && contains(&kept, b"stsz"));
    assert!(!contains(&kept, b"Made") && !contains(&kept, b"uuid") && !contains(&kept, b"sgpd"));
    assert!(contains(&kept, b"pict") && contains(&kept, b"av01") && contains(&kept, b"dref"));
    let (_, again) = taken(&kept).unwrap();
    assert_eq!(again, kept);
    // XMP beside a track, in the data of the file.
    let place = u32::try_from(avif().len() - SECRET.len()).unwrap().to_be_bytes();
    let length = u32::try_from(SECRET.len()).unwrap().to_be_bytes();
    let item = iso_box(b"infe", b"\x02\0\0\0\0\x01\0\0mime\0");
    let items = iso_box(b"iinf", &[&[0, 0, 0, 0, 0, 1], item.as_slice()].concat());
    let entry = [&[0, 1, 0, 0, 0, 1], place.as_slice(), &length].concat();
    let places = iso_box(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, 1], entry.as_slice()].concat());
    let meta = iso_box(b"meta", &[&[0, 0, 0, 0], items.as_slice(), &places].concat());
    assert!(!contains(&taken(&film(&meta, 3)).unwrap().1, SECRET));
    assert!(refused(&film(&[], 1_000_000)), "a million frames");
}

#[test]
fn what_describes_an_avif_in_a_box_of_its_own_is_emptied() {
    let mut bytes = avif();
    let at = bytes.windows(4).position(|it| it == b"iprp").unwrap() - 4;
    let told = iso_box(b"uuid", SECRET);
    bytes.splice(at..at, told.iter().copied());
    // The description and the places in it move by as much.
    let longer = u32::try_from(told.len()).unwrap();
    let add = |bytes: &mut Vec<u8>, at: usize| {
        let number = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) + longer;
        bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
    };
    let meta = bytes.windows(4).position(|it| it == b"meta").unwrap() - 4;
    add(&mut bytes, meta);
    let places = bytes.windows(4).position(|it| it == b"iloc").unwrap() + 4 + 8;
    add(&mut bytes, places + 6);
    add(&mut bytes, places + 20);
    let (_, kept) = taken(&bytes).unwrap();
    assert!(!contains(&kept, SECRET) && contains(&kept, b"PIXL") && !contains(&kept, b"uuid"));
}

#[test]
fn a_film_of_what_is_no_picture_is_refused() {
    assert!(taken(&Film { handler: *b"auxv", ..FILM }.bytes()).is_ok());
    for handler in [*b"meta", *b"soun", *b"vide", *b"text", [0; 4]] {
        assert!(refused(&Film { handler, ..FILM }.bytes()), "{handler:?}");
    }
    for coded in [*b"mett", *b"jpeg", *b"mp4a"] {
        assert!(refused(&Film { coded, ..FILM }.bytes()), "{coded:?}");
    }
    let track = iso_box(b"trak", &[]);
    assert!(refused(&[avif(), iso_box(b"moov", &track)].concat()), "a track that does not say what it is of");
}

#[test]
fn the_frames_of_a_film_count_by_the_largest_of_the_sizes_that_it_tells() {
    let pixels = |sizes, frames, pixels| {
        let bytes = Film { frames, sizes, ..FILM }.bytes();
        inspect(Cursor::new(bytes), std::io::sink(), Bounds { pixels }).is_ok()
    };
    // What stands beside it has 64 x 48 pixels.
    for (sizes, pixels_of_a_frame) in
        [([(1, 1); 2], 64 * 48), ([(640, 480), (64, 48)], 640 * 480), ([(64, 48), (640, 480)], 640 * 480)]
    {
        assert!(pixels(sizes, 50, pixels_of_a_frame), "{sizes:?}");
        assert!(!pixels(sizes, 51, pixels_of_a_frame), "{sizes:?}");
    }
}

/// An AVIF as `avif` makes it, whose second item, the secret, is of this kind and has this name, of which the first
/// shown is `first`.
fn with_item(kind: &[u8; 4], name: &[u8], first: u8) -> Vec<u8> {
    let item = |id: u8, of: &[u8; 4], name: &[u8]| {
        iso_box(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], of.as_slice(), name, &[0]].concat())
    };
    let items = [&[0, 0, 0, 0, 0, 2], item(1, b"av01", name).as_slice(), &item(2, kind, name)].concat();
    let secret = u8::try_from(SECRET.len()).unwrap();
    // Their data are in the description, behind one another.
    let entry = |id: u8, at: u8, length: u8| [0, id, 0, 1, 0, 0, 0, 1, 0, 0, 0, at, 0, 0, 0, length];
    let places = [&[1, 0, 0, 0, 0x44, 0, 0, 2], entry(1, 0, 4).as_slice(), &entry(2, 4, secret)].concat();
    let told = [iso_box(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 48]), iso_box(b"crtt", SECRET)].concat();
    let handler = iso_box(b"hdlr", &[b"\0\0\0\0\0\0\0\0pict", [0; 12].as_slice(), name, &[0]].concat());
    let boxes = [
        handler,
        iso_box(b"pitm", &[0, 0, 0, 0, 0, first]),
        iso_box(b"iinf", &items),
        iso_box(b"iloc", &places),
        iso_box(b"iprp", &iso_box(b"ipco", &told)),
        iso_box(b"iref", &[&[0; 4], iso_box(b"tell", SECRET).as_slice()].concat()),
        iso_box(b"idat", &[b"PIXL".as_slice(), SECRET].concat()),
    ];
    let meta = iso_box(b"meta", &[&[0; 4], boxes.concat().as_slice()].concat());
    [iso_box(b"ftyp", b"avif\0\0\0\0avifmif1"), meta].concat()
}

#[test]
fn of_items_only_pictures_are_kept_and_no_names() {
    for kind in [b"Exif", b"mime", b"uri ", b"jpeg", b"hvc1", b"any!"] {
        let bytes = with_item(kind, SECRET, 1);
        let (found, kept) = taken(&bytes).unwrap();
        assert_eq!((found.size, kept.len()), (Some((64, 48)), bytes.len()));
        assert!(!contains(&kept, SECRET) && !contains(&kept, kind) && contains(&kept, b"PIXL"), "{kind:?}");
        assert!(contains(&kept, b"av01") && contains(&kept, b"ispe") && contains(&kept, b"pict"));
        assert_eq!(taken(&kept).unwrap().1, kept);
        assert!(refused(&with_item(kind, b"", 2)), "it shows what is no picture");
    }
    // One that is made of others stays.
    let grid = taken(&with_item(b"grid", b"", 2)).unwrap().1;
    assert!(contains(&grid, &[b"PIXL".as_slice(), SECRET].concat()) && !contains(&grid, b"crtt"));
}
