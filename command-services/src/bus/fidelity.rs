//! Does this version understand all that another one asks? A field that is passed over is a wish that is not fulfilled.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a command as another instance sent it.
///
/// # Errors
/// This version does not know what it says, or would lose a part of it.
pub(super) fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, String> {
    let sent: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let read = T::deserialize(&sent).map_err(|error| format!("this version does not know the command: {error}"))?;
    let kept = serde_json::to_value(&read).map_err(|error| error.to_string())?;
    match lost(&sent, &kept) {
        None => Ok(read),
        Some(path) => Err(format!("this version does not know `request{path}`")),
    }
}

/// Where something of `sent` is not in `kept`. What is in `kept` only is a default, of a field that the sender does not
/// know.
fn lost(sent: &Value, kept: &Value) -> Option<String> {
    match (sent, kept) {
        (Value::Object(sent), Value::Object(kept)) => sent.iter().find_map(|(name, value)| match kept.get(name) {
            Some(kept) => lost(value, kept).map(|path| format!(".{name}{path}")),
            None => Some(format!(".{name}")),
        }),
        (Value::Array(sent), Value::Array(kept)) if sent.len() == kept.len() => {
            let mut places = sent.iter().zip(kept).enumerate();
            places.find_map(|(place, (sent, kept))| lost(sent, kept).map(|path| format!("[{place}]{path}")))
        }
        _ if sent == kept => None,
        _ => Some(String::new()),
    }
}
