//! Prompts, replies, tool arguments and results: what they look like, and whether they leave the process.
//!
//! By default they stay: what a setter was given is not even looked at. What leaves is said once, for a tracer or a
//! pipeline; what there is, by setters of the running activity:
//!
//! ```
//! # use tracing_genai::GenAiTracer;
//! # let tracer = opentelemetry::trace::noop::NoopTracer::new();
//! use tracing_genai::content::{Content, Kind, Message, Redactor};
//!
//! let content = Content::all().except([Kind::SystemInstructions]).with_redactors(Redactor::recommended());
//! let tracer = GenAiTracer::new(tracer).with_content(content); // or the pipeline's builder
//! # #[cfg(feature = "activity")]
//! # {
//! # use tracing_genai::activity::Turn;
//! # fn history() -> Vec<Message> { Vec::new() }
//!
//! let turn = Turn::chat("openai", "gpt-4o").start();
//! turn.input_messages(&[Message::user("Where is it warm?")]); // or input_messages_with(|| history()), if it is wanted
//! turn.output_messages(&[Message::assistant("In Lisbon.").finish_reason("stop")]).finish();
//! # }
//! ```
//!
//! Plain `tracing` spans say it by fields, as text or JSON (`gen_ai.input.messages`, and the names of other crates in
//! `docs/mapping.md`), and the OpenTelemetry API by attributes; all of it goes the same way.
//!
//! # What there is
//!
//! | [`Kind`] | attribute | form | budget | set by |
//! |---|---|---|---|---|
//! | `SystemInstructions` | `gen_ai.system_instructions` | parts | input | `system_instructions` |
//! | `ToolDefinitions` | `gen_ai.tool.definitions` | tools | input | `tool_definitions` |
//! | `InputMessages` | `gen_ai.input.messages` | messages | input | `input_messages` |
//! | `OutputMessages` | `gen_ai.output.messages` | messages | output | `output_messages` |
//! | `ToolDescription` | `gen_ai.tool.description` | text | input | `description` |
//! | `ToolArguments` | `gen_ai.tool.call.arguments` | object | input | `arguments` |
//! | `ToolResult` | `gen_ai.tool.call.result` | object | output | `result` |
//! | `RetrievalQuery` | `gen_ai.retrieval.query.text` | text | input | `query` |
//! | `RetrievalDocuments` | `gen_ai.retrieval.documents` | documents | output | `documents` |
//! | `MemoryQuery` | `gen_ai.memory.query.text` | text | input | `query` |
//! | `MemoryRecords` | `gen_ai.memory.records` | records | output | `records` |
//! | `WorkflowInput` | `agentic.workflow.input` | any | input | `input` |
//! | `WorkflowResult` | `agentic.workflow.result` | any | output | `result` |
//! | `TaskPrompt` | `agentic.task.prompt` | text | input | `prompt` |
//! | `TaskDirectory` | `agentic.task.directory` | text | input | `directory` |
//! | `CompactionSummary` | `agentic.compaction.summary` | text | output | `summary` |
//! | `AgentDescription` | `gen_ai.agent.description` | text | input | `agent_description` |
//! | `MainAgentDescription` | `gen_ai.main_agent.description` | text | input | a field |
//! | `SkillDescription` | `gen_ai.skill.description` | text | input | `skill_description` |
//! | `SkillSource` | `gen_ai.skill.source.uri` | text | input | `skill_source` |
//! | `EvaluationExplanation` | `gen_ai.evaluation.explanation` | text | output | [`Evaluation`](crate::events::Evaluation), a field |
//! | `ResourceUri` | `mcp.resource.uri` | text | input | `resource_uri` |
//! | `PromptVariable` | `gen_ai.prompt.variable` | text | input | `prompt_variable` |
//! | `ErrorMessage` | `exception.message` | text | output | `fail`, and by the result of `run` |
//! | `ErrorStack` | `exception.stacktrace` | text | output | `fail_with_stack` |
//! | `LogMessage` | `agentic.log.message` | text | input | an event of `tracing`; leaves the output its room |
//! | `LogFields` | `agentic.log.attributes` | object | input | an event of `tracing`; leaves the output its room |
//!
//! # The way of an item
//!
//! 1. Is it wanted, by [`Content`] and [`Policy::wants`]? If not, nothing is made, copied or read.
//! 2. It is made, and written as JSON: at most [`MAX_CONTENT_BYTES`] (each message of a list), at most
//!    [`MAX_CONTENT_DEPTH`] deep.
//! 3. A [`Policy`] sees a copy, if there is one: it omits, edits, exports, stores. Without one all that is wanted goes
//!    where [`Destination`] says.
//! 4. Each [`Redactor`] looks through all of its texts, and through keys of JSON. With or without
//!    redactors, data of images and audio is replaced by its type, size and SHA-256: that of a [`Part::blob`] always, in
//!    texts `data:` URLs, what begins like a known format, and long base64.
//! 5. A [`Store`] gets all of it, if there is one; the span tells where (`agentic.content.ref.{kind}`), its size and its
//!    SHA-256.
//! 6. On the span, on a [log event](crate::events) of the span, or on both ([`Destination`]), it gets what the
//!    attribute's and the span's budget leave: it is held and counted once, wherever it goes; input leaves a reserve to output. What does
//!    not fit is cut inside of its JSON: it stays valid by the schema of its attribute, keeps the system's and the newest
//!    messages, and says how much is missing, also as `agentic.content.truncated.{kind}`.
//! 7. It waits for the end of its span, where content is the last to be put on. All open spans together hold at most
//!    [`MAX_HELD_CONTENT_BYTES`](crate::MAX_HELD_CONTENT_BYTES).
//!
//! Where a span may not carry all it has, or the queue to the backend is full, content goes first, and usage never.
//!
//! # What happens when something fails
//!
//! The item stays in, the span goes on, and [`Stats`](crate::Stats) counts it:
//!
//! | what | counted as |
//! |---|---|
//! | nobody wants it, or it should go on a log event and there is none for it | `content_omitted` |
//! | the policy panics, fails, takes longer than its time limit, or makes of it what its attribute cannot hold | `content_policy_failures` |
//! | making it, or a redactor, panics | `hook_panics` |
//! | it is larger or deeper than the limits, or its `Serialize` fails | `content_refused` |
//! | the budget has no room for anything of it | `content_dropped` |
//! | it should be stored only, and there is no store, or too much waits for it | `content_not_stored` |
//!
//! A text that a redactor cannot look through becomes `[redacted]`. A store that fails later leaves a reference that leads
//! nowhere, and counts it in [`ReferenceStats`]. A value of
//! `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` that means nothing is off.
//!
//! # What it costs
//!
//! Off, a setter is a look at the setting and a count; nothing is allocated, and closures are not called. On, an item is
//! written as JSON and redacted by the thread that hands it over; of a history only the messages that are new or changed,
//! as each [`Message`] remembers its JSON. Cutting reads an item a few times and copies what stays. A store's work is done on a
//! thread of its own; a custom policy costs two switches of threads an item. Figures stand in `benches/README.md`.

