//! A provider's request and reply, as they are, to the attributes of a turn.
//!
//! What the application said by itself counts: here only what is missing is filled in.

use std::cell::OnceCell;
use std::sync::Arc;

use opentelemetry::Value;
use tracing::Span;

use crate::activity::cost::Cost;
use crate::activity::guard::{Description, Guard};
use crate::activity::record::{complete, say};
use crate::activity::setters::Given;
use crate::activity::turn::Turn;
use crate::activity::usage;
use crate::content::{Kind, Offered, Refused};
use crate::providers::{ErrorKind, Request, Response};
use crate::rules::{FieldId, operations};
use crate::semconv::{attr, value::gen_ai_provider_name as provider};
use crate::span::content::{self, Named};
use crate::span::{ErrorType, FailedCall, Open, Shared, heard};

const INPUT_TOKENS: FieldId = FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS);
const OUTPUT_TOKENS: FieldId = FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS);
const COST: FieldId = FieldId::of(attr::AGENTIC_COST_TOTAL);

impl Turn {
    /// A call of a model as `request` says: operation, provider, model and all parameters. A request for embeddings
    /// gives the span `embeddings {model}`.
    ///
    /// Its content (messages, instructions, tools) is given to the guard, by
    /// [`request_content`](Guard#method.request_content).
    ///
    /// ```
    /// use serde_json::json;
    /// use tracing_genai::activity::Turn;
    /// use tracing_genai::providers::{Request, Response, WireFormat};
    ///
    /// let body = json!({"model": "gpt-4o", "temperature": 0.2, "messages": [{"role": "user", "content": "Where is it warm?"}]});
    /// let request = Request::of(WireFormat::OpenAiChat, &body);
    /// let turn = Turn::from_request(&request).server("api.openai.com", 443).start();
    /// turn.request_content(&request);
    /// # let reply = json!({"id": "chatcmpl-1", "object": "chat.completion", "choices": []});
    /// // … send the body; read the reply …
    /// turn.finish_with(&Response::of(WireFormat::OpenAiChat, &reply));
    /// ```
    pub fn from_request(request: &Request<'_>) -> Self {
        let mut description = Description::new(operations::row_of(request.format().operation()));
        description.give(const { FieldId::of(attr::GEN_AI_PROVIDER_NAME) }, request.provider().to_owned());
        each_of_request(request, |id, value| description.start.give(id, value));
        Self(description)
    }

    /// A span for a turn that is told later what it is, and what its tracer shares; `None` if no tracer hears of it.
    pub(crate) fn prepare() -> Option<(Span, Arc<Shared>)> {
        heard(|| tracing::info_span!(target: "tracing_genai", "turn"))
    }

    /// Starts the turn in a span that was [prepared](Self::prepare).
    pub(crate) fn start_in(self, span: Span) -> Guard<Self> {
        Guard::open(span, self.0.start)
    }
}

impl Guard<Turn> {
    /// The content of a request: messages, system instructions, definitions of tools. Nothing is read unless a
    /// [content policy](crate::content) wants it.
    pub fn request_content(&self, request: &Request<'_>) -> &Self {
        if let Some(open) = self.opened() {
            offer_request(&**open, request);
        }
        self
    }

    /// What a reply says: identifier, model, finish reasons, tokens, tier; its messages, if a
    /// [content policy](crate::content) wants them. What was recorded before stays.
    pub fn response(&self, response: &Response<'_>) -> &Self {
        if let Some(open) = self.opened() {
            answer(&**open, response);
        }
        self
    }

    /// Records what a reply [says](Self::response) and ends the turn: as a success, or as failed if the reply is an
    /// error.
    pub fn finish_with(&self, response: &Response<'_>) {
        self.response(response);
        if response.is_error() {
            self.fail_with(failed_call(Some(response), None).error_type);
        } else {
            self.finish();
        }
    }
}

