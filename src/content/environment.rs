//! What the environment says about content.

use std::io::Write as _;

use crate::content::capture::{Content, Destination};

/// The variable of the conventions.
pub(crate) const CAPTURE_MESSAGE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// What the variable says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is not set: the code decides.
    Unset,
    /// Off, whatever the code says.
    Off,
    /// Off, and nobody knows that word.
    Unknown,
    On(Destination),
}

#[rustfmt::skip]
const WORDS: &[(&str, Mode)] = &[
    // value, in any case   meaning
    ("no_content",          Mode::Off),
    ("false",               Mode::Off),
    ("0",                   Mode::Off),
    ("span_only",           Mode::On(Destination::Span)),
    ("span",                Mode::On(Destination::Span)),
    ("true",                Mode::On(Destination::Span)),
    ("1",                   Mode::On(Destination::Span)),
    ("event_only",          Mode::On(Destination::Event)),
    ("event",               Mode::On(Destination::Event)),
    ("span_and_event",      Mode::On(Destination::SpanAndEvent)),
];

impl Mode {
    /// Reads a value of the variable. An empty one counts as not set, as everywhere in OpenTelemetry.
    pub(crate) fn read(value: Option<&str>) -> Self {
        let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else { return Self::Unset };
        let row = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
        row.map_or(Self::Unknown, |(_, mode)| *mode)
    }

    /// The mode of this process; says so if nobody knows it.
    pub(crate) fn of_process() -> Self {
        let value = std::env::var_os(CAPTURE_MESSAGE_CONTENT);
        // What is no text is no word we know.
        let mode = Self::read(value.as_deref().map(|value| value.to_str().unwrap_or("?")));
        mode.warn();
        mode
    }

    /// Says on standard error what a value does not do. Not the value: it may be a mistaken paste.
    pub(crate) fn warn(self) {
        let notice = match self {
            Self::Unknown => {
                "unknown value, no content is exported (use NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT)"
            }
            Self::Unset | Self::Off | Self::On(_) => return,
        };
        let _ = writeln!(std::io::stderr(), "tracing-genai: {CAPTURE_MESSAGE_CONTENT}: {notice}");
    }

    /// What it means where the code says nothing.
    pub(crate) fn content(self) -> Content {
        match self {
            Self::Unset | Self::Off | Self::Unknown => Content::off(),
            Self::On(destination) => Content::all().with_destination(destination),
        }
    }

    /// What it leaves of what the code says: the environment can switch content off, never on.
    pub(crate) fn limit(self, code: Content) -> Content {
        match self {
            Self::Off | Self::Unknown => Content::off(),
            Self::Unset | Self::On(_) => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_any_case() {
        #[rustfmt::skip]
        let cases = [
            (None,                    Mode::Unset),
            (Some(""),                Mode::Unset),
            (Some(" NO_CONTENT "),    Mode::Off),
            (Some("False"),           Mode::Off),
            (Some("Span_Only"),       Mode::On(Destination::Span)),
            (Some("true"),            Mode::On(Destination::Span)),
            (Some("EVENT_ONLY"),      Mode::On(Destination::Event)),
            (Some("span_and_event"),  Mode::On(Destination::SpanAndEvent)),
            (Some("yes"),             Mode::Unknown),
        ];
        for (value, mode) in cases {
            assert_eq!(Mode::read(value), mode, "{value:?}");
        }
    }

    #[test]
    fn the_environment_switches_off_and_never_on() {
        for mode in [Mode::Off, Mode::Unknown] {
            assert!(mode.limit(Content::all()).is_off() && mode.content().is_off());
        }
        assert!(Mode::On(Destination::Span).limit(Content::off()).is_off());
        assert!(!Mode::Unset.limit(Content::all()).is_off());
        assert!(!Mode::On(Destination::Span).content().is_off());
    }
}
