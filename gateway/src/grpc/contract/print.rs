//! Messages and services as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::numbers::Numbers;
use super::services::{Rpc, Service};
use super::{FOLDER, PACKAGE};

/// Comments are no wider.
const COLUMNS: usize = 116;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) fields: Vec<Field>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) about: String,
    /// Its type, with `repeated` where there are several.
    pub(super) kind: String,
    /// Whether it tells being empty from not being there.
    pub(super) is_optional: bool,
    /// Whether a request has it.
    pub(super) is_required: bool,
}

impl Field {
    /// The message of ours that it has.
    pub(super) fn message(&self) -> Option<&str> {
        let kind = self.kind.strip_prefix("repeated ").unwrap_or(&self.kind);
        let kind = kind.strip_prefix("map<string, ").and_then(|kind| kind.strip_suffix('>')).unwrap_or(kind);
        kind.starts_with(|c: char| c.is_ascii_uppercase()).then_some(kind)
    }
}

/// A file with these messages and, before them, the service.
pub(super) fn file(service: Option<&Service>, messages: &[Message], numbers: &Numbers) -> String {
    let mut body = String::new();
    if let Some(service) = service {
        write_service(&mut body, service);
    }
    for message in messages {
        write_message(&mut body, message, numbers);
    }
    let mut text = "// Made of gateway/openapi.json (proto/README.md). The numbers of fields stay.\n\n".to_owned();
    let _ = writeln!(text, "syntax = \"proto3\";\n\npackage {PACKAGE};\n");
    for import in imports(&body, service.is_some()) {
        let _ = writeln!(text, "import \"{import}\";");
    }
    text + &body
}

fn imports(body: &str, has_service: bool) -> BTreeSet<String> {
    let known = [
        ("(google.api.http)", "google/api/annotations.proto"),
        ("(google.api.field_behavior)", "google/api/field_behavior.proto"),
        ("google.protobuf.Empty", "google/protobuf/empty.proto"),
        ("google.protobuf.FieldMask", "google/protobuf/field_mask.proto"),
        ("google.protobuf.Struct", "google/protobuf/struct.proto"),
        ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
    ];
    let needed = known.iter().filter(|(name, _)| body.contains(name)).map(|(_, file)| (*file).to_owned());
    needed.chain(has_service.then(|| format!("{FOLDER}/types.proto"))).collect()
}

fn write_service(text: &mut String, service: &Service) {
    text.push('\n');
    comment(text, "", &service.about);
    let _ = writeln!(text, "service {} {{", service.name);
    for (at, rpc) in service.rpcs.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        // Within a service the name of an rpc hides the message that is called so.
        let is_hidden = service.rpcs.iter().any(|other| other.name == rpc.response);
        let response = if is_hidden { format!(".{PACKAGE}.{}", rpc.response) } else { rpc.response.clone() };
        write_rpc(text, rpc, &response);
    }
    text.push_str("}\n");
}

fn write_rpc(text: &mut String, rpc: &Rpc, response: &str) {
    comment(text, "  ", &rpc.about);
    let _ = writeln!(text, "  rpc {}({}) returns ({}) {{", rpc.name, rpc.request.name, response);
    let _ = writeln!(text, "    option (google.api.http) = {{");
    let _ = writeln!(text, "      {}: \"{}\"", rpc.method, rpc.path);
    if rpc.has_body {
        let _ = writeln!(text, "      body: \"body\"");
    }
    text.push_str("    };\n  }\n");
}

fn write_message(text: &mut String, message: &Message, numbers: &Numbers) {
    let numbered = numbers.number(message);
    text.push('\n');
    comment(text, "", &message.about);
    if numbered.fields.is_empty() && numbered.reserved.is_empty() {
        let _ = writeln!(text, "message {} {{}}", message.name);
        return;
    }
    let _ = writeln!(text, "message {} {{", message.name);
    if !numbered.reserved.is_empty() {
        let list: Vec<String> = numbered.reserved.iter().map(u32::to_string).collect();
        let _ = writeln!(text, "  reserved {};", list.join(", "));
    }
    if !numbered.reserved_names.is_empty() {
        let list: Vec<String> = numbered.reserved_names.iter().map(|name| format!("\"{name}\"")).collect();
        let _ = writeln!(text, "  reserved {};", list.join(", "));
    }
    for (number, field) in numbered.fields {
        comment(text, "  ", &field.about);
        let optional = if field.is_optional { "optional " } else { "" };
        let required = if field.is_required { " [(google.api.field_behavior) = REQUIRED]" } else { "" };
        let _ = writeln!(text, "  {optional}{} {} = {number}{required};", field.kind, field.name);
    }
    text.push_str("}\n");
}

fn comment(text: &mut String, indent: &str, about: &str) {
    for paragraph in about.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && indent.len() + 3 + line.chars().count() + 1 + word.chars().count() > COLUMNS {
                let _ = writeln!(text, "{indent}// {line}");
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(text, "{}", format!("{indent}// {line}").trim_end());
    }
}
