//! Setters for content: nothing is made or copied unless the [policy](crate::content) wants it.

use std::borrow::Cow;

use serde::Serialize;

use crate::activity::guard::{Activity, Guard};
use crate::activity::{
    Compaction, CreateAgent, FetchResponse, McpClientRequest, McpServerRequest, Memory, Operation, RemoteAgent,
    Retrieval, Task, Tool, Turn, Workflow,
};
use crate::content::{Document, Kind, MemoryRecord, Message, Offered, Part, Refused, ToolDefinition};
use crate::span::content::{self, Named};

/// System instructions: a text, or parts.
pub trait Instructions {
    /// The parts they are.
    fn to_parts(&self) -> Cow<'_, [Part]>;
}

impl Instructions for str {
    fn to_parts(&self) -> Cow<'_, [Part]> {
        Cow::Owned(vec![Part::text(self)])
    }
}

impl Instructions for String {
    fn to_parts(&self) -> Cow<'_, [Part]> {
        self.as_str().to_parts().into_owned().into()
    }
}

impl Instructions for [Part] {
    fn to_parts(&self) -> Cow<'_, [Part]> {
        Cow::Borrowed(self)
    }
}

impl Instructions for Vec<Part> {
    fn to_parts(&self) -> Cow<'_, [Part]> {
        Cow::Borrowed(self)
    }
}

impl<const N: usize> Instructions for [Part; N] {
    fn to_parts(&self) -> Cow<'_, [Part]> {
        Cow::Borrowed(self)
    }
}

impl<A: Activity> Guard<A> {
    fn offer<'a>(&self, kind: Kind, make: impl FnOnce() -> Result<Offered<'a>, Refused>) -> &Self {
        self.offer_named(Named::of(kind), make)
    }

    fn offer_named<'a>(&self, named: Named<'_>, make: impl FnOnce() -> Result<Offered<'a>, Refused>) -> &Self {
        if let Some(open) = self.opened() {
            content::offer(&**open, named, make);
        }
        self
    }

    /// What the span is of content that it has not, by whoever only completes it.
    pub(crate) fn complete_content<'a>(&self, named: Named<'_>, make: impl FnOnce() -> Result<Offered<'a>, Refused>) {
        if let Some(open) = self.opened() {
            content::complete(&**open, named, || Some(make()));
        }
    }
}

