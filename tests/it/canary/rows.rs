//! What the typed guards take, one row a setter. A new setter is a word in its list.

use std::io::{Error, Read};

use tokio_stream::StreamExt;
use tracing_genai::activity::*;
use tracing_genai::content::Kind;

use super::plant::{Row, broken, now, row, unwinding};

/// Setters of a description: who, how it is made; each setter and the attribute that its text may leave under.
macro_rules! described {
    ($owner:literal, $made:expr; $($setter:ident: $key:literal,)+) => {
        &[$(row(concat!($owner, "::", stringify!($setter)), &[$key], |c| drop($made.$setter(c).start())),)+]
    };
}

/// Setters of a guard.
macro_rules! recorded {
    ($owner:literal, $made:expr; $($setter:ident: $key:literal,)+) => {
        &[$(row(concat!($owner, "::", stringify!($setter)), &[$key], |c| {
            let guard = $made;
            guard.$setter(c);
        }),)+]
    };
}

/// Setters of a guard that take a list.
macro_rules! recorded_lists {
    ($($owner:literal, $made:expr; $setter:ident: $key:literal,)+) => {
        &[$(row(concat!($owner, "::", stringify!($setter)), &[$key], |c| {
            let guard = $made;
            guard.$setter([c]);
        }),)+]
    };
}

/// What every description has.
macro_rules! startable {
    ($($owner:literal, $made:expr;)+) => {
        &[$(
            row(concat!($owner, "::conversation"), &["gen_ai.conversation.id"], |c| drop($made.conversation(c).start())),
            row(concat!($owner, "::session"), &["session.id"], |c| drop($made.session(c).start())),
            row(concat!($owner, "::user"), &["user.id"], |c| drop($made.user(c).start())),
        )+]
    };
}

macro_rules! calling {
    ($($owner:literal, $made:expr;)+) => {
        &[$(row(concat!($owner, "::server"), &["server.address"], |c| drop($made.server(c, 443).start())),)+]
    };
}

macro_rules! requesting {
    ($($owner:literal, $made:expr;)+) => {
        &[$(
            row(concat!($owner, "::output_type"), &["gen_ai.output.type"], |c| drop($made.output_type(c).start())),
            row(concat!($owner, "::stop_sequences"), &["gen_ai.request.stop_sequences"], |c| {
                drop($made.stop_sequences([c]).start());
            }),
        )+]
    };
}

macro_rules! mcp {
    ($type:ident, $owner:literal) => {
        &[
            row(concat!($owner, "::new"), &["mcp.method.name"], |c| drop($type::new(c).start())),
            row(concat!($owner, "::tools_call"), &["gen_ai.tool.name"], |c| drop($type::tools_call(c).start())),
            row(concat!($owner, "::prompts_get"), &["gen_ai.prompt.name"], |c| drop($type::prompts_get(c).start())),
        ]
    };
}

fn turn() -> Turn {
    Turn::chat("openai", "m")
}

