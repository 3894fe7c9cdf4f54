//! `mcp::handler` hands on methods one by one: a later rmcp may have more.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Where the sources of rmcp are.
fn rmcp() -> String {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let found = packages.iter().find(|package| package["name"] == "rmcp").expect("rmcp");
    found["manifest_path"].as_str().expect("a path").to_owned()
}

/// The names after `fn`.
fn functions(text: &str) -> BTreeSet<&str> {
    let names = text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')).collect()
}

#[test]
fn every_method_of_rmcps_handler_is_handed_on() {
    let path = rmcp();
    let root = Path::new(&path).parent().expect("a directory");
    let source = std::fs::read_to_string(root.join("src/handler/server.rs")).expect("rmcp's handler");
    let (_, methods) = source.split_once("macro_rules! impl_server_handler_for_wrapper").expect("its list of methods");
    let methods = functions(methods.split("impl_server_handler_for_wrapper!(").next().expect("text"));
    assert!(methods.len() > 30, "{methods:?}");
    let ours = include_str!("../../src/mcp/handler.rs");
    let missing: Vec<_> = methods.into_iter().filter(|name| !ours.contains(&format!(" {name}("))).collect();
    assert_eq!(missing, [""; 0], "in src/mcp/handler.rs");
}
