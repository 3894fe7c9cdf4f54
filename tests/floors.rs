//! The rules of `ARCHITECTURE.md` that no compiler checks: imports between rooms go down only, modules are small and
//! have telling names, features switch whole rooms.
//!
//! The source is read as tokens, so comments and strings do not count, and neither do `#[cfg(test)]` modules.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A room names only rooms above it in this table: that makes a cycle impossible.
#[rustfmt::skip]
const ROOMS: &[(&str, &[&str])] = &[
    // room        may import
    ("semconv",   &[]),
    ("collector", &["semconv"]),
    ("rules",     &["semconv"]),
    ("content",   &["semconv"]),
    ("object_store", &["content"]),
    ("providers", &["semconv", "content"]),
    ("span",      &["semconv", "rules", "content"]),
    ("metrics",   &["semconv", "rules", "content", "span"]),
    ("events",    &["semconv", "rules", "content", "span"]),
    ("layer",     &["semconv", "rules", "content", "span"]),
    ("bridge",    &["semconv", "rules", "content", "span"]),
    ("activity",  &["semconv", "rules", "content", "providers", "span", "events", "layer"]),
    ("http",      &["semconv", "rules", "content", "providers", "span", "layer", "activity"]),
    ("mcp",       &["semconv", "rules", "content", "providers", "span", "layer", "activity"]),
    ("pipeline",  &["semconv", "content", "object_store", "providers", "span", "metrics", "events", "layer", "bridge", "activity", "http", "mcp"]),
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "internal", "prelude", "types", "util", "utils"];

/// Features switch rooms at the `mod` lines of `lib.rs`. Where else one may stand, and why.
#[rustfmt::skip]
const FEATURE_SWITCHES: &[(&str, &str)] = &[
    // file                     why
    ("http/mod.rs",             "the middleware of reqwest-middleware is one of two, and the only one with reqwest"),
    ("pipeline/answer.rs",      "only HTTP tells how an attempt ended"),
    ("pipeline/certificates.rs", "files are read for transports only"),
    ("pipeline/endpoint.rs",    "reads of an address that only a transport makes"),
    ("pipeline/exporter/mod.rs", "the two transports are two crates, and either may be absent"),
    ("pipeline/headers.rs",     "headers are read by transports only"),
    ("pipeline/limits.rs",      "only exporters have a protocol whose numbers have to be finite"),
    ("pipeline/mod.rs",         "the HTTP client and TLS belong to a transport"),
    ("pipeline/otlp_config.rs", "the default protocol depends on the transports there are"),
    ("pipeline/record.rs",      "only exporters tell scopes"),
    ("pipeline/sink.rs",        "only exporters are refused"),
    ("pipeline/tls.rs",         "what only the HTTP client needs"),
];

const MAX_LINES: usize = 400;

/// A source file of the library or the program.
struct Source {
    /// Below `src`, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn tokens(&self) -> TokenStream {
        self.text.parse().unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// The modules from the crate's root to this file's.
    fn modules(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        if path == "lib" { Vec::new() } else { path.split('/').collect() }
    }

    /// `None` for the roof and the program.
    fn room(&self) -> Option<&str> {
        self.modules().first().copied().filter(|&first| first != "bin")
    }

