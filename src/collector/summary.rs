//! Metrics as text: one line a series.
//!
//! All text of a metric is untrusted and escaped. The value of a label is shown only if the registry knows the key and it is no
//! content; of any other the key alone.
use std::collections::BTreeMap;

use super::line::{self, printable};
use super::metric::{PointValue, ReceivedMetric, ReceivedPoint};
use super::quantile::quantile;
use super::value::AttributeValue;
use crate::semconv::{self, attr};

/// Longest name of a metric, label or unit that is printed, in characters.
const MAX_CHARS: usize = 64;

/// Widest column, in characters; what is longer pushes its own line to the right and no other.
const MAX_COLUMN: usize = 56;

/// Labels whose value says enough, in the order they are printed, with what stands before the value.
#[rustfmt::skip]
const SHORT: &[(&str, &str)] = &[
    // label                       before its value
    (attr::GEN_AI_OPERATION_NAME,  ""),
    (attr::GEN_AI_WORKFLOW_NAME,   ""),
    (attr::GEN_AI_AGENT_NAME,      ""),
    (attr::GEN_AI_TOOL_NAME,       ""),
    (attr::GEN_AI_PROVIDER_NAME,   ""),
    (attr::GEN_AI_REQUEST_MODEL,   ""),
    (attr::GEN_AI_RESPONSE_MODEL,  "→"),
    (attr::GEN_AI_TOKEN_MODALITY,  "modality "),
    (attr::MCP_METHOD_NAME,        ""),
    (attr::ERROR_TYPE,             "error "),
];

/// Labels that say where a call went and how: they are shown where they tell the series of a metric apart.
const QUIET: &[&str] =
    &["server.", "network.", "jsonrpc.", "mcp.protocol.", "openai.response.", attr::GEN_AI_TOOL_TYPE];

/// A summary of `metrics` for people: below a line for each service, a line for each series with name, labels and value.
///
/// ```text
/// metrics of agent · 2 metrics, 2 series
/// gen_ai.client.inference.duration            chat openai gpt-5       count 3  sum 4.21 s  mean 1.40 s  p50 1.02 s  p95 2.41 s  min 400 ms  max 2.49 s
/// gen_ai.client.inference.usage.input_tokens  chat openai gpt-5 modality text  1204 tokens
/// ```
///
/// Labels that say where a call went are left out where all series of a metric have the same. Quantiles are estimates from buckets. Metrics come by name, series by labels. Text is escaped, so that no name can
/// forge a line. Empty for no metrics.
///
/// ```
/// # let collector = tracing_genai::collector::Collector::builder().start()?;
/// print!("{}", tracing_genai::collector::render_metrics(&collector.metrics()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn render_metrics(metrics: &[ReceivedMetric]) -> String {
    let mut services: BTreeMap<String, Vec<&ReceivedMetric>> = BTreeMap::new();
    for metric in metrics {
        services.entry(service(metric)).or_default().push(metric);
    }
    let blocks: Vec<String> = services.iter().map(|(service, metrics)| block(service, metrics)).collect();
    blocks.join("\n")
}

fn service(metric: &ReceivedMetric) -> String {
    let name = metric.resource.attribute("service.name").and_then(AttributeValue::as_str);
    printable(name.unwrap_or("(no name)"), MAX_CHARS)
}

fn block(service: &str, metrics: &[&ReceivedMetric]) -> String {
    let mut rows: Vec<Vec<String>> = metrics.iter().flat_map(|metric| series(metric)).collect();
    rows.sort();
    let counted = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let (kinds, lines) = (counted(metrics.len(), "metric", "metrics"), counted(rows.len(), "series", "series"));
    format!("metrics of {service} · {kinds}, {lines}\n{}", aligned(&rows))
}

