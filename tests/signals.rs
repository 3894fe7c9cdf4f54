//! Metrics and log records on their way out, beside spans; and several backends beside each other.

#![cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]

mod support;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, Metric, metric};
use support::receiver::Receiver;
use support::{CANARY, PROTOCOLS, receiver, to, wait_for, work};
use tracing::metadata::LevelFilter;
use tracing_genai::pipeline::{Backend, Compression, Env, FlushError, Pipeline, Protocol, Telemetry};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// Adds to a counter, and to a histogram.
fn count(telemetry: &Telemetry) {
    let meter = telemetry.meter_provider().expect("metrics").meter("own");
    meter.u64_counter("own.counter").build().add(1, &[KeyValue::new("k", "v")]);
    meter.f64_histogram("own.histogram").build().record(0.5, &[]);
}

fn named(receiver: &Receiver, name: &str) -> Vec<Metric> {
    receiver.metrics().into_iter().filter(|metric| metric.name == name).collect()
}

#[test]
fn all_signals_arrive_over_every_protocol() {
    for protocol in PROTOCOLS {
        for compression in [None, Some(Compression::Gzip)] {
            let receiver = receiver(protocol);
            let builder = to(&receiver.url(), protocol);
            let builder = match compression {
                Some(compression) => builder.with_compression(compression),
                None => builder,
            };
            let telemetry = builder.build().unwrap();
            work(&telemetry, 3);
            count(&telemetry);
            telemetry.flush(Duration::from_secs(5)).unwrap();
            assert_eq!(receiver.names().len(), 3);
            assert_eq!(named(&receiver, "own.counter").len(), 1, "{protocol:?}");
            let details = receiver.logs().iter().filter(|log| log.event_name == DETAILS).count();
            assert_eq!(details, 3, "{protocol:?}");
            let report = telemetry.shutdown();
            assert_eq!((report.exported, report.logs.exported, report.metrics.exported), (3, 3, 4), "{report:?}");
            assert_eq!(report.to_string(), "3 spans exported, 0 failed, 0 dropped");
        }
    }
}

#[test]
fn metrics_leave_at_their_interval() {
    let receiver = Receiver::http();
    let builder = to(&receiver.url(), Protocol::HttpProtobuf);
    let telemetry = builder.with_metric_export_interval(Duration::from_millis(20)).build().unwrap();
    count(&telemetry);
    wait_for(|| named(&receiver, "own.counter").len() >= 2);
    telemetry.shutdown();
}

#[test]
fn each_signal_can_be_switched_off() {
    for signal in ["TRACES", "METRICS", "LOGS"] {
        let receiver = Receiver::http();
        let env = Env::from_iter([(format!("OTEL_{signal}_EXPORTER"), "none")]);
        let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).with_env(env).build().unwrap();
        assert_eq!(telemetry.meter_provider().is_none(), signal == "METRICS");
        work(&telemetry, 1);
        if signal != "METRICS" {
            count(&telemetry);
        }
        let report = telemetry.shutdown();
        let left = [receiver.names().is_empty(), receiver.metrics().is_empty(), receiver.logs().is_empty()];
        assert_eq!(left, ["TRACES", "METRICS", "LOGS"].map(|other| other == signal), "{report:?}");
    }
}

#[test]
fn each_signal_has_headers_of_its_own_and_none_is_shown() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let secret = |signal: &str| format!("{CANARY}-{signal}");
        let of = |signal: &str| (format!("OTEL_EXPORTER_OTLP_{signal}_HEADERS"), format!("x-key={}", secret(signal)));
        let env = Env::from_iter(["TRACES", "METRICS", "LOGS"].map(of));
        let telemetry = to(&receiver.url(), protocol).with_env(env).with_header("x-code", "1").build().unwrap();
        let mut shown = format!("{telemetry:?}");
        work(&telemetry, 1);
        count(&telemetry);
        shown += &format!("{:?}", telemetry.shutdown());
        assert!(!shown.contains(CANARY), "{shown}");
        let headers = receiver.all_headers();
        for (headers, signal) in headers.iter().zip(["TRACES", "METRICS", "LOGS"]) {
            assert_eq!(headers[0]["x-key"], secret(signal), "{protocol:?}");
            assert_eq!(headers[0]["x-code"], "1");
        }
    }
}

#[test]
fn resource_and_scope_are_those_of_spans() {
    let receiver = Receiver::http();
    let builder = to(&receiver.url(), Protocol::HttpJson).with_service_name("travel");
    let telemetry = builder.build().unwrap();
    work(&telemetry, 1);
    count(&telemetry);
    telemetry.shutdown();
    let arrived = receiver.everything();
    assert!(arrived.matches("\"travel\"").count() >= 3, "{arrived}");
    assert!(arrived.matches("\"agentic.semconv.pinned\"").count() >= 2, "{arrived}");
}

