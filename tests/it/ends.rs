//! Every activity ends once: by finish, by failure, by drop, by panic.

use std::io::{Error, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use insta::assert_snapshot;
use opentelemetry::trace::Status;
use tracing::info_span;
use tracing::instrument::WithSubscriber;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};

use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record, record_async};

#[test]
fn a_dropped_turn_tool_or_task_was_cancelled_and_the_rest_succeeded() {
    let recorder = record(|| {
        let turn = Turn::chat("openai", "m").start();
        turn.usage(Usage::new(5, 1));
        drop(turn);
        drop(Tool::new("t").start());
        drop(Task::new("s").start());
        drop(Compaction::new(CompactionTrigger::Manual).start());
        drop(Operation::prompt("a").start());
        drop(Workflow::new("w").start());
    });
    assert_snapshot!(recorder.tree(), @r#"
    chat m CLIENT
        agentic.outcome = "cancelled"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.usage.input_tokens = 5
        gen_ai.usage.output_tokens = 1
    execute_tool t
        agentic.outcome = "cancelled"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "t"
    invoke_agent s
        agentic.outcome = "cancelled"
        gen_ai.agent.name = "s"
        gen_ai.operation.name = "invoke_agent"
    compact
        agentic.compaction.trigger = "manual"
        agentic.outcome = "cancelled"
    invoke_agent a
        agentic.operation.kind = "prompt"
        gen_ai.agent.name = "a"
        gen_ai.operation.name = "invoke_agent"
    invoke_workflow w
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
    "#);
}

#[test]
fn work_that_ran_to_its_end_was_not_cancelled() {
    let recorder = record_async(async {
        Tool::new("done").start().scope(async {}).await;
        Task::new("done").start().in_scope(|| ());
        let aborted = tokio::task::LocalSet::new();
        aborted
            .run_until(async {
                let task = tokio::task::spawn_local(async {
                    Tool::new("aborted").start().scope(std::future::pending::<()>()).await;
                });
                tokio::task::yield_now().await;
                task.abort();
                task.await.expect_err("it was aborted");
            })
            .await;
        // A turn has more to tell than that its call returned.
        Turn::chat("openai", "m").start().scope(async {}).await;
    });
    assert_eq!(attribute(&recorder.span("execute_tool done"), "agentic.outcome"), None);
    assert_eq!(attribute(&recorder.span("invoke_agent done"), "agentic.outcome"), None);
    assert_eq!(attribute(&recorder.span("execute_tool aborted"), "agentic.outcome").as_deref(), Some("\"cancelled\""));
    assert_eq!(attribute(&recorder.span("chat m"), "agentic.outcome").as_deref(), Some("\"cancelled\""));
}

#[test]
fn run_tells_by_the_result_how_it_ended() {
    let recorder = record_async(async {
        let hits = Tool::new("search").start().run(async { Ok::<_, Error>(3) }).await;
        assert_eq!(hits.expect("ok"), 3);
        let slow = async { Err::<(), _>(Error::new(ErrorKind::TimedOut, "the query was: secret")) };
        Tool::new("slow").start().run(slow).await.expect_err("it fails");
    });
    assert_snapshot!(recorder.tree(), @r#"
    execute_tool search
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "search"
    execute_tool slow ERROR
        error.type = "timeout"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "slow"
        * exception exception.type="std::io::error::Error"
    "#);
}

#[test]
fn a_failure_tells_its_type_and_not_its_text() {
    let recorder = record(|| {
        Turn::chat("openai", "a").start().fail(&Error::other("secret"));
        Turn::chat("openai", "b").start().fail_with("rate_limit");
        Turn::chat("openai", "c").start().fail_with("429");
        Turn::chat("openai", "d").start().fail_with("you said: secret");
        let boxed: Box<dyn std::error::Error + Send + Sync> = "secret".into();
        Turn::chat("openai", "e").start().fail(&*boxed);
        Compaction::new(CompactionTrigger::Auto).start().fail_with("timeout");
    });
    assert_snapshot!(recorder.tree(), @r#"
    chat a CLIENT ERROR
        error.type = "std.Error"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "a"
        * exception exception.type="std::io::error::Error"
    chat b CLIENT ERROR
        error.type = "rate_limit"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "b"
    chat c CLIENT ERROR
        error.type = "429"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "c"
    chat d CLIENT ERROR
        error.type = "_OTHER"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "d"
    chat e CLIENT ERROR
        error.type = "_OTHER"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "e"
    compact ERROR
        agentic.compaction.outcome = "failed"
        agentic.compaction.trigger = "auto"
        error.type = "timeout"
    "#);
}

#[test]
fn fields_can_fail_a_span_too() {
    let recorder = record(|| {
        let by_status = info_span!(
            "t",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "a",
            otel.status_code = tracing::field::Empty
        );
        by_status.in_scope(|| ());
        by_status.record("otel.status_code", "ERROR");
        let by_type =
            info_span!("t", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "b", "error.type" = "timeout");
        by_type.in_scope(|| ());
        let by_text = info_span!(
            "t",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "c",
            otel.status_description = "secret"
        );
        by_text.in_scope(|| ());
    });
    assert_snapshot!(recorder.tree(), @r#"
    execute_tool a ERROR
        error.type = "_OTHER"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "a"
    execute_tool b ERROR
        error.type = "timeout"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "b"
    execute_tool c ERROR
        error.type = "_OTHER"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "c"
    "#);
}

#[test]
fn a_guard_ends_at_its_finish_and_only_once() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber =
        tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let turn = Turn::chat("openai", "m").start();
        let kept = turn.span().clone();
        turn.finish();
        assert_eq!(recorder.spans().len(), 1, "exported at finish");
        std::thread::sleep(Duration::from_millis(2));
        turn.usage(Usage::new(1, 1));
        turn.fail_with("late");
        kept.in_scope(|| ());
        drop(turn);
        drop(kept);
    });
    let span = recorder.span("chat m");
    assert_eq!((&span.status, attribute(&span, "error.type")), (&Status::Unset, None));
    assert_eq!(attribute(&span, "gen_ai.usage.input_tokens"), None);
    assert_eq!(tracer.stats().after_end, 2, "two token counts came late");
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn a_panic_through_a_guard_fails_its_span() {
    let recorder = record(|| {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let run = Workflow::new("w").start();
            run.in_scope(|| {
                let _turn = Turn::chat("openai", "m").start();
                std::panic::resume_unwind(Box::new("secret"));
            });
        }));
        assert!(result.is_err());
    });
    assert_eq!(attribute(&recorder.span("invoke_workflow w"), "error.type").as_deref(), Some("\"panic\""));
    assert_eq!(attribute(&recorder.span("chat m"), "error.type").as_deref(), Some("\"panic\""));
}

