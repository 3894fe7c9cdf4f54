use std::collections::HashMap;

use super::*;
use crate::span::carrier::w3c::CarrierErrorKind;

const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_bad_traceparent_is_refused() {
    use CarrierErrorKind::{Malformed, Version, ZeroId};
    let table = [
        ("", Malformed),
        ("00", Malformed),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", Malformed),
        ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Malformed),
        ("00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", Malformed),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Version),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", Version),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", ZeroId),
        ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", ZeroId),
    ];
    for (text, kind) in table {
        let error = text.parse::<Carrier>().expect_err(text);
        assert_eq!(error.kind(), kind, "{text}");
        assert!(error.to_string().contains(text));
    }
}

#[test]
fn a_later_version_may_go_on_after_the_flags() {
    let carrier: Carrier = GOOD.replacen("00", "01", 1).as_str().parse().expect("valid");
    assert_eq!(carrier.traceparent(), GOOD);
    assert!(format!("{}-more", GOOD.replacen("00", "01", 1)).parse::<Carrier>().is_ok());
}

#[test]
fn a_bad_tracestate_is_dropped_alone() {
    let carrier = Carrier::new(GOOD, Some("no state, =")).expect("valid");
    assert_eq!((carrier.traceparent(), carrier.tracestate()), (GOOD.to_owned(), None));
    for member in ["7", "null", "[\"a=1\"]", "{}"] {
        let json = format!(r#"{{"traceparent":"{GOOD}","tracestate":{member},"baggage":{member}}}"#);
        let carrier: Carrier = serde_json::from_str(&json).expect("a valid traceparent");
        assert_eq!((carrier.traceparent(), carrier.tracestate()), (GOOD.to_owned(), None));
    }
}

#[test]
fn a_carrier_survives_json_and_its_context_is_remote() {
    let carrier = Carrier::new(GOOD, Some("vendor=1")).expect("valid");
    let json = serde_json::to_string(&carrier).expect("serializes");
    assert_eq!(json, format!(r#"{{"traceparent":"{GOOD}","tracestate":"vendor=1"}}"#));
    let read: Carrier = serde_json::from_str(&json).expect("reads back");
    assert_eq!(read, carrier);
    assert!(read.context().span().span_context().is_remote());
    assert!(serde_json::from_str::<Carrier>(r#"{"traceparent":"secret"}"#).is_err());
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(Carrier::deserialize(&value).expect("from a value"), carrier);
}

#[test]
fn headers_go_through_opentelemetrys_own_carriers() {
    let carrier = Carrier::new(GOOD, Some("vendor=1")).expect("valid").with_baggage_entry("session.id", "s 1");
    let mut sent = HashMap::new();
    carrier.inject(&mut sent);
    assert_eq!(sent["baggage"], "session.id=s%201");
    let received = Carrier::extract(&sent).expect("valid").expect("there is one");
    assert_eq!(received.traceparent(), GOOD);
    assert_eq!(received.baggage(), None, "not without being asked for");
    assert_eq!(received.with_baggage(["session.id", "user.id"]).headers().collect::<HashMap<_, _>>().len(), 3);
    assert_eq!(Carrier::extract(&HashMap::new()), Ok(None));
}

/// Headers in several lines.
struct Lines(Vec<(&'static str, &'static str)>);

impl Extractor for Lines {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let lines: Vec<&str> = self.0.iter().filter(|(name, _)| *name == key).map(|(_, value)| *value).collect();
        (!lines.is_empty()).then_some(lines)
    }
}

#[test]
fn lines_of_one_header_are_put_together_but_there_is_one_traceparent() {
    let lines = Lines(vec![
        ("traceparent", GOOD),
        ("tracestate", "a=1"),
        ("baggage", "session.id=s"),
        ("tracestate", "b=2"),
        ("baggage", "user.id=u"),
    ]);
    let carrier = Carrier::extract(&lines).expect("valid").expect("there is one");
    assert_eq!(carrier.tracestate().as_deref(), Some("a=1,b=2"));
    assert_eq!(carrier.with_baggage(["user.id", "session.id"]).baggage().as_deref(), Some("user.id=u,session.id=s"));
    let two = Lines(vec![("traceparent", GOOD), ("traceparent", GOOD)]);
    assert_eq!(Carrier::extract(&two).expect_err("two").kind(), CarrierErrorKind::Malformed);
}

#[test]
fn baggage_of_the_context_comes_along_only_by_its_keys() {
    let carrier: Carrier = GOOD.parse().expect("valid");
    let context = carrier.context().with_baggage([
        opentelemetry::KeyValue::new("session.id", "s-1"),
        opentelemetry::KeyValue::new("token", "canary"),
    ]);
    let carrier = Carrier::from_context(&context).expect("a span");
    assert!(!serde_json::to_string(&carrier).expect("serializes").contains("baggage"));
    let carrier = carrier.with_baggage(["session.id"]);
    assert_eq!(carrier.context().baggage().get("session.id").map(|value| value.as_str()), Some("s-1"));
    assert_eq!(carrier.context().baggage().len(), 1);
    assert_eq!(carrier.envs().map(|(name, _)| name).collect::<Vec<_>>(), ["TRACEPARENT", "BAGGAGE"]);
}

#[test]
fn debug_shows_no_value_of_baggage() {
    let text = format!(r#"{{"traceparent":"{GOOD}","baggage":"user.id=canary,token=canary"}}"#);
    let carrier = serde_json::from_str::<Carrier>(&text).expect("valid").with_baggage(["user.id"]);
    let shown = format!("{carrier:?}");
    assert!(shown.contains("user.id") && !shown.contains("canary"), "{shown}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(parent in ".*", state in ".*") {
        if let Ok(carrier) = Carrier::new(&parent, Some(&state)) {
            proptest::prop_assert_eq!(carrier.traceparent().len(), 55);
        }
    }

    #[test]
    fn any_json_is_read_without_panic(json in "[{}\":,a-z0-9-]{0,80}") {
        let _ = serde_json::from_str::<Carrier>(&json);
    }

    #[test]
    fn every_valid_place_comes_back(trace in 1u128.., span in 1u64.., flags in 0u8..=1) {
        let text = format!("00-{trace:032x}-{span:016x}-{flags:02x}");
        let carrier: Carrier = text.parse().expect("valid");
        proptest::prop_assert_eq!(carrier.traceparent(), text);
        let json = serde_json::to_string(&carrier).expect("serializes");
        proptest::prop_assert_eq!(serde_json::from_str::<Carrier>(&json).expect("reads back"), carrier);
    }
}
