//! The page "what maps to what", printed from the tables.

use std::fmt::Write as _;

use crate::rules::fields::{ALIASES, AT_START, LEFT_AS_THEY_ARE, OMITTED};
use crate::rules::foreign::{MARKS, OTHER_NAMES};
use crate::rules::inherit;
use crate::rules::operations::{COMPACTION, FINGERPRINTS, OPERATION, OPERATIONS, Operation};
use crate::semconv::{ATTRIBUTES, SpanKind};

const HEAD: &str = "\
<!-- printed from src/rules; update: UPDATE_PAGES=1 cargo test --lib mapping_page -->
# What maps to what

A span is a GenAI span if it was started by a typed guard, if it has `gen_ai.operation.name` with one of the names below
when it starts, or if it has one of the fields of the second table. It gets name and kind by its row, whatever
`otel.name` and `otel.kind` say; another kind only where the conventions leave the choice.

| `gen_ai.operation.name` | span name | kind | another kind, if asked for |
|---|---|---|---|
";

const ENDS: &str = "
When such a span ends, read from fields: a model or a tool that was recorded late gets into its name; 0 input tokens on a
turn are a counter that nobody filled, and left out; on an agent in this process only the two totals of usage stay, for
its turns carry the parts.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for operation in OPERATIONS.iter().chain([OPERATION, COMPACTION]) {
        let name = operation.name.map_or("none".to_owned(), |name| format!("`{name}`"));
        let other = operation.other_kind.map_or("", kind);
        let _ = writeln!(page, "| {name} | `{}` | {} | {other} |", span_name(operation), kind(operation.kind));
    }
    page.push_str("\nWithout `gen_ai.operation.name`:\n\n| field at start | span name |\n|---|---|\n");
    for (field, operation) in FINGERPRINTS {
        let _ = writeln!(page, "| `{}` | `{}` |", field.key(), span_name(operation));
    }
    foreign(&mut page);
    aliases(&mut page);
    list(
        &mut page,
        "Left as they are",
        "Metadata of Langfuse: no attributes of the conventions, allowed on GenAI spans all the same.",
        LEFT_AS_THEY_ARE,
    );
    list(
        &mut page,
        "Fixed when the span starts",
        "Samplers see these; a later value is counted and dropped, also where the first one was taken over from above. All other attributes may be recorded until the span ends, the last value counts.",
        AT_START,
    );
    list(
        &mut page,
        "Flows down the tree",
        "Taken over from the nearest GenAI span above, through plain spans too, unless the span says otherwise. An agent does not take over the name of the agent that called it.",
        &inherit::KEYS,
    );
    let omitted: Vec<&str> = OMITTED.iter().map(|(key, _)| *key).collect();
    list(&mut page, "Left out at their default value", "`false`, or for the count 1: absence says the same.", &omitted);
    let content: Vec<&str> =
        ATTRIBUTES.iter().filter(|attribute| attribute.content).map(|attribute| attribute.key).collect();
    list(
        &mut page,
        "Content: never exported",
        "Nor any text of a log event, a status or an error inside a GenAI span.",
        &content,
    );
    page
}

fn foreign(page: &mut String) {
    page.push_str("\n## As other crates say it\n\n| field at start | value | is |\n|---|---|---|\n");
    for row in OTHER_NAMES {
        let streamed = if row.streamed { ", streamed" } else { "" };
        let _ = writeln!(page, "| `gen_ai.operation.name` | `{}` | `{}`{streamed} |", row.written, row.operation.word);
    }
    for row in MARKS {
        let is = row.operation.map_or("a plain span, its texts stripped".to_owned(), |is| format!("`{}`", is.word));
        let _ = writeln!(page, "| `{}` | `{}` | {is} |", row.key, row.value);
    }
    page.push_str(ENDS);
}

fn aliases(page: &mut String) {
    page.push_str("\n## Other keys for the same attribute\n\n| key | is exported as |\n|---|---|\n");
    for alias in ALIASES {
        let content = ATTRIBUTES.iter().any(|attribute| attribute.key == alias.to && attribute.content);
        let note = if content { " (content: not exported)" } else { "" };
        let _ = writeln!(page, "| `{}` | `{}`{note} |", alias.key, alias.to);
    }
}

fn list(page: &mut String, title: &str, text: &str, keys: &[&str]) {
    let _ = write!(page, "\n## {title}\n\n{text}\n\n");
    for key in keys {
        let _ = writeln!(page, "- `{key}`");
    }
}

fn span_name(operation: &Operation) -> String {
    match operation.target {
        Some(target) => format!("{} {{{}}}", operation.word, target.key()),
        None => operation.word.to_owned(),
    }
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "CLIENT",
        SpanKind::Internal => "INTERNAL",
        SpanKind::Server => "SERVER",
    }
}

#[test]
fn the_mapping_page_is_printed_from_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mapping.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, page()).expect("docs/ is writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib mapping_page");
}