/// Pairs of setters, each for one kind of content: one takes a reference, the other a closure that is only called if
/// the policy wants that kind. The last value before the end counts.
macro_rules! content {
    ($($guard:ty { $($(#[$doc:meta])* $name:ident, $with:ident: $form:tt => $kind:ident,)+ })+) => {
        $(impl Guard<$guard> {
            $(content!(@ $(#[$doc])* $name, $with: $form => $kind);)+
        })+
    };
    (@ $(#[$doc:meta])* $name:ident, $with:ident: json => $kind:ident) => {
        $(#[$doc])*
        ///
        /// Any value that serialises; text that holds JSON is read as that.
        pub fn $name<T: Serialize + ?Sized>(&self, $name: &T) -> &Self {
            self.offer(Kind::$kind, || Offered::json($name))
        }
        content!(+ $name, $with: T: Serialize => |made| Offered::json(&made), $kind);
    };
    (@ $(#[$doc:meta])* $name:ident, $with:ident: text => $kind:ident) => {
        $(#[$doc])*
        pub fn $name(&self, $name: &(impl AsRef<str> + ?Sized)) -> &Self {
            self.offer(Kind::$kind, || Ok(Offered::Text($name.as_ref().into())))
        }
        content!(+ $name, $with: T: Into<String> => |made| Ok(Offered::Text(Cow::Owned(made.into()))), $kind);
    };
    (@ $(#[$doc:meta])* $name:ident, $with:ident: instructions => $kind:ident) => {
        $(#[$doc])*
        pub fn $name(&self, $name: &(impl Instructions + ?Sized)) -> &Self {
            self.offer(Kind::$kind, || Ok(Offered::Parts($name.to_parts())))
        }
        content!(+ $name, $with: T: Instructions => |made| Ok(Offered::Parts(made.to_parts().into_owned().into())), $kind);
    };
    (@ $(#[$doc:meta])* $name:ident, $with:ident: [$item:ident in $form:ident] => $kind:ident) => {
        $(#[$doc])*
        pub fn $name(&self, $name: &(impl AsRef<[$item]> + ?Sized)) -> &Self {
            self.offer(Kind::$kind, || Ok(Offered::$form($name.as_ref().into())))
        }
        content!(+ $name, $with: T: Into<Vec<$item>> => |made| Ok(Offered::$form(Cow::Owned(made.into()))), $kind);
    };
    (+ $name:ident, $with:ident: T: $bound:path => |$made:ident| $offered:expr, $kind:ident) => {
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") made by a closure that is only called if it is wanted.")]
        pub fn $with<T: $bound>(&self, make: impl FnOnce() -> T) -> &Self {
            self.offer(Kind::$kind, || {
                let $made = make();
                $offered
            })
        }
    };
}

content! {
    Turn {
        /// `gen_ai.system_instructions`, where they are apart from the messages: a text, or [`Part`]s.
        system_instructions, system_instructions_with: instructions => SystemInstructions,
        /// `gen_ai.tool.definitions`: the tools the model may call.
        tool_definitions, tool_definitions_with: [ToolDefinition in Tools] => ToolDefinitions,
        /// `gen_ai.input.messages`: the history that is sent, the newest last.
        input_messages, input_messages_with: [Message in Messages] => InputMessages,
        /// `gen_ai.output.messages`: the reply, one message a choice.
        output_messages, output_messages_with: [Message in Messages] => OutputMessages,
    }
    FetchResponse {
        /// `gen_ai.system_instructions`: a text, or [`Part`]s.
        system_instructions, system_instructions_with: instructions => SystemInstructions,
        /// `gen_ai.tool.definitions`.
        tool_definitions, tool_definitions_with: [ToolDefinition in Tools] => ToolDefinitions,
        /// `gen_ai.output.messages`.
        output_messages, output_messages_with: [Message in Messages] => OutputMessages,
    }
    Operation {
        /// `gen_ai.system_instructions`: a text, or [`Part`]s.
        system_instructions, system_instructions_with: instructions => SystemInstructions,
        /// `gen_ai.tool.definitions`.
        tool_definitions, tool_definitions_with: [ToolDefinition in Tools] => ToolDefinitions,
        /// `gen_ai.input.messages`: what the agent was asked.
        input_messages, input_messages_with: [Message in Messages] => InputMessages,
        /// `gen_ai.output.messages`: what the agent answered.
        output_messages, output_messages_with: [Message in Messages] => OutputMessages,
        /// `gen_ai.agent.description`.
        agent_description, agent_description_with: text => AgentDescription,
    }
    RemoteAgent {
        /// `gen_ai.system_instructions`: a text, or [`Part`]s.
        system_instructions, system_instructions_with: instructions => SystemInstructions,
        /// `gen_ai.tool.definitions`.
        tool_definitions, tool_definitions_with: [ToolDefinition in Tools] => ToolDefinitions,
        /// `gen_ai.input.messages`: what the agent was asked.
        input_messages, input_messages_with: [Message in Messages] => InputMessages,
        /// `gen_ai.output.messages`: what the agent answered.
        output_messages, output_messages_with: [Message in Messages] => OutputMessages,
        /// `gen_ai.agent.description`.
        agent_description, agent_description_with: text => AgentDescription,
    }
    CreateAgent {
        /// `gen_ai.system_instructions`: a text, or [`Part`]s.
        system_instructions, system_instructions_with: instructions => SystemInstructions,
        /// `gen_ai.agent.description`.
        agent_description, agent_description_with: text => AgentDescription,
    }
    Task {
        /// `agentic.task.prompt`: what the sub-agent is asked.
        prompt, prompt_with: text => TaskPrompt,
        /// `agentic.task.directory`: where it works.
        directory, directory_with: text => TaskDirectory,
        /// `gen_ai.system_instructions`: a text, or [`Part`]s.
        system_instructions, system_instructions_with: instructions => SystemInstructions,
        /// `gen_ai.tool.definitions`.
        tool_definitions, tool_definitions_with: [ToolDefinition in Tools] => ToolDefinitions,
        /// `gen_ai.input.messages`.
        input_messages, input_messages_with: [Message in Messages] => InputMessages,
        /// `gen_ai.output.messages`: what the sub-agent answered.
        output_messages, output_messages_with: [Message in Messages] => OutputMessages,
        /// `gen_ai.agent.description`.
        agent_description, agent_description_with: text => AgentDescription,
    }
    Workflow {
        /// `agentic.workflow.input`.
        input, input_with: json => WorkflowInput,
        /// `agentic.workflow.result`.
        result, result_with: json => WorkflowResult,
        /// `gen_ai.input.messages`, of a workflow that is spoken to.
        input_messages, input_messages_with: [Message in Messages] => InputMessages,
        /// `gen_ai.output.messages`.
        output_messages, output_messages_with: [Message in Messages] => OutputMessages,
    }
    Tool {
        /// `gen_ai.tool.call.arguments`, as an object.
        arguments, arguments_with: json => ToolArguments,
        /// `gen_ai.tool.call.result`, as an object: anything else becomes its member `value`.
        result, result_with: json => ToolResult,
        /// `gen_ai.tool.description`.
        description, description_with: text => ToolDescription,
        /// `gen_ai.skill.description`.
        skill_description, skill_description_with: text => SkillDescription,
        /// `gen_ai.skill.source.uri`: where the skill is from.
        skill_source, skill_source_with: text => SkillSource,
    }
    Retrieval {
        /// `gen_ai.retrieval.query.text`.
        query, query_with: text => RetrievalQuery,
        /// `gen_ai.retrieval.documents`, the best first.
        documents, documents_with: [Document in Documents] => RetrievalDocuments,
    }
    Memory {
        /// `gen_ai.memory.query.text`.
        query, query_with: text => MemoryQuery,
        /// `gen_ai.memory.records`: those found, or written.
        records, records_with: [MemoryRecord in Records] => MemoryRecords,
    }
    Compaction {
        /// `agentic.compaction.summary`: what took the place of the messages.
        summary, summary_with: text => CompactionSummary,
    }
    McpClientRequest {
        /// `gen_ai.tool.call.arguments`, as an object.
        arguments, arguments_with: json => ToolArguments,
        /// `gen_ai.tool.call.result`, as an object: anything else becomes its member `value`.
        result, result_with: json => ToolResult,
        /// `mcp.resource.uri`.
        resource_uri, resource_uri_with: text => ResourceUri,
    }
    McpServerRequest {
        /// `gen_ai.tool.call.arguments`, as an object.
        arguments, arguments_with: json => ToolArguments,
        /// `gen_ai.tool.call.result`, as an object: anything else becomes its member `value`.
        result, result_with: json => ToolResult,
        /// `mcp.resource.uri`.
        resource_uri, resource_uri_with: text => ResourceUri,
    }
}

/// Setters of `gen_ai.prompt.variable.{name}`.
macro_rules! prompt_variable {
    ($($guard:ty),+) => {
        $(impl Guard<$guard> {
            /// `gen_ai.prompt.variable.{name}`: what was filled into the prompt's template. A name that is none (letters,
            /// digits, `_`, `.`, `-`; at most 64) is refused and counted.
            pub fn prompt_variable(&self, name: &str, value: &(impl AsRef<str> + ?Sized)) -> &Self {
                match Named::variable(name) {
                    Some(named) => self.offer_named(named, || Ok(Offered::Text(value.as_ref().into()))),
                    None => {
                        self.count(crate::span::Count::RefusedValue, Kind::PromptVariable.attribute());
                        self
                    }
                }
            }
        })+
    };
}

prompt_variable!(Turn, McpClientRequest, McpServerRequest);
