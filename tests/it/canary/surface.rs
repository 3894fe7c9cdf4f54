//! Every way by which text can get into the library, read off its sources: a new one is found without anybody telling.
//!
//! Like `tests/floors.rs` it reads tokens. A `pub fn` is public, because the lint `unreachable_pub` sees to it. Setters that
//! macros make are found by expanding the few macros of `src/activity` that make any.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tokens::{closed, group, is, is_braces, split, text};

/// Rooms that text does not leave the process by.
const PASSED_BY: &[(&str, &str)] = &[
    ("bin/", "a program over the collector"),
    ("collector/", "a receiver: it sends nothing"),
    ("semconv/", "tables; a key that is looked up goes nowhere"),
];

/// Words of types that hold no text, or got it by an entrance of their own.
#[rustfmt::skip]
const WORDS_WITHOUT_TEXT: &[&str] = &[
    "bool", "f64", "i64", "u8", "u16", "u32", "u64", "usize", "Duration", "Option", "Vec", "mut", "std", "time", "crate", "span", "a",
    "Compression", "CompactionTrigger", "Destination", "Dialect", "Format", "Kind", "LevelFilter", "Price", "Profile", "Protocol", "SignalReport",
    "Usage",
    // made by functions that have rows of their own
    "Carrier", "Context", "Cost", "Env", "Identity", "PriceTable", "SessionId", "Self",
    // `tracing`'s own
    "tracing", "Span",
];

/// Traits through whose methods a public type is given no text that it could send.
#[rustfmt::skip]
const TRAITS_WITHOUT_TEXT: &[&str] = &[
    "Activity", "AsRef", "Clone", "Debug", "Default", "Display", "Drop", "Error", "Given", "Iterator", "PartialEq", "Sealed",
    "Serialize",
];

/// Setters as rows of a macro, and the words of theirs that are types without text.
const ROW_MACROS: [&str; 2] = ["described", "recorded"];

/// Finds every entrance: `Turn::chat`, `Guard<Turn>::response_id`, `layer`, `ErrorType: From<&str>`.
pub(crate) fn entrances() -> BTreeSet<String> {
    let sources = sources();
    let mut reader = Reader::default();
    for (_, tokens) in &sources {
        reader.learn(tokens);
    }
    for (_, tokens) in &sources {
        reader.read(tokens, None);
    }
    reader.found
}

/// The strings in the table `name` of `src/rules/fields.rs`.
pub(crate) fn strings_of(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/fields.rs");
    let text = std::fs::read_to_string(path).expect("there");
    let tokens: Vec<TokenTree> = text.parse::<TokenStream>().expect("tokens").into_iter().collect();
    let at = tokens.windows(2).position(|two| is(&two[0], "const") && is(&two[1], name)).expect("such a table");
    let rows = tokens[at..].iter().take_while(|token| !is(token, ";")).filter_map(group);
    let strings: Vec<String> = rows.last().into_iter().flat_map(literals).collect();
    assert!(!strings.is_empty(), "{name} has no strings");
    strings
}

fn literals(tokens: Vec<TokenTree>) -> Vec<String> {
    let of = |token: TokenTree| match token {
        TokenTree::Literal(literal) => literal
            .to_string()
            .strip_prefix('"')
            .map(|text| text.trim_end_matches('"').to_owned())
            .into_iter()
            .collect(),
        other => group(&other).map(literals).unwrap_or_default(),
    };
    tokens.into_iter().flat_map(of).collect()
}

