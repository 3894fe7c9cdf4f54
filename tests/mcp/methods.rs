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

/// What a client asks with, in rmcp.
fn requests_of_a_client(source: &str) -> BTreeSet<String> {
    let public = source.split("pub async fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
    let by_macro = source.split("method!(").skip(1).filter_map(|rest| {
        let kind = rest.find("peer_req ").or_else(|| rest.find("peer_not "))?;
        rest[kind..].split_whitespace().nth(1)
    });
    public.chain(by_macro).map(str::to_owned).collect()
}

#[test]
fn every_request_of_rmcps_client_notes_where_it_is_sent_from() {
    // They open a connection, or are of a subscription; `listen` has no room for a place.
    const OTHERS: &[&str] = &["$method", "cancel", "cancel_with_reason", "listen", "listen_with_capacity", "next"];
    let path = rmcp();
    let root = Path::new(&path).parent().expect("a directory");
    let source = std::fs::read_to_string(root.join("src/service/client.rs")).expect("rmcp's client");
    let requests = requests_of_a_client(&source);
    assert!(requests.len() > 40, "{requests:?}");
    let ours = [include_str!("../../src/mcp/calls.rs"), include_str!("../../src/mcp/completions.rs")].concat();
    let is_ours = |name: &str| [": ", "("].iter().any(|end| ours.contains(&format!(" {name}{end}")));
    let other = |name: &str| OTHERS.contains(&name) || name.starts_with("serve_");
    let missing: Vec<_> = requests.into_iter().filter(|name| !other(name) && !is_ours(name)).collect();
    assert_eq!(missing, [""; 0], "in src/mcp/calls.rs");
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
