//! OpenAI's completions, `/v1/completions`: older than chat, still spoken by vLLM, Ollama, Together and others.

use serde_json::Value;

use crate::content::Message;
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::openai_chat::{answered, sampling};
use crate::providers::openai_chat_stream::{Chunks, Form};
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::Assemble;

/// See the module's documentation.
pub(crate) struct OpenAiCompletions;

impl Reader for OpenAiCompletions {
    fn recognises(&self, reply: &Value) -> bool {
        reply["object"] == "text_completion"
            || reply["choices"]
                .as_array()
                .is_some_and(|choices| choices.iter().any(|choice| choice["text"].is_string()))
    }

    fn recognises_request(&self, request: &Value) -> bool {
        !request["prompt"].is_null() && request["model"].is_string()
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        sampling(body)
    }

    fn input(&self, body: &Value) -> Input {
        // Several prompts are several requests in one; a prompt of token numbers says nothing to anybody.
        let prompts = match &body["prompt"] {
            Value::Array(prompts) => prompts.iter().collect(),
            prompt => vec![prompt],
        };
        let messages = prompts.into_iter().filter_map(Value::as_str).map(Message::user);
        Input { messages: messages.collect(), ..Input::default() }
    }

    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered {
        answered(provider, body)
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let choices = body["choices"].as_array().into_iter().flatten();
        let message = |choice: &Value| {
            let message = Message::assistant(choice["text"].as_str()?);
            let reason = choice["finish_reason"].as_str().map(FinishReason::new);
            Some(match reason {
                Some(reason) => message.finish_reason(reason.as_str()),
                None => message,
            })
        };
        choices.filter_map(message).collect()
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::new(Chunks::new(Form::Text))
    }
}
