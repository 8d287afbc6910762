//! Times as Postgres keeps them: microseconds since the year 2000.

use domain::Timestamp;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::types::time::OffsetDateTime;
use sqlx::{Decode, Postgres};

/// From 1970 to 2000, in milliseconds.
const EPOCH: i64 = 946_684_800_000;

/// A time for a column of type `timestamptz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub(super) Timestamp);

impl At {
    /// One that no calendar reaches becomes one that Postgres refuses: its own extremes would mean infinity.
    pub(super) fn micros(self) -> i64 {
        self.0.0.saturating_sub(EPOCH).saturating_mul(1_000).clamp(i64::MIN + 1, i64::MAX - 1)
    }
}

impl sqlx::Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        OffsetDateTime::type_info()
    }
}

impl PgHasArrayType for At {
    fn array_type_info() -> PgTypeInfo {
        OffsetDateTime::array_type_info()
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.micros(), buffer)
    }
}

impl Decode<'_, Postgres> for At {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<'_, Postgres>>::decode(value)?;
        Ok(Self(Timestamp(micros.div_euclid(1_000) + EPOCH)))
    }
}

#[cfg(test)]
mod tests;
