//! Time for one span: `cargo bench --bench layer`. Read the ratios, not the nanoseconds.

mod scenarios;

use divan::Bencher;
use tracing::{Dispatch, dispatcher};

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