#[test]
fn temporality_is_what_was_preferred() {
    use AggregationTemporality::{Cumulative, Delta};
    for (preference, expected) in [("cumulative", Cumulative), ("DELTA", Delta), ("lowmemory", Delta)] {
        let receiver = Receiver::http();
        let env = Env::from_iter([("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", preference)]);
        let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).with_env(env).build().unwrap();
        count(&telemetry);
        telemetry.shutdown();
        let metric = named(&receiver, "own.counter").remove(0);
        let Some(metric::Data::Sum(sum)) = metric.data else { panic!("{metric:?}") };
        assert_eq!(sum.aggregation_temporality, expected as i32, "{preference}");
    }
}

#[test]
fn histograms_are_exponential_on_request() {
    let receiver = Receiver::http();
    let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
    let env = Env::from_iter([(name, "base2_exponential_bucket_histogram")]);
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).with_env(env).build().unwrap();
    count(&telemetry);
    telemetry.shutdown();
    let metric = named(&receiver, "own.histogram").remove(0);
    assert!(matches!(metric.data, Some(metric::Data::ExponentialHistogram(_))), "{metric:?}");
}

/// Log events inside and outside of a GenAI span, and one of the transport.
fn log(telemetry: &Telemetry) {
    let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(telemetry.log_layer());
    tracing::subscriber::with_default(subscriber, || {
        tracing::warn!(attempt = 2, gen_ai.input.messages = CANARY, "outside");
        tracing::debug!("too fine");
        tracing::info!(target: "hyper::client", "transport");
        tracing::info_span!("chat", gen_ai.operation.name = "chat").in_scope(|| {
            tracing::info!(answer = CANARY, "{CANARY}");
            tracing::info_span!("query").in_scope(|| tracing::error!(CANARY));
        });
    });
}

#[test]
fn log_events_become_log_records_without_what_is_content() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let telemetry = to(&receiver.url(), protocol).with_log_events(LevelFilter::INFO).build().unwrap();
        log(&telemetry);
        telemetry.shutdown();
        let arrived = receiver.everything();
        assert!(!arrived.contains(CANARY), "{arrived}");
        let logs: Vec<_> = receiver.logs().into_iter().filter(|log| log.event_name != DETAILS).collect();
        let texts: Vec<_> = logs.iter().map(|log| log.severity_text.as_str()).collect();
        assert_eq!(texts, ["WARN", "INFO", "ERROR"], "{logs:?}");
        let body = logs[0].body.as_ref().and_then(|body| body.value.clone());
        assert_eq!(body, Some(Value::StringValue("outside".into())));
        let keys: Vec<_> = logs[0].attributes.iter().map(|pair| pair.key.as_str()).collect();
        assert_eq!(keys, ["attempt"]);
        for inside in &logs[1..] {
            assert!(inside.body.is_none() && inside.attributes.is_empty(), "{inside:?}");
            assert_eq!(inside.trace_id, receiver.spans()[0].trace_id);
        }
    }
}

#[test]
fn what_is_said_in_an_agent_is_content_wherever_it_is_said() {
    for activates in [true, false] {
        let receiver = Receiver::http();
        let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).with_log_events(LevelFilter::INFO).build().unwrap();
        let layer = tracing_opentelemetry::layer().with_tracer(telemetry.tracer()).with_context_activation(activates);
        let refuses_debug = layer.with_filter(LevelFilter::INFO);
        let sees_all = tracing_subscriber::layer::Identity::new();
        let subscriber = tracing_subscriber::registry().with(refuses_debug).with(telemetry.log_layer()).with(sees_all);
        tracing::subscriber::with_default(subscriber, || {
            let turn = tracing::info_span!("turn", gen_ai.operation.name = "chat");
            let task = turn.in_scope(|| tracing::debug_span!("task"));
            task.in_scope(|| tracing::error!("in a task {CANARY}"));
            tracing::info!(parent: &task, answer = CANARY, "about a task {CANARY}");
            turn.in_scope(|| tracing::info!("in the turn {CANARY}"));
            let unlisted = tracing::info_span!("u", gen_ai.operation.name = "rerank");
            unlisted.in_scope(|| {
                tracing::info!(answer = CANARY, "{CANARY}");
                tracing::info_span!("query").in_scope(|| tracing::info!("{CANARY}"));
            });
            let id = turn.id();
            drop((turn, task));
            tracing::info!(parent: id, "gone");
        });
        telemetry.shutdown();
        let arrived = receiver.everything();
        assert!(!arrived.contains(CANARY) && arrived.contains("gone"), "{activates}: {arrived}");
    }
}

#[test]
fn log_events_stay_in_by_default() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).build().unwrap();
    log(&telemetry);
    telemetry.shutdown();
    assert!(receiver.logs().iter().all(|log| log.event_name == DETAILS), "{:?}", receiver.logs());
}

