//! `docs/backends.md`, printed from the rows.

use std::fmt::Write;

use super::super::adapter::{Aside, Extra, From, On};
use super::super::route::Paths;
use super::place::Otherwise;
use super::rows::{Form, Header, Needed, ROWS, Row};

const HEAD: &str = "# Backends

<!-- printed from src/pipeline/backend; update: UPDATE_PAGES=1 cargo test --lib backends_page -->

`Pipeline::builder().backend(Backend::Langfuse)` sends to a backend by the variables that its own tools read. An address set
in code (`BackendConfig::with_endpoint`) beats its variable, a header set in code its variable. For `Backend::Otlp` alone are
`OTEL_EXPORTER_OTLP_ENDPOINT`, `_PROTOCOL`, `_HEADERS`, `_CERTIFICATE`, `_CLIENT_KEY` and `_CLIENT_CERTIFICATE`, with those of
a signal (`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` …), and of the builder `with_endpoint`, `with_protocol` and `with_header`.
`_TIMEOUT`, `_COMPRESSION` and all other variables count for all backends; so `OTEL_METRICS_EXPORTER=none` leaves out the
metrics of all, and `BackendConfig::with_signals` chooses for one.

After its content (`BackendConfig::with_content`) was chosen, a span gets the names of the state of the conventions that the
backend reads, then the keys of its own, unless it has them already, and is brought within its limits. Keys are made of
attributes under the pinned names. \"flowed down\" are the conversation, the agent's name, the run, the session and the user of
the GenAI span a span is in; so plain spans have them too.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for row in ROWS {
        let _ = write!(page, "\n## {}\n\n", row.name);
        facts(&mut page, row);
        headers(&mut page, row);
        keys(&mut page, row.keys);
        aside(&mut page, row.aside);
        let _ = writeln!(page, "\nFacts: {}", row.source);
    }
    page
}

fn facts(page: &mut String, row: &Row) {
    page.push_str("| | |\n|---|---|\n");
    let _ = writeln!(page, "| endpoint | {} |", endpoint(row));
    let protocols: Vec<_> = row.protocols.iter().map(|protocol| format!("`{protocol:?}`")).collect();
    let _ = writeln!(page, "| protocols | {} |", protocols.join(", "));
    let signals: Vec<_> = row.signals.iter().map(|signal| signal.to_string()).collect();
    let _ = writeln!(page, "| signals | {} |", signals.join(", "));
    let dialects: Vec<_> = row.dialects.iter().map(|dialect| format!("`Dialect::{dialect:?}`")).collect();
    let _ = writeln!(page, "| conventions | {} |", dialects.join(", "));
    for (key, variable) in row.resource {
        let _ = writeln!(page, "| resource | `{key}` from `{variable}` |");
    }
    if let Some(bytes) = row.limits.value {
        let _ = writeln!(page, "| a value of a span | {bytes} bytes; content is cut inside of its JSON |");
    }
    if let Some(bytes) = row.limits.span {
        let _ = writeln!(page, "| a span | {bytes} bytes; loses its largest content first |");
    }
}

fn endpoint(row: &Row) -> String {
    let variables = row.place.variables.iter().map(|variable| format!("`{variable}`, else "));
    let otherwise = match row.place.otherwise {
        Otherwise::ThisMachine => "`http://localhost:4318`, over gRPC `http://localhost:4317`".to_owned(),
        Otherwise::Url(url) => format!("`{url}`"),
        Otherwise::DatadogSite { variable, default } => {
            format!("`https://otlp.{{site}}`, the site from `{variable}`, else `{default}`")
        }
        Otherwise::LogfireRegion { token } => format!("the region that `{token}` names"),
        Otherwise::SentryDsn(variable) => {
            format!("`https://{{host}}/api/{{project}}/integration/otlp` from `{variable}`")
        }
    };
    let behind = match row.place.paths {
        Paths::PerSignal => format!("{}/v1/{{signal}}", row.place.path),
        Paths::AsItIs => row.place.path.to_owned(),
    };
    format!("{}{otherwise}; over HTTP with `{behind}`", variables.collect::<String>())
}

fn headers(page: &mut String, row: &Row) {
    if row.headers.is_empty() {
        return;
    }
    page.push_str("\n| header | value | needed |\n|---|---|---|\n");
    for Header { name, form, needed } in row.headers {
        let value = match form {
            Form::Fixed(value) => format!("`{value}`"),
            Form::Plain(variables) => either(variables),
            Form::Bearer(variables) => format!("`Bearer` {}", either(variables)),
            Form::Basic { user, password } => format!("`Basic` `{user}`:`{password}` in Base64"),
            Form::SentryKey(variable) => format!("`sentry sentry_key=` and the key in `{variable}`"),
        };
        let needed = if *needed == Needed::Always { "yes" } else { "" };
        let _ = writeln!(page, "| `{name}` | {value} | {needed} |");
    }
}

fn either(variables: &[&str]) -> String {
    variables.iter().map(|variable| format!("`{variable}`")).collect::<Vec<_>>().join(", else ")
}

fn keys(page: &mut String, rows: &[Extra]) {
    if rows.is_empty() {
        return;
    }
    page.push_str("\n| key | on | value |\n|---|---|---|\n");
    for row in rows {
        let _ = writeln!(page, "| `{}` | {} | {} |", row.key, on(row.on), value(row.value));
    }
}

fn on(on: On) -> String {
    match on {
        On::Every => "every span".to_owned(),
        On::Root => "the root of a trace".to_owned(),
        On::About(activities) => activities.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    }
}

fn value(value: From) -> String {
    match value {
        From::First(keys) => format!("{}, its own or flowed down", either(keys)),
        From::Int(key) => format!("`{key}`, if it is a whole number"),
        From::Constant(value) => format!("`{value}`"),
        From::Word(words) => {
            words.iter().map(|(activity, word)| format!("`{activity}`: `{word}`")).collect::<Vec<_>>().join(", ")
        }
        From::Operation(before) => format!("`{before}` and `gen_ai.operation.name`"),
        From::After(key) => format!("the start plus `{key}`, as RFC 3339"),
        From::Dollars => "`agentic.cost.total`, if in USD".to_owned(),
        From::DollarsAs(member) => format!("`{{\"{member}\": agentic.cost.total}}`, if in USD"),
        From::Json(keys) => format!("{}, as JSON (content)", either(keys)),
        From::Schema => "a JSON schema of the attributes that hold JSON".to_owned(),
        From::Name => "the span's name".to_owned(),
    }
}

fn aside(page: &mut String, rows: &[Aside]) {
    for Aside { on, keys } in rows {
        let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(
            page,
            "\nUnder `agentic.usage.` instead of `gen_ai.usage.`, on {}: {}.",
            self::on(*on),
            keys.join(", ")
        );
    }
}

#[test]
fn the_backends_page_is_printed_from_the_rows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backends.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, page()).expect("docs/ is writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib backends_page");
}
