//! Which rpcs there are, and which native request each stands for: read out of the contract.

use std::collections::HashMap;
use std::sync::LazyLock;

use anyhow::Context as _;
use http::Method;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor, Value};

/// The contract, compiled.
pub(super) static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/contract.binpb"));
    DescriptorPool::decode(&bytes[..]).expect("what the compiler of the contract wrote can be read")
});

/// All rpcs by their paths.
pub(super) static RPCS: LazyLock<HashMap<&'static str, Rpc>> = LazyLock::new(|| {
    let methods: Vec<MethodDescriptor> =
        POOL.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    let rpcs =
        methods.iter().filter_map(|method| Rpc::of(method).transpose()).map(|rpc| rpc.map(|rpc| (rpc.path, rpc)));
    rpcs.collect::<anyhow::Result<_>>().expect("each rpc of the contract says which request it stands for")
});

/// The field that is the body of the native request.
pub(super) const BODY: &str = "body";
/// The field that says which fields of the body are changed.
pub(super) const UPDATE_MASK: &str = "update_mask";

/// An rpc that stands for a native request.
#[derive(Debug)]
pub(super) struct Rpc {
    /// Such as `/inklog.v1.PostsService/ReadPost`.
    pub(super) path: &'static str,
    /// The full name of its service.
    pub(super) service: String,
    pub(super) method: Method,
    /// The address of the request, with fields in braces.
    pub(super) pattern: String,
    pub(super) input: MessageDescriptor,
    pub(super) output: MessageDescriptor,
}

impl Rpc {
    /// `None` for what the gateway answers itself.
    fn of(method: &MethodDescriptor) -> anyhow::Result<Option<Self>> {
        let Some(http) = method.parent_pool().get_extension_by_name("google.api.http") else { return Ok(None) };
        let options = method.options();
        if !options.has_extension(&http) {
            return Ok(None);
        }
        let rule = options.get_extension(&http);
        let rule = rule.as_message().context("google.api.http is a message")?;
        let (verb, pattern) = pattern(rule).with_context(|| format!("{} has no pattern", method.full_name()))?;
        let service = method.parent_service().full_name().to_owned();
        let path = format!("/{service}/{}", method.name());
        Ok(Some(Self {
            // Once for all of the process: there are as many as the contract has.
            path: Box::leak(path.into_boxed_str()),
            service,
            method: Method::from_bytes(verb.to_ascii_uppercase().as_bytes())?,
            pattern,
            input: method.input(),
            output: method.output(),
        }))
    }

    pub(super) fn has_body(&self) -> bool {
        self.input.get_field_by_name(BODY).is_some()
    }

    /// Whether null takes a field of the body away.
    pub(super) fn is_change(&self) -> bool {
        self.input.get_field_by_name(UPDATE_MASK).is_some()
    }
}

fn pattern(rule: &DynamicMessage) -> Option<(&'static str, String)> {
    ["get", "put", "post", "delete", "patch"].into_iter().find_map(|verb| {
        let Value::String(pattern) = rule.get_field_by_name(verb)?.into_owned() else { return None };
        (!pattern.is_empty()).then_some((verb, pattern))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{Found, Routes};

    #[test]
    fn every_rpc_leads_to_a_route() {
        let routes = Routes::of_services().unwrap();
        for rpc in RPCS.values() {
            let Found::Route(route) = routes.find(&rpc.method, &rpc.pattern) else { panic!("{rpc:?}") };
            // Services call their parameters as they like, and the document calls them all alike.
            let nameless = |pattern: &str| {
                let segment = |part: &'_ str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
                pattern.split('/').map(segment).collect::<Vec<_>>()
            };
            assert_eq!((&route.method, nameless(route.pattern)), (&rpc.method, nameless(&rpc.pattern)));
        }
        assert!(RPCS.len() > 150, "{} rpcs", RPCS.len());
    }
}