/// All of them.
#[rustfmt::skip]
pub(super) const GUARDS: &[&[Row]] = &[
    startable! {
        "Compaction", Compaction::new(CompactionTrigger::Auto);
        "CreateAgent", CreateAgent::new("openai");
        "Embeddings", Embeddings::new("openai", "m");
        "FetchResponse", FetchResponse::new("openai", "r");
        "McpClientRequest", McpClientRequest::new("tools/list");
        "McpServerRequest", McpServerRequest::new("tools/list");
        "Memory", Memory::search();
        "Operation", Operation::prompt("a");
        "Plan", Plan::new();
        "RemoteAgent", RemoteAgent::new("openai");
        "Retrieval", Retrieval::new("d");
        "Task", Task::new("a");
        "Tool", Tool::new("t");
        "Turn", turn();
        "Workflow", Workflow::new("w");
    },
    calling! {
        "CreateAgent", CreateAgent::new("openai");
        "Embeddings", Embeddings::new("openai", "m");
        "FetchResponse", FetchResponse::new("openai", "r");
        "McpClientRequest", McpClientRequest::new("tools/list");
        "Memory", Memory::search();
        "RemoteAgent", RemoteAgent::new("openai");
        "Retrieval", Retrieval::new("d");
        "Turn", turn();
    },
    requesting! {
        "Operation", Operation::prompt("a");
        "RemoteAgent", RemoteAgent::new("openai");
        "Task", Task::new("a");
        "Turn", turn();
    },
    described! { "Compaction", Compaction::new(CompactionTrigger::Auto);
        agent: "gen_ai.agent.name", reason: "agentic.compaction.reason", strategy: "agentic.compaction.strategy",
    },
    described! { "CreateAgent", CreateAgent::new("openai");
        agent: "gen_ai.agent.name", agent_id: "gen_ai.agent.id", agent_version: "gen_ai.agent.version",
        model: "gen_ai.request.model",
    },
    recorded! { "Guard<CreateAgent>", CreateAgent::new("openai").start();
        agent_id: "gen_ai.agent.id", agent_version: "gen_ai.agent.version",
    },
    recorded! { "Guard<Embeddings>", Embeddings::new("openai", "m").start(); response_model: "gen_ai.response.model", },
    described! { "FetchResponse", FetchResponse::new("openai", "r");
        api_type: "openai.api.type", stream_cursor: "gen_ai.request.stream_cursor",
    },
    recorded! { "Guard<FetchResponse>", FetchResponse::new("openai", "r").start();
        response_model: "gen_ai.response.model", response_service_tier: "openai.response.service_tier",
        status: "gen_ai.response.status",
    },
    mcp!(McpClientRequest, "McpClientRequest"),
    mcp!(McpServerRequest, "McpServerRequest"),
    described! { "McpClientRequest", McpClientRequest::new("tools/list");
        http: "network.protocol.version", jsonrpc_version: "jsonrpc.protocol.version", mcp_session: "mcp.session.id",
        network_protocol_name: "network.protocol.name", network_protocol_version: "network.protocol.version",
        network_transport: "network.transport", protocol_version: "mcp.protocol.version",
        request_id: "jsonrpc.request.id",
    },
    described! { "McpServerRequest", McpServerRequest::new("tools/list");
        http: "network.protocol.version", jsonrpc_version: "jsonrpc.protocol.version", mcp_session: "mcp.session.id",
        network_protocol_name: "network.protocol.name", network_protocol_version: "network.protocol.version",
        network_transport: "network.transport", protocol_version: "mcp.protocol.version",
        request_id: "jsonrpc.request.id",
    },
    recorded! { "Guard<McpClientRequest>", McpClientRequest::new("initialize").start();
        mcp_session: "mcp.session.id", protocol_version: "mcp.protocol.version",
    },
    recorded! { "Guard<McpServerRequest>", McpServerRequest::new("initialize").start();
        mcp_session: "mcp.session.id", protocol_version: "mcp.protocol.version",
    },
    described! { "Memory", Memory::search();
        provider: "gen_ai.provider.name", record_id: "gen_ai.memory.record.id", store: "gen_ai.memory.store.id",
    },
    recorded! { "Guard<Memory>", Memory::search().start();
        record_id: "gen_ai.memory.record.id", store: "gen_ai.memory.store.id",
    },
    described! { "Operation", Operation::prompt("a");
        agent: "gen_ai.agent.name", data_source: "gen_ai.data_source.id", id: "agentic.operation.id",
        model: "gen_ai.request.model",
    },
    described! { "Plan", Plan::new(); agent: "gen_ai.agent.name", },
    described! { "RemoteAgent", RemoteAgent::new("openai");
        agent: "gen_ai.agent.name", agent_id: "gen_ai.agent.id", agent_version: "gen_ai.agent.version",
        data_source: "gen_ai.data_source.id", model: "gen_ai.request.model",
        previous_response: "gen_ai.request.previous_response.id",
    },
    described! { "Retrieval", Retrieval::new("d"); model: "gen_ai.request.model", provider: "gen_ai.provider.name", },
    described! { "Task", Task::new("a");
        call_id: "gen_ai.tool.call.id", data_source: "gen_ai.data_source.id", id: "agentic.task.id",
        model: "gen_ai.request.model",
    },
    described! { "Tool", Tool::command("t");
        agent: "gen_ai.agent.name", call_id: "gen_ai.tool.call.id", executable: "process.executable.name",
        executable_path: "process.executable.path", skill: "gen_ai.skill.name",
        skill_resource: "gen_ai.skill.resource.name", tool_type: "gen_ai.tool.type",
    },
    described! { "Turn", turn();
        agent: "gen_ai.agent.name", api_type: "openai.api.type", guardrail: "aws.bedrock.guardrail.id",
        id: "agentic.turn.id", knowledge_base: "aws.bedrock.knowledge_base.id",
        previous_response: "gen_ai.request.previous_response.id", prompt_name: "gen_ai.prompt.name",
        prompt_version: "gen_ai.prompt.version", purpose: "agentic.turn.purpose",
        reasoning_level: "gen_ai.request.reasoning.level", resource_provider: "azure.resource_provider.namespace",
        service_tier: "openai.request.service_tier",
    },
    recorded! { "Guard<Turn>", turn().start();
        finish_reason: "gen_ai.response.finish_reasons", response_id: "gen_ai.response.id",
        response_model: "gen_ai.response.model", response_service_tier: "openai.response.service_tier",
        system_fingerprint: "openai.response.system_fingerprint",
    },
    recorded_lists! {
        "Guard<FetchResponse>", FetchResponse::new("openai", "r").start(); finish_reasons: "gen_ai.response.finish_reasons",
        "Guard<Operation>", Operation::prompt("a").start(); finish_reasons: "gen_ai.response.finish_reasons",
        "Guard<RemoteAgent>", RemoteAgent::new("openai").start(); finish_reasons: "gen_ai.response.finish_reasons",
        "Guard<Task>", Task::new("a").start(); finish_reasons: "gen_ai.response.finish_reasons",
        "Guard<Turn>", turn().start(); finish_reasons: "gen_ai.response.finish_reasons",
    },
    MADE,
    WORK,
];

