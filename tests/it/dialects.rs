//! The same agent under older states of the conventions, alone and side by side.

mod pipelines;
mod signals;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use opentelemetry::trace::{Link, Span as _, SpanBuilder, SpanContext, SpanKind, TraceId, TraceState, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, SdkTracer, ShouldSample, SpanData};
use tracing::field::Empty;
use tracing::info_span;
use tracing_genai::activity::{Embeddings, Operation, Tool, Turn, Usage};
use tracing_genai::{Dialect, Dialects, GenAiTracer, Profile};

use crate::support::{Recorder, attribute, with_tracer};

use Dialect::{Latest, V1_36, V1_41};

const EVERY_SET: [&[Dialect]; 7] =
    [&[Latest], &[V1_41], &[V1_36], &[Latest, V1_41], &[Latest, V1_36], &[V1_41, V1_36], &[Latest, V1_41, V1_36]];

/// Names that the newest state does not have.
const OLD: [&str; 5] = [
    "gen_ai.openai.request.service_tier",
    "gen_ai.openai.response.service_tier",
    "gen_ai.openai.response.system_fingerprint",
    "gen_ai.system",
    "gen_ai.usage.cache_creation.input_tokens",
];

/// An agent with a turn that writes a cache, one of a provider with an old name, a tool and embeddings.
fn agent() {
    let operation = Operation::prompt("helper").conversation("c-1").start();
    let _inside = operation.span().enter();
    let turn = Turn::chat("openai", "gpt-4o").service_tier("flex").start();
    turn.response_service_tier("flex").system_fingerprint("fp_1").finish_reason("tool_calls");
    turn.usage(Usage::new(100, 20).cache_read(40).cache_write(30)).finish();
    Tool::new("search").call_id("call_1").start().finish();
    Turn::chat("xai", "grok").start().usage(Usage::new(1, 2)).finish();
    Embeddings::new("openai", "small").start().finish();
    operation.finish();
}

fn under(dialects: impl Into<Dialects>, work: impl FnOnce()) -> Recorder {
    let recorder = Recorder::default();
    with_tracer(&recorder, &recorder.tracer().with_semconv(dialects), work);
    recorder
}

fn set(dialects: &[Dialect]) -> Dialects {
    dialects.iter().copied().collect()
}

