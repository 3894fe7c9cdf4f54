//! The result of a run of OpenAI's Agents SDK, as JSON: several replies of models in one.
//!
//! ```text
//! {"raw_responses":[{"output":[],"usage":{"requests":1,"input_tokens":9,…},"response_id":"resp_1"}],
//!  "last_agent":{"name":"…"},"final_output":"…","context_wrapper":{"usage":{}}}                        Python
//! {"rawResponses":[{"output":[],"usage":{"inputTokens":9,…},"responseId":"resp_1"}],
//!  "lastAgent":{"name":"…"},"finalOutput":"…","state":{"context":{"usage":{}}}}                        JavaScript
//! ```

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::content::Message;
use crate::providers::fields::Fields;
use crate::providers::format::{Input, Reader};
use crate::providers::openai_items::parts;
use crate::providers::openai_usage::tokens;
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::{Assemble, Whole};
use crate::providers::usage::Usage;

/// See the module's documentation.
pub(crate) struct OpenAiAgents;

/// Where the sums of a run stand, if its replies are not there.
const SUMS: &[&[&str]] =
    &[&["context_wrapper", "usage"], &["context", "usage"], &["state", "context", "usage"], &["usage"]];

impl Reader for OpenAiAgents {
    fn recognises(&self, reply: &Value) -> bool {
        let has = |key: &str| !reply[key].is_null();
        ["raw_responses", "rawResponses"].into_iter().any(has)
            || (["last_agent", "lastAgent"].into_iter().any(has)
                && ["final_output", "finalOutput"].into_iter().any(has))
    }

    fn recognises_request(&self, _request: &Value) -> bool {
        false
    }

    fn request(&self, _body: &Fields<'_>) -> Asked {
        Asked::default()
    }

    fn input(&self, _body: &Value) -> Input {
        Input::default()
    }

    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered {
        let replies: Vec<Fields<'_>> = body.list(key(body, "raw_responses", "rawResponses")).collect();
        let id = |reply: &Fields<'_>| reply.string(key(reply, "response_id", "responseId"));
        Answered {
            id: replies.last().and_then(id),
            usage: sum(provider, &replies).or_else(|| of_run(provider, body)).unwrap_or_default(),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let first = |one: &str, other: &str| if body[one].is_null() { body[other].clone() } else { body[one].clone() };
        let replies = first("raw_responses", "rawResponses");
        let last = replies.as_array().and_then(|replies| replies.last());
        let mut message = Message::new("assistant");
        message
            .parts_mut()
            .extend(last.and_then(|last| last["output"].as_array()).into_iter().flatten().flat_map(parts));
        match first("final_output", "finalOutput") {
            _ if !message.parts().is_empty() => vec![message],
            Value::Null => Vec::new(),
            Value::String(text) => vec![Message::assistant(text)],
            // What the agent was asked to answer with, in its own type.
            other => vec![Message::assistant(other.to_string())],
        }
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Whole>::default()
    }
}

/// The one of two spellings that is there.
fn key<'a>(fields: &Fields<'_>, python: &'a str, javascript: &'a str) -> &'a str {
    if fields.any(python).is_some() { python } else { javascript }
}

/// What all replies used together; nothing of a class that one of them does not tell: its sum would be too small.
fn sum(provider: &str, replies: &[Fields<'_>]) -> Option<Usage> {
    let mut all = replies.iter().map(|reply| reply.object("usage").map(|usage| of(provider, &usage)));
    let first = all.next()??;
    let add = |sum: Usage, usage: Option<Usage>| {
        let usage = usage?;
        let both = |a: Option<u64>, b: Option<u64>| a?.checked_add(b?);
        Some(Usage {
            input: both(sum.input_tokens(), usage.input_tokens()),
            output: both(sum.output, usage.output),
            cache_read: both(sum.cache_read, usage.cache_read),
            cache_write: both(sum.cache_write, usage.cache_write),
            reasoning: both(sum.reasoning, usage.reasoning),
            ..Usage::default()
        })
    };
    all.try_fold(first, add).filter(|usage| !usage.is_empty())
}

fn of_run(provider: &str, body: &Fields<'_>) -> Option<Usage> {
    let at = |path: &&[&str]| {
        let (last, before) = path.split_last()?;
        let has = |fields: Fields<'_>, key: &str| fields.any(key).is_some_and(Value::is_object);
        let mut fields = *body;
        for step in before.iter().chain([last]) {
            if !has(fields, step) {
                return None;
            }
            fields = fields.object(step)?;
        }
        Some(of(provider, &fields)).filter(|usage| !usage.is_empty())
    };
    SUMS.iter().find_map(at)
}

/// Objects inside of each other in a `usage`.
const MAX_USAGE_DEPTH: u8 = 3;

/// The tokens of one `usage`, in either spelling.
fn of(provider: &str, usage: &Fields<'_>) -> Usage {
    let snake = in_snake_case(usage.value(), MAX_USAGE_DEPTH);
    // A run that nothing is known of has zeros.
    if snake.get("requests").is_some_and(|requests| *requests == 0) {
        return Usage::default();
    }
    let skipped = Cell::new(0);
    let read = tokens(provider, &Fields::of(&snake, &skipped));
    usage.skip(skipped.get());
    read
}

/// `{"inputTokensDetails": [{"cachedTokens": 1}]}` → `{"input_tokens_details": {"cached_tokens": 1}}`. Details of several
/// requests stand in a list, which only tells something if it is of one.
fn in_snake_case(value: &Value, depth: u8) -> Value {
    let (Value::Object(fields), Some(depth)) = (value, depth.checked_sub(1)) else { return value.clone() };
    let field = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::Array(items) if items.len() == 1 => items.first().filter(|item| item.is_object()).unwrap_or(value),
            value => value,
        };
        (snake(key), in_snake_case(value, depth))
    };
    Value::Object(fields.iter().map(field).filter(|(_, value)| !value.is_array()).collect::<Map<_, _>>())
}

fn snake(key: &str) -> String {
    let mut snake = String::with_capacity(key.len());
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
