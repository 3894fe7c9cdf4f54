//! Replies that come in pieces: the bytes of a stream → the reply as it would be without streaming.

mod aws_events;
mod blocks;
mod frames;
mod json_array;
mod kept;
mod lines;
mod server_sent;
mod template;
mod text_room;
mod whole;

use std::fmt;

use serde_json::Value;

use crate::providers::format::WireFormat;
use crate::providers::read::{Reading, read};
use crate::providers::response::Response;
use frames::Frames;

pub(crate) use blocks::{Block, Blocks};
pub(crate) use frames::Framing;
pub(crate) use kept::{is_small, keep, merge};
pub(crate) use template::Template;
pub(crate) use text_room::TextRoom;
pub(crate) use whole::Whole;

/// Whether more is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    /// This was the piece that ends the reply.
    Over,
}

/// One piece of a stream: its name, if it has one, and its data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) name: &'a str,
    pub(crate) data: &'a [u8],
}

/// Puts the pieces of a streamed reply together to the reply as the format has it without streaming.
///
/// With [`Reading::Facts`] it keeps no text, so that its memory does not grow with the reply.
pub(crate) trait Assemble: Send + Sync {
    /// Whether the piece holds content and nothing else: with [`Reading::Facts`] it is not even parsed. Called for every
    /// piece, so it has to be cheap.
    fn is_content(&self, piece: Piece<'_>) -> bool;
    /// Takes a piece in.
    fn add(&mut self, name: &str, data: Value, reading: Reading) -> Progress;
    /// The reply as far as it came; a choice that did not come to its end has the finish reason `error`.
    fn reply(&mut self) -> Value;
    /// Sees a piece that is content and is not read.
    fn pass_over(&mut self, _piece: Piece<'_>) {}
    /// What was left out because it was too much.
    fn dropped(&self) -> u32 {
        0
    }
}

/// Longest piece that is read: 8 MiB, since the last event of some streams repeats the whole reply. What is longer is passed
/// over and counted.
pub(crate) const MAX_PIECE_BYTES: usize = 8 * 1024 * 1024;

/// Reads a reply that comes in pieces, beside whoever the bytes are for.
///
/// ```
/// use tracing_genai::providers::{StreamDecoder, WireFormat};
///
/// let mut decoder = StreamDecoder::new(WireFormat::OpenAiChat);
/// decoder.push(b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":");
/// decoder.push(b"{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
/// assert!(decoder.is_over());
/// assert_eq!(decoder.response("openai").id(), Some("chatcmpl-1"));
/// ```
///
/// Its memory does not grow with the stream, unless [`with_content`](Self::with_content) asks for the messages.
pub struct StreamDecoder {
    format: WireFormat,
    provider: Option<String>,
    reading: Reading,
    frames: Frames,
    assembler: Box<dyn Assemble>,
    over: bool,
    skipped: u32,
}

impl StreamDecoder {
    /// A decoder of streams in `format`, framed as its provider does by default.
    pub fn new(format: WireFormat) -> Self {
        let row = format.row();
        let (frames, assembler) = (Frames::new(row.framing), row.reader.assemble());
        Self { format, provider: None, reading: Reading::Facts, frames, assembler, over: false, skipped: 0 }
    }

    /// The reply is that of `provider`, a value of
    /// [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of your own: some count in their own
    /// way. By default the provider who made the format.
    #[must_use]
    pub fn of_provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    /// Keeps the messages, too. By default they are not kept.
    #[must_use]
    pub fn with_content(mut self) -> Self {
        self.reading = Reading::Everything;
        self
    }

    /// Takes the stream apart as a `content-type` says: `text/event-stream`, `application/x-ndjson`,
    /// `application/vnd.amazon.eventstream`, or `application/json` for one document, an array of pieces or a single
    /// one. By default, and with a type of any other name, as the provider of the format does.
    ///
    /// ```
    /// use tracing_genai::providers::{StreamDecoder, WireFormat};
    ///
    /// // Without `alt=sse` Gemini streams an array.
    /// let mut decoder = StreamDecoder::new(WireFormat::GeminiGenerateContent).framed_by("application/json; charset=UTF-8");
    /// decoder.push(b"[{\"candidates\":[{\"finishReason\":\"STOP\"}],\"modelVersion\":\"gemini-2.5-flash\"}\n]");
    /// assert_eq!(decoder.response("gcp.gemini").model(), Some("gemini-2.5-flash"));
    /// ```
    #[must_use]
    pub fn framed_by(mut self, content_type: &str) -> Self {
        if let Some(framing) = Framing::of_content_type(content_type) {
            self.frames = Frames::new(framing);
        }
        self
    }

    /// The format.
    pub fn format(&self) -> WireFormat {
        self.format
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        let Self { frames, assembler, reading, over, skipped, .. } = self;
        frames.push(bytes, &mut |piece| take(assembler.as_mut(), *reading, (over, skipped), piece));
    }

    /// Takes the next event, of a client that has taken the stream apart already: its name, empty if it has none, and its
    /// data. What is no event of JSON, as the `[DONE]` of OpenAI's chat completions, is its text.
    ///
    /// ```
    /// use serde_json::json;
    /// use tracing_genai::providers::{StreamDecoder, WireFormat};
    ///
    /// let mut decoder = StreamDecoder::new(WireFormat::BedrockConverse);
    /// decoder.push_event("messageStop", &json!({"stopReason": "end_turn"}));
    /// decoder.push_event("metadata", &json!({"usage": {"inputTokens": 20, "outputTokens": 7}}));
    /// assert!(decoder.is_over());
    /// assert_eq!(decoder.response("aws.bedrock").usage().input_tokens(), Some(20));
    /// ```
    pub fn push_event(&mut self, name: &str, data: &Value) {
        if *data == "[DONE]" {
            self.over = true;
            return;
        }
        self.over |= self.assembler.add(name, data.clone(), self.reading) == Progress::Over;
    }

    /// Whether the piece that ends the reply has come.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Pieces that were too long or could not be read, and content there was no room for.
    pub fn skipped(&self) -> u32 {
        self.skipped.saturating_add(self.assembler.dropped())
    }

    /// [`response`](Self::response) of the [provider](Self::of_provider) that was given.
    pub(crate) fn decoded(&mut self) -> Response<'static> {
        let provider = self.provider.take();
        let response = self.response(provider.as_deref().unwrap_or(self.format.provider()));
        self.provider = provider;
        response
    }

    /// The reply of `provider`, as far as it came. Pushing ends here: what is left of a last piece is read as it is.
    pub fn response(&mut self, provider: &str) -> Response<'static> {
        let Self { frames, assembler, reading, over, skipped, .. } = self;
        frames.finish(&mut |piece| take(assembler.as_mut(), *reading, (over, skipped), piece));
        let response = Response::from_owned(self.format, provider, self.assembler.reply());
        match self.reading {
            Reading::Everything => response,
            Reading::Facts => response.without_content(),
        }
    }
}

fn take(assembler: &mut dyn Assemble, reading: Reading, state: (&mut bool, &mut u32), piece: Option<Piece<'_>>) {
    let (over, skipped) = state;
    let Some(piece) = piece else {
        *skipped = skipped.saturating_add(1);
        return;
    };
    if piece.data == b"[DONE]" {
        *over = true;
        return;
    }
    if reading == Reading::Facts && assembler.is_content(piece) {
        assembler.pass_over(piece);
        return;
    }
    match read(piece.data, reading) {
        Ok(data) => *over |= assembler.add(piece.name, data, reading) == Progress::Over,
        Err(_) => *skipped = skipped.saturating_add(1),
    }
}

impl fmt::Debug for StreamDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamDecoder").field("format", &self.format).field("over", &self.over).finish_non_exhaustive()
    }
}
