//! What counters and gauges are observed at: cells of the label sets.

use std::sync::atomic::Ordering;

use opentelemetry::KeyValue;

use crate::metrics::label_sets::{LabelSet, LabelSets, overflow, sorted};
use crate::metrics::subject::Number;
use crate::rules::instruments::{MODALITIES, Row, Source};
use crate::semconv::attr;

/// Most points of a counter: the SDK's own limit, less its overflow and ours. An SDK that is beyond its limit keeps of
/// an observed counter only the value that came last.
const MAX_POINTS: usize = 1998;

/// A counter or gauge of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter {
    pub(super) row: &'static Row,
    pub(super) form: usize,
    /// The first of its cells; tokens have one for each modality.
    pub(super) first: usize,
}

impl Counter {
    /// How many cells a row needs in each label set.
    pub(super) fn cells(row: &Row) -> usize {
        if matches!(row.source, Source::ByModality(..)) { MODALITIES.len() } else { 1 }
    }

    /// Adds to a cell.
    pub(super) fn add(self, set: &LabelSet, cell: usize, value: Number) {
        let Some(cell) = set.cells.get(self.first + cell) else { return };
        match (value, self.row.source) {
            (Number::Int(tokens), Source::Context) => cell.store(tokens, Ordering::Relaxed),
            (Number::Int(0), _) => {}
            (Number::Int(number), _) => {
                cell.fetch_add(number, Ordering::Relaxed);
            }
            (Number::Double(number), _) => {
                let add = |bits| Some((f64::from_bits(bits) + number).to_bits());
                let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
            }
        }
    }

    /// Tells `observe` of every label set that has a value.
    pub(super) fn observe(self, sets: &LabelSets, mut observe: impl FnMut(u64, &[KeyValue])) {
        let all = sets.all();
        let mut points = 0;
        let mut beyond = [0; MODALITIES.len()];
        for modality in 0..Self::cells(self.row) {
            let cell = |set: &LabelSet| set.cells.get(self.first + modality).map(|cell| cell.load(Ordering::Relaxed));
            let mut rest = sets.overflow().and_then(|set| cell(set)).unwrap_or_default();
            for set in &all {
                let Some(value) = cell(set).filter(|value| *value != 0) else { continue };
                points += 1;
                match set.form(self.form).filter(|_| points <= MAX_POINTS) {
                    Some(labels) => observe(value, &self.with_modality(labels, modality)),
                    None => rest = self.sum(rest, value),
                }
            }
            if let Some(beyond) = beyond.get_mut(modality) {
                *beyond = rest;
            }
        }
        let beyond = beyond.into_iter().fold(0, |sum, rest| self.sum(sum, rest));
        if beyond != 0 {
            observe(beyond, &[overflow()]);
        }
    }

    fn with_modality<'a>(self, labels: &'a [KeyValue], modality: usize) -> std::borrow::Cow<'a, [KeyValue]> {
        match (self.row.source, MODALITIES.get(modality)) {
            (Source::ByModality(..), Some(modality)) => {
                let modality = KeyValue::new(attr::GEN_AI_TOKEN_MODALITY, *modality);
                sorted(labels.iter().cloned().chain([modality]).collect()).to_vec().into()
            }
            _ => labels.into(),
        }
    }

    /// Both are bits of the counter's type.
    fn sum(self, left: u64, right: u64) -> u64 {
        match self.row.source {
            Source::Cost => (f64::from_bits(left) + f64::from_bits(right)).to_bits(),
            // Of a gauge no sum says anything.
            Source::Context => right.max(left),
            _ => left.saturating_add(right),
        }
    }
}
