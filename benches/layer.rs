//! Time for one span: `cargo bench --bench layer`. Read the ratios, not the nanoseconds.

mod scenarios;

use divan::{AllocProfiler, Bencher};
use tracing::{Dispatch, dispatcher};

/// Shows what a span or a chunk allocates.
#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn under(bencher: Bencher<'_, '_>, stack: fn() -> Dispatch, work: fn()) {
    dispatcher::with_default(&stack(), || bencher.bench_local(work));
}

#[divan::bench_group]
mod turn {
    use super::{Bencher, scenarios, under};

    #[divan::bench]
    fn registry_only(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::registry, scenarios::turn_by_fields);
    }

    #[divan::bench]
    fn raw_sdk(bencher: Bencher<'_, '_>) {
        let tracer = scenarios::tracer();
        bencher.bench_local(|| scenarios::turn_raw(&tracer));
    }

    #[divan::bench]
    fn tracing_opentelemetry_defaults(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::defaults, scenarios::turn_by_hand);
    }

    #[divan::bench]
    fn tracing_opentelemetry_lean(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::lean, scenarios::turn_by_hand);
    }

    #[divan::bench]
    fn tracing_opentelemetry_leanest(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::leanest, scenarios::turn_by_hand);
    }

    #[divan::bench]
    fn ours_by_fields(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::ours, scenarios::turn_by_fields);
    }

    #[divan::bench]
    fn ours_typed(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::ours, scenarios::turn_typed);
    }

    #[divan::bench]
    fn ours_typed_all_signals(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::signalled, scenarios::turn_typed);
    }

    #[divan::bench]
    fn ours_typed_measured(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::measured, scenarios::turn_typed);
    }
}

#[divan::bench_group]
mod unrelated {
    use super::{Bencher, scenarios, under};

    #[divan::bench]
    fn tracing_opentelemetry_lean(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::lean, scenarios::unrelated);
    }

    #[divan::bench]
    fn tracing_opentelemetry_leanest(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::leanest, scenarios::unrelated);
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::ours, scenarios::unrelated);
    }
}

#[divan::bench_group]
mod four_fields_two_late {
    use super::{Bencher, scenarios, under};

    #[divan::bench]
    fn tracing_opentelemetry_lean(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::lean, scenarios::small);
    }

    #[divan::bench]
    fn tracing_opentelemetry_leanest(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::leanest, scenarios::small);
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        under(bencher, scenarios::ours, scenarios::small);
    }
}

/// One chunk of a streamed reply.
#[divan::bench_group]
mod chunk {
    use super::{Bencher, dispatcher, scenarios};

    fn chunks(bencher: Bencher<'_, '_>, mut next: impl FnMut() -> Option<u64>) {
        dispatcher::with_default(&scenarios::ours(), || bencher.bench_local(&mut next));
    }

    #[divan::bench]
    fn bare(bencher: Bencher<'_, '_>) {
        let mut source = scenarios::chunks();
        chunks(bencher, || scenarios::poll(&mut source));
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let mut stream = dispatcher::with_default(&scenarios::ours(), scenarios::streamed);
        chunks(bencher, || scenarios::poll(&mut stream));
    }

    #[divan::bench]
    fn ours_inspected(bencher: Bencher<'_, '_>) {
        let stream = dispatcher::with_default(&scenarios::ours(), scenarios::streamed);
        let mut stream = stream.inspect(scenarios::look);
        chunks(bencher, || scenarios::poll(&mut stream));
    }

    #[divan::bench]
    fn ours_scoped(bencher: Bencher<'_, '_>) {
        let mut stream = dispatcher::with_default(&scenarios::ours(), scenarios::streamed).scoped();
        chunks(bencher, || scenarios::poll(&mut stream));
    }

    /// The part of it that is the clock's.
    #[divan::bench]
    fn clock(bencher: Bencher<'_, '_>) {
        bencher.bench_local(std::time::Instant::now);
    }
}
