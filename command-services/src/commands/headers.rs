use domain::values::Limits;
use service_kit::schemas;
use utoipa::IntoParams;
use utoipa::openapi::ObjectBuilder;

/// What an `Idempotency-Key` can be.
pub(super) const KEY: Limits = Limits::of(1, 200).matching("^[!-~]+$");

fn key() -> ObjectBuilder {
    schemas::text(KEY)
}

/// Headers that commands of an [`super::Anyone`] take, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it is read by the derive only")]
pub struct RepeatableHeaders {
    /// Makes the command repeatable: the same key again within 24 hours gets the first reply, and nothing is done
    /// twice.
    #[param(rename = "Idempotency-Key", required = false, schema_with = key)]
    idempotency_key: String,
    /// W3C trace context.
    #[param(required = false)]
    traceparent: String,
}

/// Headers that every other command takes, for the OpenAPI document; [`super::Caller`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it is read by the derive only")]
pub struct CommandHeaders {
    /// Makes the command repeatable: the same key again within 24 hours gets the first reply, and nothing is done
    /// twice.
    #[param(rename = "Idempotency-Key", required = false, schema_with = key)]
    idempotency_key: String,
    /// The version that the caller saw, such as `"7"`, or several; `*`: any. What is not there fits none. It is
    /// `version` in every answer, and the ETag of a command's reply; the ETag of a query is another.
    #[param(rename = "If-Match", required = false)]
    if_match: String,
    /// Versions that must not be there; `*`: nothing must be there yet.
    #[param(rename = "If-None-Match", required = false)]
    if_none_match: String,
    /// W3C trace context.
    #[param(required = false)]
    traceparent: String,
}
