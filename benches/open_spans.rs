//! Many open spans, large fields, many threads: `cargo bench --bench open_spans`.

#[allow(dead_code, reason = "the other benches use the rest")]
mod scenarios;

use std::thread;
use std::time::{Duration, Instant};

use divan::{AllocProfiler, Bencher, black_box};
use tracing::{Dispatch, Span, dispatcher, info_span};

/// Shows what an open span holds: what was allocated, less what was given back.
#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
    println!("\n8 threads, start to end of a span with 3 fields");
    println!("  ours                   {}", busy(&scenarios::ours()));
    println!("  tracing-opentelemetry  {}", busy(&scenarios::leanest()));
}

/// A span with 3 small fields that has begun.
fn opened() -> Span {
    let span = info_span!(
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = "search",
        gen_ai.tool.call.id = black_box("call_1"),
    );
    span.in_scope(|| ());
    span
}

fn under(bencher: Bencher<'_, '_>, stack: fn() -> Dispatch, work: impl Fn() -> Span) {
    dispatcher::with_default(&stack(), || bencher.bench_local(work));
}

/// What stays allocated for each span: kept until the sample is over.
#[divan::bench_group(sample_size = 1000)]
mod held_open {
    use super::{Bencher, opened, scenarios, under};

    #[divan::bench]
    fn tracing_opentelemetry(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::leanest, opened);
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::ours, opened);
    }
}

/// Start and end of one span while so many others are open.
#[divan::bench_group]
mod beside {
    use super::{Bencher, Span, dispatcher, opened, scenarios};

    #[divan::bench(args = [1_000, 100_000])]
    fn open_spans(bencher: Bencher<'_, '_>, count: usize) {
        dispatcher::with_default(&scenarios::ours(), || {
            let others: Vec<Span> = (0..count).map(|_| opened()).collect();
            bencher.bench_local(|| drop(opened()));
            drop(others);
        });
    }
}

/// Content that stays in the process, of so many bytes: as a field, and as an attribute of the OpenTelemetry API.
#[divan::bench_group]
mod content {
    use std::sync::Arc;

    use opentelemetry::KeyValue;
    use opentelemetry::trace::Tracer;
    use tracing_genai::GenAiTracer;

    use super::{Bencher, black_box, dispatcher, info_span, scenarios};

    #[divan::bench(args = [1 << 10, 1 << 20])]
    fn bytes_by_the_api(bencher: Bencher<'_, '_>, length: usize) {
        let text: Arc<str> = Arc::from("x".repeat(length));
        let tracer = GenAiTracer::new(scenarios::tracer());
        bencher.bench_local(|| {
            let content = KeyValue::new("gen_ai.input.messages", black_box(Arc::clone(&text)));
            let operation = KeyValue::new("gen_ai.operation.name", "chat");
            tracer.build(tracer.span_builder("chat").with_attributes([operation, content]))
        });
    }

    #[divan::bench(args = [1 << 10, 1 << 20])]
    fn bytes(bencher: Bencher<'_, '_>, length: usize) {
        let text = "x".repeat(length);
        dispatcher::with_default(&scenarios::ours(), || {
            bencher.bench_local(|| {
                let span =
                    info_span!("chat", gen_ai.operation.name = "chat", gen_ai.input.messages = black_box(&*text));
                span.in_scope(|| ());
            });
        });
    }
}

/// Median and worst of what 8 threads that start and end spans all the time see.
fn busy(stack: &Dispatch) -> String {
    let one = || {
        let begun = Instant::now();
        drop(opened());
        begun.elapsed()
    };
    let work = || dispatcher::with_default(stack, || (0..20_000).map(|_| one()).collect::<Vec<Duration>>());
    let mut all = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    all.sort_unstable();
    let at = |part: f64| all.get((all.len() as f64 * part) as usize).copied().unwrap_or_default();
    format!("p50 {:?}, p99 {:?}, p99.9 {:?}", at(0.5), at(0.99), at(0.999))
}
