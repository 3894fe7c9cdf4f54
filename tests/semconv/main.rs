//! `semconv/*.yaml` against `src/semconv/*.rs`, against its own rules, and against upstream.

mod hygiene;
mod prose;
mod registry;
mod render;
mod resolve;
mod upstream;

use registry::{Manifest, Registry};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The directory of our registry.
fn semconv() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("semconv")
}

#[test]
fn generated_files_are_up_to_date() {
    let manifest: Manifest = registry::read(&semconv().join("manifest.yaml"));
    let files = render::render(&Registry::load(&semconv(), |_| true), &manifest);
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/semconv");
    let update = env::var_os("UPDATE_SEMCONV").is_some();
    let mut stale = Vec::new();
    for (name, text) in files {
        let path = dir.join(name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if update {
            fs::write(&path, text).unwrap();
        } else {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "src/semconv: {stale:?} differ from semconv/*.yaml, run `UPDATE_SEMCONV=1 cargo test --test semconv`"
    );
}
