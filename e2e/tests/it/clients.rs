//! Clients that are generated from the OpenAPI document, in two languages, used by a person through the gateway.

use std::process::{Command, Output};

use testkit::stack::repository;

use crate::python::has_python;
use crate::support::{System, is_there};

const SHOWN: &str = "that clients generated from the OpenAPI document can be used";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_clients_are_used_from_registering_to_reading() {
    let mut languages = Vec::new();
    if has_python() {
        languages.push("python");
    }
    if ["node", "npm"].iter().all(|program| is_there(program, SHOWN)) {
        languages.push("typescript");
    }
    if languages.is_empty() {
        return;
    }
    let system = System::behind_gateway(1).await;
    for language in languages {
        let mut command = Command::new(repository().join("e2e").join(language).join("client-journey"));
        command.arg(system.door());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let Output { status, stdout, stderr } = output;
        let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{language}: {out}{err}");
    }
}
