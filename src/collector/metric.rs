//! A metric as it came over the wire, in plain data.
use std::sync::Arc;

use super::origin::{ReceivedResource, ReceivedScope};
use super::value::{AttributeValue, Attributes, find};

/// One received metric with its series. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedMetric {
    /// Name as sent: untrusted text.
    pub name: String,
    /// Description; empty when none was sent.
    pub description: String,
    /// Unit in UCUM, for example `s` or `{token}`; empty when none was sent.
    pub unit: String,
    /// What its points are.
    pub kind: MetricKind,
    /// One point for each set of attributes.
    pub points: Vec<ReceivedPoint>,
    /// What produced it; shared by all metrics of one `ResourceMetrics`.
    pub resource: Arc<ReceivedResource>,
    /// What instrumented it; shared by all metrics of one `ScopeMetrics`.
    pub scope: Arc<ReceivedScope>,
}

impl ReceivedMetric {
    /// The points that have each of `labels` as text; all of them for no labels.
    ///
    /// ```
    /// use tracing_genai::collector::{AttributeValue, ReceivedMetric, ReceivedPoint};
    ///
    /// let of = |model: &str| ReceivedPoint {
    ///     attributes: vec![("gen_ai.request.model".into(), AttributeValue::Str(model.into()))],
    ///     ..ReceivedPoint::default()
    /// };
    /// let metric = ReceivedMetric { points: vec![of("gpt-5"), of("o3")], ..ReceivedMetric::default() };
    /// assert_eq!(metric.points_with(&[("gen_ai.request.model", "o3")]).count(), 1);
    /// ```
    pub fn points_with(&self, labels: &[(&str, &str)]) -> impl Iterator<Item = &ReceivedPoint> {
        self.points.iter().filter(|point| labels.iter().all(|(key, value)| point.str(key) == Some(*value)))
    }
}

/// What the points of a metric are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricKind {
    /// The last value counts.
    #[default]
    Gauge,
    /// A sum: a counter if it is monotonic.
    Sum {
        /// Whether it only grows.
        monotonic: bool,
        /// Since when its points count.
        temporality: Temporality,
    },
    /// A distribution over buckets with given bounds.
    Histogram {
        /// Since when its points count.
        temporality: Temporality,
    },
    /// A distribution over buckets whose bounds are powers of a base.
    ExponentialHistogram {
        /// Since when its points count.
        temporality: Temporality,
    },
    /// Quantiles that the sender computed.
    Summary,
}

impl MetricKind {
    /// Since when its points count, where that is a question.
    pub fn temporality(self) -> Option<Temporality> {
        match self {
            Self::Sum { temporality, .. }
            | Self::Histogram { temporality }
            | Self::ExponentialHistogram { temporality } => Some(temporality),
            Self::Gauge | Self::Summary => None,
        }
    }
}

/// Since when a point counts, as OTLP numbers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Temporality {
    /// 0, or a number OTLP does not define.
    #[default]
    Unspecified,
    /// 1: since the point before.
    Delta,
    /// 2: since the start of the process or instrument.
    Cumulative,
}

/// One point: the value of one set of attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedPoint {
    /// Labels.
    pub attributes: Attributes,
    /// Since when it counts; 0 = not sent.
    pub start_unix_nanos: u64,
    /// When it was read; 0 = not sent.
    pub time_unix_nanos: u64,
    /// What was measured.
    pub value: PointValue,
    /// Examples of what was measured, each with its span.
    pub exemplars: Vec<ReceivedExemplar>,
    /// OTLP flags: bit 0 says that nothing was recorded.
    pub flags: u32,
}

impl ReceivedPoint {
    /// The attribute `key`, the first one if the sender repeated it.
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        find(&self.attributes, key)
    }

    /// The attribute `key` if it is text on the wire.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.attribute(key)?.as_str()
    }

    /// How many measurements a distribution has; `None` for a number.
    pub fn count(&self) -> Option<u64> {
        match &self.value {
            PointValue::Empty | PointValue::Int(_) | PointValue::Double(_) => None,
            PointValue::Histogram(of) => Some(of.count),
            PointValue::ExponentialHistogram(of) => Some(of.count),
            PointValue::Summary(of) => Some(of.count),
        }
    }

    /// The number, or the sum of a distribution; `None` where none was sent. Exact up to 2⁵³.
    pub fn sum(&self) -> Option<f64> {
        match &self.value {
            PointValue::Empty => None,
            // No integer that telemetry counts is large enough to be rounded.
            PointValue::Int(number) => Some(*number as f64),
            PointValue::Double(number) => Some(*number),
            PointValue::Histogram(of) => of.sum,
            PointValue::ExponentialHistogram(of) => of.sum,
            PointValue::Summary(of) => Some(of.sum),
        }
    }
}

/// What a point measured.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum PointValue {
    /// The sender says that nothing was recorded.
    #[default]
    Empty,
    /// A whole number.
    Int(i64),
    /// A number; may be NaN or infinite.
    Double(f64),
    /// A distribution with given bounds.
    Histogram(HistogramValue),
    /// A distribution whose bounds are powers of a base.
    ExponentialHistogram(ExponentialHistogramValue),
    /// Quantiles.
    Summary(SummaryValue),
}

/// A distribution over buckets with given bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramValue {
    /// Number of measurements.
    pub count: u64,
    /// Their sum; `None` when none was sent.
    pub sum: Option<f64>,
    /// The smallest; `None` when none was sent.
    pub min: Option<f64>,
    /// The largest; `None` when none was sent.
    pub max: Option<f64>,
    /// Upper bounds of the buckets, each inclusive; the last bucket has none. Empty when no buckets were sent.
    pub bounds: Vec<f64>,
    /// Measurements in each bucket: one more than there are bounds, or none.
    pub bucket_counts: Vec<u64>,
}

/// A distribution over buckets with the bounds `base^index`, with `base = 2^(2^-scale)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExponentialHistogramValue {
    /// Number of measurements.
    pub count: u64,
    /// Their sum; `None` when none was sent.
    pub sum: Option<f64>,
    /// The smallest; `None` when none was sent.
    pub min: Option<f64>,
    /// The largest; `None` when none was sent.
    pub max: Option<f64>,
    /// How fine the buckets are: one more halves them.
    pub scale: i32,
    /// Measurements that count as zero.
    pub zero_count: u64,
    /// Positive measurements: index and count of each bucket that has any, ascending. Bucket `n` holds what lies above
    /// `base^n`, up to `base^(n+1)`.
    pub positive: Vec<(i32, u64)>,
    /// Negative measurements, by their absolute value.
    pub negative: Vec<(i32, u64)>,
}

/// Quantiles that the sender computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SummaryValue {
    /// Number of measurements.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Quantile, from 0 to 1, and its value.
    pub quantiles: Vec<(f64, f64)>,
}

/// An example of what a point measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedExemplar {
    /// Attributes of the measurement that are no labels of its point.
    pub attributes: Attributes,
    /// When it was measured.
    pub time_unix_nanos: u64,
    /// The measurement; `None` when none was sent.
    pub value: Option<f64>,
    /// Trace id, lower-case hex of whatever length was sent.
    pub trace_id: String,
    /// Span id, lower-case hex of whatever length was sent.
    pub span_id: String,
}
