use super::*;
use crate::rules::dialect::Dialects;
use crate::semconv::{Instrument, Level, METRIC_REFINEMENTS};

fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(OLD_ROWS)
}

#[test]
fn rows_are_sorted() {
    assert!(ROWS.is_sorted_by(|a, b| a.name < b.name), "sort ROWS");
    assert!(OLD_ROWS.is_sorted_by(|a, b| a.name <= b.name), "sort OLD_ROWS");
}

#[test]
fn every_metric_of_the_registry_has_a_row_or_a_reason() {
    for metric in METRICS {
        let is_left_out = NOT_MEASURED.iter().any(|(name, _)| metric.name.starts_with(name));
        let rows = ROWS.iter().filter(|row| row.name == metric.name).count();
        assert_eq!(rows, usize::from(!is_left_out), "{}", metric.name);
    }
}

#[test]
fn old_names_are_not_in_the_registry_or_measured_on_other_spans_there() {
    for row in OLD_ROWS {
        let new = ROWS.iter().find(|new| new.name == row.name);
        assert_eq!(new.is_some(), METRICS.iter().any(|metric| metric.name == row.name), "{}", row.name);
        assert!(!row.dialects.contains(&Latest), "{}", row.name);
    }
}

#[test]
fn a_span_is_measured_once_by_a_metric_in_one_dialect() {
    for dialect in [Latest, V1_41, V1_36] {
        for on in On::ALL {
            let measured = all().filter(|row| row.dialects.contains(&dialect) && row.on.contains(&on));
            let mut names: Vec<_> = measured.map(|row| (row.name, row.fixed)).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{dialect:?} on {on:?}: {names:?}");
        }
    }
}

#[test]
fn every_required_label_is_there() {
    for row in ROWS {
        for requirement in row.like.attributes.iter().filter(|listed| listed.level == Level::Required) {
            let is_modality = requirement.key == attr::GEN_AI_TOKEN_MODALITY && matches!(row.source, ByModality(..));
            let listed = row.family.labels().iter().any(|label| label.key() == requirement.key);
            assert!(listed || is_modality, "{} lacks {}", row.name, requirement.key);
        }
    }
}

#[test]
fn labels_are_what_the_registry_lists_but_what_is_opt_in() {
    for row in ROWS {
        let refined = METRIC_REFINEMENTS.iter().filter(|refinement| refinement.of == row.name);
        let listed = row.like.attributes.iter().chain(refined.flat_map(|refinement| refinement.attributes));
        let mut listed: Vec<&str> =
            listed.filter(|listed| listed.level != Level::OptIn).map(|listed| listed.key).collect();
        listed.retain(|key| *key != attr::GEN_AI_TOKEN_MODALITY);
        listed.sort_unstable();
        let labels: Vec<&str> = row.family.labels().iter().map(|label| label.key()).collect();
        assert_eq!(labels, listed, "{}", row.name);
    }
}

#[test]
fn no_label_is_an_id_or_free_text() {
    const FREE: &[&str] = &["message", "description", "reason", "prompt", "input", "output", "uri", "path"];
    for family in Family::ALL {
        for label in family.labels() {
            let last = label.key().rsplit('.').next().unwrap_or_default();
            assert!(!label.content && last != "id" && !FREE.contains(&last), "{family:?}: {}", label.key());
        }
        assert!(family.labels().len() <= 16, "{family:?}: a mask of 16 bits tells which labels there are");
    }
    assert!(Family::ALL.iter().enumerate().all(|(at, family)| *family as usize == at), "Family::ALL is in order");
    assert!(On::ALL.iter().enumerate().all(|(at, on)| *on as usize == at), "On::ALL is in order");
}

#[test]
fn what_is_within_a_call_has_no_other_labels() {
    for family in Family::ALL.into_iter().filter(|family| family.within_call().is_some()) {
        for label in family.labels() {
            assert!(Family::Call.labels().contains(label), "{family:?}: {}", label.key());
        }
    }
}

#[test]
fn values_are_of_the_registrys_type() {
    for row in all() {
        let (instrument, integer) = match row.source {
            Duration | Seconds(_) | Gaps => (Instrument::Histogram, false),
            Tokens(_) | InferenceCalls | ToolCalls => (Instrument::Histogram, true),
            ByModality(..) | One | Cancelled | Reclaimed => (Instrument::Counter, true),
            Cost => (Instrument::Counter, false),
            Context => (Instrument::Gauge, true),
        };
        assert_eq!((row.like.instrument, row.like.integer), (instrument, integer), "{}", row.name);
    }
}

#[test]
fn every_dialect_measures_inference() {
    for dialect in [Latest, V1_41, V1_36] {
        let dialects = Dialects::from(dialect);
        let on_turn =
            all().filter(|row| row.dialects.iter().any(|of| dialects.contains(*of)) && row.on.contains(&On::Turn));
        assert!(on_turn.filter(|row| row.source == Duration).count() == 1, "{dialect:?}");
    }
}

#[test]
fn limits_between_chunks_are_the_registrys() {
    let seconds: Vec<f64> = GAP_LIMITS.iter().map(|limit| *limit as f64 / 1e9).collect();
    assert_eq!(seconds, metric(TIME_PER_CHUNK).buckets);
}
