use serde::Deserialize;
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::Type;

/// `?limit=`: how many entries an answer has at most, from 1 to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct Limit<const DEFAULT: u32, const MAX: u32>(u32);

impl<const DEFAULT: u32, const MAX: u32> Limit<DEFAULT, MAX> {
    /// The number.
    pub(crate) fn get(self) -> u32 {
        self.0
    }
}

/// How the description has it.
pub(crate) fn schema<const DEFAULT: u32, const MAX: u32>() -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer).default(Some(DEFAULT.into()));
    number.minimum(Some(1_u32)).maximum(Some(MAX))
}

impl<const DEFAULT: u32, const MAX: u32> Default for Limit<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: u32, const MAX: u32> TryFrom<u32> for Limit<DEFAULT, MAX> {
    type Error = String;
    fn try_from(limit: u32) -> Result<Self, String> {
        if (1..=MAX).contains(&limit) { Ok(Self(limit)) } else { Err(format!("must be 1 to {MAX}")) }
    }
}
