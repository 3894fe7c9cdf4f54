//! What content costs: `cargo bench --bench content`. Read the ratios of one run.

#[allow(dead_code, reason = "the other benches use the rest")]
mod scenarios;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use tracing::{Dispatch, dispatcher};
use tracing_genai::GenAiTracer;
use tracing_genai::activity::{Guard, Task, Turn};
use tracing_genai::content::{Content, Kind, Message, Redactor};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const KB: usize = 1024;
const MB: usize = 1024 * KB;

fn main() {
    divan::main();
}

/// A conversation of `bytes`: messages of about a kilobyte, as a chat has them.
fn conversation(bytes: usize) -> Vec<Message> {
    let text = "The customer asks what \"Business\" costs for 12 seats, and who may change the plan.\n".repeat(12);
    let one = |turn: usize| {
        if turn.is_multiple_of(2) { Message::user(text.as_str()) } else { Message::assistant(text.as_str()) }
    };
    (0..bytes.div_ceil(text.len())).map(one).collect()
}

fn with_turn(bencher: Bencher<'_, '_>, content: Content, bytes: usize, work: impl Fn(&Guard<Turn>)) {
    dispatcher::with_default(&under(content), || {
        let turn = || Turn::chat("openai", "gpt-4o").start();
        bencher.counter(BytesCount::new(bytes)).with_inputs(turn).bench_local_refs(|turn| work(turn));
    });
}

/// Ours with content switched as given.
fn under(content: Content) -> Dispatch {
    let tracer = GenAiTracer::new(scenarios::tracer()).with_content(content);
    Dispatch::new(Registry::default().with(tracer.into_layer()))
}

/// A budget that cuts nothing.
fn unlimited(content: Content) -> Content {
    content.with_attribute_budget(32 * MB).with_span_budget(32 * MB).with_output_reserve(0)
}

/// Content off: the size does not matter.
#[divan::bench(args = [KB, MB, 10 * MB])]
fn off(bencher: Bencher<'_, '_>, bytes: usize) {
    let history = conversation(bytes);
    with_turn(bencher, Content::off(), bytes, |turn| {
        turn.input_messages(&history);
    });
}

/// One megabyte, all of it exported.
#[divan::bench_group]
mod on {
    use super::*;

    /// What there is to compare with.
    #[divan::bench]
    fn serde_json_to_vec(bencher: Bencher<'_, '_>) {
        let history = conversation(MB);
        bencher.counter(BytesCount::new(MB)).bench_local(|| serde_json::to_vec(black_box(&history)));
    }

    /// Messages nobody has exported yet.
    #[divan::bench]
    fn first_time(bencher: Bencher<'_, '_>) {
        dispatcher::with_default(&under(unlimited(Content::all())), || {
            let fresh = || (Turn::chat("openai", "gpt-4o").start(), conversation(MB));
            bencher.counter(BytesCount::new(MB)).with_inputs(fresh).bench_local_refs(|(turn, history)| {
                turn.input_messages(history);
            });
        });
    }

    /// A history of which the last turn has sent all but one message.
    #[divan::bench]
    fn grown_by_one(bencher: Bencher<'_, '_>) {
        dispatcher::with_default(&under(unlimited(Content::all())), || {
            let sent = conversation(MB);
            Turn::chat("openai", "gpt-4o").start().input_messages(&sent);
            let grown = || {
                let mut history = sent.clone();
                history.push(Message::user("And for 13 seats?"));
                (Turn::chat("openai", "gpt-4o").start(), history)
            };
            bencher.counter(BytesCount::new(MB)).with_inputs(grown).bench_local_refs(|(turn, history)| {
                turn.input_messages(history);
            });
        });
    }

    /// The same within the budget that there is by default.
    #[divan::bench]
    fn grown_by_one_in_64_kib(bencher: Bencher<'_, '_>) {
        let history = conversation(MB);
        with_turn(bencher, Content::all(), MB, |turn| {
            turn.input_messages(&history);
        });
    }

    #[divan::bench]
    fn first_time_redacted(bencher: Bencher<'_, '_>) {
        let content = unlimited(Content::all()).with_redactors(Redactor::recommended());
        dispatcher::with_default(&under(content), || {
            let fresh = || (Turn::chat("openai", "gpt-4o").start(), conversation(MB));
            bencher.counter(BytesCount::new(MB)).with_inputs(fresh).bench_local_refs(|(turn, history)| {
                turn.input_messages(history);
            });
        });
    }
}

/// Redactors on a megabyte of prose.
#[divan::bench_group]
mod redactors {
    use super::*;

    fn prose() -> String {
        let line = "On Tuesday the team moved 12 seats to the Business plan; the invoice came on the 3rd of June.\n";
        line.repeat(MB / line.len())
    }

    /// As an item goes: every redactor, in one reading.
    #[divan::bench]
    fn all(bencher: Bencher<'_, '_>) {
        let text = prose();
        let content = unlimited(Content::only([Kind::TaskPrompt])).with_redactors(Redactor::all());
        dispatcher::with_default(&under(content), || {
            let task = || Task::new("writer").start();
            bencher.counter(BytesCount::of_str(&text)).with_inputs(task).bench_local_refs(|task| {
                task.prompt(&text);
            });
        });
    }

    #[divan::bench]
    fn secrets(bencher: Bencher<'_, '_>) {
        let (text, secrets) = (prose(), Redactor::secrets());
        bencher.counter(BytesCount::of_str(&text)).bench_local(|| secrets.apply(black_box(&text)).len());
    }
}
