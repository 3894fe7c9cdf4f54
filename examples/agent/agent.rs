//! The loop of an agent, with the guards around each step.

use std::pin::Pin;

use serde_json::{Value, json};
use tracing_genai::activity::{Compaction, CompactionTrigger, Guard, Plan, Task, Tool, Turn, Usage};
use tracing_genai::content::{Message, ToolDefinition};

use crate::World;
use crate::model::{Ask, ModelError};
use crate::reply::{Completion, Tokens, ToolCall};
use crate::tools::{self, ToolError};

/// An agent: what it is told and what it may use.
pub(crate) struct Agent {
    pub(crate) name: &'static str,
    instructions: &'static str,
    tools: &'static [&'static str],
    begins: Begins,
    answers: Answers,
}

/// What an agent does first.
#[derive(Clone, Copy)]
enum Begins {
    WithAPlan,
    AtOnce,
}

/// How the model's replies come back.
#[derive(Clone, Copy)]
enum Answers {
    Whole,
    /// Piece by piece, for somebody who waits in front of a screen.
    Streamed,
}

/// Answers customers.
pub(crate) const SUPPORT: Agent = Agent {
    name: "support",
    instructions: "You answer customers of a software company. Use the tools; do not guess prices.",
    tools: &["search_articles", "find_invoice", "load_skill", "read_skill_resource", "run_command", "delegate"],
    begins: Begins::WithAPlan,
    answers: Answers::Streamed,
};

/// Works for the other agent.
const RESEARCHER: Agent = Agent {
    name: "researcher",
    instructions: "You look things up in the help articles and report what they say, in two sentences.",
    tools: &["search_articles"],
    begins: Begins::AtOnce,
    answers: Answers::Whole,
};

const PLAN: &str = "Make a plan: which tools do you need, in which order?";

const SUMMARIZE: &str = "Summarize the conversation for yourself: the question, what was found out, what is open.";

/// Tokens of a conversation from which on it is compacted. Small, so that the recorded one gets there.
const CONTEXT_BUDGET: u64 = 1_400;

/// Turns of one answer; a model that wants more is going round in circles.
const MAX_TURNS: usize = 8;

/// Tokens of one reply.
const MAX_TOKENS: u64 = 400;

/// One agent in one conversation.
pub(crate) struct Session<'a> {
    agent: &'a Agent,
    world: &'a World,
    messages: Vec<Value>,
}

impl<'a> Session<'a> {
    /// A conversation in which nothing was said yet.
    pub(crate) fn new(agent: &'a Agent, world: &'a World) -> Self {
        Self { agent, world, messages: vec![message("system", agent.instructions)] }
    }

    /// Lets the agent work on `question` until it has an answer.
    pub(crate) async fn answer(mut self, question: &str) -> Result<Completion, ModelError> {
        self.messages.push(message("user", question));
        if let Begins::WithAPlan = self.agent.begins {
            self.plan().await?;
        }
        for _ in 0..MAX_TURNS {
            let reply = self.turn().await?;
            let calls = reply.tool_calls();
            if calls.is_empty() {
                return Ok(reply);
            }
            self.messages.push(reply.as_message());
            for call in calls {
                let result = self.call(call).await;
                self.messages.push(json!({"role": "tool", "tool_call_id": call.id(), "content": result}));
            }
            match reply.usage {
                Some(usage) if usage.total() > CONTEXT_BUDGET => self.compact(usage.total()).await?,
                _ => {}
            }
        }
        Err(ModelError::TooManyTurns(MAX_TURNS))
    }

    /// Thinks before it acts; the tools belong beside the plan, not below it.
    async fn plan(&mut self) -> Result<(), ModelError> {
        self.messages.push(message("user", PLAN));
        let reply = Plan::new().start().run(self.think("agent")).await?;
        self.messages.push(message("assistant", reply.text()));
        self.messages.push(message("user", "Carry it out."));
        Ok(())
    }

    async fn turn(&self) -> Result<Completion, ModelError> {
        let tools = tools::definitions(self.agent.tools);
        let ask = Ask { messages: &self.messages, tools: &tools, max_tokens: MAX_TOKENS };
        let turn = self.describe().purpose("agent");
        match self.agent.answers {
            Answers::Whole => {
                let turn = turn.start();
                asked(&turn, &ask);
                let reply = turn.scope(self.world.model.complete(&ask)).await;
                ended(&turn, reply)
            }
            Answers::Streamed => {
                let turn = turn.streaming().start();
                asked(&turn, &ask);
                let chunk = || {
                    turn.chunk();
                };
                let reply = turn.scope(self.world.model.stream(&ask, chunk)).await;
                ended(&turn, reply)
            }
        }
    }

    /// What is known of a turn before the request is sent.
    fn describe(&self) -> Turn {
        let (address, port) = self.world.model.server();
        Turn::chat("openai", self.world.model.name()).server(address, port).max_tokens(MAX_TOKENS)
    }

