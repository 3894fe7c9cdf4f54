//! What the layer sees, and what `fmt` prints: two filters that know nothing of each other.

use tracing::metadata::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::FilterFn;

use super::env::Env;
use super::error::{InitError, InitErrorKind};

/// Crates under the exporter, by the first segment of the target: their spans are about transporting telemetry. Crates
/// next to them, such as `tower_http` or `reqwest_middleware`, are the application's and pass.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "h2",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "opentelemetry",
    "opentelemetry-http",
    "opentelemetry-otlp",
    "opentelemetry_http",
    "opentelemetry_otlp",
    "opentelemetry_sdk",
    "reqwest",
    "rustls",
    "tokio_rustls",
    "tonic",
    "tower",
];

/// Crates of a protocol, by the first segment of the target, whose spans are as long as a connection and whose events print
/// whole messages, content and all (rmcp 3.9, at `info` and below). Our room for the protocol has a span for each message.
const TOO_TALKATIVE: &[&str] = &["rmcp"];

/// Prefixes of field names that make a span or event pass at any level.
const MARKS: &[&str] = &["agentic.", "gen_ai.", "mcp."];

/// The layer's own filter. The answer hangs on the call site alone, so tracing asks once for each.
pub(crate) fn spans() -> FilterFn {
    FilterFn::new(accepts)
}

/// The filter of log events that become log records: up to `most`, and nothing of the transport.
pub(crate) fn log_events(most: LevelFilter) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    FilterFn::new(move |metadata: &Metadata<'_>| {
        metadata.is_event() && *metadata.level() <= most && !is_refused(metadata)
    })
    .with_max_level_hint(most)
}

fn is_refused(metadata: &Metadata<'_>) -> bool {
    let crate_name = metadata.target().split("::").next().unwrap_or_default();
    REFUSED.contains(&crate_name) || TOO_TALKATIVE.contains(&crate_name)
}

fn accepts(metadata: &Metadata<'_>) -> bool {
    if is_refused(metadata) {
        return false;
    }
    let marked = |name: &str| MARKS.iter().any(|mark| name.starts_with(mark));
    *metadata.level() <= Level::INFO || metadata.fields().iter().any(|field| marked(field.name()))
}

/// The filter of what is printed: `RUST_LOG`, else `info`.
///
/// # Errors
/// If `RUST_LOG` holds a directive that cannot be parsed.
pub(crate) fn printed(env: &Env) -> Result<EnvFilter, InitError> {
    let directives = env.get("RUST_LOG")?.unwrap_or_default();
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    builder.parse(&directives).map_err(|error| {
        let mend = "write for example info or my_crate=debug,warn";
        let message = format!("bad value {directives:?} in RUST_LOG: {mend}");
        InitError::new(InitErrorKind::Variable, message).with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::{Context, SubscriberExt};
    use tracing_subscriber::{Layer, Registry};

    use super::*;

    #[derive(Clone, Default)]
    struct Names(Arc<Mutex<Vec<&'static str>>>);

    impl Layer<Registry> for Names {
        fn on_new_span(&self, span: &tracing::span::Attributes<'_>, _: &tracing::Id, _: Context<'_, Registry>) {
            self.0.lock().unwrap().push(span.metadata().name());
        }
    }

    #[test]
    fn marked_spans_pass_at_any_level_and_transport_never() {
        let names = Names::default();
        let subscriber = Registry::default().with(names.clone().with_filter(spans()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace_span!("marked", gen_ai.operation.name = "chat");
            tracing::trace_span!("declared late", mcp.method.name = tracing::field::Empty);
            tracing::debug_span!("own", agentic.run.id = "1");
            tracing::debug_span!("plain debug", model = "x");
            tracing::info_span!("plain info");
            tracing::info_span!(target: "h2::client", "h2", gen_ai.system = "x");
            tracing::info_span!(target: "opentelemetry-otlp", "otlp");
            tracing::info_span!(target: "rmcp::service", "serve_inner");
            tracing::info_span!(target: "tower_http::trace", "request");
        });
        let seen = names.0.lock().unwrap();
        assert_eq!(*seen, ["marked", "declared late", "own", "plain info", "request"]);
    }

    #[test]
    fn bad_directives_are_refused() {
        assert!(printed(&Env::from_iter([("RUST_LOG", "a=debug,warn")])).is_ok());
        let error = printed(&Env::from_iter([("RUST_LOG", "a=loud")])).unwrap_err();
        assert!(error.to_string().contains("\"a=loud\" in RUST_LOG"), "{error}");
    }
}
