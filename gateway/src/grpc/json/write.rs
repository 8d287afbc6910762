//! A message as JSON.

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, MapKey, ReflectMessage as _, Value};
use prost_types::value::Kind;
use serde_json::{Map, Number, Value as Json};

use super::{LIST, Misfit, STRUCT, TIMESTAMP, is_any};
use crate::grpc::rpcs::POOL;

/// The largest integer that a double has exactly, in both directions.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// `google.api.FieldBehavior.REQUIRED`.
const REQUIRED: i32 = 2;

/// The JSON of a message. What is not set is not there; what cannot be told from its default always is.
///
/// # Errors
/// It has what JSON has no words for.
pub(in crate::grpc) fn write(message: &DynamicMessage) -> Result<Map<String, Json>, Misfit> {
    let mut map = Map::new();
    for field in message.descriptor().fields() {
        let is_empty_list = (field.is_list() || field.is_map()) && !message.has_field(&field);
        let is_there = if field.supports_presence() { message.has_field(&field) } else { true };
        if !is_there || is_empty_list && !is_required(&field) {
            continue;
        }
        let value = value(&message.get_field(&field)).map_err(|misfit| misfit.within(field.name()))?;
        map.insert(field.name().to_owned(), value);
    }
    Ok(map)
}

/// Whether a request has it, however empty it is.
fn is_required(field: &FieldDescriptor) -> bool {
    let Some(behavior) = POOL.get_extension_by_name("google.api.field_behavior") else { return false };
    let options = field.options();
    let behaviors = options.get_extension(&behavior);
    behaviors.as_list().is_some_and(|list| list.iter().any(|value| value.as_enum_number() == Some(REQUIRED)))
}

fn value(value: &Value) -> Result<Json, Misfit> {
    Ok(match value {
        Value::Bool(is) => Json::Bool(*is),
        Value::I32(number) => Json::from(*number),
        Value::I64(number) => Json::from(*number),
        Value::U32(number) => Json::from(*number),
        Value::U64(number) => Json::from(*number),
        Value::F32(number) => double(f64::from(*number))?,
        Value::F64(number) => double(*number)?,
        Value::String(text) => Json::String(text.clone()),
        Value::Bytes(_) | Value::EnumNumber(_) => return Err(Misfit::new("it is nothing that JSON has")),
        Value::Message(message) => self::message(message)?,
        Value::List(items) => Json::Array(items.iter().map(self::value).collect::<Result<_, _>>()?),
        Value::Map(entries) => {
            let entry = |(key, value): (&MapKey, &Value)| -> Result<_, Misfit> {
                Ok((key.as_str().unwrap_or_default().to_owned(), self::value(value)?))
            };
            Json::Object(entries.iter().map(entry).collect::<Result<_, _>>()?)
        }
    })
}

fn message(message: &DynamicMessage) -> Result<Json, Misfit> {
    let descriptor = message.descriptor();
    if descriptor.full_name() == TIMESTAMP {
        return time(message).map(Json::String);
    }
    if !is_any(&descriptor) {
        return write(message).map(Json::Object);
    }
    let broken = |_| Misfit::new("it is malformed");
    let bytes = message.encode_to_vec();
    match descriptor.full_name() {
        STRUCT => any(Kind::StructValue(prost_types::Struct::decode(&bytes[..]).map_err(broken)?)),
        LIST => any(Kind::ListValue(prost_types::ListValue::decode(&bytes[..]).map_err(broken)?)),
        _ => any(prost_types::Value::decode(&bytes[..]).map_err(broken)?.kind.unwrap_or(Kind::NullValue(0))),
    }
}

fn time(message: &DynamicMessage) -> Result<String, Misfit> {
    let time: prost_types::Timestamp = message.transcode_to().map_err(|_| Misfit::new("it is no time"))?;
    // From the year 1 to 9999, as RFC 3339 writes it.
    let fits = (-62_135_596_800..=253_402_300_799).contains(&time.seconds) && (0..1_000_000_000).contains(&time.nanos);
    if fits { Ok(time.to_string()) } else { Err(Misfit::new("it is no time of the years 1 to 9999")) }
}

fn any(kind: Kind) -> Result<Json, Misfit> {
    Ok(match kind {
        Kind::NullValue(_) => Json::Null,
        Kind::NumberValue(number) => double(number)?,
        Kind::StringValue(text) => Json::String(text),
        Kind::BoolValue(is) => Json::Bool(is),
        Kind::StructValue(fields) => {
            let field = |(name, value): (String, prost_types::Value)| -> Result<_, Misfit> {
                let value = any(value.kind.unwrap_or(Kind::NullValue(0))).map_err(|misfit| misfit.within(&name))?;
                Ok((name, value))
            };
            Json::Object(fields.fields.into_iter().map(field).collect::<Result<_, _>>()?)
        }
        Kind::ListValue(list) => {
            let items = list.values.into_iter().map(|item| any(item.kind.unwrap_or(Kind::NullValue(0))));
            Json::Array(items.collect::<Result<_, _>>()?)
        }
    })
}

/// A number that has no fraction is an integer in JSON.
fn double(number: f64) -> Result<Json, Misfit> {
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Ok(Json::from(number as i64));
    }
    Number::from_f64(number).map(Json::Number).ok_or_else(|| Misfit::new("it is no finite number"))
}
