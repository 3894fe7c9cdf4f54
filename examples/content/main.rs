//! What leaves of an agent's content: the same turn and tool call, under five settings, as a collector received them.
//!
//! 1. the default: nothing, proven with `assert_no_content`
//! 2. everything, without what redactors find, within a small budget
//! 3. the same, stored in a directory; the spans tell where it is, its size and its SHA-256
//! 4. a policy as `exportContent(event)` of Flue's observer
//! 5. a policy as `transform(content, scope)` of Flue's instrumentation, with its budget
//!
//! ```text
//! cargo run --example content
//! ```

mod agent;
mod hooks;

use std::error::Error;
use std::path::Path;
use std::time::Duration;
use std::{env, fs, process};

use sha2::{Digest, Sha256};
use tracing::subscriber::with_default;
use tracing_genai::collector::{AttributeValue, Collector, ReceivedSpan};
use tracing_genai::content::{Content, Destination, FileStore, Kind, Redactor, References};
use tracing_genai::pipeline::{Env, Pipeline, Protocol};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use agent::{API_KEY, CUSTOMER, PICTURE, SPANS};

/// Characters of a value that are printed.
const SHOWN: usize = 80;

type Failed = Box<dyn Error>;

fn main() -> Result<(), Failed> {
    println!("1 · the default");
    let collector = received(Content::off())?;
    print_content(&collector);
    for canary in [CUSTOMER, API_KEY, PICTURE] {
        collector.assert_no_content(canary);
    }
    println!("    nothing: no address, key or picture in any form\n");

    println!("2 · everything, redacted, within 2 KiB an attribute");
    let redacted = Content::all().with_redactors(Redactor::recommended());
    let collector = received(redacted.clone().with_attribute_budget(2 * 1024))?;
    print_content(&collector);
    for canary in [CUSTOMER, API_KEY, PICTURE] {
        collector.assert_no_content(canary);
    }
    println!();

    println!("3 · by reference");
    by_reference(redacted)?;

    println!("4 · exportContent(event)");
    let collector = received(hooks::observer())?;
    print_content(&collector);
    collector.assert_no_content(CUSTOMER);
    println!();

    println!("5 · transform(content, scope), 56 KiB a span");
    let collector = received(hooks::instrumentation())?;
    print_content(&collector);
    collector.assert_no_content(CUSTOMER);
    Ok(())
}

/// What a collector has of the agent, if this is done with its content. A program of your own calls `install()`.
fn received(content: Content) -> Result<Collector, Failed> {
    let collector = Collector::builder().start()?;
    let telemetry = Pipeline::builder()
        .with_env(Env::empty())
        .with_protocol(Protocol::HttpProtobuf)
        .with_endpoint(collector.http_endpoint())
        .with_content(content)
        .build()?;
    with_default(registry().with(telemetry.layer()), agent::answer);
    let report = telemetry.shutdown();
    match report.exported {
        SPANS => Ok(collector),
        _ => Err(format!("not every span arrived: {report}").into()),
    }
}

fn by_reference(content: Content) -> Result<(), Failed> {
    // Not the temporary directory itself: that is shared, and refused.
    let dir = env::temp_dir().join(format!("tracing-genai-content-{}", process::id()));
    let references = References::to(FileStore::new(&dir)?).with_max_queue_size(100);
    let content = content.with_destination(Destination::Reference).with_references(references.clone());
    let collector = received(content)?;
    print_content(&collector);
    // Nobody waits for a store unless asked to.
    if !references.flush(Duration::from_secs(10)) {
        return Err("the store is slow".into());
    }
    let mut checked = 0;
    for span in collector.spans() {
        checked += check_files(&span, &dir)?;
    }
    fs::remove_dir_all(&dir)?;
    println!("    {checked} files have the size and SHA-256 that the spans tell\n");
    Ok(())
}

/// Holds the files against what the span says of them. How many there are.
fn check_files(span: &ReceivedSpan, dir: &Path) -> Result<usize, Failed> {
    let told = |part: &str, kind| format!("agentic.content.{part}.{kind}");
    let mut checked = 0;
    for kind in Kind::all() {
        let Some(uri) = span.str(&told("ref", kind)) else { continue };
        let file = uri.rsplit('/').next().unwrap_or_default();
        let bytes = fs::read(dir.join(file))?;
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let size = i64::try_from(bytes.len())?;
        if (span.int(&told("size", kind)), span.str(&told("sha256", kind))) != (Some(size), Some(&sha256)) {
            return Err(format!("{file} is not what the span tells").into());
        }
        checked += 1;
    }
    Ok(checked)
}

/// The spans with their content, and what is told about it.
fn print_content(collector: &Collector) {
    let mut spans = collector.spans();
    spans.sort_by_key(|span| span.start_unix_nanos);
    for (number, span) in spans.iter().enumerate() {
        let branch = match number {
            0 => "",
            _ if number + 1 == spans.len() => "└─ ",
            _ => "├─ ",
        };
        println!("  {branch}{}", span.name);
        for (key, value) in &span.attributes {
            let is_content = Kind::all().any(|kind| kind.attribute() == key);
            match value {
                AttributeValue::Str(text) if is_content => {
                    println!("       {key:<43} {:>6} bytes  {}", text.len(), shortened(text));
                    print_messages(text);
                }
                AttributeValue::Str(text) if key.starts_with("agentic.content.ref.") => {
                    println!("       {key:<43} {}", text.rsplit('/').next().unwrap_or_default());
                }
                AttributeValue::Int(number) if key.starts_with("agentic.content.") => {
                    println!("       {key:<43} {number:>6} bytes");
                }
                _ => {}
            }
        }
    }
}

/// Of a long list of messages both ends.
fn print_messages(text: &str) {
    let Ok(serde_json::Value::Array(messages)) = serde_json::from_str(text) else { return };
    let [first, second, .., last] = messages.as_slice() else { return };
    for message in [first, second, last] {
        let (role, said) = (message["role"].as_str(), message["parts"][0]["content"].as_str());
        println!("         {:<9} {}", role.unwrap_or_default(), shortened(said.unwrap_or_default()));
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
