//! Reading `traceparent` and `tracestate`: W3C Trace Context, sections 3.2 and 3.3.

use std::str::FromStr;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// A `traceparent` is 55 characters; a later version may add some.
const MAX_TRACEPARENT: usize = 256;
/// A `tracestate` up to this many characters is kept, a longer one dropped; every participant has to pass on as many.
const MAX_TRACESTATE: usize = 512;
/// Section 3.3.1.1: there may be at most 32 members in a list.
const MAX_MEMBERS: usize = 32;

/// Why a `traceparent` was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad traceparent {value:?}: {kind}; expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, in lower case")]
pub struct CarrierError {
    kind: CarrierErrorKind,
    value: String,
}

/// The kinds of [`CarrierError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CarrierErrorKind {
    /// Not four fields of hex digits of the right lengths, or more than one header.
    #[error("malformed")]
    Malformed,
    /// Version `ff`, or a version 00 with more than four fields.
    #[error("forbidden version")]
    Version,
    /// The trace id or the span id is all zeros.
    #[error("all-zero id")]
    ZeroId,
}

impl CarrierError {
    /// What is wrong.
    pub fn kind(&self) -> CarrierErrorKind {
        self.kind
    }
}

pub(crate) fn traceparent(text: &str, state: TraceState) -> Result<SpanContext, CarrierError> {
    let refuse = |kind| CarrierError { kind, value: text.chars().take(MAX_TRACEPARENT).collect() };
    parse(text.trim(), state).map_err(refuse)
}

/// A version we do not know is read by the rules of version 00 and may go on after the flags.
fn parse(text: &str, state: TraceState) -> Result<SpanContext, CarrierErrorKind> {
    use CarrierErrorKind::{Malformed, Version, ZeroId};
    let mut fields = text.splitn(5, '-');
    let mut field = |digits: usize| fields.next().filter(|field| is_hex(field, digits)).ok_or(Malformed);
    let (version, trace, span, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
    let more = fields.next().is_some();
    if version == "ff" || version == "00" && more {
        return Err(Version);
    }
    let trace = TraceId::from_hex(trace).map_err(|_| Malformed)?;
    let span = SpanId::from_hex(span).map_err(|_| Malformed)?;
    let flags = u8::from_str_radix(flags, 16).map_err(|_| Malformed)?;
    let context = SpanContext::new(trace, span, TraceFlags::new(flags), true, state);
    if context.is_valid() { Ok(context) } else { Err(ZeroId) }
}

fn is_hex(field: &str, digits: usize) -> bool {
    field.len() == digits && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Empty if the list is not valid as a whole: half of a `tracestate` is none.
///
/// Checked here because [`TraceState`] itself takes control characters, cuts a list that is too long and forgives a
/// second `=`.
pub(crate) fn tracestate(text: &str) -> TraceState {
    if text.len() > MAX_TRACESTATE {
        return TraceState::NONE;
    }
    let members = text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty());
    let mut keys: Vec<&str> = Vec::new();
    for member in members {
        let valid = member.split_once('=').filter(|(key, value)| is_key(key) && is_value(value));
        match valid {
            Some((key, _)) if !keys.contains(&key) && keys.len() < MAX_MEMBERS => keys.push(key),
            _ => return TraceState::NONE,
        }
    }
    TraceState::from_str(text).unwrap_or_default()
}

/// `key` or `tenant@system`, in lower case.
fn is_key(key: &str) -> bool {
    let begins = |part: &str| part.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    let inner =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'*' | b'/');
    let is_part = |part: &str, most: usize| begins(part) && part.len() <= most && part.bytes().all(inner);
    match key.split_once('@') {
        Some((tenant, system)) => is_part(tenant, 241) && is_part(system, 14),
        None => is_part(key, 256),
    }
}

/// Printable ASCII without `,` and `=`; spaces only inside.
fn is_value(value: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    (1..=256).contains(&value.len()) && !value.ends_with(' ') && value.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_tracestate_is_kept_as_it_is() {
        for text in ["a=1", "vendor=1,tenant@system=x y", "0a_-*/=!~", "a= 1"] {
            assert_eq!(tracestate(text).header(), text);
        }
        assert_eq!(
            tracestate(" a=1 ,\t,b=2").header(),
            "a=1,b=2",
            "space around members and empty members are allowed"
        );
        let longest = format!("a={},b={}", "x".repeat(256), "y".repeat(251));
        assert_eq!((longest.len(), tracestate(&longest).header()), (512, longest));
    }

    #[test]
    fn a_bad_tracestate_is_dropped_as_a_whole() {
        let many = (0..33).map(|member| format!("k{member}=1")).collect::<Vec<_>>().join(",");
        let long = format!("a={},b={}", "x".repeat(256), "y".repeat(252));
        let bad = [
            "no state, =",
            "a",
            "a=",
            "=1",
            "A=1",
            "a=1,a=2",
            "a=1=2",
            "a==1",
            "_a=1",
            "a b=1",
            "a@b@c=1",
            "a@=1",
            "a=ü",
            "a=1\r\nx: y",
            "a=\u{7f}",
            "a@systemsystemsystem=1",
            &many,
            &long,
        ];
        for text in bad {
            assert_eq!(tracestate(text).header(), "", "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_tracestate_is_read_without_panic_and_comes_out_printable(text in "\\PC*|([a-z@=, ]{0,40})") {
            let header = tracestate(&text).header();
            proptest::prop_assert!(header.len() <= text.len() && header.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            proptest::prop_assert_eq!(tracestate(&header).header(), header);
        }
    }
}
