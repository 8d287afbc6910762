//! Fields of posts of one's own: what they may be, an operator says with a JSON Schema.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use boon::{Compiler, SchemaIndex, Schemas, ValidationError};
use domain::values::CustomFields;
use serde_json::Value;
use service_kit::Problem;
use service_kit::json::broken_rule;

/// The JSON Schema of fields of one's own.
#[derive(Clone)]
pub struct CustomFieldsSchema(Arc<(Schemas, SchemaIndex)>);

impl std::fmt::Debug for CustomFieldsSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CustomFieldsSchema")
    }
}

impl CustomFieldsSchema {
    /// Reads the file of this path. What it refers to is looked for nowhere else than in files.
    ///
    /// # Errors
    /// It cannot be read, or is no JSON Schema; the message says why.
    pub fn read(path: &str) -> Result<Self, String> {
        Self::of_file(Path::new(path)).map_err(|error| format!("{error:#}"))
    }

    fn of_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).context("it cannot be read")?;
        Self::of(serde_json::from_str(&text).context("it is not JSON")?)
    }

    fn of(schema: Value) -> anyhow::Result<Self> {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        let no_schema = |error: boon::CompileError| anyhow::anyhow!("it is no JSON Schema: {error}");
        compiler.add_resource("custom-fields.json", schema).map_err(no_schema)?;
        let index = compiler.compile("custom-fields.json", &mut schemas).map_err(no_schema)?;
        Ok(Self(Arc::new((schemas, index))))
    }

    /// Whether fields are as it has them.
    ///
    /// # Errors
    /// 422 at the place where they are not.
    fn judge(&self, fields: &CustomFields) -> Result<(), Problem> {
        let (schemas, index) = &*self.0;
        let value = fields.value();
        schemas.validate(&value, *index).map_err(|error| {
            let fault = innermost(&error);
            broken_rule(&format!("/custom_fields{}", fault.instance_location), &fault.kind)
        })
    }
}

/// The first of the faults that others are made of.
fn innermost<'e, 's, 'v>(error: &'e ValidationError<'s, 'v>) -> &'e ValidationError<'s, 'v> {
    error.causes.first().map_or(error, innermost)
}

/// Whether a post may have these fields.
///
/// # Errors
/// 422 at the place where they are not as the schema has them; or there is none.
pub fn permit(schema: Option<&CustomFieldsSchema>, fields: &CustomFields) -> Result<(), Problem> {
    match schema {
        Some(schema) => schema.judge(fields),
        None if fields.is_empty() => Ok(()),
        None => Err(broken_rule("/custom_fields", "there are none here: no schema of them is configured")),
    }
}

#[cfg(test)]
mod tests;
