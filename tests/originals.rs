//! `docs/originals.md` and `SECURITY.md` name tests; they have to be there.

use std::fs;
use std::path::{Path, PathBuf};

fn file_of(path: &[&str]) -> Option<PathBuf> {
    let below = |room: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(room).join(path.join("/"));
    let (tests, src) = (below("tests"), below("src"));
    [tests.with_extension("rs"), tests.join("main.rs"), src.with_extension("rs")].into_iter().find(|file| file.exists())
}

/// The names `file::test` in backquotes.
fn named(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2).filter(|text| text.contains("::"))
}

fn is_there(name: &str) -> bool {
    let path: Vec<&str> = name.split("::").collect();
    let [modules @ .., test] = path.as_slice() else { return false };
    let text = file_of(modules).map(|file| fs::read_to_string(file).expect("readable")).unwrap_or_default();
    // With its attribute: a helper of that name is no test.
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_test =
        |at: usize| lines[..at].iter().rev().take(3).any(|line| line.contains("test]") || line.contains("test("));
    (0..lines.len()).any(|at| lines[at].contains(&format!("fn {test}(")) && is_test(at))
}

#[test]
fn every_test_that_the_pages_name_exists() {
    for (file, least) in [("docs/originals.md", 60), ("SECURITY.md", 30)] {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a page");
        // Not `Workflow::result`, a method.
        let is_test = |name: &&str| name.starts_with(|first: char| first.is_lowercase()) && *name != "file::test";
        let names: Vec<&str> = named(&page).filter(is_test).collect();
        assert!(names.len() >= least, "{file} is read: {names:?}");
        let missing: Vec<_> = names.iter().filter(|name| !is_there(name)).collect();
        assert!(missing.is_empty(), "{file}: no such test: {missing:?}");
    }
}

#[test]
fn every_test_of_the_originals_has_its_row() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/originals.md")).expect("a page");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| #"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split('|').map(str::trim).collect()).collect();
    assert_eq!(rows.len(), 15 + 31 + 1);
    for row in rows {
        assert!(row.get(3).is_some_and(|ours| !ours.is_empty()), "{row:?} says nothing");
    }
}

#[test]
fn a_test_that_is_not_there_is_missed() {
    assert!(is_there("originals::a_test_that_is_not_there_is_missed"));
    assert!(!is_there("originals::is_there"));
    assert!(!is_there("originals::nothing_of_the_kind"));
}