/// Constructors.
const MADE: &[Row] = &[
    row("CreateAgent::new", &["gen_ai.provider.name"], |c| drop(CreateAgent::new(c).start())),
    row("Embeddings::new", &["gen_ai.provider.name"], |c| drop(Embeddings::new(c, "m").start())),
    row("Embeddings::new", &["gen_ai.request.model"], |c| drop(Embeddings::new("openai", c).start())),
    row("Embeddings::encoding_formats", &["gen_ai.request.encoding_formats"], |c| {
        drop(Embeddings::new("openai", "m").encoding_formats([c]).start());
    }),
    row("FetchResponse::new", &["gen_ai.provider.name"], |c| drop(FetchResponse::new(c, "r").start())),
    row("FetchResponse::new", &["gen_ai.response.id"], |c| drop(FetchResponse::new("openai", c).start())),
    row("McpServerRequest::client", &["client.address"], |c| {
        drop(McpServerRequest::new("tools/list").client(c, 1).start());
    }),
    row("Operation::new", &["agentic.operation.kind"], |c| drop(Operation::new(c).start())),
    row("Operation::prompt", &["gen_ai.agent.name"], |c| drop(Operation::prompt(c).start())),
    row("Operation::skill", &["gen_ai.agent.name"], |c| drop(Operation::skill(c).start())),
    row("RemoteAgent::new", &["gen_ai.provider.name"], |c| drop(RemoteAgent::new(c).start())),
    row("Retrieval::new", &["gen_ai.data_source.id"], |c| drop(Retrieval::new(c).start())),
    row("Task::new", &["gen_ai.agent.name"], |c| drop(Task::new(c).start())),
    row("Tool::new", &["gen_ai.tool.name"], |c| drop(Tool::new(c).start())),
    row("Tool::command", &["gen_ai.tool.name"], |c| drop(Tool::command(c).start())),
    row("Tool::load_skill", &["gen_ai.tool.name"], |c| drop(Tool::load_skill(c, "s").start())),
    row("Tool::load_skill", &["gen_ai.skill.name"], |c| drop(Tool::load_skill("t", c).start())),
    row("Tool::read_skill_resource", &["gen_ai.tool.name"], |c| drop(Tool::read_skill_resource(c, "r").start())),
    row("Tool::read_skill_resource", &["gen_ai.skill.resource.name"], |c| {
        drop(Tool::read_skill_resource("t", c).start());
    }),
    row("Turn::chat", &["gen_ai.provider.name"], |c| drop(Turn::chat(c, "m").start())),
    row("Turn::chat", &["gen_ai.request.model"], |c| drop(Turn::chat("openai", c).start())),
    row("Turn::generate_content", &["gen_ai.request.model"], |c| drop(Turn::generate_content("openai", c).start())),
    row("Turn::text_completion", &["gen_ai.request.model"], |c| drop(Turn::text_completion("openai", c).start())),
    row("Workflow::new", &["gen_ai.workflow.name"], |c| drop(Workflow::new(c).start())),
    row("Workflow::run_id", &["agentic.run.id"], |c| drop(Workflow::new("w").run_id(c).start())),
    row("Cost::provider", &[], |c| turn().start().cost(Cost::provider(1.0, c)).finish()),
    row("Cost::user", &[], |c| turn().start().cost(Cost::user(1.0, c)).finish()),
    row("Cost::price_table", &[], |c| turn().start().cost(Cost::price_table(1.0, c)).finish()),
];