/// What failed, of a reply that is an error or has the HTTP status of one: the word of the table, else the provider's code,
/// else the status.
pub(crate) fn failed_call(response: Option<&Response<'_>>, status: Option<u16>) -> FailedCall {
    let said = response.and_then(|response| response.answered().failure.as_ref());
    let code = said.and_then(|said| said.code.as_deref()).filter(|code| ErrorType::new(code) != ErrorType::OTHER);
    let kind = said.map_or_else(|| ErrorKind::of(None, status), |said| said.kind(status));
    let status = said.and_then(|said| said.status).or(status);
    let word = || code.map(str::to_owned).or_else(|| status.map(|status| status.to_string()));
    let error_type = match kind {
        Some(kind) => ErrorType::new(kind.as_str()),
        None => word().map_or(ErrorType::OTHER, |word| ErrorType::new(&word)),
    };
    FailedCall { error_type, code: code.map(str::to_owned), retryable: kind.map(ErrorKind::is_retryable) }
}

/// Hands `give` every attribute of a request, the provider excepted.
pub(crate) fn each_of_request(request: &Request<'_>, mut give: impl FnMut(FieldId, Value)) {
    let asked = request.asked();
    macro_rules! rows {
        ($($value:expr => $key:ident,)+) => {
            $(if let Some(value) = $value {
                give(const { FieldId::of(attr::$key) }, Given::into_value(value));
            })+
        };
    }
    let filled = |texts: &Vec<String>| (!texts.is_empty()).then(|| texts.clone());
    let is_openai = matches!(request.provider(), provider::OPENAI | provider::AZURE_AI_OPENAI);
    rows! {
        asked.model.clone() => GEN_AI_REQUEST_MODEL,
        asked.stream.then_some(true) => GEN_AI_REQUEST_STREAM,
        asked.max_tokens => GEN_AI_REQUEST_MAX_TOKENS,
        asked.temperature => GEN_AI_REQUEST_TEMPERATURE,
        asked.top_p => GEN_AI_REQUEST_TOP_P,
        asked.top_k => GEN_AI_REQUEST_TOP_K,
        asked.frequency_penalty => GEN_AI_REQUEST_FREQUENCY_PENALTY,
        asked.presence_penalty => GEN_AI_REQUEST_PRESENCE_PENALTY,
        filled(&asked.stop_sequences) => GEN_AI_REQUEST_STOP_SEQUENCES,
        asked.seed => GEN_AI_REQUEST_SEED,
        asked.choice_count.filter(|count| *count != 1) => GEN_AI_REQUEST_CHOICE_COUNT,
        asked.output_type.map(str::to_owned) => GEN_AI_OUTPUT_TYPE,
        asked.reasoning_level.clone() => GEN_AI_REQUEST_REASONING_LEVEL,
        asked.service_tier.clone().filter(|tier| is_openai && tier != "auto") => OPENAI_REQUEST_SERVICE_TIER,
        asked.previous_response.clone() => GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID,
        asked.conversation.clone() => GEN_AI_CONVERSATION_ID,
        filled(&asked.encoding_formats) => GEN_AI_REQUEST_ENCODING_FORMATS,
        asked.guardrail.clone() => AWS_BEDROCK_GUARDRAIL_ID,
    }
}

/// Fills in what a request says, on a span that somebody else started.
pub(crate) fn complete_request(open: &dyn Open, request: &Request<'_>) {
    each_of_request(request, |id, value| complete(open, id, value));
    offer_request(open, request);
}

/// Fills in where the call goes to, on a span that somebody else started.
pub(crate) fn complete_server(open: &dyn Open, address: &str, port: Option<u16>) {
    if let Some(port) = port {
        complete(open, const { FieldId::of(attr::SERVER_ADDRESS) }, Given::into_value(address.to_owned()));
        complete(open, const { FieldId::of(attr::SERVER_PORT) }, Given::into_value(i64::from(port)));
    }
}

