//! The declared `rust-version` against those of the dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// `cargo metadata` of this package, with every feature, on every platform.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The ids of what a user of the crate compiles: everything but development dependencies.
fn compiled(metadata: &Value) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let by_id: BTreeMap<&str, &Value> = nodes.iter().map(|node| (node["id"].as_str().expect("an id"), node)).collect();
    let mut open = vec![metadata["resolve"]["root"].as_str().expect("a root")];
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let dependencies = by_id[id]["deps"].as_array().expect("dependencies");
            let wanted = dependencies.iter().filter(|dependency| !is_for_development(dependency));
            open.extend(wanted.filter_map(|dependency| dependency["pkg"].as_str()));
        }
    }
    found
}

fn is_for_development(dependency: &Value) -> bool {
    let kinds = dependency["dep_kinds"].as_array().expect("kinds");
    kinds.iter().all(|kind| kind["kind"] == "dev")
}

/// `1.88` and `1.88.0` are the same.
fn version(text: &str) -> [u64; 3] {
    let mut numbers = text.split('.').map(|number| number.parse().expect("a number"));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

#[test]
fn no_dependency_asks_for_a_newer_rust_than_we_do() {
    let metadata = metadata();
    let compiled = compiled(&metadata);
    assert!(compiled.len() > 50, "only {} packages: are the dependencies seen?", compiled.len());
    let declared = env!("CARGO_PKG_RUST_VERSION");
    let packages = metadata["packages"].as_array().expect("packages");
    let newer: Vec<String> = packages
        .iter()
        .filter(|package| compiled.contains(package["id"].as_str().expect("an id")))
        .filter_map(|package| Some((package, package["rust_version"].as_str()?)))
        .filter(|(_, wants)| version(wants) > version(declared))
        .map(|(package, wants)| format!("{} {} wants {wants}", package["name"], package["version"]))
        .collect();
    assert!(newer.is_empty(), "rust-version is {declared}, but {}", newer.join(", "));
}
