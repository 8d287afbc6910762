//! Clients that are generated from the OpenAPI document and from the contract of gRPC, used by a person through the
//! gateway.

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
        run(&format!("{language}/client-journey"), system.door()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_is_done_by_grpc_with_a_generated_client_and_with_a_tool() {
    // The tool is built by Go, which Python brings where it is not there.
    if !has_python() {
        return;
    }
    let system = System::behind_gateway(1).await;
    for journey in ["python/grpc-journey", "go/grpcurl-journey"] {
        run(journey, system.door().trim_start_matches("http://")).await;
    }
}

/// Runs a program of `e2e` against this address.
async fn run(program: &str, address: &str) {
    let mut command = Command::new(repository().join("e2e").join(program));
    command.arg(address);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let Output { status, stdout, stderr } = output;
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{program}: {out}{err}");
}