#[test]
fn totals_are_an_agents_own() {
    let recorder = record(|| {
        let agent = Operation::prompt("a").start();
        agent.in_scope(|| {
            Turn::chat("openai", "m").start().usage(Usage::new(10, 1)).finish_reason("tool_calls").finish();
            Tool::new("t").start().in_scope(|| {
                Turn::chat("openai", "in-a-tool").start().usage(Usage::new(1000, 1000)).finish_reason("x").finish();
            });
            info_span!("plain").in_scope(|| {
                Turn::chat("openai", "m").start().usage(Usage::new(20, 2)).finish_reason("stop").finish();
            });
            Turn::chat("openai", "m").start().fail_with("timeout");
        });
        agent.finish();
        let given = Operation::prompt("b").start();
        given.in_scope(|| Turn::chat("openai", "m").start().finish_reason("stop").finish());
        given.finish_reasons(["length"]).finish();
    });
    let own = recorder.span("invoke_agent a");
    assert_eq!(attribute(&own, "gen_ai.usage.input_tokens").as_deref(), Some("30"));
    assert_eq!(attribute(&own, "gen_ai.usage.output_tokens").as_deref(), Some("3"));
    assert_eq!(attribute(&own, "gen_ai.response.finish_reasons").as_deref(), Some("[\"stop\"]"));
    let given = recorder.span("invoke_agent b");
    assert_eq!(attribute(&given, "gen_ai.response.finish_reasons").as_deref(), Some("[\"length\"]"));
    assert_eq!(attribute(&given, "gen_ai.usage.input_tokens"), None);
}

#[test]
fn after_a_compaction_later_turns_of_the_conversation_say_so() {
    let recorder = record(|| {
        let turn =
            |model: &str, conversation: &str| Turn::chat("openai", model).conversation(conversation).start().finish();
        turn("before", "c-1");
        let compaction = Compaction::new(CompactionTrigger::Auto).conversation("c-1").start();
        compaction.in_scope(|| turn("inside", "c-1"));
        compaction.compacted();
        turn("after", "c-1");
        turn("other", "c-2");
        Compaction::new(CompactionTrigger::Auto).conversation("c-2").start().no_op();
        turn("no-op", "c-2");
        // Without a conversation id the agent is the place to remember it.
        Operation::prompt("a").start().in_scope(|| {
            Compaction::new(CompactionTrigger::Auto).start().compacted();
            Turn::chat("openai", "same-agent").start().finish();
        });
        Operation::prompt("b").start().in_scope(|| Turn::chat("openai", "other-agent").start().finish());
    });
    for (model, compacted) in [
        ("before", false),
        ("inside", false),
        ("after", true),
        ("other", false),
        ("no-op", false),
        ("same-agent", true),
        ("other-agent", false),
    ] {
        let span = recorder.span(&format!("chat {model}"));
        let said = attribute(&span, "gen_ai.conversation.compacted");
        assert_eq!(said.as_deref(), compacted.then_some("true"), "{model}");
    }
}

/// Tasks that a runtime drops when it shuts down, and threads that end with guards in hand.
#[test]
fn a_runtime_that_shuts_down_ends_what_it_ran() {
    let recorder = Recorder::default();
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(recorder.tracer().into_layer()));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let started = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    for task in 0..8 {
        let started = std::sync::Arc::clone(&started);
        let work = async move {
            let operation = Operation::prompt("a").start();
            let _turn = Turn::chat("openai", task.to_string()).child_of(operation.span()).start();
            started.add_permits(1);
            operation.scope(std::future::pending::<()>()).await;
        };
        runtime.spawn(work.with_subscriber(dispatch.clone()));
    }
    let all = runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(10), started.acquire_many(8)).await.map(drop) });
    all.expect("all tasks started");
    runtime.shutdown_background();
    // It drops tasks that are idle at once, the rest when they next yield.
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while recorder.spans().len() < 16 && std::time::Instant::now() < deadline {
        std::thread::yield_now();
    }
    let spans = recorder.spans();
    assert_eq!(spans.len(), 16);
    let cancelled = spans.iter().filter(|span| attribute(span, "agentic.outcome").as_deref() == Some("\"cancelled\""));
    assert_eq!(cancelled.count(), 8);
}
