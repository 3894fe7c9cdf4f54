//! What the starter of this process said about it: its place in a trace, and its session.

use std::io::Write;

use crate::span::{Carrier, SessionId, Settings as Mapping};

use super::env::Env;
use super::error::one_line;

/// Whether the environment may name the parent of spans that would be roots.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum ProcessParent {
    #[default]
    Environment,
    Nobody,
}

const TRACEPARENT: &str = "TRACEPARENT";
const SESSION_ID: &str = "TRACING_GENAI_SESSION_ID";

/// Adds to the settings of the tracer what the environment says. Whoever started the process means well: what is bad
/// is told on standard error and does not keep the process from running.
pub(crate) fn read(env: &Env, parent: ProcessParent, mapping: &mut Mapping) {
    if parent == ProcessParent::Environment {
        match carrier(env) {
            Ok(Some(place)) => {
                mapping.process_parent = Some(place.with_baggage(mapping.defaults.allowed()).context());
            }
            Ok(None) => {}
            Err(fault) => warn(&format!("{fault}; in {TRACEPARENT}, traces begin here instead")),
        }
    }
    match env.get(SESSION_ID).map_err(|error| error.to_string()) {
        Ok(None) => {}
        Ok(Some(text)) => mapping.defaults.set_session(&text.parse().unwrap_or_else(|_| fresh(&"no UUID"))),
        Err(fault) => mapping.defaults.set_session(&fresh(&fault)),
    }
}

fn carrier(env: &Env) -> Result<Option<Carrier>, String> {
    let Some(traceparent) = env.get(TRACEPARENT).map_err(|error| error.to_string())? else { return Ok(None) };
    let variable = |name| env.get(name).ok().flatten();
    let (state, baggage) = (variable("TRACESTATE"), variable("BAGGAGE"));
    // Not its text, which shows the value: it came from outside, and what it holds nobody knows.
    let carrier =
        Carrier::new(&traceparent, state.as_deref()).map_err(|error| format!("bad value: {}", error.kind()))?;
    Ok(Some(carrier.receiving(baggage.as_deref())))
}

/// Not the session that code has set: whoever gave another one did not mean that.
fn fresh(fault: &dyn std::fmt::Display) -> SessionId {
    let id = SessionId::random();
    warn(&format!("{fault}; in {SESSION_ID}, the session is {id} instead"));
    id
}

/// Not through `tracing`, which has no subscriber yet; not `eprintln`, which panics on a closed stream.
fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "tracing-genai: {}", one_line(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::baggage::BaggageExt;
    use opentelemetry::trace::TraceContextExt;

    const PLACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn parent(env: &Env, parent: ProcessParent) -> Option<opentelemetry::Context> {
        let mut mapping = Mapping::default();
        mapping.defaults.allow(["session.id"]);
        read(env, parent, &mut mapping);
        mapping.process_parent
    }

    #[test]
    fn the_environment_names_a_parent_with_allowed_baggage() {
        let env = Env::from_iter([
            (TRACEPARENT, PLACE),
            ("TRACESTATE", "vendor=1"),
            ("BAGGAGE", "session.id=s-1,token=canary"),
        ]);
        let context = parent(&env, ProcessParent::Environment).expect("a parent");
        assert_eq!(context.span().span_context().span_id().to_string(), "b7ad6b7169203331");
        assert_eq!(context.span().span_context().trace_state().header(), "vendor=1");
        let baggage: Vec<_> = context.baggage().iter().map(|(key, (value, _))| format!("{key}={value}")).collect();
        assert_eq!(baggage, ["session.id=s-1"]);
        assert!(parent(&env, ProcessParent::Nobody).is_none());
    }

    #[test]
    fn a_bad_parent_is_none() {
        for bad in ["", "x", "00-00000000000000000000000000000000-b7ad6b7169203331-01"] {
            assert!(parent(&Env::from_iter([(TRACEPARENT, bad)]), ProcessParent::Environment).is_none(), "{bad}");
        }
    }
}