fn sources() -> Vec<(String, Vec<TokenTree>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let read = |file: PathBuf| {
        let path = file.strip_prefix(&root).expect("below").to_str().expect("text").replace('\\', "/");
        let left = PASSED_BY.iter().any(|(room, _)| path.starts_with(room)) || path.ends_with("tests.rs");
        let text = std::fs::read_to_string(&file).expect("readable");
        (!left).then(|| {
            (
                path.clone(),
                text.parse::<TokenStream>().unwrap_or_else(|error| panic!("{path}: {error}")).into_iter().collect(),
            )
        })
    };
    files.into_iter().filter_map(read).collect()
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[derive(Default)]
struct Reader {
    found: BTreeSet<String>,
    /// Bodies of the macros that write `impl $description`.
    macros: BTreeMap<String, Vec<TokenTree>>,
    /// Types that anybody can name.
    public: BTreeSet<String>,
}

impl Reader {
    /// First reading: macros and public types.
    fn learn(&mut self, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            let rest = &tokens[at..];
            if is(token, "macro_rules")
                && let [_, _, name, TokenTree::Group(rules), ..] = rest
            {
                let rules: Vec<TokenTree> = rules.stream().into_iter().collect();
                // `($description:ident…) => {body}`
                if rules.first().is_some_and(|pattern| {
                    pattern.to_string().contains("$ description") || pattern.to_string().contains("$description")
                }) {
                    let body = rules.iter().filter(|token| is_braces(token)).find_map(group).expect("a body");
                    self.macros.insert(name.to_string(), body);
                }
            }
            if is(token, "pub")
                && let [_, kind, name, ..] = rest
                && (is(kind, "struct") || is(kind, "enum"))
            {
                self.public.insert(name.to_string());
                let before = text(&tokens[at.saturating_sub(6)..at]);
                if before.contains("Deserialize") {
                    self.found.insert(format!("{name}: Deserialize"));
                }
                self.read_type(&name.to_string(), rest);
            }
            if is(token, "pub")
                && let [_, kind, name, ..] = rest
                && is(kind, "trait")
            {
                self.found.insert(format!("trait {name}"));
            }
            // Of `pin_project!` and the like, not of modules for tests.
            if let (TokenTree::Group(inner), false) = (token, at > 1 && is(&tokens[at - 2], "mod")) {
                let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
                self.learn(&inner);
            }
        }
    }

    /// Public fields and variants: `Report.last_error`, `FlushError::Failed`.
    fn read_type(&mut self, name: &str, tokens: &[TokenTree]) {
        let end = tokens.iter().position(|token| is_braces(token) || is(token, ";")).unwrap_or(0);
        let is_enum = is(&tokens[1], "enum");
        for part in split(&group(&tokens[end]).unwrap_or_default()) {
            let attributes = part.chunks(2).take_while(|pair| is(&pair[0], "#")).count();
            match &part[(2 * attributes).min(part.len())..] {
                [variant, TokenTree::Group(held)] if is_enum => {
                    let held: Vec<TokenTree> = held.stream().into_iter().collect();
                    if held.iter().any(is_word_of_text) {
                        self.found.insert(format!("{name}::{variant}"));
                    }
                }
                [public, field @ TokenTree::Ident(_), rest @ ..]
                    if !is_enum && is(public, "pub") && can_carry_text(rest) =>
                {
                    self.found.insert(format!("{name}.{field}"));
                }
                _ => {}
            }
        }
    }

    /// Second reading: what stands in an `impl` of `owner`, or at the top of a file.
    fn read(&mut self, tokens: &[TokenTree], owner: Option<&str>) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            let used = if is(token, "impl") {
                self.read_impl(rest)
            } else if is(token, "pub") {
                self.read_function(rest, owner)
            } else if is(token, "macro_rules") {
                4
            } else if let [name, bang, TokenTree::Group(given), ..] = rest
                && is(bang, "!")
            {
                self.read_call(&name.to_string(), given.stream(), owner);
                3
            } else if is(token, "mod") && rest.get(2).is_some_and(is_braces) {
                3
            } else {
                1
            };
            at += used.max(1);
        }
    }

    /// `impl<…> Type<…> where … {…}`, `impl Trait for Type {…}`; how many tokens it has.
    fn read_impl(&mut self, tokens: &[TokenTree]) -> usize {
        let Some(length) = tokens.iter().position(is_braces) else { return 1 };
        let mut head = &tokens[1..length];
        if head.first().is_some_and(|first| is(first, "<")) {
            head = &head[closed(head)..];
        }
        let head = head.split(|token| is(token, "where")).next().unwrap_or_default();
        let body = group(&tokens[length]).unwrap_or_default();
        match head.iter().position(|token| is(token, "for")) {
            Some(at) => {
                let name = head[at + 1..].first().map(ToString::to_string).unwrap_or_default();
                let of = text(&head[..at]);
                let word = of.split('<').next().unwrap_or_default().rsplit("::").next().unwrap_or_default();
                if self.public.contains(&name) && !TRAITS_WITHOUT_TEXT.contains(&word) {
                    self.found.insert(format!("{name}: {}", of.rsplit("::").next().unwrap_or_default()));
                }
            }
            None => {
                let mut name = text(head);
                if !name.starts_with("Guard<") {
                    name.truncate(name.find('<').unwrap_or(name.len()));
                }
                self.read(&body, Some(&name.replace("<A>", "")));
            }
        }
        length + 1
    }

    /// `pub fn name<…>(…)`; how many tokens it has up to its parameters.
    fn read_function(&mut self, tokens: &[TokenTree], owner: Option<&str>) -> usize {
        let Some(at) = tokens.iter().take(4).position(|token| is(token, "fn")) else { return 1 };
        if tokens.get(1).is_some_and(|next| matches!(next, TokenTree::Group(_))) {
            // `pub(crate)`
            return at + 1;
        }
        let Some(parameters) = tokens
            .iter()
            .skip(at)
            .find(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis))
        else {
            return 1;
        };
        let parameters = group(parameters).unwrap_or_default();
        if split(&parameters).iter().any(|parameter| can_carry_text(parameter)) {
            let name = &tokens[at + 1];
            self.found.insert(owner.map_or(name.to_string(), |owner| format!("{owner}::{name}")));
        }
        at + 2
    }

    fn read_call(&mut self, name: &str, given: TokenStream, owner: Option<&str>) {
        let given: Vec<TokenTree> = given.into_iter().collect();
        if let (true, Some(owner)) = (ROW_MACROS.contains(&name), owner) {
            for row in split(&given) {
                // `#[doc = "…"] name : word => KEY`
                let Some(colon) = row.iter().position(|token| is(token, ":")) else { continue };
                if can_carry_text(&row[colon - 1..=colon + 1]) {
                    self.found.insert(format!("{owner}::{}", row[colon - 1]));
                }
            }
        } else if let (Some(body), Some(description)) = (self.macros.get(name).cloned(), given.first()) {
            let body = substituted(&body, description);
            self.read(&body, None);
        } else if owner.is_none() && name == "pin_project" {
            self.read(&given, None);
        } else if name == "content" {
            self.read_content(&given);
        } else if name == "prompt_variable" {
            let guards = given.iter().filter(|token| !is(token, ","));
            self.found.extend(guards.map(|guard| format!("Guard<{guard}>::prompt_variable")));
        }
    }

    /// `Turn { #[doc = "…"] name, name_with: form => Kind, … } Tool { … }`
    fn read_content(&mut self, given: &[TokenTree]) {
        for pair in given.chunks(2) {
            let [guard, setters] = pair else { continue };
            for part in split(&group(setters).unwrap_or_default()) {
                let docs = part.chunks(2).take_while(|pair| is(&pair[0], "#")).count();
                self.found.extend(part.get(2 * docs).map(|setter| format!("Guard<{guard}>::{setter}")));
            }
        }
    }
}

