//! What counters and gauges are observed at: cells of the label sets.

use std::sync::atomic::Ordering;

use opentelemetry::KeyValue;

use crate::metrics::label_sets::{LabelSet, LabelSets, MAX_LABEL_SETS, overflow, sorted};
use crate::metrics::subject::Number;
use crate::rules::instruments::{MODALITIES, Row, Source};
use crate::semconv::attr;

/// Most points of a counter: the SDK's own limit, less its overflow and ours. An SDK that is beyond its limit keeps of
/// an observed counter only the value that came last.
const MAX_POINTS: usize = 1998;

/// How many label sets, the first that were made, have points by modality; tokens of the others are of an unknown one,
/// from their first on: a point that has been told must not move.
pub(super) const MAX_SPLIT_SETS: usize = (MAX_POINTS - MAX_LABEL_SETS) / (MODALITIES.len() - 1);

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
        for (at, set) in sets.all().iter().enumerate() {
            let Some(labels) = set.form(self.form) else { continue };
            let mut tell = |value, modality| {
                if value != 0 {
                    observe(value, &self.with_modality(labels, modality));
                }
            };
            if at < MAX_SPLIT_SETS {
                (0..Self::cells(self.row)).for_each(|modality| tell(self.value(set, modality), modality));
            } else {
                tell(self.whole(set), 0);
            }
        }
        let beyond = sets.overflow().map(|set| self.whole(set)).unwrap_or_default();
        if beyond != 0 {
            observe(beyond, &[overflow()]);
        }
    }

    fn value(self, set: &LabelSet, cell: usize) -> u64 {
        set.cells.get(self.first + cell).map(|cell| cell.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Of all modalities.
    fn whole(self, set: &LabelSet) -> u64 {
        (0..Self::cells(self.row)).fold(0, |sum, cell| self.sum(sum, self.value(set, cell)))
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
    pub(super) fn sum(self, left: u64, right: u64) -> u64 {
        match self.row.source {
            Source::Cost => (f64::from_bits(left) + f64::from_bits(right)).to_bits(),
            // Of a gauge no sum says anything.
            Source::Context => right.max(left),
            _ => left.saturating_add(right),
        }
    }
}
