//! Examples as a user runs them: processes of their own, their output, and what they send.
#![allow(dead_code)]

use std::path::PathBuf;
use std::process::Command;

use tracing_genai::collector::{Collector, ReceivedSpan};

/// The ways to send.
pub(crate) const PROTOCOLS: [&str; 3] = ["grpc", "http/protobuf", "http/json"];

/// The example, built by `cargo test`, without the variables of whoever runs the tests.
pub(crate) fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).map(PathBuf::from).expect("target/<profile>/deps/<test>");
    let path = profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.exists(), "{} is not built: run cargo build --examples", path.display());
    let mut command = Command::new(path);
    for (variable, _) in std::env::vars_os() {
        let variable = variable.to_string_lossy().into_owned();
        if variable.starts_with("OTEL_") || variable.starts_with("OPENAI_") || variable == "RUST_LOG" {
            command.env_remove(variable);
        }
    }
    command.env_remove("TRACEPARENT").env_remove("TRACING_GENAI_SESSION_ID");
    command
}

/// Standard output and standard error of a run that has to succeed.
pub(crate) fn run(mut command: Command) -> (String, String) {
    let output = command.output().expect("the example starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    (out.into_owned(), err.into_owned())
}

/// The spans of a run against a collector that it is told of by environment variables, and its output. A program that
/// has ended well has sent all of them.
pub(crate) fn received(name: &str, protocol: &str) -> (Vec<ReceivedSpan>, String) {
    let collector = Collector::builder().start().expect("a collector");
    let endpoint = if protocol == "grpc" { collector.grpc_endpoint() } else { collector.http_endpoint() };
    let mut program = example(name);
    program.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    let (out, _) = run(program);
    collector.stop();
    (collector.spans(), out)
}

/// What every call of a model has to be: whole, by the conventions, and counted once.
#[track_caller]
pub(crate) fn assert_turns(spans: &[ReceivedSpan], count: usize) {
    let turns: Vec<_> = spans.iter().filter(|span| is_turn(span)).collect();
    assert_eq!(turns.len(), count, "{spans:#?}");
    for turn in turns {
        let failed = turn.str("error.type").is_some();
        for key in ["gen_ai.provider.name", "gen_ai.request.model", "server.address"] {
            assert!(turn.str(key).is_some(), "{key} is missing in {turn:#?}");
        }
        for key in ["gen_ai.response.model", "gen_ai.response.id"] {
            let excused = failed || turn.name.starts_with("embeddings");
            assert!(excused || turn.str(key).is_some(), "{key} is missing in {turn:#?}");
        }
        assert!(failed || turn.int("gen_ai.usage.input_tokens").is_some(), "no tokens in {turn:#?}");
        assert!(turn.int("server.port").is_some(), "{turn:#?}");
    }
    assert_eq!(tracing_genai::collector::usage_errors(spans), []);
}

/// Whether it is a call of a model.
pub(crate) fn is_turn(span: &ReceivedSpan) -> bool {
    let operation = span.str("gen_ai.operation.name");
    operation.is_some_and(|name| ["chat", "generate_content", "text_completion", "embeddings"].contains(&name))
}
