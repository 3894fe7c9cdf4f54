//! Faults and limits of delivery: every ended span is exported, failed or dropped, and nothing waits past its deadline.

#![cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use opentelemetry::trace::{Span, Tracer};
use support::receiver::Receiver;
use support::{CANARY, PROTOCOLS, TRACES_ONLY, to, wait_for, work};
use tracing_genai::pipeline::{Env, FlushError, Protocol};

#[test]
fn a_full_batch_and_the_schedule_both_send() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf)
        .with_max_export_batch_size(10)
        .with_schedule_delay(Duration::from_millis(300))
        .build()
        .unwrap();
    work(&telemetry, 10);
    wait_for(|| receiver.names().len() == 10);
    work(&telemetry, 4);
    wait_for(|| receiver.names().len() == 14);
    assert_eq!(telemetry.shutdown().exported, 14);
}

#[test]
fn a_burst_is_counted_to_the_last_span() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).with_max_queue_size(64).build().unwrap();
    let tracer = telemetry.tracer();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..2_500).for_each(|_| tracer.start("burst").end()));
        }
    });
    let report = telemetry.shutdown();
    assert_eq!(report.exported + report.failed + report.dropped, 10_000, "{report}");
    assert_eq!(report.exported, receiver.names().len() as u64);
}

#[test]
fn a_refused_connection_is_counted_and_explained() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for protocol in PROTOCOLS {
        let builder = to(&format!("http://{free}"), protocol);
        let telemetry = builder.with_header("x-key", CANARY).build().unwrap();
        work(&telemetry, 5);
        let begun = Instant::now();
        let flushed = telemetry.flush(Duration::from_secs(4)).unwrap_err();
        assert!(matches!(flushed, FlushError::Failed { spans: 5, .. }), "{flushed}");
        let report = telemetry.shutdown();
        assert!(begun.elapsed() < Duration::from_secs(4));
        assert_eq!((report.exported, report.failed, report.dropped), (0, 5, 0));
        let text = format!("{report} {flushed}");
        assert!(text.contains("refused"), "{text}");
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[test]
fn a_receiver_that_never_answers_does_not_outlast_the_deadline() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    for protocol in PROTOCOLS {
        let builder = to(&url, protocol).with_shutdown_timeout(Duration::from_millis(400));
        let telemetry = builder.with_max_export_batch_size(2).build().unwrap();
        work(&telemetry, 5);
        let begun = Instant::now();
        let flushed = telemetry.flush(Duration::from_millis(200));
        assert_eq!(flushed, Err(FlushError::Timeout(Duration::from_millis(200))));
        let report = telemetry.shutdown();
        assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
        assert_eq!((report.exported, report.failed, report.dropped), (0, 2, 3), "{report}");
    }
}

#[test]
fn the_timeout_covers_the_whole_export() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    // Encrypted: the connection stands, the handshake never ends.
    let url = format!("https://{}", silent.local_addr().unwrap());
    for protocol in PROTOCOLS {
        let telemetry = to(&url, protocol).with_timeout(Duration::from_millis(300)).build().unwrap();
        work(&telemetry, 1);
        let begun = Instant::now();
        let flushed = telemetry.flush(Duration::from_secs(5)).unwrap_err().to_string();
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        assert!(flushed.contains("timed out after 300ms"), "{flushed}");
        assert_eq!(telemetry.shutdown().failed, 1);
    }
}

#[test]
fn large_spans_travel_in_several_requests() {
    let receiver = Receiver::grpc();
    let telemetry = to(&receiver.url(), Protocol::Grpc).build().unwrap();
    for _ in 0..6 {
        let mut span = telemetry.tracer().start("s");
        span.set_attribute(opentelemetry::KeyValue::new("text", "x".repeat(1_000_000)));
        span.end();
    }
    // The receiver refuses messages above 4 MiB.
    let report = telemetry.shutdown();
    assert_eq!((report.exported, report.failed), (6, 0), "{report}");
    assert_eq!(receiver.requests().len(), 2);
}

#[test]
fn a_span_that_ends_after_shutdown_is_not_counted() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).build().unwrap();
    let mut late = telemetry.tracer().start("late");
    let report = telemetry.shutdown();
    late.end();
    assert_eq!(report.exported, 0);
    assert!(receiver.names().is_empty());
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::http();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = elsewhere.url();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let answer = "HTTP/1.1 307 Temporary Redirect\r\ncontent-length: 0\r\nconnection: close";
        write!(stream, "{answer}\r\nlocation: {target}/v1/traces\r\n\r\n").unwrap();
    });
    let telemetry = to(&url, Protocol::HttpProtobuf).with_env(Env::from_iter(TRACES_ONLY)).build().unwrap();
    work(&telemetry, 1);
    let report = telemetry.shutdown();
    assert_eq!((report.exported, report.failed), (0, 1), "{report}");
    assert!(report.to_string().contains("307"), "{report}");
    assert!(elsewhere.names().is_empty());
}

/// What a receiver answers may hold anything: a header sent back to it, an attribute of ours.
#[test]
fn nothing_that_a_receiver_says_is_shown() {
    let answer = format!(
        "HTTP/1.1 400 {CANARY}\r\nx-echo: {CANARY}\r\ngrpc-message: {CANARY}\r\n\
         content-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{CANARY}",
        CANARY.len()
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut request) = (stream.unwrap(), [0; 16 * 1024]);
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson] {
        let telemetry = to(&url, protocol).with_header("authorization", CANARY).build().unwrap();
        work(&telemetry, 1);
        let flushed = telemetry.flush(Duration::from_secs(5)).unwrap_err();
        let report = telemetry.shutdown();
        let shown = format!("{report} {report:?} {flushed} {flushed:?}");
        assert!(shown.contains("400") && !shown.contains(CANARY), "{shown}");
    }
    let receiver = Receiver::refusing(CANARY);
    let telemetry = to(&receiver.url(), Protocol::Grpc).with_header("authorization", CANARY).build().unwrap();
    work(&telemetry, 1);
    let flushed = telemetry.flush(Duration::from_secs(5)).unwrap_err();
    let shown = format!("{flushed} {:?}", telemetry.shutdown());
    assert!(shown.contains("InvalidArgument") && !shown.contains(CANARY), "{shown}");
}
