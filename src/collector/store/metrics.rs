//! The series of metrics that are held: the latest state of each.
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use super::merge;
use super::stats::Counts;
use crate::collector::decode::Batch;
use crate::collector::metric::{ReceivedMetric, ReceivedPoint};
use crate::collector::value::{AttributeValue, Attributes};

/// Place of a series: when its metric first arrived, then when it arrived itself. The series of a metric are a range.
type Place = (u64, u64);

#[derive(Debug)]
pub(super) struct Metrics {
    max: usize,
    series: BTreeMap<Place, Series>,
    /// By metric and labels.
    places: HashMap<(u64, String), Place>,
    /// By identity: when it first arrived, and how many series it has.
    metrics: HashMap<String, (u64, usize)>,
    /// By when it was last heard of: a full store drops the series that has been silent for the longest time.
    heard: BTreeMap<u64, Place>,
    /// Counts arrivals; never reused, so that places never collide.
    arrivals: u64,
    pub(super) counts: Counts,
    /// How many series were taken by the user.
    pub(super) taken: u64,
}

#[derive(Debug)]
struct Series {
    /// The metric as it came last, without points.
    metric: Arc<ReceivedMetric>,
    identity: Arc<str>,
    labels: String,
    held: merge::Held,
    heard: u64,
}

impl Metrics {
    pub(super) fn new(max: usize) -> Self {
        let (series, places, metrics, heard) = Default::default();
        Self { max, series, places, metrics, heard, arrivals: 0, counts: Counts::default(), taken: 0 }
    }

    pub(super) fn insert(&mut self, batch: Batch<ReceivedMetric>) {
        self.counts.rejected += batch.rejected;
        for mut metric in batch.items {
            let points = std::mem::take(&mut metric.points);
            let identity: Arc<str> = identity(&metric).into();
            let metric = Arc::new(metric);
            for point in points {
                self.upsert(&metric, &identity, point);
                self.evict();
            }
        }
    }

    /// Every metric held with its series, both in order of arrival.
    pub(super) fn held(&self) -> Vec<ReceivedMetric> {
        let mut metrics: Vec<(u64, ReceivedMetric)> = Vec::new();
        for ((arrival, _), series) in &self.series {
            let point = series.held.point.clone();
            match metrics.last_mut() {
                Some((last, metric)) if last == arrival => metric.points.push(point),
                _ => metrics.push((*arrival, ReceivedMetric { points: vec![point], ..(*series.metric).clone() })),
            }
        }
        metrics.into_iter().map(|(_, metric)| metric).collect()
    }

    pub(super) fn take(&mut self) -> Vec<ReceivedMetric> {
        let held = self.held();
        let empty = Self::new(self.max);
        let taken = self.taken + self.series.len() as u64;
        *self = Self { arrivals: self.arrivals, counts: self.counts, taken, ..empty };
        held
    }

    fn upsert(&mut self, metric: &Arc<ReceivedMetric>, identity: &Arc<str>, point: ReceivedPoint) {
        self.counts.received += 1;
        self.arrivals += 1;
        let (arrival, _) = *self.metrics.entry(identity.to_string()).or_insert((self.arrivals, 0));
        let labels = canonical(&point.attributes);
        let place = *self.places.entry((arrival, labels.clone())).or_insert((arrival, self.arrivals));
        if let Some(series) = self.series.get_mut(&place) {
            let merged = series.held.merge(metric.kind, point);
            self.counts.duplicates += u64::from(merged.is_repeated);
            self.counts.evicted += merged.lost_exemplars;
            series.metric = Arc::clone(metric);
            self.heard.remove(&std::mem::replace(&mut series.heard, self.arrivals));
        } else {
            let held = merge::Held::new(point);
            let (metric, known) = (Arc::clone(metric), Arc::clone(identity));
            self.series.insert(place, Series { metric, identity: known, labels, held, heard: self.arrivals });
            self.metrics.entry(identity.to_string()).and_modify(|(_, series)| *series += 1);
        }
        self.heard.insert(self.arrivals, place);
    }

    fn evict(&mut self) {
        while self.series.len() > self.max {
            let Some((_, place)) = self.heard.pop_first() else { return };
            let Some(series) = self.series.remove(&place) else { continue };
            self.counts.evicted += 1;
            self.places.remove(&(place.0, series.labels));
            if let Some((_, left)) = self.metrics.get_mut(&*series.identity) {
                *left -= 1;
                if *left == 0 {
                    self.metrics.remove(&*series.identity);
                }
            }
        }
    }
}

/// What makes a metric the same one: where it comes from, its name, unit and kind. Descriptions may differ.
fn identity(metric: &ReceivedMetric) -> String {
    let ReceivedMetric { name, unit, kind, resource, scope, .. } = metric;
    let (resource, attributes) = (canonical(&resource.attributes), canonical(&scope.attributes));
    format!("{name:?} {unit:?} {kind:?} {resource} {:?} {:?} {attributes}", scope.name, scope.version)
}

/// The attributes as text, in whatever order they were sent.
fn canonical(attributes: &Attributes) -> String {
    let mut sorted: Vec<&(String, AttributeValue)> = attributes.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    sorted.into_iter().fold(String::new(), |mut text, pair| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{pair:?}");
        text
    })
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
