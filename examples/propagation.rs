//! Every way to a parent, in the order in which they count: the first that is there is taken.
//!
//! 1. what the call names: a span (`child_of`), else a carrier (`continues`, here that of a queued job)
//! 2. the caller: the current span
//! 3. the resolver given to `with_root_context`: here from the headers of the request at hand
//! 4. the environment: the span that started this process
//! 5. none: a trace begins
//!
//! And whose work it is, for code that does not say: `Identity`.
//!
//! ```text
//! cargo run --example propagation
//! ```

mod viewer;

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::process::Command;
use std::thread;

use tracing_genai::activity::{Operation, Tool, Workflow};
use tracing_genai::pipeline::Pipeline;
use tracing_genai::{Carrier, Identity, SessionId};

thread_local! {
    /// The headers of the request that this thread is at: what a server's middleware puts there.
    static REQUEST: RefCell<HashMap<String, String>> = RefCell::default();
}

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    if env::args().nth(1).as_deref() == Some("started") {
        return started();
    }
    let telemetry = Pipeline::builder()
        .with_session_id(SessionId::from_workflow("shop.example", "order-4711"))
        .with_root_context(|_| {
            REQUEST.with_borrow(|headers| Carrier::extract(headers)).ok()?.map(|place| place.context())
        })
        .install()?;

    let order = Workflow::new("order").start();
    let place = order.carrier().ok_or("the order is not traced")?;

    // The caller: the current span, or a span that the call names.
    order.in_scope(|| Tool::new("current_span").start().finish());
    thread::scope(|threads| {
        threads.spawn(|| Tool::new("named_span").child_of(order.span()).start().finish());
    });

    // A carrier: a queue stores it with the job.
    let queued = serde_json::to_string(&place)?;
    let job: Carrier = serde_json::from_str(&queued)?;
    Operation::new("queued_job").continues(&job).start().finish();

    // Headers: they come with a request, and the handler's code knows nothing of them.
    let mut headers = HashMap::new();
    place.inject(&mut headers);
    REQUEST.set(headers);
    Identity::new().user("u-8").in_scope(handler);
    REQUEST.take();

    // The environment: a process that is started. `Carrier::envs` writes it, `Pipeline` and `init` read it.
    Command::new(env::current_exe()?).arg("started").envs(place.envs()).status()?;

    // None: a trace of its own.
    Workflow::new("unrelated").start().finish();

    order.finish();
    println!("trace {} · {}", place.trace_id(), telemetry.shutdown());
    Ok(())
}

fn handler() {
    Operation::new("request").start().finish();
}

/// The process that is started.
fn started() -> Result<(), Box<dyn Error>> {
    let _telemetry = tracing_genai::init()?;
    Operation::new("started_process").start().finish();
    Ok(())
}
