//! The page `docs/errors.md`, printed from the tables.

use std::fmt::Write as _;

use super::error_rows::{HINTS, ROWS};

const HEAD: &str = "\
<!-- printed from src/providers/error_rows.rs; update: UPDATE_PAGES=1 cargo test --lib errors_page -->
A reply that is an error gets the word of its code or type, or else of its HTTP status. Where the code says no more than
that the request was wrong or the provider failed, a status that says more counts, and after that a word in the error's text, which
itself is looked at and not kept.

| `error.type` | means | the same request may succeed later | HTTP status | code or type |
|---|---|---|---|---|
";

const WORDS: &str = "
| in the error's text | means |
|---|---|
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for row in ROWS {
        let retryable = if row.is_retryable { "yes" } else { "no" };
        let statuses: Vec<String> = row.statuses.iter().map(u16::to_string).collect();
        let codes: Vec<String> = row.codes.iter().map(|code| format!("`{code}`")).collect();
        let (statuses, codes) = (statuses.join(", "), codes.join(", "));
        let _ = writeln!(page, "| `{}` | {} | {retryable} | {statuses} | {codes} |", row.name, row.means);
    }
    page.push_str(WORDS);
    for hint in HINTS {
        let _ = writeln!(page, "| {} | `{}` |", hint.word, hint.kind);
    }
    page
}

#[test]
fn the_errors_page_is_printed_from_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, page()).expect("docs/ is writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib errors_page");
}
