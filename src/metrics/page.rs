//! The page of all metrics, printed from the tables.

use std::fmt::Write as _;

use crate::metrics::health;
use crate::rules::instruments::{OLD_ROWS, On, ROWS, Row, Source};
use crate::semconv::{Instrument, METRICS, Metric, attr};
use crate::span::Dialect;

const HEAD: &str = "\
<!-- printed from src/rules/instruments.rs and src/metrics/health.rs; update: UPDATE_PAGES=1 cargo test --lib metrics_page -->
# Metrics

`GenAiTracer::with_meter` measures every GenAI span that ends, sampled or not: also those that failed, were cancelled or
interrupted. Numbers are those of the span.

- One meter is for one tracer: its clones, and what setters make of them, count together, `with_semconv` included; a second
  `with_meter` takes the place of the first. Another tracer needs a meter of another name: of two that count by one meter the SDK
  keeps the counters of the last.
- A metric has at most `MAX_LABEL_SETS` label sets for each tracer and meter. What has others is measured with `otel.metric.overflow`
  alone, and counted in `Stats::label_sets_refused`. The first 332 label sets of a counter of tokens have them by modality; tokens of
  the others are all `unknown`.
- Values of histograms wait until the meter's reader collects, 1024 at most: with more, the span that ends hands them over. A meter of
  which views drop every counter keeps the last of them back until the tracer is gone.
- Labels that the span does not have are left out, the provider's name included. `openai.*` are labels of calls to the
  provider `openai` only.
- Tokens that came out of a cache or went into one are in the input, too, those for reasoning in the output: sums are made
  over one counter. What no modality is told of is `unknown`; all is if the parts are more than the whole.
- A turn inside a turn is the same call: the outer one is measured, with the tokens and the cost of the inner one if it tells no
  tokens itself.
- Calls of an agent are those it made itself: not those of agents below it, nor of its tools. An agent that tells its usage and
  has no turns has no such number.
- There are no exemplars: the OpenTelemetry SDK for Rust, 0.33, keeps none.

| metric | unit | measured on | value | labels |
|---|---|---|---|---|
";

const HEALTH: &str = "
## The crate itself

By `agentic.telemetry.reason`; numbers since the tracer was made, over all tracers of the meter. `agentic.open_spans` (`{span}`) are
the GenAI spans that are open.

| metric | unit | reason |
|---|---|---|
";

const OLD: &str = "
## Older dialects

With `Dialect::V1_41` or `V1_36` there are these, with the same labels under the names of the dialect (`docs/dialects.md`):
`V1_36` writes the provider as `gen_ai.system`. A metric that two chosen dialects write under one name is measured once, with the
labels of both. Metrics of this crate are written in every dialect.

| metric | written by | unit | measured on | value | labels |
|---|---|---|---|---|---|
";

const BUCKETS: &str = "
## Buckets

| metric | boundaries |
|---|---|
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for row in ROWS {
        let cells = [named(row.name), unit(row.like), on(row), value(row), labels(row)];
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
    page.push_str(HEALTH);
    for row in &health::ROWS {
        let metric = METRICS.iter().find(|metric| metric.name == row.metric).expect("in the registry");
        let _ = writeln!(page, "| `{}` | {} | `{}` |", row.metric, unit(metric), row.reason);
    }
    page.push_str(OLD);
    for row in OLD_ROWS {
        let cells = [named(row.name), dialects(row), unit(row.like), on(row), value(row), labels(row)];
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
    page.push_str(BUCKETS);
    for row in ROWS.iter().filter(|row| row.like.instrument == Instrument::Histogram) {
        let buckets: Vec<String> = row.like.buckets.iter().map(f64::to_string).collect();
        let _ = writeln!(page, "| `{}` | {} |", row.name, buckets.join(", "));
    }
    page
}

fn named(name: &str) -> String {
    format!("`{name}`")
}

fn unit(metric: &Metric) -> String {
    let instrument = match metric.instrument {
        Instrument::Histogram => "histogram",
        Instrument::Counter => "counter",
        Instrument::Gauge => "gauge",
        Instrument::UpDownCounter => "up-down counter",
    };
    format!("`{}`, {instrument}", metric.unit)
}

fn dialects(row: &Row) -> String {
    let name = |dialect: &Dialect| format!("`{dialect:?}`");
    row.dialects.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn on(row: &Row) -> String {
    if row.on.len() == On::ALL.len() {
        return "everything".to_owned();
    }
    let what = |on: &On| match on {
        On::Turn => "model turns",
        On::Embeddings => "embeddings",
        On::Client => "retrieval, memory, `create_agent`, `fetch_response`, remote agents",
        On::Agent => "agents",
        On::Tool => "tools",
        On::Workflow => "workflows",
        On::Compaction => "compactions",
        On::McpClient => "MCP, the sender",
        On::McpServer => "MCP, the receiver",
        On::Other => "operations, plans",
    };
    row.on.iter().map(what).collect::<Vec<_>>().join("; ")
}

fn value(row: &Row) -> String {
    let fixed = row.fixed.map(|(key, value)| format!(", `{key}` = `{value}`")).unwrap_or_default();
    let value = match row.source {
        Source::Duration => "duration of the span".to_owned(),
        Source::Seconds(id) | Source::Tokens(id) => named(id.key()),
        Source::Gaps => "each time between two chunks".to_owned(),
        Source::ByModality(id, []) => format!("`{}`, all `unknown`", id.key()),
        Source::ByModality(id, parts) => {
            let parts: Vec<String> = parts.iter().map(|(_, id)| named(id.key())).collect();
            format!("`{}`, of these {}", id.key(), parts.join(", "))
        }
        Source::InferenceCalls => "model turns of its own".to_owned(),
        Source::ToolCalls => "tools it called itself".to_owned(),
        Source::Cost => named(attr::AGENTIC_COST_TOTAL),
        Source::One => "1".to_owned(),
        Source::Cancelled => format!("1 with `{}` = `cancelled`", attr::AGENTIC_OUTCOME),
        Source::Reclaimed => {
            format!("`{}` less `{}`", attr::AGENTIC_COMPACTION_TOKENS_BEFORE, attr::AGENTIC_COMPACTION_TOKENS_AFTER)
        }
        Source::Context => "input and output tokens of the agent's last turn".to_owned(),
    };
    value + &fixed
}

fn labels(row: &Row) -> String {
    let modality = matches!(row.source, Source::ByModality(..)).then_some(attr::GEN_AI_TOKEN_MODALITY);
    let keys = row.family.labels().iter().map(|label| label.key()).chain(modality);
    keys.map(named).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_metrics_page_says_how_many_sets_are_split() {
    assert!(HEAD.contains(&format!("The first {} label sets", super::counters::MAX_SPLIT_SETS)));
}

#[test]
fn the_metrics_page_is_printed_from_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, page()).expect("docs/ is writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib metrics_page");
}
