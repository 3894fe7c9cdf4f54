//! What can leave the process, written out from the tables that decide it.

use std::collections::BTreeSet;
use std::fmt;

use crate::rules::fields::{ALIASES, FieldId, LEFT_AS_THEY_ARE, content_prefixes};
use crate::rules::inherit;
use crate::rules::operations::{COMMAND, COMPACTION, MCP, MCP_TOOL_CALL, OPERATION, OPERATIONS, Word};
use crate::rules::{Dialect, Dialects, Profile};
use crate::semconv::{ATTRIBUTES, Attribute, ValueType, attr};

/// What the application decided, as far as it changes what can leave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decided {
    /// Keys and prefixes of further attributes.
    pub(crate) allowed: Vec<String>,
    /// Whether there is a hook for default attributes.
    pub(crate) default_attributes: bool,
    /// Keys of baggage that become attributes.
    pub(crate) baggage: Vec<&'static str>,
    /// Whether the process has a session; not which.
    pub(crate) session: bool,
    pub(crate) location: bool,
    pub(crate) prices: bool,
    pub(crate) profile: Profile,
    /// What is written, under the conventions' names.
    pub(crate) dialects: Dialects,
    /// Whether log events are written.
    pub(crate) events: bool,
    /// What leaves of content, by its name; nothing if all of it stays in.
    pub(crate) content: Vec<(&'static str, String)>,
}

const HEAD: &str = "\
# What can leave this process

Everything that a tracer of this crate lets out; what is not listed stays in. Printed from the tables that decide it, by
`GenAiTracer::audit` for the settings of a tracer.

## Settings

| setting | is |
|---|---|
";

const SWITCHED_ON: &str = "
## Content is switched on

Where the rest of this page says that content, a text of an error or of a log event stays in, that is but for what leaves by this:

| content | is |
|---|---|
";

const EVERYTHING: &str = "
## Of a GenAI span

| part | what leaves |
|---|---|
| ids, times, kind, flags | as they are |
| `tracestate` | as the caller sent it: the W3C recommendation has it passed on |
| name | a word of the tables and texts of the attributes below, 200 bytes of each, without control characters; never what `otel.name`, `update_name` or a builder says |
| attributes | the next table, with the limits of the SDK and of `OTEL_*_LIMIT` on top |
| event of a `tracing` log | the name `log`, level and target; file and line only if the layer tells location; no message, no fields |
| event of a failure | the name `exception` and `exception.type`, the name of the error's type; no message, no stack trace |
| event by the OpenTelemetry API | its name if it is part of the program's text, else `event`; its attributes as those of the span |
| log events, if they are written | `gen_ai.client.inference.operation.details`: attributes of the span, as they are on it; `gen_ai.client.operation.exception`: the name of the error's type, and of the span operation, provider, model, `error.type` and server; `gen_ai.evaluation.result`: name, score, label, id of the response and `error.type` that somebody gave |
| link | its ids and `tracestate`; its attributes as those of the span |
| status | the code; no text under the conventions' names, under a profile a fixed one |
";

const NAMING: &str = "
Texts of these attributes are in names, too:

";

const OPEN: &str = "
## Attributes of GenAI spans

Class open: metadata, exported as given. Any text that the application puts there leaves. Each may be set by a typed guard, a
`tracing` field, the OpenTelemetry API, and a hook for default attributes; what else it may come from stands in the last column. A
value that does not fit stays in and is counted (`Stats::refused_values`).

| attribute | value | also from |
|---|---|---|
";

const CONTENT: &str = "
## Content

Class content: stays in the process and is counted (`Stats::content_omitted`), by whatever key it comes, on GenAI spans, in their
events and links; on other spans apart from the texts of errors, see below.

| attribute | also by the key |
|---|---|
";

const PREFIXES: &str = "
So does what has a key that no table lists and that begins with:

";

const LEFT: &str = "
## Metadata of other products

Leaves a GenAI span under its own key, as given:

";

const REST: &str = "
## Of other spans

A span that is none of the above is the application's own, and passes as it is: name, attributes, events, links, status. What
`#[instrument]` records of a function's arguments is among the attributes. Taken out are content attributes by their keys, unlisted
keys with the prefixes above, and other keys for content in the namespaces `gen_ai.`, `langfuse.` and `mlflow.`. Inside a GenAI span, however deep,
or with a `gen_ai.operation.name` that no table knows, also all other keys for content, `exception.message` and
`exception.stacktrace`, the text of the status, and of log events all but level and target.

## Resource and scope

`service.name`, `telemetry.sdk.*`, `OTEL_RESOURCE_ATTRIBUTES` and what the application sets on the pipeline; nothing about host, user or
process is looked up, but for the file name of the executable where no service is named. The scope is `tracing-genai` with the version
of this crate, or that of the application's own tracer.

