//! The page "what maps to what", printed from the tables.

use std::fmt::Write as _;

use crate::rules::fields::{ALIASES, AT_START, OMITTED};
use crate::rules::inherit;
use crate::rules::operations::{COMPACTION, FINGERPRINTS, OPERATION, OPERATIONS, Operation};
use crate::rules::rollup::{OWN_TOTALS, ROLLED_UP};
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

const SUMS: &str = "
## Summed up the tree

Workflow, agent, operation and compaction spans sum everything below them, sub-agents and embeddings included. An agent has
the same key as its turns only where the conventions let it, and of its own turns only. Beside these there are
`agentic.usage.turns`, `agentic.usage.estimated`, and the costs: `agentic.usage.cost.total` in `.currency`, `.incomplete` if
the cost of a call is missing or there are two currencies. A remote agent counts by the usage it was given, else by its turns;
an agent without turns by what it was given.

| on a turn | its sum above | on an agent of its own turns too |
|---|---|---|
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
    aliases(&mut page);
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
    sums(&mut page);
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

fn aliases(page: &mut String) {
    page.push_str("\n## Other keys for the same attribute\n\n| key | is exported as |\n|---|---|\n");
    for alias in ALIASES {
        let content = ATTRIBUTES.iter().any(|attribute| attribute.key == alias.to && attribute.content);
        let note = if content { " (content: not exported)" } else { "" };
        let _ = writeln!(page, "| `{}` | `{}`{note} |", alias.key, alias.to);
    }
}

fn sums(page: &mut String) {
    page.push_str(SUMS);
    for (row, (leaf, sum)) in ROLLED_UP.iter().enumerate() {
        let own = if row < OWN_TOTALS { "yes" } else { "" };
        let _ = writeln!(page, "| `{}` | `{}` | {own} |", leaf.key(), sum.key());
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
