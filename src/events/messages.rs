//! The events of version 1.36 and before: one a message.

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::{Array, Key, Value};
use serde_json::{Map, Value as Json, json};

use crate::content::Kind;
use crate::events::record::Record;
use crate::events::structured::{attribute_of, json as any};
use crate::rules::FieldId;
use crate::rules::events::DETAILS;
use crate::semconv::attr;
use crate::span::{Dialects, Ending};

const FINISH_REASONS: FieldId = FieldId::of(attr::GEN_AI_RESPONSE_FINISH_REASONS);
const PROVIDER: FieldId = FieldId::of(attr::GEN_AI_PROVIDER_NAME);

const CHOICE: &str = "gen_ai.choice";
const TOOL: &str = "tool";

#[rustfmt::skip]
const ROLES: &[(&str, &str)] = &[
    // role           event
    ("assistant",     "gen_ai.assistant.message"),
    ("system",        "gen_ai.system.message"),
    (TOOL,            "gen_ai.tool.message"),
    ("user",          "gen_ai.user.message"),
];

#[rustfmt::skip]
const FINISH_WORDS: &[(&str, &str)] = &[
    // now            then
    ("tool_call",     "tool_calls"),
];

/// The event of a role; a role that nobody knows speaks to the model as a user does.
fn event_of(role: &str) -> &'static str {
    let row = ROLES.iter().find(|(known, _)| *known == role);
    row.map_or("gen_ai.user.message", |(_, event)| event)
}

/// Every event there is.
pub(crate) const NAMES: &[&str] =
    &["gen_ai.assistant.message", CHOICE, "gen_ai.system.message", "gen_ai.tool.message", "gen_ai.user.message"];

/// Whether any of them has a place for content of the attribute `key`.
pub(crate) fn has_place(key: &str) -> bool {
    [Kind::SystemInstructions, Kind::InputMessages, Kind::OutputMessages].iter().any(|kind| kind.attribute() == key)
}

/// One event: a message, and what is told about the content that it is of.
struct Said {
    name: &'static str,
    body: Option<Json>,
    about: Vec<(Key, AnyValue)>,
}

/// An event of each message that may leave, and of each choice.
pub(crate) fn messages(span: &Ending<'_>, dialects: Dialects) -> Vec<Record> {
    let system = list(span, Kind::SystemInstructions).map(|parts| json!({"role": "system", "parts": parts}));
    let system = system.iter().flat_map(input).collect();
    let inputs = list(span, Kind::InputMessages).iter().flatten().flat_map(input).collect();
    let mut said = of_item(span, Kind::SystemInstructions, event_of("system"), system);
    said.extend(of_item(span, Kind::InputMessages, event_of("user"), inputs));
    let inputs = said.len();
    let choices = choices(span).into_iter().map(|choice| (CHOICE, choice)).collect();
    said.extend(of_item(span, Kind::OutputMessages, CHOICE, choices));
    let mut attributes: Vec<(Key, AnyValue)> = Vec::new();
    attributes.extend(span.attributes().filter(|pair| pair.key.as_str() == PROVIDER.key()).filter_map(attribute_of));
    dialects.rewrite(&mut attributes);
    let record = |(place, said): (usize, Said)| {
        let at = if place < inputs { span.about.started } else { span.at };
        let Said { name, body, about } = said;
        let attributes = attributes.iter().cloned().chain(about).collect();
        // The conventions set no severity; that of an event is information by default.
        Record { name, severity: Some(Severity::Info), at, body: body.and_then(any), attributes }
    };
    said.into_iter().enumerate().map(record).collect()
}