#[test]
fn the_newest_state() {
    assert_snapshot!(under(Latest, agent).tree(), @r#"
    invoke_agent helper
        agentic.operation.kind = "prompt"
        agentic.usage.cache_read.input_tokens = 40
        agentic.usage.cache_write.input_tokens = 30
        agentic.usage.input_tokens = 101
        agentic.usage.output_tokens = 22
        agentic.usage.turns = 2
        gen_ai.agent.name = "helper"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["tool_calls"]
        gen_ai.usage.input_tokens = 101
        gen_ai.usage.output_tokens = 22
      chat gpt-4o CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.response.finish_reasons = ["tool_calls"]
          gen_ai.usage.cache_read.input_tokens = 40
          gen_ai.usage.cache_write.input_tokens = 30
          gen_ai.usage.input_tokens = 100
          gen_ai.usage.output_tokens = 20
          openai.request.service_tier = "flex"
          openai.response.service_tier = "flex"
          openai.response.system_fingerprint = "fp_1"
      execute_tool search
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "search"
      chat grok CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "x_ai"
          gen_ai.request.model = "grok"
          gen_ai.usage.input_tokens = 1
          gen_ai.usage.output_tokens = 2
      embeddings small CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "embeddings"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "small"
    "#);
}

#[test]
fn state_1_41() {
    assert_snapshot!(under(V1_41, agent).tree(), @r#"
    invoke_agent helper
        agentic.operation.kind = "prompt"
        agentic.usage.cache_read.input_tokens = 40
        agentic.usage.cache_write.input_tokens = 30
        agentic.usage.input_tokens = 101
        agentic.usage.output_tokens = 22
        agentic.usage.turns = 2
        gen_ai.agent.name = "helper"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["tool_calls"]
        gen_ai.usage.input_tokens = 101
        gen_ai.usage.output_tokens = 22
      chat gpt-4o CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.response.finish_reasons = ["tool_calls"]
          gen_ai.usage.cache_creation.input_tokens = 30
          gen_ai.usage.cache_read.input_tokens = 40
          gen_ai.usage.input_tokens = 100
          gen_ai.usage.output_tokens = 20
          openai.request.service_tier = "flex"
          openai.response.service_tier = "flex"
          openai.response.system_fingerprint = "fp_1"
      execute_tool search
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "search"
      chat grok CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "x_ai"
          gen_ai.request.model = "grok"
          gen_ai.usage.input_tokens = 1
          gen_ai.usage.output_tokens = 2
      embeddings small CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "embeddings"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "small"
    "#);
}

#[test]
fn state_1_36() {
    assert_snapshot!(under(V1_36, agent).tree(), @r#"
    invoke_agent helper
        agentic.operation.kind = "prompt"
        agentic.usage.cache_read.input_tokens = 40
        agentic.usage.cache_write.input_tokens = 30
        agentic.usage.input_tokens = 101
        agentic.usage.output_tokens = 22
        agentic.usage.turns = 2
        gen_ai.agent.name = "helper"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["tool_calls"]
        gen_ai.usage.input_tokens = 101
        gen_ai.usage.output_tokens = 22
      chat gpt-4o CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.openai.request.service_tier = "flex"
          gen_ai.openai.response.service_tier = "flex"
          gen_ai.openai.response.system_fingerprint = "fp_1"
          gen_ai.operation.name = "chat"
          gen_ai.request.model = "gpt-4o"
          gen_ai.response.finish_reasons = ["tool_calls"]
          gen_ai.system = "openai"
          gen_ai.usage.cache_creation.input_tokens = 30
          gen_ai.usage.cache_read.input_tokens = 40
          gen_ai.usage.input_tokens = 100
          gen_ai.usage.output_tokens = 20
      execute_tool search
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "search"
      chat grok CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.request.model = "grok"
          gen_ai.system = "xai"
          gen_ai.usage.input_tokens = 1
          gen_ai.usage.output_tokens = 2
      embeddings small CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "embeddings"
          gen_ai.request.model = "small"
          gen_ai.system = "openai"
    "#);
}

#[test]
fn the_newest_state_beside_1_41() {
    assert_snapshot!(under([Latest, V1_41], agent).tree(), @r#"
    invoke_agent helper
        agentic.operation.kind = "prompt"
        agentic.usage.cache_read.input_tokens = 40
        agentic.usage.cache_write.input_tokens = 30
        agentic.usage.input_tokens = 101
        agentic.usage.output_tokens = 22
        agentic.usage.turns = 2
        gen_ai.agent.name = "helper"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["tool_calls"]
        gen_ai.usage.input_tokens = 101
        gen_ai.usage.output_tokens = 22
      chat gpt-4o CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.response.finish_reasons = ["tool_calls"]
          gen_ai.usage.cache_creation.input_tokens = 30
          gen_ai.usage.cache_read.input_tokens = 40
          gen_ai.usage.cache_write.input_tokens = 30
          gen_ai.usage.input_tokens = 100
          gen_ai.usage.output_tokens = 20
          openai.request.service_tier = "flex"
          openai.response.service_tier = "flex"
          openai.response.system_fingerprint = "fp_1"
      execute_tool search
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "search"
      chat grok CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "x_ai"
          gen_ai.request.model = "grok"
          gen_ai.usage.input_tokens = 1
          gen_ai.usage.output_tokens = 2
      embeddings small CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "embeddings"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "small"
    "#);
}

/// Attributes by key; each is there once.
fn once(span: &SpanData) -> BTreeMap<String, String> {
    let keys = span.attributes.iter().map(|pair| pair.key.as_str());
    keys.map(|key| (key.to_owned(), attribute(span, key).expect("there"))).collect()
}

#[test]
fn beside_the_newest_names_the_older_ones_are_all_there_is_more_and_none_is_there_twice() {
    let newest = under(Latest, agent).spans();
    assert!(newest.iter().flat_map(|span| &span.attributes).all(|pair| !OLD.contains(&pair.key.as_str())));
    for dialects in EVERY_SET {
        let spans = under(set(dialects), agent).spans();
        assert_eq!(spans.len(), newest.len());
        for (span, newest) in spans.iter().zip(&newest) {
            let (mut attributes, newest_attributes) = (once(span), once(newest));
            assert_eq!((&span.name, &span.span_kind), (&newest.name, &newest.span_kind), "{dialects:?}");
            if !dialects.contains(&Latest) {
                assert!(
                    dialects.len() > 1 || attributes.len() == newest_attributes.len(),
                    "{dialects:?}: lost or doubled"
                );
                continue;
            }
            attributes.retain(|key, _| !OLD.contains(&key.as_str()));
            assert_eq!(attributes, newest_attributes, "{dialects:?}");
        }
    }
}

/// As rig 0.44 and others that follow older states write it.
fn recorded_under_old_names() {
    let span = info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.system = "xai",
        gen_ai.request.model = "grok",
        gen_ai.openai.request.service_tier = "flex",
        gen_ai.usage.cache_creation.input_tokens = Empty,
        gen_ai.usage.input_tokens = Empty,
    );
    span.in_scope(|| ());
    span.record("gen_ai.usage.cache_creation.input_tokens", 30_u64);
    span.record("gen_ai.usage.input_tokens", 100_u64);
}

#[test]
fn old_names_come_in_and_go_out() {
    let names = |dialects: &[Dialect]| {
        let recorder = under(set(dialects), recorded_under_old_names);
        once(&recorder.span("chat grok"))
            .into_iter()
            .filter(|(key, _)| !key.starts_with("gen_ai.request") && key != "gen_ai.operation.name")
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_snapshot!(names(&[Latest]), @r#"gen_ai.provider.name="x_ai" gen_ai.usage.cache_write.input_tokens=30 gen_ai.usage.input_tokens=100 openai.request.service_tier="flex""#);
    assert_snapshot!(names(&[V1_36]), @r#"gen_ai.openai.request.service_tier="flex" gen_ai.system="xai" gen_ai.usage.cache_creation.input_tokens=30 gen_ai.usage.input_tokens=100"#);
    assert_snapshot!(names(&[V1_41, V1_36]), @r#"gen_ai.openai.request.service_tier="flex" gen_ai.provider.name="x_ai" gen_ai.system="xai" gen_ai.usage.cache_creation.input_tokens=30 gen_ai.usage.input_tokens=100 openai.request.service_tier="flex""#);
}

#[test]
fn events_and_links_have_the_same_names_as_spans() {
    let recorder = Recorder::default();
    let provider = || vec![KeyValue::new("gen_ai.provider.name", "xAI")];
    let link =
        Link::new(SpanContext::new(1.into(), 2.into(), Default::default(), false, TraceState::NONE), provider(), 0);
    let builder = SpanBuilder::from_name("x")
        .with_attributes([KeyValue::new("gen_ai.operation.name", "chat")])
        .with_links(vec![link.clone()]);
    let mut span = recorder.tracer().with_semconv(V1_36).build_with_context(builder, &Context::new());
    span.add_event("asked", provider());
    span.add_link(link.span_context, provider());
    span.end();
    let span = recorder.span("chat");
    let of_events = span.events.events.iter().flat_map(|event| &event.attributes);
    let of_links = span.links.links.iter().flat_map(|link| &link.attributes);
    let all: Vec<_> = of_events.chain(of_links).collect();
    assert_eq!(all, [&KeyValue::new("gen_ai.system", "xai"); 3]);
}

/// Keeps what it was asked with.
#[derive(Clone, Debug, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl ShouldSample for Asked {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        self.0.lock().expect("not poisoned").extend(attributes.iter().map(|pair| pair.key.to_string()));
        let trace_state = TraceState::default();
        SamplingResult { decision: SamplingDecision::RecordAndSample, attributes: Vec::new(), trace_state }
    }
}

#[test]
fn samplers_see_the_names_that_are_written_and_hooks_the_newest() {
    let asked = Asked::default();
    let recorder = Recorder::with_sampler(asked.clone());
    let hooked = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&hooked);
    let tracer = recorder.tracer().with_semconv(V1_36).with_default_attributes(move |start| {
        keep.lock().expect("not poisoned").extend(start.attribute("gen_ai.provider.name").map(ToString::to_string));
        vec![KeyValue::new("openai.response.service_tier", "flex")]
    });
    with_tracer(&recorder, &tracer, || Turn::chat("xai", "grok").start().finish());
    let asked = asked.0.lock().expect("not poisoned");
    assert!(
        asked.contains(&"gen_ai.system".to_owned()) && !asked.contains(&"gen_ai.provider.name".to_owned()),
        "{asked:?}"
    );
    assert_eq!(*hooked.lock().expect("not poisoned"), ["x_ai"]);
    let added = attribute(&recorder.span("chat grok"), "gen_ai.openai.response.service_tier");
    assert_eq!(added.as_deref(), Some("\"flex\""));
}

#[test]
fn the_limit_counts_what_is_written() {
    for limit in [8, 10, 12] {
        for dialects in EVERY_SET {
            let recorder = Recorder::default();
            let tracer = recorder.tracer().with_attribute_limit(limit).with_semconv(set(dialects));
            with_tracer(&recorder, &tracer, agent);
            for span in recorder.spans() {
                assert!(once(&span).len() <= limit, "{dialects:?}: {:?}", span.attributes);
            }
            let turn = recorder.span("chat gpt-4o");
            assert_eq!(attribute(&turn, "gen_ai.usage.input_tokens").as_deref(), Some("100"), "{dialects:?}");
        }
    }
}

#[test]
fn another_profile_has_names_of_its_own() {
    let flue = |set: fn(GenAiTracer<SdkTracer>) -> GenAiTracer<SdkTracer>| {
        let recorder = Recorder::default();
        let tracer = set(recorder.tracer().with_profile(Profile::Flue));
        let durations = |line: &&str| !line.contains("duration_ms");
        with_tracer(&recorder, &tracer, agent).lines().filter(durations).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(flue(|tracer| tracer.with_semconv([Latest, V1_36])), flue(|tracer| tracer));
}

#[test]
fn spans_that_are_none_of_ours_keep_their_names() {
    let recorder = under(V1_36, || {
        info_span!("proxy", openai.request.service_tier = "flex").in_scope(|| ());
    });
    let kept = attribute(&recorder.span("proxy"), "openai.request.service_tier");
    assert_eq!(kept.as_deref(), Some("\"flex\""));
}

#[test]
fn the_audit_tells_what_is_written() {
    let audit = Recorder::default().tracer().with_semconv([Latest, V1_36]).audit().to_string();
    assert!(audit.contains("| states of the conventions, `with_semconv` | the newest, 1.36 |"), "{audit}");
    assert!(OLD.iter().all(|key| audit.contains(&format!("- `{key}`"))), "{audit}");
}
