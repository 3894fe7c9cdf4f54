//! Tokens, and their sums over what is below.

use insta::assert_snapshot;
use opentelemetry::trace::{Link, SpanBuilder, SpanKind, TraceContextExt, TraceId, TraceState, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, SdkTracer, ShouldSample, SpanData};
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};
use tracing_genai::{GenAiTracer, Stats};

use crate::support::{Recorder, attribute, record};

/// Everything that is said of usage and cost, by key.
pub(crate) fn usage(span: &SpanData) -> String {
    let about = |key: &str| key.contains(".usage.") || key.starts_with("agentic.cost.") || key.contains("finish");
    let mut keys: Vec<&str> = span.attributes.iter().map(|pair| pair.key.as_str()).filter(|key| about(key)).collect();
    keys.sort_unstable();
    let line = |key: &str| format!("{key} = {}\n", attribute(span, key).expect("it is there"));
    keys.into_iter().map(line).collect()
}

/// Runs `work` under the layer of `tracer`, and gives what was counted.
pub(crate) fn counted(tracer: &GenAiTracer<SdkTracer>, work: impl FnOnce()) -> Stats {
    use tracing_subscriber::layer::SubscriberExt;
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, work);
    tracer.stats()
}

pub(crate) fn call(input: u64, output: u64) {
    Turn::chat("openai", "m").start().usage(Usage::new(input, output)).finish_reason("stop").finish();
}