/// The events of a content item. The first tells where the item is stored and how much of it is missing, one without a
/// body if it is nowhere else.
fn of_item(span: &Ending<'_>, kind: Kind, name: &'static str, bodies: Vec<(&'static str, Json)>) -> Vec<Said> {
    let is_about = |key: &str| {
        let told = key.strip_prefix("agentic.content.").and_then(|told| told.split_once('.'));
        told.is_some_and(|(_, word)| word == kind.as_str())
    };
    let about = span.content_of(DETAILS).filter(|pair| is_about(pair.key.as_str()));
    let about: Vec<_> = about.filter_map(attribute_of).collect();
    let message = |(name, body)| Said { name, body: Some(body), about: Vec::new() };
    let mut said: Vec<_> = bodies.into_iter().map(message).collect();
    match said.first_mut() {
        Some(first) => first.about = about,
        None if about.is_empty() => {}
        None => said.push(Said { name, body: None, about }),
    }
    said
}

/// The list that content of `kind` is, if it may be on events.
fn list(span: &Ending<'_>, kind: Kind) -> Option<Vec<Json>> {
    let held = span.content_of(DETAILS).find(|pair| pair.key.as_str() == kind.attribute())?;
    serde_json::from_str(&held.value.as_str()).ok()
}

/// The events of an input message: of a tool's one a response.
fn input(message: &Json) -> Vec<(&'static str, Json)> {
    let role = text(message, "role").unwrap_or("user");
    let responses = parts(message).filter(|part| text(part, "type") == Some("tool_call_response"));
    let mut said: Vec<_> = responses.map(|part| (event_of(TOOL), response(part))).collect();
    let rest = spoken(message);
    if said.is_empty() || !rest.is_empty() {
        said.push((event_of(role), Json::Object(with_role(rest, role, role))));
    }
    said
}

fn response(part: &Json) -> Json {
    let mut body = Map::new();
    body.extend(member(part, "id", "id"));
    body.extend(member(part, "response", "content"));
    Json::Object(body)
}

/// The bodies of the choices: with their messages if these may leave, else index and finish reason alone.
fn choices(span: &Ending<'_>) -> Vec<Json> {
    let reasons: &[_] = match span.get(FINISH_REASONS) {
        Some(Value::Array(Array::String(reasons))) => reasons,
        _ => &[],
    };
    let messages = list(span, Kind::OutputMessages).unwrap_or_default();
    let count = messages.len().max(reasons.len()).max(usize::from(span.failed));
    let choice = |index: usize| {
        let message = messages.get(index);
        let reason = message.and_then(|message| text(message, "finish_reason"));
        let reason = reason.or_else(|| reasons.get(index).map(|reason| reason.as_str()));
        // Where none was received, and only if there was to be one.
        let reason = reason.or(if span.failed { Some("error") } else { None });
        let mut body = Map::from_iter([("index".to_owned(), index.into())]);
        body.extend(reason.map(|reason| ("finish_reason".to_owned(), finish_word(reason).into())));
        let message = message.map(|message| {
            with_role(spoken(message), text(message, "role").unwrap_or("assistant"), "assistant").into()
        });
        body.extend(message.map(|message| ("message".to_owned(), message)));
        Json::Object(body)
    };
    (0..count).map(choice).collect()
}

fn finish_word(reason: &str) -> &str {
    FINISH_WORDS.iter().find(|(now, _)| *now == reason).map_or(reason, |(_, then)| then)
}

/// What a message says: its text, or its parts if it is not text alone; and the tools it calls.
fn spoken(message: &Json) -> Map<String, Json> {
    let is_call = |part: &&Json| text(part, "type") == Some("tool_call");
    let said: Vec<&Json> =
        parts(message).filter(|part| !is_call(part) && text(part, "type") != Some("tool_call_response")).collect();
    let mut body = Map::new();
    let texts: Option<Vec<&str>> =
        said.iter().map(|part| text(part, "content").filter(|_| text(part, "type") == Some("text"))).collect();
    match texts {
        Some(texts) if texts.is_empty() => {}
        Some(texts) => drop(body.insert("content".into(), texts.join("\n").into())),
        None => drop(body.insert("content".into(), said.into_iter().cloned().collect())),
    }
    let calls: Vec<Json> = parts(message).filter(is_call).map(call).collect();
    if !calls.is_empty() {
        body.insert("tool_calls".into(), calls.into());
    }
    body
}

fn call(part: &Json) -> Json {
    let mut function = Map::new();
    function.extend(member(part, "name", "name"));
    function.extend(member(part, "arguments", "arguments"));
    let mut call = Map::from_iter([("type".to_owned(), "function".into()), ("function".to_owned(), function.into())]);
    call.extend(member(part, "id", "id"));
    Json::Object(call)
}

/// The role is said where the event's name does not say it.
fn with_role(mut body: Map<String, Json>, role: &str, usual: &str) -> Map<String, Json> {
    let usual = if ROLES.iter().any(|(known, _)| *known == usual) { usual } else { "user" };
    if role != usual {
        body.insert("role".into(), role.into());
    }
    body
}

fn parts(message: &Json) -> impl Iterator<Item = &Json> {
    message.get("parts").and_then(Json::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Json, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn member(value: &Json, key: &str, name: &str) -> Option<(String, Json)> {
    Some((name.to_owned(), value.get(key)?.clone()))
}
