//! Pictures and files, apart from what happens to them: [`store`] is where the bytes are, [`inspect`] finds what they
//! are and takes out what tells of people, [`render`] makes smaller sizes of pictures.
//!
//! Nothing here is believed of bytes but what they themselves show, and nothing is held whole in memory but a picture
//! that is being rendered, of which there is one at a time in a process.

pub mod inspect;
pub mod render;
pub mod store;
