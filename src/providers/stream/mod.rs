//! Replies that come in pieces: the bytes of a stream → the reply as it would be without streaming.

mod server_sent;
mod text_room;

use std::fmt;

use serde_json::Value;

use crate::providers::format::WireFormat;
use crate::providers::read::{Reading, read};
use crate::providers::response::Response;
use server_sent::ServerSent;

pub(crate) use text_room::TextRoom;

/// How the pieces of a stream are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `text/event-stream`.
    ServerSent,
    /// One JSON document a line.
    Lines,
    /// `application/vnd.amazon.eventstream`.
    AwsEvents,
    /// There are no streams.
    None,
}

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
    /// What was left out because it was too much.
    fn dropped(&self) -> u32 {
        0
    }
}

/// Longest piece that is read: 1 MiB. What is longer is passed over and counted.
pub(crate) const MAX_PIECE_BYTES: usize = 1024 * 1024;

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
    reading: Reading,
    framing: ServerSent,
    assembler: Box<dyn Assemble>,
    over: bool,
    skipped: u32,
}

impl StreamDecoder {
    /// A decoder of streams in `format`.
    pub fn new(format: WireFormat) -> Self {
        let row = format.row();
        let assembler = row.reader.assemble();
        let framing = ServerSent::default();
        Self { format, reading: Reading::Facts, framing, assembler, over: false, skipped: 0 }
    }

    /// Keeps the messages, too. By default they are not kept.
    #[must_use]
    pub fn with_content(mut self) -> Self {
        self.reading = Reading::Everything;
        self
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        let Self { framing, assembler, reading, over, skipped, .. } = self;
        framing.push(bytes, &mut |piece| take(assembler.as_mut(), *reading, (over, skipped), piece));
    }

    /// Whether the piece that ends the reply has come.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Pieces that were too long or could not be read, and parts of messages that were too much.
    pub fn skipped(&self) -> u32 {
        self.skipped.saturating_add(self.assembler.dropped())
    }

    /// The reply of `provider`, as far as it came.
    pub fn response(&mut self, provider: &str) -> Response<'static> {
        Response::from_owned(self.format, provider, self.assembler.reply())
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
