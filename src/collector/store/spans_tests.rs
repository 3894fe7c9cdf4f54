//! Tests of the store.
use std::sync::Arc;
use std::thread;

use super::*;
use crate::collector::store::{Limits, Store};

const LONG: Duration = Duration::from_secs(20);

fn span(trace: &str, id: &str, parent: Option<&str>) -> ReceivedSpan {
    ReceivedSpan {
        trace_id: trace.to_owned(),
        span_id: id.to_owned(),
        parent_span_id: parent.map(str::to_owned),
        ..ReceivedSpan::default()
    }
}

fn store(spans: usize) -> Store {
    Store::new(Limits { spans, metric_points: 0, logs: 0 })
}

fn put(store: &Store, spans: Vec<ReceivedSpan>) {
    store.insert_spans(Batch { items: spans, rejected: 0 });
}

fn ids(spans: &[ReceivedSpan]) -> Vec<String> {
    spans.iter().map(|s| format!("{}{}", s.trace_id, s.span_id)).collect()
}

fn assert_consistent(store: &Store) {
    let state = &store.lock().spans;
    assert_eq!(state.spans.len(), state.places.len());
    assert_eq!(state.spans.len(), state.traces.values().map(|t| t.spans).sum::<usize>());
}

#[test]
fn full_store_evicts_the_oldest_spans_of_the_oldest_trace() {
    let store = store(3);
    put(&store, vec![span("a", "1", None), span("b", "1", None), span("a", "2", None)]);
    put(&store, vec![span("b", "2", None)]);
    assert_eq!(ids(&store.spans()), ["a2", "b1", "b2"]);
    put(&store, vec![span("c", "1", None), span("c", "2", None)]);
    assert_eq!(ids(&store.spans()), ["b2", "c1", "c2"]);
    assert_eq!(store.stats().evicted, 3);
    assert_eq!(store.stats().received, 6);
    assert_consistent(&store);
}

#[test]
fn one_request_larger_than_the_store_keeps_its_end() {
    let store = store(2);
    put(&store, (0..10).map(|n| span("a", &n.to_string(), None)).collect());
    assert_eq!(ids(&store.spans()), ["a8", "a9"]);
    assert_consistent(&store);
}

#[test]
fn a_store_for_no_spans_holds_none() {
    let store = store(0);
    put(&store, vec![span("a", "1", None)]);
    assert!(store.spans().is_empty());
    assert_eq!(store.stats().evicted, 1);
    assert_consistent(&store);
}

#[test]
fn a_repeated_span_replaces_the_first_in_place() {
    let store = store(9);
    put(&store, vec![span("a", "1", None), span("a", "2", None), span("b", "1", None)]);
    put(&store, vec![ReceivedSpan { name: "later".to_owned(), ..span("a", "1", None) }]);
    let spans = store.spans();
    assert_eq!(ids(&spans), ["a1", "a2", "b1"]);
    assert_eq!(spans[0].name, "later");
    assert_eq!((store.stats().received, store.stats().duplicates), (4, 1));
    assert_consistent(&store);
}

#[test]
fn only_traces_with_a_root_and_nothing_new_are_settled() {
    let store = store(9);
    put(&store, vec![span("a", "2", Some("1")), span("b", "1", None), span("b", "2", Some("1"))]);
    assert!(store.take_settled(LONG).is_empty());
    let settled = store.take_settled(Duration::ZERO);
    assert_eq!(settled.iter().map(|t| ids(t)).collect::<Vec<_>>(), [["b1", "b2"]]);
    assert_eq!(ids(&store.spans()), ["a2"]);
    assert_consistent(&store);
    assert_eq!(store.take_all().len(), 1);
    assert!(store.spans().is_empty());
    assert_consistent(&store);
}

#[test]
fn waiting_ends_with_the_span_waited_for() {
    let store = Arc::new(store(9));
    let waiter = thread::spawn({
        let store = Arc::clone(&store);
        move || (store.wait_for(2, LONG), store.wait_until_spans(|s| s.iter().any(|s| s.name == "x"), LONG))
    });
    put(&store, vec![span("a", "1", None)]);
    put(&store, vec![span("a", "2", None)]);
    put(&store, vec![ReceivedSpan { name: "x".to_owned(), ..span("a", "3", None) }]);
    assert_eq!(waiter.join().unwrap(), (true, true));
}

#[test]
fn waiting_in_vain_ends_after_the_timeout() {
    let store = store(9);
    let short = Duration::from_millis(20);
    let started = Instant::now();
    assert!(!store.wait_for(1, short));
    assert!(!store.wait_until_spans(|spans| !spans.is_empty(), short));
    assert!(started.elapsed() >= 2 * short);
    assert!(store.wait_for(0, Duration::ZERO));
}
