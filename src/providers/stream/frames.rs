//! How the pieces of a stream are told apart.

use crate::providers::stream::Piece;
use crate::providers::stream::aws_events::AwsEvents;
use crate::providers::stream::json_array::JsonArray;
use crate::providers::stream::lines::Lines;
use crate::providers::stream::server_sent::ServerSent;

/// The ways there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `text/event-stream`.
    ServerSent,
    /// One JSON document a line.
    Lines,
    /// `application/vnd.amazon.eventstream`.
    AwsEvents,
    /// One JSON document: an array of pieces, or a single one.
    JsonArray,
    /// There are no streams: the reply is one document.
    None,
}

const CONTENT_TYPES: &[(&str, Framing)] = &[
    ("application/json", Framing::JsonArray),
    ("application/jsonl", Framing::Lines),
    ("application/ndjson", Framing::Lines),
    ("application/vnd.amazon.eventstream", Framing::AwsEvents),
    ("application/x-ndjson", Framing::Lines),
    ("application/stream+json", Framing::Lines), // Cohere, before server-sent events
    ("text/event-stream", Framing::ServerSent),
];

impl Framing {
    /// By the `content-type` header.
    pub(crate) fn of_content_type(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next()?.trim();
        CONTENT_TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(essence)).map(|(_, framing)| *framing)
    }
}

/// What takes a stream apart.
#[derive(Debug)]
pub(crate) enum Frames {
    ServerSent(ServerSent),
    Lines(Lines),
    AwsEvents(AwsEvents),
    JsonArray(JsonArray),
}

impl Frames {
    pub(crate) fn new(framing: Framing) -> Self {
        match framing {
            Framing::ServerSent => Self::ServerSent(ServerSent::default()),
            Framing::Lines => Self::Lines(Lines::default()),
            Framing::AwsEvents => Self::AwsEvents(AwsEvents::default()),
            Framing::JsonArray | Framing::None => Self::JsonArray(JsonArray::default()),
        }
    }

    /// Hands every piece that `bytes` complete to `each`; `None` for one that is too long or damaged.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        match self {
            Self::ServerSent(frames) => frames.push(bytes, each),
            Self::Lines(frames) => frames.push(bytes, each),
            Self::AwsEvents(frames) => frames.push(bytes, each),
            Self::JsonArray(frames) => frames.push(bytes, each),
        }
    }

    /// Hands on a last piece that needs no end. An event without its empty line is none (HTML standard, 9.2.6).
    pub(crate) fn finish(&mut self, each: &mut dyn FnMut(Option<Piece<'_>>)) {
        if let Self::Lines(lines) = self {
            lines.finish(each);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_of_a_content_type_do_not_matter() {
        assert_eq!(Framing::of_content_type("Text/Event-Stream; charset=utf-8"), Some(Framing::ServerSent));
        assert_eq!(Framing::of_content_type("application/x-ndjson"), Some(Framing::Lines));
        assert_eq!(Framing::of_content_type("text/html"), None);
    }
}
