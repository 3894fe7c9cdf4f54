//! The six activities through both entrances.

use insta::assert_snapshot;
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};

use crate::support::{record, record_async};

#[test]
fn all_six_activities_typed() {
    let recorder = record_async(async {
        let run = Workflow::new("triage-issue").run_id("run-7").user("u-1").start();
        run.scope(async {
            let operation = Operation::prompt("researcher").id("op-1").conversation("session-3").start();
            operation
                .scope(async {
                    let turn = Turn::chat("OpenAI", "gpt-4o").server("api.openai.com", 443).max_tokens(1024).start();
                    turn.scope(async {}).await;
                    turn.usage(Usage::new(120, 34).cache_read(80))
                        .response_id("r-1")
                        .finish_reason("tool_calls")
                        .finish();
                    let tool = Tool::new("delegate").call_id("call_1").start();
                    tool.scope(async {
                        let task = Task::new("summarizer").id("task-1").start();
                        task.scope(async {
                            let turn = Turn::generate_content("gemini", "gemini-2.5-pro").start();
                            turn.usage(Usage::new(7, 5)).finish_reason("stop").finish();
                        })
                        .await;
                    })
                    .await;
                    let compaction = Compaction::new(CompactionTrigger::Auto).tokens_before(900).start();
                    compaction.in_scope(|| {
                        let turn = Turn::chat("openai", "gpt-4o-mini").purpose("compaction").start();
                        turn.usage(Usage::new(900, 50)).finish_reason("length").finish();
                    });
                    compaction.tokens_after(60).compacted();
                    drop(Turn::chat("openai", "gpt-4o").start());
                })
                .await;
            operation.finish();
            Operation::new("review").start().finish();
        })
        .await;
    });
    assert_snapshot!(recorder.tree(), @"");
}
