//! The rows of the tables as instruments of a meter.

use opentelemetry::metrics::{Histogram as Of, Meter};

use crate::metrics::backlog::Waiting;
use crate::metrics::counters::Counter;
use crate::metrics::label_sets::{Asked, Form};
use crate::metrics::subject::Number;
use crate::rules::instruments::{Family, OLD_ROWS, On, ROWS, Row, Source};
use crate::semconv::Instrument;
use crate::span::Dialects;

/// What is measured on a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) source: Source,
    pub(super) family: Family,
    pub(super) into: Target,
}

/// Where a value goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Histogram { place: usize, form: usize },
    Counter(Counter),
}

/// A histogram of the SDK.
#[derive(Debug)]
pub(super) enum Histogram {
    Int(Of<u64>),
    Double(Of<f64>),
}

impl Histogram {
    fn new(meter: &Meter, row: &Row) -> Self {
        let (metric, buckets) = (row.like, row.like.buckets.to_vec());
        if metric.integer {
            let builder = meter.u64_histogram(row.name).with_description(metric.brief);
            Self::Int(builder.with_unit(metric.unit).with_boundaries(buckets).build())
        } else {
            let builder = meter.f64_histogram(row.name).with_description(metric.brief);
            Self::Double(builder.with_unit(metric.unit).with_boundaries(buckets).build())
        }
    }

    pub(super) fn record(&self, waiting: &Waiting, times: u64) {
        for _ in 0..times {
            match (self, waiting.value) {
                (Self::Int(histogram), Number::Int(value)) => histogram.record(value, &waiting.labels),
                (Self::Double(histogram), Number::Double(value)) => histogram.record(value, &waiting.labels),
                // The table says of which type values are.
                _ => return,
            }
        }
    }
}

/// The metrics of some dialects.
#[derive(Debug)]
pub(super) struct Instruments {
    pub(super) histograms: Vec<Histogram>,
    pub(super) counters: Vec<Counter>,
    /// By [`On`].
    pub(super) planned: [Vec<Planned>; On::ALL.len()],
    /// By [`Family`].
    pub(super) asked: [Asked; Family::ALL.len()],
}

impl Instruments {
    pub(super) fn new(meter: &Meter, dialects: Dialects) -> Self {
        let mut instruments = Self {
            histograms: Vec::new(),
            counters: Vec::new(),
            planned: Default::default(),
            asked: Default::default(),
        };
        let mut names = Vec::new();
        let mut seen = Vec::new();
        for row in chosen(dialects) {
            let into = instruments.target(meter, row, writers(row, dialects), &mut names);
            for on in row.on {
                // Several dialects may measure the same.
                let once = (row.name, row.fixed, *on);
                if !seen.contains(&once) {
                    seen.push(once);
                    instruments.plan(*on, Planned { source: row.source, family: row.family, into });
                }
            }
        }
        instruments
    }

    fn target(
        &mut self,
        meter: &Meter,
        row: &'static Row,
        dialects: Dialects,
        names: &mut Vec<&'static str>,
    ) -> Target {
        let mut unasked = Asked::default();
        let asked = self.asked.get_mut(row.family as usize).unwrap_or(&mut unasked);
        let form = asked.form(Form { dialects, fixed: row.fixed });
        if row.like.instrument != Instrument::Histogram {
            let counter = Counter { row, form, first: asked.cells };
            asked.cells += Counter::cells(row);
            self.counters.push(counter);
            return Target::Counter(counter);
        }
        let place = names.iter().position(|name| *name == row.name).unwrap_or_else(|| {
            names.push(row.name);
            self.histograms.push(Histogram::new(meter, row));
            names.len() - 1
        });
        Target::Histogram { place, form }
    }

    fn plan(&mut self, on: On, planned: Planned) {
        if let Some(all) = self.planned.get_mut(on as usize) {
            all.push(planned);
        }
    }
}

fn chosen(dialects: Dialects) -> impl Iterator<Item = &'static Row> {
    let rows = ROWS.iter().chain(OLD_ROWS);
    rows.filter(move |row| row.dialects.iter().any(|dialect| dialects.contains(*dialect)))
}

/// The dialects that write the metric of that row, under its name.
fn writers(row: &Row, dialects: Dialects) -> Dialects {
    let same = || chosen(dialects).filter(|other| other.name == row.name);
    dialects.iter().filter(|dialect| same().any(|other| other.dialects.contains(dialect))).collect()
}
