//! Which events are written in which state of the conventions.

use opentelemetry::logs::Severity;

use crate::events::record::Record;
use crate::events::{details, exception, messages};
use crate::rules::events::{DETAILS, EXCEPTION};
use crate::span::{Dialect, Dialects, Ending};

/// Events of a span that ends.
pub(crate) struct Row {
    /// States that have them: it is written once for all of these, under the names of those that are asked for.
    states: &'static [Dialect],
    /// What a logger is asked for before they are made.
    pub(crate) severity: Severity,
    pub(crate) names: &'static [&'static str],
    /// Whether they have a place for content of an attribute.
    pub(crate) has_place: fn(&str) -> bool,
    pub(crate) is_told: fn(&Ending<'_>) -> bool,
    pub(crate) records: fn(&Ending<'_>, Dialects) -> Vec<Record>,
}

pub(crate) const ROWS: &[Row] = &[
    // The states before had none, and nothing in its stead: read by nobody it does no harm.
    Row {
        states: &[Dialect::Latest, Dialect::V1_41, Dialect::V1_36],
        severity: Severity::Warn,
        names: &[EXCEPTION.name],
        has_place: exception::has_place,
        is_told: exception::is_told,
        records: exception::exception,
    },
    Row {
        states: &[Dialect::Latest, Dialect::V1_41],
        severity: Severity::Debug,
        names: &[DETAILS.name],
        has_place: details::has_place,
        is_told: details::is_told,
        records: details::details,
    },
    Row {
        states: &[Dialect::V1_36],
        severity: Severity::Info,
        names: messages::NAMES,
        has_place: messages::has_place,
        is_told: details::is_told,
        records: messages::messages,
    },
];

impl Row {
    /// Those of its states that are asked for.
    pub(crate) fn of(&self, dialects: Dialects) -> Option<Dialects> {
        let asked: Vec<_> = self.states.iter().copied().filter(|state| dialects.contains(*state)).collect();
        if asked.is_empty() { None } else { Some(asked.into_iter().collect()) }
    }
}
