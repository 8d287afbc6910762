//! Asking for everything that is held about oneself.

use checker::history::Exported;
use serde_json::Value;

use super::asking::Caller;
use super::member::{Member, Tokens};

impl Member {
    pub(super) async fn export(&mut self, caller: &mut Caller) {
        let Some(Tokens { bearer, .. }) = self.session(caller) else { return self.log_in(caller).await };
        caller.export(self.id, &bearer, events).await;
    }
}

/// The events in an export; `None` if its last line is not there, or is not that of a whole one.
fn events(text: &str) -> Option<Vec<Exported>> {
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
    let (manifest, lines) = lines.split_last()?;
    (manifest["kind"] == "manifest").then_some(())?;
    lines.iter().filter(|line| line["kind"] == "event").map(exported).collect()
}

fn exported(line: &Value) -> Option<Exported> {
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    let version = line["aggregate_version"].as_u64()?;
    Some(Exported { context: text("context")?, aggregate_id: text("aggregate_id")?, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"kind":"event","context":"posts","aggregate_id":"p","aggregate_version":3}"#;

    #[test]
    fn an_export_is_whole_with_its_last_line() {
        let whole = format!("{{\"kind\":\"person\"}}\n{EVENT}\n{{\"kind\":\"manifest\"}}\n");
        let exported = Exported { context: "posts".into(), aggregate_id: "p".into(), version: 3 };
        assert_eq!(events(&whole), Some(vec![exported]));
        assert_eq!(events(EVENT), None);
        assert_eq!(events(&whole[..whole.len() - 4]), None, "it was cut off");
        assert_eq!(events(""), None);
    }
}
