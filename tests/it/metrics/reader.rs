//! Reads metrics as an exporter is given them, and prints them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};
use opentelemetry_sdk::metrics::{
    InMemoryMetricExporter, InMemoryMetricExporterBuilder, PeriodicReader, SdkMeterProvider, Temporality,
};

/// A provider with a reader, or with two.
#[derive(Debug)]
pub(crate) struct Reader {
    provider: SdkMeterProvider,
    exporters: Vec<(Temporality, InMemoryMetricExporter)>,
}

/// A point: metric and labels.
pub(crate) type Series = (String, String);

/// What a point says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Point {
    Number(f64),
    Histogram { count: u64, sum: f64, ends: Option<(f64, f64)>, buckets: Vec<u64> },
}

impl Default for Reader {
    fn default() -> Self {
        Self::of(&[Temporality::Cumulative])
    }
}

impl Reader {
    pub(crate) fn both() -> Self {
        Self::of(&[Temporality::Cumulative, Temporality::Delta])
    }

    pub(crate) fn of(temporalities: &[Temporality]) -> Self {
        let mut builder = SdkMeterProvider::builder();
        let mut exporters = Vec::new();
        for temporality in temporalities {
            let exporter = InMemoryMetricExporterBuilder::new().with_temporality(*temporality).build();
            builder = builder.with_reader(PeriodicReader::builder(exporter.clone()).build());
            exporters.push((*temporality, exporter));
        }
        Self { provider: builder.build(), exporters }
    }

    pub(crate) fn meter(&self) -> Meter {
        self.provider.meter("test")
    }

    /// The points of a collection that is made now; those of counters that did not change are not there.
    pub(crate) fn points(&self, temporality: Temporality) -> BTreeMap<Series, Point> {
        for (_, exporter) in &self.exporters {
            exporter.reset();
        }
        self.provider.force_flush().expect("in memory");
        let exporter = &self.exporters.iter().find(|(of, _)| *of == temporality).expect("a reader").1;
        let exported = exporter.get_finished_metrics().expect("in memory");
        let metrics = exported.iter().flat_map(|all| all.scope_metrics()).flat_map(|scope| scope.metrics());
        let mut points = BTreeMap::new();
        for metric in metrics {
            for (labels, point) in points_of(metric) {
                if point != Point::Number(0.0) {
                    let series = (format!("{} {}", metric.name(), metric.unit()), labels);
                    assert_eq!(points.insert(series.clone(), point), None, "{series:?} twice");
                }
            }
        }
        points
    }

    pub(crate) fn text(&self) -> String {
        self.text_of(&[""])
    }

    /// Those whose names begin with one of `prefixes`. Of durations only the number.
    pub(crate) fn text_of(&self, prefixes: &[&str]) -> String {
        self.text_in(Temporality::Cumulative, prefixes)
    }

    pub(crate) fn text_in(&self, temporality: Temporality, prefixes: &[&str]) -> String {
        let mut text = String::new();
        let mut last = String::new();
        for ((metric, labels), point) in self.points(temporality) {
            if !prefixes.iter().any(|prefix| metric.starts_with(prefix)) {
                continue;
            }
            if metric != last {
                let _ = writeln!(text, "{metric}");
            }
            let value = match point {
                Point::Number(number) => format!("= {number}"),
                Point::Histogram { count, .. } if metric.ends_with(" s") => format!("{count} x"),
                Point::Histogram { count, sum, .. } => format!("{count} x, sum {sum}"),
            };
            let _ = writeln!(text, "    {value} {labels}");
            last = metric;
        }
        text
    }
}

fn points_of(metric: &Metric) -> Vec<(String, Point)> {
    match metric.data() {
        AggregatedMetrics::F64(data) => points(data, |value| value),
        AggregatedMetrics::U64(data) => points(data, |value| value as f64),
        AggregatedMetrics::I64(data) => points(data, |value| value as f64),
    }
}

fn points<T: Copy>(data: &MetricData<T>, number: fn(T) -> f64) -> Vec<(String, Point)> {
    match data {
        MetricData::Gauge(gauge) => {
            let point =
                gauge.data_points().map(|point| (labels(point.attributes()), Point::Number(number(point.value()))));
            point.collect()
        }
        MetricData::Sum(sum) => {
            let point =
                sum.data_points().map(|point| (labels(point.attributes()), Point::Number(number(point.value()))));
            point.collect()
        }
        MetricData::Histogram(histogram) => {
            let point = |point: &opentelemetry_sdk::metrics::data::HistogramDataPoint<T>| Point::Histogram {
                count: point.count(),
                sum: number(point.sum()),
                ends: point.min().zip(point.max()).map(|(min, max)| (number(min), number(max))),
                buckets: point.bucket_counts().collect(),
            };
            histogram.data_points().map(|data| (labels(data.attributes()), point(data))).collect()
        }
        MetricData::ExponentialHistogram(_) => panic!("nobody asked for one"),
    }
}

/// As text, sorted.
pub(crate) fn labels<'a>(labels: impl Iterator<Item = &'a KeyValue>) -> String {
    let mut labels: Vec<String> = labels
        .map(|label| match &label.value {
            opentelemetry::Value::String(text) => format!("{}={:?}", label.key, text.as_str()),
            other => format!("{}={other}", label.key),
        })
        .collect();
    labels.sort();
    labels.join(" ")
}