mod again;
mod blocks;
mod capture;
mod contained;
mod digest;
mod edit;
mod environment;
mod found;
mod json;
mod kind;
#[cfg(test)]
mod kinds_table_tests;
mod message;
mod openai_parts;
mod part;
mod payload;
mod places;
mod policy;
mod process;
mod read;
mod redact;
mod redaction;
mod reference;
mod scope;
mod time_limit;
mod tool_definition;
mod truncate;

pub use capture::{
    Content, DEFAULT_ATTRIBUTE_BUDGET, DEFAULT_OUTPUT_RESERVE, DEFAULT_SPAN_BUDGET, DEFAULT_TIME_LIMIT, Destination,
};
pub use found::{Document, MemoryRecord};
pub use json::{MAX_CONTENT_BYTES, MAX_CONTENT_DEPTH};
pub use kind::Kind;
pub use message::Message;
pub use part::Part;
pub use payload::Payload;
pub use policy::{Decision, IntoDecision, Item, Policy, PolicyFailed};
pub use redact::{Redactor, RedactorError, RedactorErrorKind};
pub use reference::{
    DEFAULT_MAX_UPLOAD_QUEUE_SIZE, FileStore, Format, ReferenceStats, References, Store, StoreError, StoreErrorKind,
};
pub use scope::Scope;
pub use tool_definition::ToolDefinition;

pub(crate) use again::shortened;
pub(crate) use contained::contained;
pub(crate) use environment::Mode;
pub(crate) use json::Refused;
pub(crate) use kind::{Shape, Side};
pub(crate) use payload::Offered;
pub(crate) use places::{Outlets, Places};
pub(crate) use process::{Kept, Why};
pub(crate) use reference::Reference;
pub(crate) use scope::Origin;
