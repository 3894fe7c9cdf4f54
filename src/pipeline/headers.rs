//! Header lists: `name=value,name=value`, percent-encoded, and secret.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use super::error::{InitError, Origin};

/// Headers a user must not set because the exporter computes them.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "connection", "content-encoding", "content-length", "content-type", "grpc-encoding", "grpc-timeout", "host", "te",
    "transfer-encoding", "user-agent",
];

/// Headers sent with every export. Values are marked sensitive: `Debug` of the map and of whatever holds it prints
/// `Sensitive`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers(HeaderMap);

impl Headers {
    /// Reads a list as in W3C Baggage, without properties.
    ///
    /// # Errors
    /// Names the variable and the place in the list; never the value.
    pub(crate) fn parse(origin: Origin, list: &str) -> Result<Self, InitError> {
        let mut headers = Self::default();
        let members = list.split(',').map(str::trim).enumerate();
        for (index, member) in members.filter(|(_, member)| !member.is_empty()) {
            let place = index + 1;
            let Some((name, value)) = member.split_once('=') else {
                let what = format!("entry {place} without \"=\"");
                return Err(
                    origin.refuse_unseen(&what, "write name=value,name=value; write a comma inside a value as %2C")
                );
            };
            let name = valid_name(origin, name.trim(), &format!("entry {place}"))?;
            let value = decode(value.trim()).ok_or_else(|| {
                let what = format!("value of header \"{name}\" that is not percent-encoded UTF-8");
                origin.refuse_unseen(&what, "write a percent sign as %25")
            })?;
            headers.insert(origin, name, &value)?;
        }
        Ok(headers)
    }

    /// Sets one header; a later value replaces an earlier one.
    ///
    /// # Errors
    /// Names the header; never the value.
    pub(crate) fn set(&mut self, origin: Origin, name: &str, value: &str) -> Result<(), InitError> {
        let name = valid_name(origin, name, "this header")?;
        self.insert(origin, name, value)
    }

    fn insert(&mut self, origin: Origin, name: HeaderName, value: &str) -> Result<(), InitError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            let what = format!("value of header \"{name}\" with a character outside printable ASCII");
            origin.refuse_unseen(&what, "encode it, for example in Base64")
        })?;
        value.set_sensitive(true);
        self.0.insert(name, value);
        Ok(())
    }

    /// Overlays `other`: its headers win.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The headers, values marked sensitive.
    #[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn map(&self) -> &HeaderMap {
        &self.0
    }
}

/// A header name that may be set. A bad one is not shown: whoever forgets the name has written the secret in its place.
fn valid_name(origin: Origin, name: &str, place: &str) -> Result<HeaderName, InitError> {
    let valid: HeaderName = name.parse().map_err(|_| {
        let what = format!("{place} has a name that is no header name");
        origin.refuse_unseen(&what, "write name=value, the name in letters, digits and -")
    })?;
    if OWN.contains(&valid.as_str()) {
        let what = format!("header \"{valid}\"");
        return Err(origin.refuse_unseen(&what, "the exporter sets it itself, leave it out"));
    }
    Ok(valid)
}

/// Percent-decodes `text`; `None` if a `%` is not followed by two hexadecimal digits or the result is not UTF-8.
///
/// The decoder of `percent-encoding` lets a stray `%` stand; a damaged token would then be sent and refused far away.
pub(crate) fn decode(text: &str) -> Option<String> {
    let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    let whole = text.split('%').skip(1).all(|rest| {
        let mut bytes = rest.bytes();
        is_hex(bytes.next()) && is_hex(bytes.next())
    });
    if !whole {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGIN: Origin = Origin::Variable("OTEL_EXPORTER_OTLP_HEADERS");

    fn pairs(list: &str) -> Vec<(String, String)> {
        let headers = Headers::parse(ORIGIN, list).unwrap();
        let pair = |(k, v): (&HeaderName, &HeaderValue)| (k.to_string(), v.to_str().unwrap().to_owned());
        headers.map().iter().map(pair).collect()
    }

    #[test]
    fn lists() {
        #[rustfmt::skip]
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("",                                &[]),
            ("a=1",                             &[("a", "1")]),
            (" a = 1 , b=2,",                   &[("a", "1"), ("b", "2")]),
            ("Authorization=Basic%20dTpw==",    &[("authorization", "Basic dTpw==")]),
            ("a=x%2Cy",                         &[("a", "x,y")]),
            ("a=1,A=2",                         &[("a", "2")]),
            ("a=",                              &[("a", "")]),
        ];
        for (list, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            assert_eq!(pairs(list), expected, "{list:?}");
        }
    }

    #[test]
    fn refusals_name_the_place_and_hide_the_value() {
        #[rustfmt::skip]
        let cases = [
            ("a=1,canary",            "entry 2 without \"=\""),
            ("a b=canary",            "entry 1 has a name"),
            ("Bearer canary==",       "entry 1 has a name"),
            ("a=canary%",             "not percent-encoded"),
            ("a=canary%zz",           "not percent-encoded"),
            ("a=canary%ff",           "not percent-encoded"),
            ("a=canary%0Ab:1",        "outside printable ASCII"),
            ("content-type=canary",   "sets it itself"),
        ];
        for (list, part) in cases {
            let error = Headers::parse(ORIGIN, list).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(part), "{text}");
            assert!(text.contains("OTEL_EXPORTER_OTLP_HEADERS"), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_list_is_read_or_refused_without_showing_values(list in ".{0,80}") {
            let _ = Headers::parse(ORIGIN, &list);
        }

        #[test]
        fn values_stay_out_of_debug_and_errors(name in "[ a-z%=:]{1,8}", tail in "[%!-~]{0,6}") {
            let list = format!("{name}=c4n4ry{tail}");
            let text = match Headers::parse(ORIGIN, &list) {
                Ok(headers) => format!("{headers:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            prop_assert!(!text.contains("c4n4ry"), "{}", text);
        }
    }
}
