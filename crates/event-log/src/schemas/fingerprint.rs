use std::fmt;
use std::str::FromStr;

use apache_avro::Schema;
use apache_avro::rabin::Rabin;

/// What tells schemas apart whatever registry they are in: CRC-64-AVRO of the schema's Parsing Canonical Form, so equal
/// for schemas that differ in words only. As text: its eight bytes, least significant first, in hexadecimal, as fastavro and
/// Avro's single-object encoding have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The fingerprint of a schema.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let digest = schema.fingerprint::<Rabin>().bytes;
        Self(digest.try_into().expect("CRC-64 has eight bytes"))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes()))
    }
}