fn offer_request(open: &dyn Open, request: &Request<'_>) {
    let input = OnceCell::new();
    let input = || input.get_or_init(|| request.input());
    content::complete(open, Named::of(Kind::SystemInstructions), || {
        let parts = &input().system;
        (!parts.is_empty()).then(|| Ok(Offered::Parts(parts.into())))
    });
    content::complete(open, Named::of(Kind::InputMessages), || {
        let messages = &input().messages;
        (!messages.is_empty()).then(|| Ok(Offered::Messages(messages.into())))
    });
    content::complete(open, Named::of(Kind::ToolDefinitions), || {
        let tools = &input().tools;
        (!tools.is_empty()).then(|| Ok(Offered::Tools(tools.into())))
    });
}

/// Fills in what a reply says.
pub(crate) fn answer(open: &dyn Open, response: &Response<'_>) {
    each_of_response(open, response, &mut |id, value| complete(open, id, value));
    if response.is_error() {
        // Told at the end, if the turn fails.
        open.about().calls.set_failed(failed_call(Some(response), None));
    }
    content::complete(open, Named::of(Kind::OutputMessages), || output(response));
}

/// [`answer`] of one attempt of several: it counts if no other follows.
pub(crate) fn answer_of_attempt(open: &dyn Open, response: &Response<'_>) {
    each_of_response(open, response, &mut |id, value| say(open, id, value));
    let calls = &open.about().calls;
    if calls.has_output() {
        // That of an earlier attempt, which came to nothing.
        if let Some(made) = output(response) {
            content::offer(open, Named::of(Kind::OutputMessages), || made);
        }
    } else if content::complete(open, Named::of(Kind::OutputMessages), || output(response)) {
        calls.set_output();
    }
}

fn output<'a>(response: &Response<'_>) -> Option<Result<Offered<'a>, Refused>> {
    let messages = response.output_messages();
    (!messages.is_empty()).then(|| Ok(Offered::Messages(messages.into())))
}

/// Hands `give` every attribute of a reply, those of a failure excepted.
fn each_of_response(open: &dyn Open, response: &Response<'_>, give: &mut dyn FnMut(FieldId, Value)) {
    let answered = response.answered();
    macro_rules! rows {
        ($($value:expr => $key:ident,)+) => {
            $(if let Some(value) = $value {
                give(const { FieldId::of(attr::$key) }, Given::into_value(value));
            })+
        };
    }
    let is_openai = response.is_of_openai();
    let reasons: Vec<String> = response.finish_reasons().map(str::to_owned).collect();
    let raw: Vec<String> = response.raw_finish_reasons().map(str::to_owned).collect();
    rows! {
        answered.id.clone() => GEN_AI_RESPONSE_ID,
        answered.model.clone() => GEN_AI_RESPONSE_MODEL,
        (raw != reasons).then_some(raw) => AGENTIC_RESPONSE_FINISH_REASONS,
        (!reasons.is_empty()).then_some(reasons) => GEN_AI_RESPONSE_FINISH_REASONS,
        answered.service_tier.clone().filter(|_| is_openai) => OPENAI_RESPONSE_SERVICE_TIER,
        answered.service_tier.clone().filter(|_| !is_openai) => AGENTIC_RESPONSE_SERVICE_TIER,
        answered.system_fingerprint.clone().filter(|_| is_openai) => OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
        answered.conversation.clone() => GEN_AI_CONVERSATION_ID,
        answered.dimension_count => GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
    }
    // As a whole or not at all: parts of two counts would contradict each other.
    if ![INPUT_TOKENS, OUTPUT_TOKENS].into_iter().any(|id| open.has(id)) {
        usage::rows(&answered.usage).for_each(|(id, tokens)| give(id, Given::into_value(tokens)));
    }
    if let Some(cost) = answered.cost.filter(|_| !open.has(COST)) {
        Cost::provider(cost, "USD").each(give);
    }
}
