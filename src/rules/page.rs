//! The page "what maps to what", printed from the tables.

use std::fmt::Write as _;

use crate::rules::fields::{ALIASES, AT_START, FieldId, LEFT_AS_THEY_ARE, OMITTED};
use crate::rules::foreign::{MARKS, OTHER_NAMES};
use crate::rules::inherit;
use crate::rules::operations::{
    COMMAND_FIELDS, COMPACTION, FINGERPRINTS, MCP, MCP_TOOL_CALL, OPERATION, OPERATIONS, Operation, Word,
};
use crate::rules::rollup::{OWN_TOTALS, ROLLED_UP};
use crate::semconv::{ATTRIBUTES, SpanKind, attr};

const HEAD: &str = "\
<!-- printed from src/rules; update: UPDATE_PAGES=1 cargo test --lib mapping_page -->
# What maps to what

A span is a GenAI span if it was started by a typed guard, if it has `gen_ai.operation.name` with one of the names below
when it starts, or if it has one of the fields of the second table. It gets name and kind by its row, whatever
`otel.name` and `otel.kind` say; another kind only where the conventions leave the choice. A span with `mcp.method.name`
is one of the Model Context Protocol, whatever else it has.

| `gen_ai.operation.name` | span name | kind | another kind, if asked for |
|---|---|---|---|
";

const SUMS: &str = "
## Summed up the tree

Workflow, agent, operation and compaction spans sum everything below them, sub-agents and embeddings included. An agent has
the same key as its turns only where the conventions let it, and of its own turns only. Beside these there are
`agentic.usage.turns`, `agentic.usage.estimated`, and the costs: `agentic.usage.cost.total` in `.currency`, `.incomplete` if
the cost of a call is missing or there are two currencies. A remote agent counts by the usage it was given, else by its turns;
an agent without turns by what it was given. A turn inside a turn is the same call: the outer one counts, by what it was given, else
by what the inner one was.

| on a turn | its sum above | on an agent of its own turns too |
|---|---|---|
";

const ENDS: &str = "
When such a span ends, read from fields: a model or a tool that was recorded late gets into its name; 0 input tokens on a
turn are a counter that nobody filled, and left out; on an agent in this process only the two totals of usage stay, for
its turns carry the parts.
";

const LEFT: &str = "
## Left as they are

Metadata of Langfuse: no attributes of the conventions, allowed on GenAI spans all the same.

";

const FIXED: &str = "
## Fixed when the span starts

Samplers see these; a later value is counted and dropped, also where the first one was taken over from above. All other
attributes may be recorded until the span ends, the last value counts.

";

const INHERITED: &str = "
## Flows down the tree

Taken over from the nearest GenAI span above, through plain spans too, unless the span says otherwise. An agent does not
take over the name of the agent that called it; of all others turns, tools, plans, compactions and operations show it,
the rest hands it on. Where no such span says anything, the `Identity` around does, then allowed baggage, then the
session of the process.

";

const DEFAULTS: &str = "
## Left out at their default value

`false`, for the count 1, for the version `2.0`, for the tier `auto`: absence says the same.

";

const CONTENT: &str = "
## Content: exported only where it is asked for

As is any text of a log event, a status or an error inside a GenAI span; see `tracing_genai::content`.

";

fn page() -> String {
    let mut page = HEAD.to_owned();
    operations(&mut page);
    foreign(&mut page);
    aliases(&mut page);
    list(&mut page, LEFT, LEFT_AS_THEY_ARE);
    list(&mut page, FIXED, AT_START);
    list(&mut page, INHERITED, &inherit::KEYS);
    sums(&mut page);
    let omitted: Vec<&str> = OMITTED.iter().map(|(key, _)| *key).collect();
    list(&mut page, DEFAULTS, &omitted);
    let content = ATTRIBUTES.iter().filter(|attribute| attribute.content);
    list(&mut page, CONTENT, &content.map(|attribute| attribute.key).collect::<Vec<_>>());
    page
}

fn operations(page: &mut String) {
    for operation in OPERATIONS.iter().chain([MCP_TOOL_CALL, MCP, OPERATION, COMPACTION]) {
        let name = operation.name.map_or("none".to_owned(), |name| format!("`{name}`"));
        let other = operation.other_kind.map_or("", kind);
        let _ = writeln!(page, "| {name} | {} | {} | {other} |", names(operation), kind(operation.kind));
    }
    let fields: Vec<String> = COMMAND_FIELDS.iter().map(|field| format!("`{}`", field.key())).collect();
    let _ = writeln!(
        page,
        "\nThe first of several names counts whose attributes the span has when it starts. A tool with {} runs commands: \
         its name never has the skill alone.",
        fields.join(" or "),
    );
    page.push_str("\nWithout `gen_ai.operation.name`:\n\n| field at start | span name |\n|---|---|\n");
    let _ = writeln!(page, "| `{}` | {} |", attr::MCP_METHOD_NAME, names(MCP));
    for (field, operation) in FINGERPRINTS {
        let _ = writeln!(page, "| `{}` | {} |", field.key(), names(operation));
    }
}

fn foreign(page: &mut String) {
    page.push_str("\n## As other crates say it\n\n| field at start | value | is |\n|---|---|---|\n");
    for row in OTHER_NAMES {
        let streamed = if row.streamed { ", streamed" } else { "" };
        let _ =
            writeln!(page, "| `gen_ai.operation.name` | `{}` | `{}`{streamed} |", row.written, row.operation.label());
    }
    for row in MARKS {
        let is = row.operation.map_or("a plain span, its texts stripped".to_owned(), |is| format!("`{}`", is.label()));
        let _ = writeln!(page, "| `{}` | `{}` | {is} |", row.key, row.value);
    }
    page.push_str(ENDS);
}

fn aliases(page: &mut String) {
    page.push_str("\n## Other keys for the same attribute\n\n| key | is exported as |\n|---|---|\n");
    for alias in ALIASES {
        let content = ATTRIBUTES.iter().any(|attribute| attribute.key == alias.to && attribute.content);
        let note = if content { " (content)" } else { "" };
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

fn list(page: &mut String, head: &str, keys: &[&str]) {
    page.push_str(head);
    for key in keys {
        let _ = writeln!(page, "- `{key}`");
    }
}

/// Every name a span of `operation` may have, the fullest first. The last is the word alone, where there is no other.
fn names(operation: &Operation) -> String {
    let word = match operation.word {
        Word::Is(word) => word.to_owned(),
        Word::Of(field) => format!("{{{}}}", field.key()),
    };
    let name =
        |target: &&[FieldId]| target.iter().fold(word.clone(), |name, field| format!("{name} {{{}}}", field.key()));
    let names: Vec<String> = operation.target.iter().map(|target| format!("`{}`", name(target))).collect();
    if names.is_empty() { format!("`{word}`") } else { names.join(", ") }
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
