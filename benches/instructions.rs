//! Instructions for one span, counted by callgrind: `cargo bench --bench instructions` (needs valgrind, and
//! `cargo install gungraun-runner` in the version of the `gungraun` dependency).
#![allow(missing_docs, reason = "gungraun's macros make modules of their own")]

mod scenarios;

use futures_core::Stream;
use gungraun::{library_benchmark, library_benchmark_group, main};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::{Dispatch, dispatcher};
use tracing_genai::activity::TurnStream;

use crate::scenarios::Chunks;

/// Sets the stack and warms it up: registering a call site happens once a process.
fn under(stack: fn() -> Dispatch, work: fn()) -> fn() {
    dispatcher::set_global_default(stack()).expect("one stack a process");
    for _ in 0..100 {
        work();
    }
    work
}

/// With metrics that nobody collects: spans that found no room for their values have handed over what waited.
fn busy() -> Dispatch {
    let stack = scenarios::measured();
    dispatcher::with_default(&stack, || (0..2000).for_each(|_| scenarios::turn_typed()));
    stack
}

fn raw() -> SdkTracer {
    let tracer = scenarios::tracer();
    for _ in 0..100 {
        scenarios::turn_raw(&tracer);
    }
    tracer
}

#[library_benchmark]
#[bench::registry_only(under(scenarios::registry, scenarios::turn_by_fields))]
#[bench::tracing_opentelemetry_defaults(under(scenarios::defaults, scenarios::turn_by_hand))]
#[bench::tracing_opentelemetry_lean(under(scenarios::lean, scenarios::turn_by_hand))]
#[bench::tracing_opentelemetry_leanest(under(scenarios::leanest, scenarios::turn_by_hand))]
#[bench::ours_by_fields(under(scenarios::ours, scenarios::turn_by_fields))]
#[bench::ours_typed(under(scenarios::ours, scenarios::turn_typed))]
#[bench::ours_typed_measured(under(scenarios::measured, scenarios::turn_typed))]
#[bench::ours_typed_all_signals(under(scenarios::signalled, scenarios::turn_typed))]
#[bench::ours_typed_measured_at_once(under(busy, scenarios::turn_typed))]
fn turn(work: fn()) {
    work();
}

#[library_benchmark]
#[bench::raw_sdk(raw())]
fn turn_raw(tracer: SdkTracer) -> SdkTracer {
    scenarios::turn_raw(&tracer);
    tracer
}

#[library_benchmark]
#[bench::tracing_opentelemetry_lean(under(scenarios::lean, scenarios::unrelated))]
#[bench::tracing_opentelemetry_leanest(under(scenarios::leanest, scenarios::unrelated))]
#[bench::ours(under(scenarios::ours, scenarios::unrelated))]
fn unrelated(work: fn()) {
    work();
}

#[library_benchmark]
#[bench::tracing_opentelemetry_lean(under(scenarios::lean, scenarios::small))]
#[bench::tracing_opentelemetry_leanest(under(scenarios::leanest, scenarios::small))]
#[bench::ours(under(scenarios::ours, scenarios::small))]
fn four_fields_two_late(work: fn()) {
    work();
}

/// A stream with its subscriber set, so that it can be polled in scope.
fn stream(stack: fn() -> Dispatch) -> TurnStream<Chunks> {
    dispatcher::set_global_default(stack()).expect("one stack a process");
    scenarios::streamed()
}

fn warm<S: Stream<Item = u64> + Unpin>(mut stream: S) -> S {
    for _ in 0..100 {
        scenarios::poll(&mut stream);
    }
    stream
}

// One thousand chunks: a thousandth is what one costs.
#[library_benchmark]
#[bench::bare(warm(scenarios::chunks()))]
#[bench::ours(warm(stream(scenarios::ours)))]
#[bench::ours_measured(warm(stream(scenarios::measured)))]
#[bench::ours_inspected(warm(stream(scenarios::ours).inspect(scenarios::look)))]
#[bench::ours_scoped(warm(stream(scenarios::ours).scoped()))]
fn thousand_chunks<S: Stream<Item = u64> + Unpin>(mut stream: S) -> S {
    for _ in 0..1000 {
        scenarios::poll(&mut stream);
    }
    stream
}

library_benchmark_group!(name = spans, benchmarks = [turn, turn_raw, unrelated, four_fields_two_late, thousand_chunks]);
main!(library_benchmark_groups = spans);
