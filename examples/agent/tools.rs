//! What the agents can do. Small, but real: each tool reads its arguments, works, and may fail.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::model::ModelError;

/// Why a tool has no result. The text is for the model; telemetry gets the [`kind`](Self::kind).
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error("there is no tool {0:?}")]
    Unknown(String),
    #[error("the arguments are not what the tool takes: {0}")]
    Arguments(#[from] serde_json::Error),
    #[error("there is no invoice {0:?}")]
    NoInvoice(String),
    #[error("the other agent failed: {0}")]
    Delegated(#[from] ModelError),
}

impl ToolError {
    /// `error.type`: one word of few.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown_tool",
            Self::Arguments(_) => "invalid_arguments",
            Self::NoInvoice(_) => "invoice_not_found",
            Self::Delegated(_) => "agent_failed",
        }
    }
}

const ARTICLES: &[(&str, &str)] = &[
    ("Plans and prices", "Team costs 8 euros per seat and month, Business 16 euros per seat and month."),
    ("Changing the plan", "Owners and billing managers may change the plan of a workspace, in the billing settings."),
    ("Adding seats", "Any administrator can invite people; each one takes a seat."),
    ("Signing in", "Single sign-on is part of the Business plan."),
];

const INVOICES: &[(&str, &str)] =
    &[("INV-2014", "Team plan, 12 seats, May"), ("INV-1977", "Team plan, 9 seats, April")];

/// Name, what the model reads, parameters with their JSON types.
type Definition = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

#[rustfmt::skip]
const DEFINITIONS: &[Definition] = &[
    // name              what the model reads                                    parameters
    ("search_articles",  "Finds help articles that contain the words.",          &[("words", "string")]),
    ("find_invoice",     "Looks up an invoice by its number.",                   &[("number", "string")]),
    ("prorate",          "A monthly price per seat, for the rest of a month.",   &[("seats", "number"), ("monthly_price", "number"), ("days_left", "number"), ("days_in_month", "number")]),
    ("delegate",         "Lets the agent `researcher` find something out.",      &[("task", "string")]),
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
pub(crate) async fn run(name: &str, arguments: &str) -> Result<String, ToolError> {
    match name {
        "search_articles" => Ok(search(&read::<Search>(arguments)?.words)),
        "find_invoice" => find_invoice(read::<Invoice>(arguments)?.number),
        "prorate" => Ok(read::<Prorate>(arguments)?.amount()),
        _ => Err(ToolError::Unknown(name.to_owned())),
    }
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
struct Prorate {
    seats: f64,
    monthly_price: f64,
    days_left: f64,
    days_in_month: f64,
}

fn read<T: DeserializeOwned>(arguments: &str) -> Result<T, ToolError> {
    Ok(serde_json::from_str(arguments)?)
}

/// The two articles with most of the words.
fn search(words: &str) -> String {
    // An ordinary span, as a database driver would write it: it hangs below the tool and is exported as it is.
    let _entered = tracing::info_span!("rank articles", help_center.articles = ARTICLES.len()).entered();
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let score = |text: &str| words.iter().filter(|word| text.to_lowercase().contains(word.as_str())).count();
    let mut found: Vec<_> = ARTICLES.iter().map(|(title, text)| (score(title) + score(text), text)).collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.iter().take(2).map(|(_, text)| **text).collect::<Vec<_>>().join("\n")
}

fn find_invoice(number: String) -> Result<String, ToolError> {
    match INVOICES.iter().find(|(known, _)| *known == number) {
        Some((_, text)) => Ok((*text).to_owned()),
        None => {
            // An ordinary log line. RUST_LOG prints it; of its text nothing is exported, since it may hold anything.
            tracing::warn!("the customer gave {number}, which is not in the books");
            Err(ToolError::NoInvoice(number))
        }
    }
}

impl Prorate {
    fn amount(&self) -> String {
        format!("{:.2} euros", self.seats * self.monthly_price * self.days_left / self.days_in_month)
    }
}
