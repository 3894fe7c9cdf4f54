//! The README's first code: it compiles, runs, and is what the README says.

use std::error::Error;

use insta::assert_snapshot;

use crate::support::record_async;

struct Client;

impl Client {
    async fn chat(&self) -> Result<(), std::io::Error> {
        Ok(())
    }
}

async fn search() -> Result<(), std::io::Error> {
    Err(std::io::ErrorKind::TimedOut.into())
}

#[rustfmt::skip] // as the README has it
async fn readme(client: Client, run_id: String, session: String) -> Result<(), Box<dyn Error>> {
use tracing_genai::activity::{Operation, Tool, Turn, Usage, Workflow};

Workflow::new("triage-issue").run_id(&run_id).start().run(async {
    Operation::prompt("researcher").conversation(&session).start().run(async {
        let turn = Turn::chat("openai", "gpt-4o").max_tokens(1024).start();
        match turn.scope(client.chat()).await {
            Ok(_reply) => turn.usage(Usage::new(120, 34).cache_read(80)).finish_reason("stop").finish(),
            Err(error) => turn.fail(&error),
        }
        Tool::new("search").call_id("call_1").start().run(search()).await
    }).await
}).await?;
Ok(())
}

#[test]
fn the_code_of_the_readme_is_the_code_above() {
    let readme = include_str!("../../README.md");
    let (_, code) =
        readme.split_once("```rust,ignore (compiled in tests/it/readme.rs)\n").expect("marked in README.md");
    let (code, _) = code.split_once("```").expect("closed");
    let here = include_str!("readme.rs");
    for line in code.lines().filter(|line| !line.contains("tracing_genai::init()")) {
        assert!(here.lines().any(|own| own == line), "README.md has a line that is not compiled: {line:?}");
    }
}

#[test]
fn the_code_of_the_readme_makes_this_trace() {
    let recorder = record_async(async {
        readme(Client, "run-7".into(), "session-3".into()).await.expect_err("the search times out");
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_workflow triage-issue ERROR
        agentic.run.id = "run-7"
        agentic.run.segment = 0
        agentic.usage.cache_read.input_tokens = 80
        agentic.usage.input_tokens = 120
        agentic.usage.output_tokens = 34
        agentic.usage.turns = 1
        error.type = "timeout"
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "triage-issue"
        * exception exception.type="std::io::error::Error"
      invoke_agent researcher ERROR
          agentic.operation.kind = "prompt"
          agentic.run.id = "run-7"
          agentic.usage.cache_read.input_tokens = 80
          agentic.usage.input_tokens = 120
          agentic.usage.output_tokens = 34
          agentic.usage.turns = 1
          error.type = "timeout"
          gen_ai.agent.name = "researcher"
          gen_ai.conversation.id = "session-3"
          gen_ai.operation.name = "invoke_agent"
          gen_ai.response.finish_reasons = ["stop"]
          gen_ai.usage.input_tokens = 120
          gen_ai.usage.output_tokens = 34
          * exception exception.type="std::io::error::Error"
        chat gpt-4o CLIENT
            agentic.run.id = "run-7"
            gen_ai.agent.name = "researcher"
            gen_ai.conversation.id = "session-3"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.max_tokens = 1024
            gen_ai.request.model = "gpt-4o"
            gen_ai.response.finish_reasons = ["stop"]
            gen_ai.usage.cache_read.input_tokens = 80
            gen_ai.usage.input_tokens = 120
            gen_ai.usage.output_tokens = 34
        execute_tool search ERROR
            agentic.run.id = "run-7"
            error.type = "timeout"
            gen_ai.agent.name = "researcher"
            gen_ai.conversation.id = "session-3"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.call.id = "call_1"
            gen_ai.tool.name = "search"
            * exception exception.type="std::io::error::Error"
    "#);
}
