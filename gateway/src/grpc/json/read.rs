//! JSON as a message.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value};
use prost_types::value::Kind as Any;
use serde_json::{Map, Value as Json};

use super::{LIST, Misfit, STRUCT, TIMESTAMP, is_any};

/// The message that this is. Fields that it does not know are left out, as is null.
///
/// # Errors
/// A field is of another type.
pub(in crate::grpc) fn read(descriptor: &MessageDescriptor, json: Json) -> Result<DynamicMessage, Misfit> {
    let mut message = DynamicMessage::new(descriptor.clone());
    let no_object = || Misfit::new("it is no object");
    match (descriptor.full_name(), json) {
        (TIMESTAMP, Json::String(text)) => {
            let no_time = || Misfit::new("it is no time");
            let time: prost_types::Timestamp = text.parse().map_err(|_| no_time())?;
            message.transcode_from(&time).map_err(|_| no_time())?;
        }
        (STRUCT, Json::Object(fields)) => message.transcode_from(&structure(fields)).map_err(|_| no_object())?,
        (LIST, Json::Array(items)) => {
            let list = prost_types::ListValue { values: items.into_iter().map(any).collect() };
            message.transcode_from(&list).map_err(|_| no_object())?;
        }
        (_, json) if is_any(descriptor) => message.transcode_from(&any(json)).map_err(|_| no_object())?,
        (_, Json::Object(json)) => return fields(descriptor, json),
        _ => return Err(no_object()),
    }
    Ok(message)
}

fn fields(descriptor: &MessageDescriptor, json: Map<String, Json>) -> Result<DynamicMessage, Misfit> {
    let mut message = DynamicMessage::new(descriptor.clone());
    for (name, json) in json {
        let Some(field) = message.descriptor().get_field_by_name(&name).filter(|_| !json.is_null()) else { continue };
        let value = field_value(&field, json).map_err(|misfit| misfit.within(&name))?;
        message.set_field(&field, value);
    }
    Ok(message)
}

fn field_value(field: &FieldDescriptor, json: Json) -> Result<Value, Misfit> {
    let kind = field.kind();
    if field.is_list() {
        let Json::Array(items) = json else { return Err(Misfit::new("it is no list")) };
        return Ok(Value::List(items.into_iter().map(|item| value(&kind, item)).collect::<Result<_, _>>()?));
    }
    if field.is_map() {
        let (Json::Object(entries), Kind::Message(entry)) = (json, kind) else {
            return Err(Misfit::new("it is no object"));
        };
        let kind = entry.map_entry_value_field().kind();
        let entries =
            entries.into_iter().map(|(key, json)| value(&kind, json).map(|value| (MapKey::String(key), value)));
        return Ok(Value::Map(entries.collect::<Result<_, _>>()?));
    }
    value(&kind, json)
}

fn value(kind: &Kind, json: Json) -> Result<Value, Misfit> {
    let value = match (kind, json) {
        (Kind::Bool, Json::Bool(is)) => Some(Value::Bool(is)),
        (Kind::String, Json::String(text)) => Some(Value::String(text)),
        (Kind::Int32, Json::Number(number)) => {
            number.as_i64().and_then(|number| number.try_into().ok()).map(Value::I32)
        }
        (Kind::Int64, Json::Number(number)) => number.as_i64().map(Value::I64),
        (Kind::Double, Json::Number(number)) => number.as_f64().map(Value::F64),
        (Kind::Message(descriptor), json) => return read(descriptor, json).map(Value::Message),
        _ => None,
    };
    value.ok_or_else(|| Misfit::new("it is of another type"))
}

fn any(json: Json) -> prost_types::Value {
    let kind = match json {
        Json::Null => Any::NullValue(0),
        Json::Bool(is) => Any::BoolValue(is),
        Json::Number(number) => Any::NumberValue(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Any::StringValue(text),
        Json::Array(items) => Any::ListValue(prost_types::ListValue { values: items.into_iter().map(any).collect() }),
        Json::Object(fields) => Any::StructValue(structure(fields)),
    };
    prost_types::Value { kind: Some(kind) }
}

fn structure(fields: Map<String, Json>) -> prost_types::Struct {
    let fields: BTreeMap<String, prost_types::Value> =
        fields.into_iter().map(|(name, value)| (name, any(value))).collect();
    prost_types::Struct { fields }
}
