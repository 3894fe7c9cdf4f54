//! A carrier as it is stored and sent with serde.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::span::carrier::w3c::CarrierError;
use crate::span::carrier::{Carrier, RunMark};

/// The members are named like the headers. Members of other names are passed over.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wire<'a> {
    traceparent: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_nothing")]
    tracestate: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_nothing")]
    baggage: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_nothing")]
    run_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "number_or_nothing")]
    run_segment: Option<i64>,
}

/// A member that may be dropped alone does not cost the others if it is no text.
fn text_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'static, str>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Member {
        Text(String),
        Other(IgnoredAny),
    }
    Ok(match Member::deserialize(from)? {
        Member::Text(text) => Some(text.into()),
        Member::Other(_) => None,
    })
}

/// The same for a number.
fn number_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Member {
        Number(i64),
        Other(IgnoredAny),
    }
    Ok(match Member::deserialize(from)? {
        Member::Number(number) => Some(number),
        Member::Other(_) => None,
    })
}

impl From<Carrier> for Wire<'static> {
    fn from(carrier: Carrier) -> Self {
        Self {
            traceparent: carrier.traceparent().into(),
            tracestate: carrier.tracestate().map(Cow::Owned),
            baggage: carrier.baggage().map(Cow::Owned),
            run_id: carrier.run().map(|run| run.id.to_string().into()),
            run_segment: carrier.run().map(|run| run.segment),
        }
    }
}

impl TryFrom<Wire<'_>> for Carrier {
    type Error = CarrierError;

    fn try_from(wire: Wire<'_>) -> Result<Self, Self::Error> {
        let carrier = Self::new(&wire.traceparent, wire.tracestate.as_deref())?;
        let mark = |id: Cow<'_, str>| RunMark { id: id.into(), segment: wire.run_segment.unwrap_or_default().max(0) };
        let run = wire.run_id.filter(|id| !id.is_empty()).map(mark);
        Ok(carrier.receiving(wire.baggage.as_deref()).of_run(run))
    }
}
