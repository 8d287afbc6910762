use std::fmt;
use std::str::FromStr;

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use serde_json::Value;

/// What tells schemas apart whatever registry they are in: CRC-64-AVRO of the schema's Parsing Canonical Form, so equal
/// for schemas that differ in words only. As text: its eight bytes, least significant first, in hexadecimal, as
/// fastavro and Avro's single-object encoding have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The fingerprint of a schema.
    ///
    /// # Errors
    /// It is none.
    pub fn of(schema: &Value) -> Result<Self, String> {
        let mut schema = schema.clone();
        strip_logical_types(&mut schema);
        let schema = Schema::parse(&schema).map_err(|error| error.to_string())?;
        let digest = schema.fingerprint::<Rabin>().bytes;
        Ok(Self(digest.try_into().expect("CRC-64 has eight bytes")))
    }
}

/// The Avro library's canonical form leaves `{"type": "long"}` of a logical type, where the specification has `"long"`.
fn strip_logical_types(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.remove("logicalType");
            members.values_mut().for_each(strip_logical_types);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_logical_types),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As fastavro says: `fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")`.
    #[test]
    fn agrees_with_other_libraries() {
        let of =
            |name| Fingerprint::of(&serde_json::from_str(crate::schemas::text_of(name).unwrap()).unwrap()).unwrap();
        assert_eq!(of("inklog.posts.Drafted").to_string(), "129ca35fc8b853be");
        assert_eq!(of("inklog.posts.SlugClaimed").to_string(), "4fadada881f29c4e");
        assert_eq!("4fadada881f29c4e".parse(), Ok(of("inklog.posts.SlugClaimed")));
    }
}