fn series(metric: &ReceivedMetric) -> impl Iterator<Item = Vec<String>> {
    metric.points.iter().map(|point| {
        let mut row = vec![printable(&metric.name, MAX_CHARS), labels(point, &metric.points)];
        row.extend(cells(&metric.unit, point));
        row
    })
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        // The last cell of a row is not followed by anything.
        let cells = rows.iter().filter(|row| column + 1 < row.len()).filter_map(|row| row.get(column));
        let widths = cells.map(|cell| cell.chars().count());
        widths.filter(|width| *width <= MAX_COLUMN).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// The labels of a point: `chat openai gpt-5 port=443`.
fn labels(point: &ReceivedPoint, of: &[ReceivedPoint]) -> String {
    let asked = point.str(attr::GEN_AI_REQUEST_MODEL);
    let is_news = |key: &str| key != attr::GEN_AI_RESPONSE_MODEL || point.str(key) != asked;
    let short = SHORT.iter().filter(|(key, _)| is_news(key));
    let mut shown: Vec<String> =
        short.filter_map(|(key, before)| Some(format!("{before}{}", printable(point.str(key)?, MAX_CHARS)))).collect();
    let tells = |key: &str| {
        let is_quiet = QUIET.iter().any(|quiet| key.starts_with(quiet));
        !is_quiet || of.iter().any(|other| other.attribute(key) != point.attribute(key))
    };
    let others = point.attributes.iter().filter(|(key, _)| SHORT.iter().all(|(known, _)| known != key) && tells(key));
    let mut others: Vec<String> = others.map(|(key, value)| label(key, value)).collect();
    others.sort();
    shown.extend(others);
    shown.join(" ")
}

/// `trigger=auto`: of keys that the registry knows, the last word says enough.
fn label(key: &str, value: &AttributeValue) -> String {
    if semconv::attribute(key).is_none_or(|known| known.content) {
        return format!("{}=…", printable(key, MAX_CHARS));
    }
    let value = match value {
        AttributeValue::Str(text) => printable(text, MAX_CHARS),
        AttributeValue::Int(number) => number.to_string(),
        AttributeValue::Bool(flag) => flag.to_string(),
        AttributeValue::Double(number) => decimal(*number),
        _ => "…".to_owned(),
    };
    let word = key.rsplit_once('.').map_or(key, |(_, word)| word);
    format!("{}={value}", printable(word, MAX_CHARS))
}

fn cells(unit: &str, point: &ReceivedPoint) -> Vec<String> {
    let Some(count) = point.count() else {
        return vec![match &point.value {
            PointValue::Int(number) => with_unit(number.to_string(), unit),
            PointValue::Double(number) => measured(*number, unit),
            _ => "nothing recorded".to_owned(),
        }];
    };
    let bare = |number: f64| if unit == "s" { measured(number, unit) } else { decimal(number) };
    let (min, max) = match &point.value {
        PointValue::Histogram(of) => (of.min, of.max),
        PointValue::ExponentialHistogram(of) => (of.min, of.max),
        _ => (None, None),
    };
    let mean = point.sum().filter(|_| count > 0).map(|sum| sum / count as f64);
    let named = [
        ("sum", point.sum().map(|sum| measured(sum, unit))),
        ("mean", mean.map(bare)),
        ("p50", quantile(&point.value, 0.5).map(bare)),
        ("p95", quantile(&point.value, 0.95).map(bare)),
        ("min", min.map(bare)),
        ("max", max.map(bare)),
    ];
    let shown =
        named.into_iter().map(|(name, value)| value.map_or_else(String::new, |value| format!("{name} {value}")));
    std::iter::once(format!("count {count}")).chain(shown).collect()
}

/// A number with its unit; seconds are printed as the durations of spans are.
fn measured(number: f64, unit: &str) -> String {
    if unit == "s" && number >= 0.0 {
        // Saturates, and no duration is that long.
        return line::duration(Some((number * 1e9) as u64));
    }
    with_unit(decimal(number), unit)
}

/// `{token}` is what UCUM calls an annotation: a word for what is counted.
fn with_unit(number: String, unit: &str) -> String {
    let word = unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}'));
    let unit = match word {
        Some(word) if number == "1" || word.chars().all(char::is_uppercase) => word.replace('_', " "),
        Some(word) => format!("{}s", word.replace('_', " ")),
        None if unit == "1" => String::new(),
        None => unit.to_owned(),
    };
    let unit = printable(&unit, MAX_CHARS);
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// Whole numbers in full, all others with four digits that say something: `1204`, `0.0125`, `1.704`.
fn decimal(number: f64) -> String {
    const DIGITS: f64 = 3.0;
    if !number.is_finite() || number.fract() == 0.0 {
        return number.to_string();
    }
    // Casts saturate: a number that small has all the places there are.
    let places = (DIGITS - number.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
