//! However many labels there are: numbers stay whole, memory bounded.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;
use tracing_genai::MAX_LABEL_SETS;
use tracing_genai::activity::{Turn, Usage};

use super::reader::{Point, Reader};
use crate::support::{Recorder, attribute, with_tracer};

const MODELS: usize = 10_000;

#[test]
fn ten_thousand_models_are_a_thousand_label_sets_and_one() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, || {
        for model in 0..MODELS {
            let turn = Turn::chat("openai", format!("model-{model}")).agent("a").start();
            turn.usage(Usage::new(2, 1).text_input(1)).finish();
        }
    });
    let points = reader.points(Temporality::Cumulative);
    let overflow = "otel.metric.overflow=true";
    let check = |metric: &str, most: usize, whole: f64| {
        let of = points.iter().filter(|((name, _), _)| name.split(' ').next() == Some(metric));
        let values: Vec<(&str, f64)> = of
            .map(|((_, labels), point)| match point {
                Point::Number(number) => (labels.as_str(), *number),
                Point::Histogram { sum, .. } => (labels.as_str(), *sum),
            })
            .collect();
        assert!(values.len() <= most + 1, "{metric}: {}", values.len());
        assert_eq!(values.iter().map(|(_, value)| value).sum::<f64>(), whole, "{metric}");
        assert!(values.iter().any(|(labels, _)| *labels == overflow), "{metric}");
    };
    check("gen_ai.client.inference.usage.output_tokens", MAX_LABEL_SETS, MODELS as f64);
    // Two modalities.
    check("gen_ai.client.inference.usage.input_tokens", 2 * MAX_LABEL_SETS, 2.0 * MODELS as f64);
    check("gen_ai.client.inference.operation.input_tokens", MAX_LABEL_SETS, 2.0 * MODELS as f64);
    let count = |overflowing: bool| {
        let of = points.iter().filter(|((name, _), _)| name.starts_with("gen_ai.client.inference.duration"));
        of.filter(move |((_, labels), _)| (labels == overflow) == overflowing).map(|(_, point)| match point {
            Point::Histogram { count, .. } => *count as usize,
            Point::Number(_) => panic!("a histogram"),
        })
    };
    assert_eq!((count(false).count(), count(false).sum::<usize>()), (MAX_LABEL_SETS, MAX_LABEL_SETS));
    assert_eq!(count(true).sum::<usize>(), MODELS - MAX_LABEL_SETS);
    assert_eq!(tracer.stats().label_sets_refused as usize, MODELS - MAX_LABEL_SETS);
}

#[test]
fn each_time_between_two_chunks_is_one_value() {
    const CHUNKS: usize = 3000;
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, || {
        let turn = Turn::chat("openai", "gpt-4o").start();
        (0..CHUNKS).for_each(|_| {
            turn.chunk();
        });
        turn.finish();
        // A first chunk alone leaves no time between.
        let short = Turn::chat("openai", "other").start();
        short.chunk().finish();
    });
    let spans = recorder.spans();
    let seconds =
        |span: usize, key: &str| attribute(&spans[span], key).map(|text| text.parse::<f64>().expect("seconds"));
    let points = reader.points(Temporality::Cumulative);
    let of = |metric: &str| -> Vec<&Point> {
        points.iter().filter(|((name, _), _)| name.starts_with(metric)).map(|(_, point)| point).collect()
    };
    let [Point::Histogram { count, sum, ends, buckets }] = of("gen_ai.client.inference.time_per_output_chunk")[..]
    else {
        panic!("one stream has more than one chunk: {points:#?}");
    };
    assert_eq!((*count as usize, buckets.iter().sum::<u64>()), (CHUNKS - 1, *count));
    let mean = seconds(0, "agentic.stream.time_per_chunk").expect("of the span");
    assert!((sum / *count as f64 - mean).abs() < 1e-9, "{sum} in {count}, and {mean}");
    assert_eq!(ends.map(|(_, longest)| longest), seconds(0, "agentic.stream.max_time_per_chunk"));
    let first: Vec<f64> = of("gen_ai.client.inference.time_to_first_chunk")
        .into_iter()
        .map(|point| match point {
            Point::Histogram { sum, count: 1, .. } => *sum,
            other => panic!("{other:?}"),
        })
        .collect();
    let told: Vec<f64> = (0..2).filter_map(|span| seconds(span, "gen_ai.response.time_to_first_chunk")).collect();
    assert_eq!(first, told);
}

#[test]
fn what_finds_no_room_to_wait_is_measured_at_once() {
    const TURNS: usize = 2000;
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, || {
        for _ in 0..TURNS {
            let turn = Turn::chat("openai", "gpt-4o").start();
            turn.first_chunk_after(Duration::from_millis(20)).usage(Usage::new(1, 1)).finish();
        }
    });
    for ((metric, _), point) in reader.points(Temporality::Cumulative) {
        if let Point::Histogram { count, .. } = point {
            assert_eq!(count as usize, TURNS, "{metric}");
        }
    }
}

#[test]
fn a_point_that_was_told_does_not_move() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let work = |usage: fn() -> Usage| {
        with_tracer(&recorder, &tracer, || {
            for model in 0..MAX_LABEL_SETS {
                Turn::chat("openai", format!("model-{model}")).start().usage(usage()).finish();
            }
        });
        let points = reader.points(Temporality::Cumulative).into_iter();
        let tokens = points.filter(|((name, _), _)| name.starts_with("gen_ai.client.inference.usage.input"));
        tokens.collect::<std::collections::BTreeMap<_, _>>()
    };
    let sum = |points: &std::collections::BTreeMap<_, Point>| -> f64 { points.values().map(number).sum() };
    let before = work(|| Usage::new(3, 1).text_input(2).image_input(1));
    let after = work(|| Usage::new(1, 1));
    assert_eq!((sum(&before), sum(&after)), (3.0 * MAX_LABEL_SETS as f64, 4.0 * MAX_LABEL_SETS as f64));
    for (series, point) in &before {
        assert!(after.get(series).is_some_and(|later| number(later) >= number(point)), "{series:?}");
    }
    assert!(after.keys().all(|(_, labels)| !labels.contains("overflow")));
}

fn number(point: &Point) -> f64 {
    match point {
        Point::Number(number) => *number,
        Point::Histogram { sum, .. } => *sum,
    }
}