## Besides spans

| where | what |
|---|---|
| metrics, if there is a meter | numbers, and as labels some of the attributes above: `docs/metrics.md` lists them |
| standard error | fixed sentences, each once, with a key or a setting's value; a key that is no plain name is not shown. With `init()`, the application's logs by `RUST_LOG` |
| `Stats`, `Report` | numbers; the last error of an export, without values of headers |
| errors of set-up | the setting's name, its value and the mend; never values of headers, never user or password of an address |
| `Debug` | settings, ids, and open attributes of what is described but not started; no values of headers |
| requests to the receiver | the headers the application set |

## Never

Of GenAI spans and what is inside: texts of errors and panics, messages and fields of log events, texts of a status. Of GenAI spans:
names made at run time, arguments of functions, arguments and results of tools, items of a stream. And anywhere: values of export
headers, and baggage that no setting names.
";

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        self.settings(f)?;
        if !self.content.is_empty() {
            f.write_str(SWITCHED_ON)?;
            self.content.iter().try_for_each(|(what, is)| writeln!(f, "| {what} | {is} |"))?;
        }
        f.write_str(EVERYTHING)?;
        f.write_str(NAMING)?;
        list(f, naming())?;
        self.attributes(f)?;
        content(f)?;
        f.write_str(PREFIXES)?;
        list(f, content_prefixes().iter().copied())?;
        f.write_str(LEFT)?;
        list(f, LEFT_AS_THEY_ARE.iter().copied())?;
        f.write_str(REST)
    }
}

impl Decided {
    fn settings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |names: &[&str]| match names {
            [] => "none".to_owned(),
            names => names.iter().map(|name| format!("`{}`", printable(name))).collect::<Vec<_>>().join(", "),
        };
        let allowed: Vec<&str> = self.allowed.iter().map(String::as_str).collect();
        let is_set = |set: bool| if set { "yes" } else { "no" };
        let states: Vec<_> = self.dialects.iter().map(Dialect::as_str).collect();
        let rows: [(&str, &str); 10] = [
            ("names, `with_profile`", self.profile.as_str()),
            ("states of the conventions, `with_semconv`", &states.join(", ")),
            ("further attributes, `with_attributes`", &names(&allowed)),
            ("a hook for default attributes, `with_default_attributes`", is_set(self.default_attributes)),
            ("baggage that becomes attributes, `with_baggage`", &names(&self.baggage)),
            ("a session of the process, `with_session_id`", is_set(self.session)),
            ("file and line, `with_location`", is_set(self.location)),
            ("costs from a price table, `with_prices`", is_set(self.prices)),
            ("log events, `with_logger_provider`", is_set(self.events)),
            ("content that leaves, `with_content`", if self.content.is_empty() { "none" } else { "see below" }),
        ];
        rows.iter().try_for_each(|(setting, is)| writeln!(f, "| {setting} | {is} |"))
    }

    fn attributes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(OPEN)?;
        for attribute in ATTRIBUTES.iter().filter(|attribute| !attribute.content) {
            writeln!(f, "| `{}` | {} | {} |", key(attribute), value(attribute), self.sources(attribute))?;
        }
        if !self.allowed.is_empty() {
            f.write_str("\nAllowed besides, whatever is in them:\n\n")?;
            list(f, self.allowed.iter().map(String::as_str))?;
        }
        if !self.dialects.is_latest() {
            f.write_str("\nUnder older states of the conventions these are written instead or besides:\n\n")?;
            list(f, self.dialects.other_keys())?;
        }
        if let Some(names) = self.profile.names() {
            f.write_str(
                "\nUnder this profile spans that it names have these attributes instead, made of those above:\n\n",
            )?;
            list(f, names.keys())?;
        }
        Ok(())
    }

    /// What else than the span itself sets `attribute`.
    fn sources(&self, attribute: &Attribute) -> String {
        let mut sources: Vec<String> = aliases(attribute).map(|key| format!("`{key}`")).collect();
        if inherit::KEYS.contains(&attribute.key) {
            sources.push("the span above, `Identity`".to_owned());
        }
        if self.baggage.contains(&attribute.key) {
            sources.push("baggage".to_owned());
        }
        if self.session && attribute.key == attr::SESSION_ID {
            sources.push("the process".to_owned());
        }
        if self.location && matches!(attribute.key, attr::CODE_FILE_PATH | attr::CODE_LINE_NUMBER) {
            sources.push("the source code".to_owned());
        }
        if self.prices && attribute.key.starts_with("agentic.cost.") {
            sources.push("the price table".to_owned());
        }
        sources.join(", ")
    }
}