    /// Runs a tool; the model is told about a failure as well as about a result.
    async fn call(&self, call: &ToolCall) -> String {
        let tool = described(call).call_id(call.id()).tool_type("function").start();
        tool.arguments(call.arguments());
        let result = match call.name() {
            "delegate" => tool.scope(self.delegate(call)).await,
            "run_command" => tool.scope(tools::run_command(call.arguments())).await.map(|ran| {
                if let Some(code) = ran.exit_code {
                    tool.exit_code(code.into());
                }
                ran.text
            }),
            name => tool.scope(tools::run(name, call.arguments(), self.world)).await,
        };
        match result {
            Ok(text) => {
                tool.result(&text).finish();
                text
            }
            Err(error) => {
                // One of a few words; `tool.fail(&error)` would name the Rust type.
                tool.fail_with(error.kind());
                format!("error: {error}")
            }
        }
    }

    /// Another agent works on the task; its turns and tools hang below the task, and the task below the tool call.
    fn delegate(&self, call: &ToolCall) -> Pin<Box<dyn Future<Output = Result<String, ToolError>> + '_>> {
        let task = tools::delegated(call.arguments());
        let guard = Task::new(RESEARCHER.name).call_id(call.id());
        // Boxed, because the other agent's loop is this one again.
        Box::pin(async move {
            let (work, task) = (Session::new(&RESEARCHER, self.world), task?);
            let guard = guard.start();
            guard.prompt(&task).system_instructions(RESEARCHER.instructions);
            Ok(guard.run(work.answer(&task)).await?.text().to_owned())
        })
    }

    /// Replaces the conversation by its summary, `tokens` being what it has grown to.
    async fn compact(&mut self, tokens: u64) -> Result<(), ModelError> {
        let compaction = Compaction::new(CompactionTrigger::Auto)
            .reason("context_length")
            .strategy("summarize")
            .messages_before(self.messages.len() as u64)
            .tokens_before(tokens)
            .start();
        let reply = match compaction.scope(self.summarize()).await {
            Ok(reply) => reply,
            Err(error) => {
                compaction.fail(&error);
                return Err(error);
            }
        };
        compaction.summary(reply.text());
        self.messages.truncate(1);
        self.messages.push(message("user", &format!("{}\n\nNow answer the customer.", reply.text())));
        if let Some(usage) = reply.usage {
            // Besides the instructions the summary is all that is left.
            compaction.tokens_after(usage.completion_tokens);
        }
        compaction.messages_after(self.messages.len() as u64).compacted();
        Ok(())
    }

    async fn summarize(&mut self) -> Result<Completion, ModelError> {
        self.messages.push(message("user", SUMMARIZE));
        self.think("compaction").await
    }

    /// An ordinary turn, but without tools: whatever it is for, it counts as the model call that it is.
    async fn think(&self, purpose: &str) -> Result<Completion, ModelError> {
        let ask = Ask { messages: &self.messages, tools: &[], max_tokens: MAX_TOKENS };
        let turn = self.describe().purpose(purpose).start();
        asked(&turn, &ask);
        let reply = turn.scope(self.world.model.complete(&ask)).await;
        ended(&turn, reply)
    }
}

/// A tool call as a span: what loads a skill, reads its files or runs a program says so.
fn described(call: &ToolCall) -> Tool {
    let argument = |name| tools::argument(call.arguments(), name);
    match call.name() {
        name @ "load_skill" => Tool::load_skill(name, argument("skill")),
        name @ "read_skill_resource" => Tool::read_skill_resource(name, argument("resource")).skill(argument("skill")),
        name @ "run_command" => {
            Tool::command(name).executable(argument("command").split_whitespace().next().unwrap_or_default())
        }
        name => Tool::new(name),
    }
}

fn message(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

/// What the model is asked: nothing of it is made, let alone exported, unless content was switched on.
fn asked(turn: &Guard<Turn>, ask: &Ask<'_>) {
    turn.input_messages_with(|| ask.messages.iter().cloned().map(Message::from_json).collect::<Vec<_>>());
    if !ask.tools.is_empty() {
        turn.tool_definitions_with(|| ask.tools.iter().cloned().map(ToolDefinition::from_json).collect::<Vec<_>>());
    }
}

/// Ends a turn with what came back.
fn ended(turn: &Guard<Turn>, reply: Result<Completion, ModelError>) -> Result<Completion, ModelError> {
    match &reply {
        Ok(reply) => {
            turn.finish_reasons(reply.finish_reasons());
            turn.output_messages_with(|| [reply.as_output()]);
            if let Some(id) = &reply.id {
                turn.response_id(id);
            }
            if let Some(model) = &reply.model {
                turn.response_model(model);
            }
            if let Some(tokens) = reply.usage {
                turn.usage(counted(tokens));
            }
            turn.finish();
        }
        Err(ModelError::Refused { code, .. }) => turn.fail_with(code.as_str()),
        Err(error) => turn.fail(error),
    }
    reply
}

fn counted(tokens: Tokens) -> Usage {
    let mut usage = Usage::new(tokens.prompt_tokens, tokens.completion_tokens);
    // A count the server does not give is unknown, not zero.
    if let Some(cached) = tokens.cached() {
        usage = usage.cache_read(cached);
    }
    if let Some(reasoning) = tokens.reasoning() {
        usage = usage.reasoning(reasoning);
    }
    usage
}
