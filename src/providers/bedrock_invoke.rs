//! Bedrock's `InvokeModel` with the body of Anthropic's messages: the same JSON, framed otherwise in streams.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::content::Message;
use crate::providers::anthropic_messages::AnthropicMessages;
use crate::providers::anthropic_stream;
use crate::providers::bedrock_converse;
use crate::providers::fields::Fields;
use crate::providers::format::{Input, Reader};
use crate::providers::place::at;
use crate::providers::read::{Reading, read};
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::{Assemble, Piece, Progress};

/// See the module's documentation.
pub(crate) struct BedrockInvoke;

impl Reader for BedrockInvoke {
    /// A reply is no other than Anthropic's.
    fn recognises(&self, _reply: &Value) -> bool {
        false
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "anthropic_version").as_str().is_some_and(|version| version.starts_with("bedrock"))
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        AnthropicMessages.request(body)
    }

    fn input(&self, body: &Value) -> Input {
        AnthropicMessages.input(body)
    }

    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered {
        let mut answered = AnthropicMessages.response(provider, body);
        // Errors are Bedrock's own. A message of Anthropic's has content.
        if answered.failure.is_none() && body.any("content").is_none() {
            answered.failure = bedrock_converse::failure(body);
        }
        answered
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        AnthropicMessages.output(body)
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Events>::default()
    }
}

/// Events of Anthropic's in base64: `{"bytes": "eyJ0eXBl…"}`.
#[derive(Debug, Default)]
struct Events {
    inner: anthropic_stream::Events,
    exception: Option<Value>,
    skipped: u32,
}

/// `{"bytes":"` and `{"type":"content_block_delta` in base64: 27 bytes are 36 characters.
const DELTA: &[u8] = b"{\"bytes\":\"eyJ0eXBlIjoiY29udGVudF9ibG9ja19kZWx0";

impl Assemble for Events {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        piece.data.starts_with(DELTA)
    }

    fn add(&mut self, name: &str, data: Value, reading: Reading) -> Progress {
        if name == "exception" || name.ends_with("Exception") {
            self.exception = Some(data.get("__type").cloned().unwrap_or_else(|| name.into()));
            return Progress::Over;
        }
        let Some(bytes) = at(&data, "bytes").as_str() else {
            // A client has decoded it.
            return self.inner.add(name, data, reading);
        };
        let event = STANDARD.decode(bytes).ok().and_then(|event| read(&event, reading).ok());
        match event {
            Some(event) => self.inner.add("", event, reading),
            None => {
                self.skipped = self.skipped.saturating_add(1);
                Progress::More
            }
        }
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.inner.reply();
        match (&self.exception, reply.as_object_mut()) {
            (Some(exception), Some(reply)) => {
                // In the middle of a message, where it is Anthropic's to say.
                let code = exception.as_str().unwrap_or_default();
                reply.insert("error".into(), json!({ "type": bedrock_converse::pascal(code) }));
            }
            (Some(exception), None) => reply = json!({ "__type": exception }),
            (None, _) => {}
        }
        reply
    }

    fn dropped(&self) -> u32 {
        self.skipped.saturating_add(self.inner.dropped())
    }
}
