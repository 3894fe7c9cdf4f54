//! The page `docs/endpoints.md`, printed from the tables.

use std::fmt::Write as _;

use super::endpoint_rows::{HOSTS, Path, Reply, WELL_KNOWN};

const HEAD: &str = "\
<!-- printed from src/http/endpoint_rows.rs; update: UPDATE_PAGES=1 cargo test --lib endpoints_page -->
A POST to one of these is a model call. `*` stands for anything in a host, and for one segment of a path or its end; `**` for
any beginning of a path; `{model}` for the model.

| host | `gen_ai.provider.name` | paths |
|---|---|---|
";

const WELL_KNOWN_HEAD: &str = "
On a host that the application names (`Endpoints::with_host`) these are model calls:

| path | format | streamed |
|---|---|---|
";

fn list(paths: &[Path]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", path.pattern)).collect();
    paths.join(", ")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for host in HOSTS {
        let _ = writeln!(page, "| `{}` | `{}` | {} |", host.pattern, host.provider, list(host.paths));
    }
    page.push_str(WELL_KNOWN_HEAD);
    for path in WELL_KNOWN {
        let streamed = if path.reply == Reply::Streamed { "always" } else { "as asked" };
        let _ = writeln!(page, "| `{}` | `{:?}` | {streamed} |", path.pattern, path.format);
    }
    page
}

#[test]
fn the_endpoints_page_is_printed_from_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/endpoints.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, page()).expect("docs/ is writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib endpoints_page");
}