    /// Written from data: its length is that of the data.
    fn is_generated(&self) -> bool {
        self.text.starts_with("// Generated from ")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let relative = |file: &PathBuf| file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    let read = |file: PathBuf| Source { path: relative(&file), text: fs::read_to_string(&file).unwrap() };
    files.into_iter().map(read).collect()
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What a file says about modules: the names its paths start with from the crate's root, and where a feature is asked.
#[derive(Debug, Default, PartialEq)]
struct Facts {
    /// `crate::span::…` is `span`, two modules deep `super::super::span` as well.
    from_root: Vec<String>,
    asks_features: bool,
    /// Names of the modules it declares.
    declares: Vec<String>,
}

impl Facts {
    fn of(source: &Source) -> Self {
        let mut facts = Self::default();
        facts.read(source.tokens(), source.modules().len());
        facts
    }

    /// `depth`: how many modules lie between the crate's root and these tokens, theirs included.
    fn read(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            if let Some(length) = test_module(rest) {
                at += length;
                continue;
            }
            match token {
                TokenTree::Group(group) => {
                    let inside = at > 1 && is_word(&tokens[at - 2], "mod") && group.delimiter() == Delimiter::Brace;
                    self.read(group.stream(), depth + usize::from(inside));
                }
                TokenTree::Ident(_) => self.read_word(rest, depth),
                _ => {}
            }
            // The words of a chain `super::super` count once, from its start.
            at += 1 + if is_word(token, "super") { 3 * supers(rest).saturating_sub(1) } else { 0 };
        }
    }

    fn read_word(&mut self, rest: &[TokenTree], depth: usize) {
        if is_word(&rest[0], "crate") {
            self.from_root.extend(names_after(&rest[1..]));
        } else if is_word(&rest[0], "super") && supers(rest) >= depth {
            self.from_root.extend(names_after(&rest[3 * supers(rest) - 2..]));
        } else if is_word(&rest[0], "cfg") || is_word(&rest[0], "cfg_attr") {
            self.asks_features |= rest.iter().take(3).any(|token| token.to_string().contains("feature"));
        } else if let ([_, TokenTree::Ident(name), ..], true) = (rest, is_word(&rest[0], "mod")) {
            self.declares.push(name.to_string());
        }
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// How many `super` in `super::super::…`.
fn supers(tokens: &[TokenTree]) -> usize {
    tokens.chunks(3).take_while(|chunk| is_word(&chunk[0], "super") && chunk.len() == 3 && is_path(&chunk[1..])).count()
}

fn is_path(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(a), TokenTree::Punct(b), ..] if a.as_char() == ':' && b.as_char() == ':')
}

/// The names in `::name` and `::{name::…, name}`.
fn names_after(tokens: &[TokenTree]) -> Vec<String> {
    match tokens {
        [_, _, TokenTree::Ident(name), ..] if is_path(tokens) => vec![name.to_string()],
        [_, _, TokenTree::Group(group), ..] if is_path(tokens) => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            let starts = tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
            starts.filter_map(|path| path.first()).map(ToString::to_string).collect()
        }
        [_, _, TokenTree::Punct(star), ..] if is_path(tokens) => vec![star.to_string()],
        _ => Vec::new(),
    }
}

/// The number of tokens of `#[cfg(test)] #[…] mod name {…}`, if these start with one.
fn test_module(tokens: &[TokenTree]) -> Option<usize> {
    let attributes = tokens.chunks(2).take_while(|pair| pair[0].to_string() == "#" && pair.len() == 2).count();
    let is_test = tokens.get(1).is_some_and(|group| group.to_string() == "[cfg (test)]");
    let named = is_test && attributes > 0 && is_word(tokens.get(2 * attributes)?, "mod");
    named.then_some(2 * attributes + 3)
}

/// Files of out-of-line test modules: `#[cfg(test)] mod tests;`.
fn is_test_file(source: &Source) -> bool {
    source.path.ends_with("tests.rs")
}

#[track_caller]
fn assert_none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

#[test]
fn a_room_names_only_rooms_above_it_in_the_table() {
    let mut above = Vec::new();
    for (room, imports) in ROOMS {
        for import in *imports {
            assert!(above.contains(import), "{room} imports {import}, which does not stand above it");
        }
        above.push(*room);
    }
}

#[test]
fn imports_go_down_only() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| !is_test_file(source)) {
        let Some(room) = source.room() else { continue };
        let allowed = ROOMS.iter().find(|row| row.0 == room).map_or(&[][..], |row| row.1);
        for name in Facts::of(source).from_root {
            if name != room && !allowed.contains(&name.as_str()) {
                offences.push(format!("{}: {room} imports {name}, allowed are {allowed:?}", source.path));
            }
        }
    }
    assert_none("a room imports what tests/floors.rs allows, by its room, not through the roof", &offences);
}