/// An address that accepts connections and never answers.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn one_signals_trouble_does_not_delay_the_others() {
    let (_silent, nowhere) = silent();
    for signal in ["TRACES", "METRICS", "LOGS"] {
        let receiver = Receiver::grpc();
        let url = receiver.url();
        let of = |other: &str| {
            let url = if other == signal { nowhere.as_str() } else { url.as_str() };
            (format!("OTEL_EXPORTER_OTLP_{other}_ENDPOINT"), url.to_owned())
        };
        let env = Env::from_iter(["TRACES", "METRICS", "LOGS"].map(of));
        let builder = Pipeline::builder().with_env(env).with_protocol(Protocol::Grpc);
        let telemetry = builder.with_shutdown_timeout(Duration::from_millis(300)).build().unwrap();
        work(&telemetry, 1);
        count(&telemetry);
        let timeout = Duration::from_millis(700);
        assert_eq!(telemetry.flush(timeout), Err(FlushError::Timeout(timeout)));
        let left = [receiver.names().is_empty(), receiver.metrics().is_empty(), receiver.logs().is_empty()];
        assert_eq!(left, ["TRACES", "METRICS", "LOGS"].map(|other| other == signal), "{signal}");
        let begun = Instant::now();
        let report = telemetry.shutdown();
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        assert_eq!(report.exported + report.failed + report.dropped, 1, "{report:?}");
    }
}

#[test]
fn log_records_are_counted_to_the_last() {
    let (_silent, nowhere) = silent();
    let builder = to(&nowhere, Protocol::Grpc).with_log_events(LevelFilter::INFO).with_max_queue_size(16);
    let telemetry = builder.with_shutdown_timeout(Duration::from_millis(200)).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.log_layer());
    tracing::subscriber::with_default(subscriber, || (0..1000).for_each(|_| tracing::info!("x")));
    let report = telemetry.shutdown();
    assert_eq!(report.logs.exported + report.logs.failed + report.logs.dropped, 1000, "{report:?}");
    assert_eq!(report.logs.refused, 0);
}

#[test]
fn a_backend_that_hangs_does_not_delay_another() {
    let (_silent, nowhere) = silent();
    let receiver = Receiver::http();
    let otlp = |url: &str| Backend::Otlp.config().with_endpoint(url).with_protocol(Protocol::HttpProtobuf);
    let builder = Pipeline::builder().with_env(Env::empty()).backend(otlp(&nowhere)).backend(otlp(&receiver.url()));
    let telemetry = builder.with_shutdown_timeout(Duration::from_millis(300)).build().unwrap();
    work(&telemetry, 5);
    let timeout = Duration::from_millis(700);
    assert_eq!(telemetry.flush(timeout), Err(FlushError::Timeout(timeout)));
    assert_eq!(receiver.names().len(), 5);
    assert_eq!(receiver.logs().len(), 5);
    let begun = Instant::now();
    let report = telemetry.shutdown();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!((report.exported, report.failed + report.dropped), (5, 5), "{report:?}");
    let routes: Vec<_> = report.routes.iter().map(|route| (route.exported, route.failed + route.dropped)).collect();
    assert_eq!(routes, [(0, 5), (5, 0)]);
}

#[test]
fn a_backend_that_is_gone_costs_another_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let receiver = Receiver::grpc();
    let otlp = |url: &str| Backend::Otlp.config().with_endpoint(url).with_protocol(Protocol::Grpc);
    let builder = Pipeline::builder().with_env(Env::empty()).backend(otlp(&receiver.url()));
    let telemetry = builder.backend(otlp(&format!("http://{free}"))).build().unwrap();
    work(&telemetry, 3);
    let flushed = telemetry.flush(Duration::from_secs(5)).unwrap_err();
    assert!(matches!(flushed, FlushError::Failed { spans: 3, .. }), "{flushed}");
    let report = telemetry.shutdown();
    assert_eq!((report.exported, report.failed, report.dropped), (3, 3, 0), "{report:?}");
    assert_eq!(receiver.names().len(), 3);
}

#[test]
fn what_one_backend_may_have_another_does_not_get() {
    use tracing_genai::content::{Content, Destination, Kind};
    let (all, none, tools) = (Receiver::http(), Receiver::http(), Receiver::http());
    let otlp = |receiver: &Receiver| {
        Backend::Otlp.config().with_endpoint(receiver.url()).with_protocol(Protocol::HttpProtobuf)
    };
    let everything = Content::all().with_destination(Destination::SpanAndEvent);
    let telemetry = Pipeline::builder()
        .with_env(Env::empty())
        .with_log_events(LevelFilter::INFO)
        .backend(otlp(&all).with_content(everything))
        .backend(otlp(&none))
        .backend(otlp(&tools).with_content(Content::only([Kind::ToolResult])))
        .build()
        .unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(telemetry.log_layer());
    tracing::subscriber::with_default(subscriber, || {
        let messages = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{CANARY}"}}]}}]"#);
        tracing::info_span!("c", gen_ai.operation.name = "chat", gen_ai.input.messages = messages).in_scope(|| {
            tracing::info!("{CANARY}");
        });
        let tool = "execute_tool";
        tracing::info_span!("t", gen_ai.operation.name = tool, gen_ai.tool.call.result = "r3sult").in_scope(|| {});
    });
    telemetry.shutdown();
    assert!(all.everything().contains(CANARY) && all.everything().contains("r3sult"));
    assert!(!none.everything().contains(CANARY) && !none.everything().contains("r3sult"));
    assert!(!tools.everything().contains(CANARY) && tools.everything().contains("r3sult"), "{}", tools.everything());
}
