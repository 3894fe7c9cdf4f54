//! Plain `tracing` spans with `gen_ai.*` fields.

use insta::assert_snapshot;
use opentelemetry::trace::SpanKind;
use tracing::{field::Empty, info_span};

use crate::support::{Recorder, attribute, record};

#[test]
fn unsigned_integers_arrive_as_integers_and_arrays_as_arrays() {
    let recorder = record(|| {
        let span = info_span!(
            "completion",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "gpt-4o",
            gen_ai.request.max_tokens = 1024_u64,
            gen_ai.request.stop_sequences = ?["END", "a \"b\""],
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.reasoning.output_tokens = Empty,
            gen_ai.response.finish_reasons = Empty,
        );
        span.in_scope(|| ());
        span.record("gen_ai.usage.input_tokens", 120_u64);
        span.record("gen_ai.usage.output_tokens", 34_usize);
        span.record("gen_ai.usage.reasoning.output_tokens", tracing::field::debug(Some(7_u32)));
        span.record("gen_ai.response.finish_reasons", tracing::field::debug(["stop"]));
    });
    assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.request.max_tokens = 1024
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.stop_sequences = ["END","a "b""]
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.usage.input_tokens = 120
        gen_ai.usage.output_tokens = 34
        gen_ai.usage.reasoning.output_tokens = 7
    "#);
}

#[test]
fn a_field_recorded_twice_is_exported_once_with_its_last_value() {
    let recorder = record(|| {
        let span = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.request.temperature = 0.1,
            gen_ai.usage.input_tokens = 0_u64,
        );
        span.record("gen_ai.request.temperature", 0.2);
        span.in_scope(|| ());
        span.record("gen_ai.request.temperature", 0.3);
        for tokens in 0..200_u64 {
            span.record("gen_ai.usage.input_tokens", tokens);
        }
    });
    let span = recorder.span("chat");
    assert_eq!(attribute(&span, "gen_ai.request.temperature").as_deref(), Some("0.3"));
    assert_eq!(attribute(&span, "gen_ai.usage.input_tokens").as_deref(), Some("199"));
    assert_eq!(span.dropped_attributes_count, 0);
}

#[test]
fn older_keys_become_the_registrys() {
    let recorder = record(|| {
        let span = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.system = "openai",
            gen_ai.request.model = "gpt-4o",
            gen_ai.usage.prompt_tokens = 12_u64,
            gen_ai.usage.completion_tokens = 3_u64,
            gen_ai.usage.cache_creation.input_tokens = 2_u64,
        );
        span.in_scope(|| ());
    });
    assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.usage.cache_write.input_tokens = 2
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 3
    "#);
}

#[test]
fn kind_and_name_follow_the_rule_whatever_the_span_says() {
    let recorder = record(|| {
        let named = info_span!(
            "llm",
            otel.name = "my prompt is secret",
            otel.kind = "server",
            otel.status_code = "OK",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "gpt-4o",
        );
        named.in_scope(|| ());
        // Where the conventions leave the choice, the span's word counts.
        info_span!("a", otel.kind = "client", gen_ai.operation.name = "invoke_agent", gen_ai.agent.name = "remote")
            .in_scope(|| ());
        info_span!("b", otel.kind = "client", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "t")
            .in_scope(|| ());
    });
    assert_eq!(recorder.span("chat gpt-4o").span_kind, SpanKind::Client);
    assert_eq!(recorder.span("invoke_agent remote").span_kind, SpanKind::Client);
    assert_eq!(recorder.span("execute_tool t").span_kind, SpanKind::Internal);
    assert!(!recorder.tree().contains("secret"));
}

#[test]
fn operations_and_compactions_are_known_by_their_fields() {
    let recorder = record(|| {
        let operation = info_span!("op", agentic.operation.kind = "review", agentic.operation.id = "op-1");
        let _entered = operation.enter();
        info_span!("shrink", agentic.compaction.trigger = "manual", gen_ai.agent.name = "a").in_scope(|| ());
    });
    assert_snapshot!(recorder.tree(), @r#"
    operation review
        agentic.operation.id = "op-1"
        agentic.operation.kind = "review"
      compact a
          agentic.compaction.trigger = "manual"
          gen_ai.agent.name = "a"
    "#);
}

#[test]
fn an_unlisted_operation_is_no_genai_span() {
    let recorder =
        record(|| info_span!("x", gen_ai.operation.name = "handoff", gen_ai.agent.name = "a").in_scope(|| ()));
    assert_eq!(recorder.span("x").span_kind, SpanKind::Internal);
}

#[test]
fn fields_that_no_table_knows_stay_in_unless_allowed() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_attributes(["tenant", "shop."]);
    let subscriber =
        tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "buy",
            tenant = "t-1",
            shop.region = "eu",
            query = "what the user said",
        );
        span.in_scope(|| ());
        span.record("tenant", "t-2");
    });
    assert_snapshot!(recorder.tree(), @r#"
    execute_tool buy
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "buy"
        shop.region = "eu"
        tenant = "t-2"
    "#);
    assert_eq!(tracer.stats().unknown_fields, 1);
}

#[test]
fn other_spans_pass_as_they_are() {
    let recorder = record(|| {
        let span = info_span!("query", otel.name = "SELECT", otel.kind = "client", rows = 3_u64, prompt = "p");
        span.in_scope(|| tracing::info!(detail = 1, "a message"));
    });
    let span = recorder.span("SELECT");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(attribute(&span, "prompt").as_deref(), Some("\"p\""));
    assert_eq!(span.events.events[0].name, "a message");
}

#[test]
fn an_attribute_that_names_the_span_keeps_its_first_value() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber =
        tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = "gpt-4o");
        span.in_scope(|| ());
        span.record("gen_ai.request.model", "o3");
    });
    let span = recorder.span("chat gpt-4o");
    assert_eq!(attribute(&span, "gen_ai.request.model").as_deref(), Some("\"gpt-4o\""));
    assert_eq!(tracer.stats().changed_at_start, 1);
}

#[test]
fn an_operation_recorded_twice_before_the_start_is_the_last_one() {
    let recorder = record(|| {
        let span = info_span!("x", gen_ai.operation.name = "chat", gen_ai.request.model = "m");
        span.record("gen_ai.operation.name", "embeddings");
        span.record("gen_ai.operation.name", false);
        span.in_scope(|| ());
    });
    let span = recorder.span("embeddings m");
    assert_eq!(attribute(&span, "gen_ai.operation.name").as_deref(), Some("\"embeddings\""));
}