#[test]
fn every_room_stands_in_the_table() {
    let sources = sources();
    let unknown = |room: &&str| ROOMS.iter().all(|row| row.0 != *room);
    let mut rooms: Vec<_> = sources.iter().filter_map(Source::room).filter(unknown).map(String::from).collect();
    rooms.dedup();
    assert_none("these rooms have no row in tests/floors.rs", &rooms);
    let declared = Facts::of(sources.iter().find(|source| source.path == "lib.rs").unwrap()).declares;
    assert!(declared.iter().any(|room| room == "semconv"), "{declared:?} are no modules of lib.rs: is it read at all?");
}

#[test]
fn the_program_uses_the_public_interface_only() {
    for source in sources().iter().filter(|source| source.path.starts_with("bin/")) {
        let code = source.tokens().to_string();
        assert!(
            !code.contains("include !") && !code.contains("path ="),
            "{} takes in the library's files",
            source.path
        );
    }
}

#[test]
fn features_are_asked_at_the_rooms_doors() {
    let sources = sources();
    let asking: Vec<&str> = sources
        .iter()
        .filter(|source| source.path != "lib.rs" && Facts::of(source).asks_features)
        .map(|source| source.path.as_str())
        .collect();
    let listed: Vec<&str> = FEATURE_SWITCHES.iter().map(|row| row.0).collect();
    assert_eq!(asking, listed, "files with cfg(feature) outside lib.rs, and FEATURE_SWITCHES");
}

#[test]
fn files_are_short() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > MAX_LINES && !source.is_generated()).then(|| format!("{}: {lines} lines", source.path))
    };
    assert_none("at most 400 lines a file", &sources().iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn modules_have_telling_names() {
    let mut offences = Vec::new();
    for source in sources() {
        let declared = Facts::of(&source).declares;
        let empty = declared.iter().filter(|name| EMPTY_NAMES.contains(&name.as_str()));
        offences.extend(empty.map(|name| format!("{}: mod {name}", source.path)));
    }
    assert_none("a module's name says what is inside", &offences);
}

mod the_reader {
    use super::{Facts, Source};

    fn read(path: &str, text: &str) -> Facts {
        Facts::of(&Source { path: path.into(), text: text.into() })
    }

    #[test]
    fn sees_paths_groups_and_macros() {
        let text = "use crate::a; use crate::{b::B, c}; fn f() { let _ = crate::d::E; m!(crate::g); } use crate::*;";
        assert_eq!(read("span/open.rs", text).from_root, ["a", "b", "c", "d", "g", "*"]);
        assert_eq!(read("span/open.rs", "macro_rules! m { () => { $crate::a } }").from_root, ["a"]);
    }

    #[test]
    fn follows_super_out_of_the_room_only() {
        let text = "use super::gate; use super::super::layer::layer; mod row { use super::super::super::rules; }";
        assert_eq!(read("span/open.rs", text).from_root, ["layer", "rules"]);
        assert_eq!(read("span/mod.rs", "use super::{layer, rules::X}; use self::gate;").from_root, ["layer", "rules"]);
        assert_eq!(read("span/mod.rs", "mod tests { use super::*; }").from_root, [""; 0]);
    }

    #[test]
    fn passes_by_comments_strings_and_test_modules() {
        let text = r#"
            //! [`a`](crate::a)
            /// [`b`](crate::b)
            fn f() -> &'static str { "crate::c" } // crate::d
            #[cfg(test)]
            #[path = "x_tests.rs"]
            mod tests;
            #[cfg(test)]
            mod more { use crate::e; }
            use crate::seen;
        "#;
        assert_eq!(read("span/open.rs", text).from_root, ["seen"]);
    }

    #[test]
    fn sees_features_and_modules() {
        assert!(read("a/b.rs", "#[cfg(any(feature = \"x\", unix))] mod c;").asks_features);
        assert!(read("a/b.rs", "fn f() -> bool { cfg!(feature = \"x\") }").asks_features);
        assert!(!read("a/b.rs", "#[cfg(unix)] mod c; // feature\n").asks_features);
        assert_eq!(read("a/b.rs", "mod util; pub mod c {}").declares, ["util", "c"]);
    }
}