/// The body of a macro with `$description` put in.
fn substituted(tokens: &[TokenTree], description: &TokenTree) -> Vec<TokenTree> {
    let mut put = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is(token, "$") && tokens.get(at + 1).is_some_and(|next| is(next, "description")) {
            put.push(description.clone());
            at += 2;
            continue;
        }
        put.push(match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let inner = substituted(&inner, description).into_iter().collect();
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner))
            }
            other => other.clone(),
        });
        at += 1;
    }
    put
}

/// Whether the type of `name: Type` may hold text: any type that no table knows.
fn can_carry_text(parameter: &[TokenTree]) -> bool {
    let Some(colon) = parameter.iter().position(|token| is(token, ":")) else { return false };
    parameter[colon + 1..].iter().any(is_word_of_text)
}

fn is_word_of_text(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => !WORDS_WITHOUT_TEXT.contains(&word.to_string().as_str()),
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
        TokenTree::Punct(_) => false,
    }
}

#[test]
fn the_reader_finds_what_it_should() {
    let read = |code: &str| {
        let tokens: Vec<TokenTree> = code.parse::<TokenStream>().expect("tokens").into_iter().collect();
        let mut reader = Reader::default();
        reader.learn(&tokens);
        reader.read(&tokens, None);
        reader.found.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        read("pub fn a(x: &str) {} pub fn b(x: u64, y: Duration) {} pub(crate) fn c(x: &str) {} fn d(x: &str) {}"),
        "a"
    );
    assert_eq!(
        read("impl<T: A<B>> X<T> { pub const fn a<K: Into<String>>(self, k: K, n: u64) {} pub fn b(&self) {} }"),
        "X::a"
    );
    assert_eq!(
        read(
            "impl Guard<Turn> { pub fn a(&self, x: impl Into<String>) {} } impl<A: B> Guard<A> { pub fn b(f: impl FnOnce() -> T) {} }"
        ),
        "Guard::b Guard<Turn>::a"
    );
    assert_eq!(read("impl X { described! { /// Doc.\n a: text => A, b: u64 => B, c: id => C, } }"), "X::a X::c");
    let expanded = "macro_rules! m { ($description:ident, $k:expr) => { impl $description { pub fn a(x: &str) {} described! { b: texts => B, } } impl Guard<$description> { recorded! { c: text => C, } } }; } m!(X, 1);";
    assert_eq!(read(expanded), "Guard<X>::c X::a X::b");
    assert_eq!(
        read("pub struct X; impl From<&str> for X {} impl fmt::Debug for X {} impl From<&str> for Hidden {}"),
        "X: From<&str>"
    );
    assert_eq!(read("#[derive(Clone, Deserialize)] #[serde(x)] pub struct X {}"), "X: Deserialize");
    assert_eq!(
        read(
            "pub struct X { /// Doc.\n pub a: String, b: String, pub c: u64, pub(crate) d: String } pub enum Y { A(String), B, C { x: u64, y: &str }, D(u64) }"
        ),
        "X.a Y::A Y::C"
    );
    assert_eq!(read("pub trait X { fn a(&self, x: &str); } trait Y {}"), "trait X");
    assert_eq!(
        read(
            "content! { X { /// Doc.\n a, a_with: text => A, b, b_with: [C in D] => B, } Y { c, c_with: json => C, } }"
        ),
        "Guard<X>::a Guard<X>::a_with Guard<X>::b Guard<X>::b_with Guard<Y>::c Guard<Y>::c_with"
    );
    assert_eq!(read("prompt_variable!(X, Y);"), "Guard<X>::prompt_variable Guard<Y>::prompt_variable");
    assert_eq!(read("#[cfg(test)] mod tests { pub fn a(x: &str) {} }"), "");
    assert_eq!(read("impl X { pub fn a(self, x: New) {} pub fn b(self, x: [u8; 2], y: (u64, u64)) {} }"), "X::a X::b");
}
