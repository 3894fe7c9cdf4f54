//! The label sets of a family, each made once: a measurement borrows its labels and finds them here.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use opentelemetry::{Key, KeyValue};

use crate::metrics::labels::Labels;
use crate::rules::Dialects;

/// Most label sets of a metric; what has others is measured together, with the one label `otel.metric.overflow`. Half of
/// what the OpenTelemetry SDK allows for by default.
pub const MAX_LABEL_SETS: usize = 1000;

/// The label of what is beyond [`MAX_LABEL_SETS`].
const OVERFLOW: &str = "otel.metric.overflow";

/// How many families have labels that are part of another's.
pub(super) const WITHIN: usize = 2;

/// Under which keys labels are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Form {
    /// A metric that several dialects write under one name has the labels of all of them: two series would count twice.
    pub(super) dialects: Dialects,
    pub(super) fixed: Option<(&'static str, &'static str)>,
}

impl Form {
    fn of(self, labels: &[KeyValue]) -> Arc<[KeyValue]> {
        let mut list = labels.to_vec();
        self.dialects.rewrite(&mut list);
        list.extend(self.fixed.map(|(key, value)| KeyValue::new(key, value)));
        sorted(list)
    }
}

/// As the SDK keeps them: it then finds them without sorting them once more.
pub(super) fn sorted(mut labels: Vec<KeyValue>) -> Arc<[KeyValue]> {
    labels.sort_by(|a, b| a.key.as_str().cmp(b.key.as_str()));
    labels.into()
}

/// One label set, and what was counted under it.
#[derive(Default)]
pub(super) struct LabelSet {
    labels: Vec<KeyValue>,
    forms: Box<[Arc<[KeyValue]>]>,
    pub(super) cells: Box<[AtomicU64]>,
    /// Those of the families whose labels are part of these.
    pub(super) within: [OnceLock<Arc<LabelSet>>; WITHIN],
}

impl fmt::Debug for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelSet").field("labels", &self.labels).finish_non_exhaustive()
    }
}

impl LabelSet {
    pub(super) fn form(&self, form: usize) -> Option<&Arc<[KeyValue]>> {
        self.forms.get(form)
    }

    pub(super) fn is_overflow(&self) -> bool {
        self.labels.first().is_some_and(|label| label.key.as_str() == OVERFLOW)
    }
}

/// What a family is asked for by its metrics.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) forms: Vec<Form>,
    pub(super) cells: usize,
}

impl Asked {
    /// The place of a form, which is added if nobody asked for it before.
    pub(super) fn form(&mut self, form: Form) -> usize {
        self.forms.iter().position(|known| *known == form).unwrap_or_else(|| {
            self.forms.push(form);
            self.forms.len() - 1
        })
    }
}

/// The label sets of one family.
#[derive(Debug)]
pub(super) struct LabelSets {
    asked: Asked,
    seed: u64,
    known: RwLock<Known>,
    overflow: OnceLock<Arc<LabelSet>>,
}

#[derive(Debug, Default)]
struct Known {
    /// Places in `sets` by the hash of their labels, or by the next number that was free.
    places: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
    sets: Vec<Arc<LabelSet>>,
}

impl Known {
    /// The set with these labels, else the number it belongs under.
    fn find(&self, labels: &Labels<'_>, mut hash: u64) -> Result<&Arc<LabelSet>, u64> {
        loop {
            let Some(set) = self.places.get(&hash).and_then(|place| self.sets.get(*place)) else { return Err(hash) };
            if labels.are(&set.labels) {
                return Ok(set);
            }
            hash = hash.wrapping_add(1);
        }
    }
}

/// Whether there was room for a label set.
pub(super) enum Found {
    Set(Arc<LabelSet>),
    Overflow(Arc<LabelSet>),
}

impl LabelSets {
    pub(super) fn new(asked: Asked) -> Self {
        let seed = RandomState::new().hash_one(0_u8);
        Self { asked, seed, known: RwLock::default(), overflow: OnceLock::new() }
    }

    /// The set of `labels`. Nothing is allocated for one that is known.
    pub(super) fn get(&self, labels: &Labels<'_>) -> Found {
        let hash = labels.hash(self.seed);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Ok(set) = known.find(labels, hash) {
            return Found::Set(Arc::clone(set));
        }
        let is_full = known.sets.len() >= MAX_LABEL_SETS;
        drop(known);
        if is_full { self.overflowing() } else { self.add(labels, hash) }
    }

    #[cold]
    fn add(&self, labels: &Labels<'_>, hash: u64) -> Found {
        let new = self.make(labels.to_list());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match known.find(labels, hash) {
            // Another thread was first.
            Ok(set) => Found::Set(Arc::clone(set)),
            Err(_) if known.sets.len() >= MAX_LABEL_SETS => {
                drop(known);
                self.overflowing()
            }
            Err(free) => {
                let place = known.sets.len();
                known.places.insert(free, place);
                known.sets.push(Arc::clone(&new));
                Found::Set(new)
            }
        }
    }

    #[cold]
    fn overflowing(&self) -> Found {
        Found::Overflow(Arc::clone(self.overflow.get_or_init(|| self.make(vec![overflow()]))))
    }

    fn make(&self, labels: Vec<KeyValue>) -> Arc<LabelSet> {
        let is_overflow = labels.first().is_some_and(|label| label.key.as_str() == OVERFLOW);
        let form = |form: &Form| if is_overflow { labels.clone().into() } else { form.of(&labels) };
        let forms = self.asked.forms.iter().map(form).collect();
        let cells = (0..self.asked.cells).map(|_| AtomicU64::new(0)).collect();
        Arc::new(LabelSet { labels, forms, cells, within: Default::default() })
    }

    /// Every set in the order of their making.
    pub(super) fn all(&self) -> Vec<Arc<LabelSet>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).sets.clone()
    }

    /// What all those share that found no room, if there are any.
    pub(super) fn overflow(&self) -> Option<&Arc<LabelSet>> {
        self.overflow.get()
    }
}

/// The only label of what is beyond the limit.
pub(super) fn overflow() -> KeyValue {
    KeyValue::new(Key::from_static_str(OVERFLOW), true)
}

/// Takes a number that is a hash as it is.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
