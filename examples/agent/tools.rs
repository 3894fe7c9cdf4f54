//! What the agents can do. Small, but real: each tool reads its arguments, works, and may fail.

use std::io;
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task;

use crate::mcp::{self, Outcome};
use crate::model::ModelError;
use crate::service::ServiceError;
use crate::{World, search};

/// Why a tool has no result. The text is for the model; telemetry gets the [`kind`](Self::kind).
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error("there is no tool {0:?}")]
    Unknown(String),
    #[error("the arguments are not what the tool takes: {0}")]
    Arguments(#[from] serde_json::Error),
    #[error("there is no invoice {0:?}")]
    NoInvoice(String),
    #[error("there is no skill or resource {0:?}")]
    NoSkill(String),
    #[error("the command {0:?} is not allowed")]
    Forbidden(String),
    #[error("the command did not run: {0}")]
    Command(#[from] io::Error),
    #[error("a model failed: {0}")]
    Model(#[from] ModelError),
    #[error("a service failed: {0}")]
    Service(#[from] ServiceError),
    #[error("the service refused the call, {0}")]
    Refused(i64),
}

impl ToolError {
    /// `error.type`: one word of few.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown_tool",
            Self::Arguments(_) => "invalid_arguments",
            Self::NoInvoice(_) => "invoice_not_found",
            Self::NoSkill(_) => "skill_not_found",
            Self::Forbidden(_) => "command_not_allowed",
            Self::Command(_) => "command_failed",
            Self::Model(_) => "model_failed",
            Self::Service(_) | Self::Refused(_) => "service_failed",
        }
    }
}

/// The one skill: its name, what it tells the model, its files.
const SKILL: &str = "billing";
const INSTRUCTIONS: &str = "A part of a month costs seats * price * days left / days of the month. Prices in rates.md.";
const RESOURCES: &[(&str, &str)] = &[("rates.md", "Cents per seat and month: Team 800, Business 1600.")];

/// The one program that a model may run.
const PROGRAM: &str = "expr";

/// Name, what the model reads, parameters with their JSON types.
type Definition = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

#[rustfmt::skip]
const DEFINITIONS: &[Definition] = &[
    // name                  what the model reads                                    parameters
    ("search_articles",      "Finds help articles that are about the words.",        &[("words", "string")]),
    ("find_invoice",         "Looks up an invoice by its number.",                   &[("number", "string")]),
    ("load_skill",           "Tells how a kind of question is answered: `billing`.", &[("skill", "string")]),
    ("read_skill_resource",  "Reads a file of a skill.",                             &[("skill", "string"), ("resource", "string")]),
    ("run_command",          "Runs `expr` with whole numbers and + - * /.",          &[("command", "string")]),
    ("delegate",             "Lets the agent `researcher` find something out.",      &[("task", "string")]),
];

/// The definitions of the tools `names`, as the model's server takes them.
pub(crate) fn definitions(names: &[&str]) -> Vec<Value> {
    let wanted = DEFINITIONS.iter().filter(|(name, ..)| names.contains(name));
    let definition = |(name, description, parameters): &Definition| {
        let properties: Value = parameters.iter().map(|(name, kind)| (*name, json!({"type": kind}))).collect();
        let required: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
        let parameters = json!({"type": "object", "properties": properties, "required": required});
        json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
    };
    wanted.map(definition).collect()
}

/// Runs the tool `name`. `arguments` is JSON that a model wrote.
pub(crate) async fn run(name: &str, arguments: &str, world: &World) -> Result<String, ToolError> {
    match name {
        "search_articles" => search::articles(&read::<Search>(arguments)?.words, world).await,
        "find_invoice" => find_invoice(read::<Invoice>(arguments)?.number, world).await,
        "load_skill" => load_skill(read::<Skill>(arguments)?),
        "read_skill_resource" => read_resource(read::<Skill>(arguments)?),
        _ => Err(ToolError::Unknown(name.to_owned())),
    }
}

/// What a command wrote, and its exit code, unless a signal ended it.
pub(crate) struct Ran {
    pub(crate) text: String,
    pub(crate) exit_code: Option<i32>,
}

/// Runs the command in the arguments of `run_command`, without a shell.
pub(crate) async fn run_command(arguments: &str) -> Result<Ran, ToolError> {
    let command = read::<Run>(arguments)?.command;
    let mut words = command.split_whitespace().map(str::to_owned);
    let program = words.next().unwrap_or_default();
    if program != PROGRAM {
        return Err(ToolError::Forbidden(program));
    }
    let words: Vec<String> = words.collect();
    let running = task::spawn_blocking(move || Command::new(program).args(words).output());
    let output = running.await.map_err(io::Error::other)??;
    Ok(Ran { text: String::from_utf8_lossy(&output.stdout).into_owned(), exit_code: output.status.code() })
}

/// A text in the arguments of a call, empty if it is not there.
pub(crate) fn argument(arguments: &str, name: &str) -> String {
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    arguments[name].as_str().unwrap_or_default().to_owned()
}

/// The task in the arguments of `delegate`.
pub(crate) fn delegated(arguments: &str) -> Result<String, ToolError> {
    Ok(read::<Delegate>(arguments)?.task)
}

#[derive(Deserialize)]
struct Search {
    words: String,
}

#[derive(Deserialize)]
struct Invoice {
    number: String,
}

#[derive(Deserialize)]
struct Delegate {
    task: String,
}

#[derive(Deserialize)]
struct Skill {
    skill: String,
    #[serde(default)]
    resource: String,
}

#[derive(Deserialize)]
struct Run {
    command: String,
}

fn read<T: DeserializeOwned>(arguments: &str) -> Result<T, ToolError> {
    Ok(serde_json::from_str(arguments)?)
}

/// The invoices are another program's, which has its tools behind MCP.
async fn find_invoice(number: String, world: &World) -> Result<String, ToolError> {
    match mcp::call("find_invoice", json!({"number": number}), world).await? {
        Outcome::Result(text) => Ok(text),
        Outcome::ToolError => Err(ToolError::NoInvoice(number)),
        Outcome::Refused(code) => Err(ToolError::Refused(code)),
    }
}

fn load_skill(wanted: Skill) -> Result<String, ToolError> {
    if wanted.skill == SKILL { Ok(INSTRUCTIONS.to_owned()) } else { Err(ToolError::NoSkill(wanted.skill)) }
}

fn read_resource(wanted: Skill) -> Result<String, ToolError> {
    let found = RESOURCES.iter().find(|(name, _)| wanted.skill == SKILL && wanted.resource == *name);
    found.map(|(_, text)| (*text).to_owned()).ok_or(ToolError::NoSkill(wanted.resource))
}