const FAILED: &[Kind] = &[Kind::ErrorMessage];
const LOGGED: &[Kind] = &[Kind::LogMessage, Kind::LogFields];

/// What runs in an activity, and how it fails.
const WORK: &[Row] = &[
    row("Guard::in_scope", &[], |c| {
        unwinding(|| turn().start().in_scope(|| std::panic::resume_unwind(Box::new(c.to_owned()))))
    }),
    row("Guard::in_scope", &[], |c| turn().start().in_scope(|| tracing::error!(body = c, "{c}"))).tells(LOGGED),
    row("Guard::scope", &[], |c| now(turn().start().scope(async { tracing::info!("{c}") }))).tells(&[Kind::LogMessage]),
    row("Guard::scope", &[], |c| {
        unwinding(|| now(turn().start().scope(async { std::panic::resume_unwind(Box::new(c.to_owned())) })));
    }),
    row("Guard::run", &[], |c| drop(now(turn().start().run(async { Err::<(), _>(broken(c)) })))).tells(FAILED),
    row("Guard::fail", &[], |c| turn().start().fail(&broken(c))).tells(FAILED),
    row("Guard::fail", &[], |c| turn().start().fail(&Error::other(broken(c)))).tells(FAILED),
    row("Guard::fail", &[], |c| turn().start().fail(&*Box::<dyn std::error::Error + Send + Sync>::from(c)))
        .tells(FAILED),
    // A word of an application's own taxonomy; not a sentence.
    row("Guard::fail_with_stack", &[], |c| turn().start().fail_with_stack(&broken(c), &"stack")).tells(FAILED),
    row("Guard::fail_with_stack", &[], |c| turn().start().fail_with_stack(&broken("x"), &c)).tells(&[Kind::ErrorStack]),
    row("Guard::fail_with", &["error.type"], |c| turn().start().fail_with(c)),
    row("Guard::fail_with", &[], |c| turn().start().fail_with(format!("{c} is ill").as_str())),
    row("Guard<Turn>::iter", &[], |c| drop(turn().start().iter([c].into_iter()).collect::<Vec<_>>())),
    row("Guard<Turn>::try_iter", &[], |c| {
        drop(turn().start().try_iter([Ok(c), Err(broken(c))].into_iter()).collect::<Vec<_>>());
    })
    .tells(FAILED),
    row("Guard<Turn>::read", &[], |c| {
        let _ = turn().start().read(c.as_bytes()).read_to_string(&mut String::new());
    }),
    row("TurnRead: Read", &[], |c| {
        let _ = turn().start().read(Failing(c.to_owned())).read(&mut [0]);
    })
    .tells(FAILED),
    row("Guard<Turn>::stream", &[], |c| drop(now(turn().start().stream(tokio_stream::iter([c])).collect::<Vec<_>>()))),
    row("Guard<Turn>::try_stream", &[], |c| {
        let chunks = tokio_stream::iter([Ok(c), Err(broken(c))]);
        drop(now(turn().start().try_stream(chunks).collect::<Vec<_>>()));
    })
    .tells(FAILED),
    row("TurnIter::inspect", &[], |c| {
        unwinding(|| {
            let chunks = turn()
                .start()
                .iter([c].into_iter())
                .inspect(|chunk, _| std::panic::resume_unwind(Box::new((*chunk).to_owned())));
            chunks.for_each(drop);
        });
    }),
    row("TurnStream::inspect", &[], |c| {
        unwinding(|| {
            let chunks = turn().start().stream(tokio_stream::iter([c]));
            let inspected = chunks.inspect(|chunk, _| std::panic::resume_unwind(Box::new((*chunk).to_owned())));
            now(inspected.collect::<Vec<_>>());
        });
    }),
];

struct Failing(String);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(Error::other(self.0.clone()))
    }
}