fn content(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(CONTENT)?;
    for attribute in ATTRIBUTES.iter().filter(|attribute| attribute.content) {
        let aliases: Vec<String> = aliases(attribute).map(|key| format!("`{key}`")).collect();
        writeln!(f, "| `{}` | {} |", key(attribute), aliases.join(", "))?;
    }
    Ok(())
}

fn list<'a>(f: &mut fmt::Formatter<'_>, mut keys: impl Iterator<Item = &'a str>) -> fmt::Result {
    keys.try_for_each(|key| writeln!(f, "- `{}`", printable(key)))
}

fn aliases(attribute: &Attribute) -> impl Iterator<Item = &'static str> {
    let to = attribute.key;
    ALIASES.iter().filter(move |alias| alias.to == to).map(|alias| alias.key)
}

fn key(attribute: &Attribute) -> String {
    if attribute.template { format!("{}.*", attribute.key) } else { attribute.key.to_owned() }
}

/// What may be in it. The narrow ones are those that `span/coerce.rs` narrows.
fn value(attribute: &Attribute) -> &'static str {
    match (attribute.key, attribute.value_type) {
        (attr::ERROR_TYPE, _) => "a name: a letter, then up to 63 of `A-Za-z0-9_.-`; a code; else `_OTHER`",
        (attr::AGENTIC_COST_CURRENCY, _) => "three capital letters",
        (attr::AGENTIC_COST_TOTAL, _) => "a number from 0",
        (attr::GEN_AI_OPERATION_NAME, _) => "a name of the tables",
        (_, ValueType::Bool) => "true, false",
        (_, ValueType::Int) => "a whole number",
        (_, ValueType::Double) => "a finite number",
        (_, ValueType::Strings) => "texts",
        (_, ValueType::String | ValueType::Any) => "text",
    }
}

/// Attributes whose texts get into span names.
fn naming() -> impl Iterator<Item = &'static str> {
    let all = OPERATIONS.iter().chain([COMMAND, MCP_TOOL_CALL, MCP, OPERATION, COMPACTION]);
    let fields = all.flat_map(|operation| {
        let first = match operation.word {
            Word::Of(field) => Some(field),
            Word::Is(_) => None,
        };
        first.into_iter().chain(operation.target.iter().copied().flatten().copied())
    });
    fields.map(FieldId::key).collect::<BTreeSet<_>>().into_iter()
}

/// A key of the application's, on one line and inside of its backticks.
fn printable(key: &str) -> String {
    key.chars().map(|char| if char.is_control() || char == '`' { '?' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let note = "<!-- printed from src/rules/audit.rs; update: UPDATE_PAGES=1 cargo test --lib audit_page -->\n";
        format!("{note}{}", Decided::default())
    }

    #[test]
    fn the_audit_page_is_printed_from_the_tables() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.md");
        if std::env::var_os("UPDATE_PAGES").is_some() {
            std::fs::write(path, page()).expect("docs/ is writable");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib audit_page");
    }

    #[test]
    fn every_attribute_of_the_registry_is_told_once_in_its_class() {
        let page = page();
        let (open, content) = page.split_once("## Content").expect("both tables");
        for attribute in ATTRIBUTES {
            let row = format!("\n| `{}` |", key(attribute));
            let rows = [open.matches(&row).count(), content.matches(&row).count()];
            assert_eq!(rows, if attribute.content { [0, 1] } else { [1, 0] }, "{}", attribute.key);
        }
    }

    #[test]
    fn what_was_decided_is_told() {
        let decided = Decided {
            allowed: vec!["my_app.".to_owned(), "a`\nb".to_owned()],
            default_attributes: true,
            baggage: vec![attr::USER_ID],
            session: true,
            location: true,
            prices: true,
            profile: Profile::Flue,
            dialects: [Dialect::Latest, Dialect::V1_36].into(),
            events: true,
            content: vec![("attributes", "`gen_ai.input.messages`".to_owned())],
        };
        let page = decided.to_string();
        for line in [
            "| names, `with_profile` | `flue` |",
            "| further attributes, `with_attributes` | `my_app.`, `a??b` |",
            "| a hook for default attributes, `with_default_attributes` | yes |",
            "| `user.id` | text | the span above, `Identity`, baggage |",
            "| `session.id` | text | the span above, `Identity`, the process |",
            "| `code.line.number` | a whole number | the source code |",
            "| `agentic.cost.total` | a number from 0 | the price table |",
            "- `my_app.`",
            "| log events, `with_logger_provider` | yes |",
            "| content that leaves, `with_content` | see below |",
            "| attributes | `gen_ai.input.messages` |",
            "| states of the conventions, `with_semconv` | the newest, 1.36 |",
            "- `gen_ai.system`",
            "- `flue.duration_ms`",
        ] {
            assert!(page.lines().any(|written| written == line), "{line} is not in\n{page}");
        }
    }
}