#[test]
fn sums_have_everything_below_and_keys_of_their_own() {
    let recorder = record(|| {
        let run = Workflow::new("w").start();
        run.in_scope(|| {
            let agent = Operation::prompt("a").start();
            agent.in_scope(|| {
                let turn = Turn::chat("openai", "m").start();
                turn.usage(Usage::new(100, 10).cache_read(60).cache_write(20).reasoning(4)).finish_reason("x").finish();
                Tool::new("delegate").start().in_scope(|| {
                    call(7, 1);
                    Task::new("b").start().in_scope(|| call(1000, 5));
                });
                Compaction::new(CompactionTrigger::Auto).start().in_scope(|| call(3, 2));
                info_span!("embed", gen_ai.operation.name = "embeddings", gen_ai.usage.input_tokens = 50_u64,)
                    .in_scope(|| ());
            });
            agent.finish();
            Operation::new("review").start().in_scope(|| {
                Turn::chat("openai", "m").start().usage(Usage::input_only(9).estimated()).fail_with("timeout");
            });
            Operation::new("idle").start().finish();
        });
        run.finish();
    });
    assert_snapshot!(usage(&recorder.span("invoke_workflow w")), @"
    agentic.usage.cache_read.input_tokens = 60
    agentic.usage.cache_write.input_tokens = 20
    agentic.usage.estimated = true
    agentic.usage.input_tokens = 1169
    agentic.usage.output_tokens = 18
    agentic.usage.reasoning.output_tokens = 4
    agentic.usage.turns = 5
    ");
    assert_snapshot!(usage(&recorder.span("invoke_agent a")), @r#"
    agentic.usage.cache_read.input_tokens = 60
    agentic.usage.cache_write.input_tokens = 20
    agentic.usage.input_tokens = 1160
    agentic.usage.output_tokens = 18
    agentic.usage.reasoning.output_tokens = 4
    agentic.usage.turns = 4
    gen_ai.response.finish_reasons = ["x"]
    gen_ai.usage.input_tokens = 103
    gen_ai.usage.output_tokens = 12
    "#);
    assert_snapshot!(usage(&recorder.span("invoke_agent b")), @r#"
    agentic.usage.input_tokens = 1000
    agentic.usage.output_tokens = 5
    agentic.usage.turns = 1
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.usage.input_tokens = 1000
    gen_ai.usage.output_tokens = 5
    "#);
    assert_snapshot!(usage(&recorder.span("compact a")), @"
    agentic.usage.input_tokens = 3
    agentic.usage.output_tokens = 2
    agentic.usage.turns = 1
    ");
    assert_snapshot!(usage(&recorder.span("operation review")), @"
    agentic.usage.estimated = true
    agentic.usage.input_tokens = 9
    agentic.usage.turns = 1
    ");
    assert_snapshot!(usage(&recorder.span("operation idle")), @"");
}

#[test]
fn a_turn_that_starts_after_its_agents_end_is_in_the_workflow_and_counted() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let stats = counted(&tracer, || {
        let run = Workflow::new("w").start();
        let agent = run.in_scope(|| Operation::prompt("a").start());
        agent.in_scope(|| call(1, 1));
        let gone = agent.span().clone();
        drop(agent);
        let turn = Turn::chat("openai", "m").child_of(&gone).start();
        turn.usage(Usage::new(20, 2)).finish();
        run.finish();
    });
    let tokens = |name: &str| attribute(&recorder.span(name), "agentic.usage.input_tokens");
    assert_eq!(tokens("invoke_agent a").as_deref(), Some("1"));
    assert_eq!(tokens("invoke_workflow w").as_deref(), Some("21"));
    assert_eq!(stats.late_usage, 1);
}

/// A span by the OpenTelemetry API; it ends when its context is dropped.
fn open(tracer: &GenAiTracer<SdkTracer>, parent: &Context, operation: &'static str, more: Vec<KeyValue>) -> Context {
    let mut attributes = vec![KeyValue::new("gen_ai.operation.name", operation)];
    attributes.extend(more);
    let builder = SpanBuilder { attributes: Some(attributes), ..SpanBuilder::from_name("x") };
    parent.with_span(tracer.build_with_context(builder, parent))
}

fn tokens(count: i64) -> Vec<KeyValue> {
    vec![KeyValue::new("gen_ai.usage.input_tokens", count)]
}

/// Records the spans of one name only.
#[derive(Clone, Debug)]
struct Only(&'static str);

impl ShouldSample for Only {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let decision = if name == self.0 { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::default() }
    }
}

/// Children end first, so that all sums above get what they used.
#[test]
fn what_is_swept_is_in_the_sums_above() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let start = |parent: &Context, operation: &'static str, more: Vec<KeyValue>| open(&tracer, parent, operation, more);
    let run = start(&Context::new(), "invoke_workflow", Vec::new());
    let agent = start(&run, "invoke_agent", Vec::new());
    let inner = start(&agent, "invoke_agent", vec![KeyValue::new("gen_ai.agent.name", "inner")]);
    let turn = start(&inner, "chat", tokens(20));
    let nested = start(&inner, "invoke_agent", vec![KeyValue::new("gen_ai.agent.name", "nested")]);
    let late = start(&nested, "chat", tokens(3));
    drop(agent);
    drop(inner);
    drop(turn);
    drop(late);
    drop(nested);
    drop(run);
    let sum = |name: &str| attribute(&recorder.span(name), "agentic.usage.input_tokens");
    assert_eq!(sum("invoke_workflow").as_deref(), Some("23"));
    assert_eq!(sum("invoke_agent nested").as_deref(), Some("3"));
    assert_eq!(sum("invoke_agent inner").as_deref(), Some("23"));
    assert_eq!(sum("invoke_agent").as_deref(), Some("23"));
    assert_eq!(tracer.stats().interrupted, 4);
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn long_chains_of_agents_reach_the_workflow_and_drop_without_recursion() {
    const AGENTS: usize = 20_000;
    let recorder = Recorder::with_sampler(Only("invoke_workflow"));
    let tracer = recorder.tracer();
    let run = open(&tracer, &Context::new(), "invoke_workflow", Vec::new());
    // Each ends when the next one has begun below it.
    let mut last = open(&tracer, &run, "invoke_agent", Vec::new());
    for _ in 0..AGENTS {
        last = open(&tracer, &last, "invoke_agent", Vec::new());
    }
    drop(open(&tracer, &last, "chat", tokens(20)));
    // All are open at once, and end from the outside.
    let mut chain = vec![last];
    for _ in 0..AGENTS {
        let next = open(&tracer, &chain[chain.len() - 1], "invoke_agent", Vec::new());
        chain.push(next);
    }
    drop(open(&tracer, &chain[AGENTS], "chat", tokens(3)));
    chain.drain(..).for_each(drop);
    drop(run);
    let sum = attribute(&recorder.span("invoke_workflow"), "agentic.usage.input_tokens");
    assert_eq!(sum.as_deref(), Some("23"));
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn a_remote_agent_counts_once_by_what_it_was_given_or_by_its_turns() {
    let recorder = record(|| {
        Workflow::new("w").start().in_scope(|| {
            let remote = || {
                info_span!(
                    "remote",
                    otel.kind = "client",
                    gen_ai.operation.name = "invoke_agent",
                    gen_ai.agent.name = "given",
                    gen_ai.usage.input_tokens = 500_u64,
                    gen_ai.usage.output_tokens = 50_u64,
                    gen_ai.usage.cache_read.input_tokens = 400_u64,
                )
            };
            remote().in_scope(|| call(500, 50));
            info_span!(
                "remote",
                otel.kind = "client",
                gen_ai.operation.name = "invoke_agent",
                gen_ai.agent.name = "silent",
            )
            .in_scope(|| call(4, 2));
        });
    });
    assert_snapshot!(usage(&recorder.span("invoke_workflow w")), @"
    agentic.usage.cache_read.input_tokens = 400
    agentic.usage.input_tokens = 504
    agentic.usage.output_tokens = 52
    agentic.usage.turns = 1
    ");
    assert_snapshot!(usage(&recorder.span("invoke_agent given")), @r#"
    agentic.usage.cache_read.input_tokens = 400
    agentic.usage.input_tokens = 500
    agentic.usage.output_tokens = 50
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.usage.cache_read.input_tokens = 400
    gen_ai.usage.input_tokens = 500
    gen_ai.usage.output_tokens = 50
    "#);
    assert_snapshot!(usage(&recorder.span("invoke_agent silent")), @r#"
    agentic.usage.input_tokens = 4
    agentic.usage.output_tokens = 2
    agentic.usage.turns = 1
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.usage.input_tokens = 4
    gen_ai.usage.output_tokens = 2
    "#);
}

/// rig and its like put totals on the agent's span themselves.
#[test]
fn totals_that_a_crate_gave_its_agent_stay_and_are_not_counted_again() {
    let agent = |name: &str| {
        info_span!(
            "agent",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = name,
            gen_ai.usage.input_tokens = 111_u64,
            gen_ai.usage.output_tokens = 22_u64,
        )
    };
    let recorder = record(|| {
        Workflow::new("turns").start().in_scope(|| agent("a").in_scope(|| call(100, 20)));
        Workflow::new("no-turns").start().in_scope(|| agent("b").in_scope(|| ()));
    });
    for (name, own, below) in [("invoke_agent a", "111", "100"), ("invoke_agent b", "111", "111")] {
        let span = recorder.span(name);
        assert_eq!(attribute(&span, "gen_ai.usage.input_tokens").as_deref(), Some(own), "{name}");
        assert_eq!(attribute(&span, "agentic.usage.input_tokens").as_deref(), Some(below), "{name}");
    }
    for (name, below) in [("invoke_workflow turns", "100"), ("invoke_workflow no-turns", "111")] {
        assert_eq!(attribute(&recorder.span(name), "agentic.usage.input_tokens").as_deref(), Some(below), "{name}");
    }
}

#[test]
fn of_a_turn_in_a_turn_only_the_outer_one_counts() {
    let recorder = record(|| {
        Operation::prompt("a").start().in_scope(|| {
            let outer = Turn::chat("router", "auto").start();
            outer.in_scope(|| call(10, 1));
            outer.usage(Usage::new(10, 1)).finish();
        });
    });
    let agent = recorder.span("invoke_agent a");
    assert_eq!(attribute(&agent, "agentic.usage.input_tokens").as_deref(), Some("10"));
    assert_eq!(attribute(&agent, "agentic.usage.turns").as_deref(), Some("1"));
}

/// A guard around a crate that makes its own span for the call, and tells the tokens there.
#[test]
fn what_only_the_inner_turn_knows_is_not_lost() {
    let recorder = record(|| {
        Workflow::new("w").start().in_scope(|| {
            Operation::prompt("a").start().in_scope(|| {
                let outer = Turn::chat("router", "auto").start();
                outer.in_scope(|| {
                    let middle = Turn::chat("router", "auto").start();
                    middle.in_scope(|| call(10, 1));
                    middle.finish();
                });
                outer.finish_reason("stop").finish();
                // Another one, which has nothing to do with it.
                call(5, 2);
            });
        });
    });
    assert_snapshot!(usage(&recorder.span("invoke_agent a")), @r#"
    agentic.usage.input_tokens = 15
    agentic.usage.output_tokens = 3
    agentic.usage.turns = 2
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.usage.input_tokens = 15
    gen_ai.usage.output_tokens = 3
    "#);
    assert_snapshot!(usage(&recorder.span("invoke_workflow w")), @"
    agentic.usage.input_tokens = 15
    agentic.usage.output_tokens = 3
    agentic.usage.turns = 2
    ");
}

#[test]
fn a_sum_that_overflowed_is_left_out_alone() {
    let recorder = record(|| {
        Workflow::new("w").start().in_scope(|| {
            call(i64::MAX as u64, 1);
            call(1, 1);
        });
    });
    assert_snapshot!(usage(&recorder.span("invoke_workflow w")), @"
    agentic.usage.output_tokens = 2
    agentic.usage.turns = 2
    ");
}

#[test]
fn input_without_the_cache_is_added_up_in_any_order_and_overflow_is_refused() {
    let recorder = record(|| {
        Turn::chat("anthropic", "a")
            .start()
            .usage(Usage::without_cache(20, 7).cache_write(80).cache_read(1000))
            .finish();
        Turn::chat("anthropic", "b").start().usage(Usage::without_cache(u64::MAX, 7).cache_read(1)).finish();
    });
    assert_snapshot!(usage(&recorder.span("chat a")), @"
    gen_ai.usage.cache_read.input_tokens = 1000
    gen_ai.usage.cache_write.input_tokens = 80
    gen_ai.usage.input_tokens = 1100
    gen_ai.usage.output_tokens = 7
    ");
    assert_snapshot!(usage(&recorder.span("chat b")), @"
    gen_ai.usage.cache_read.input_tokens = 1
    gen_ai.usage.output_tokens = 7
    ");
}
