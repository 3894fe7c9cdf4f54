//! One trace across processes and threads.
//!
//! - A client sends `traceparent` with its request; the handler continues the trace with [`Carrier::from_headers`] and
//!   `continues`.
//! - A job runs in code that starts its spans itself and takes no parent: the resolver given
//!   to `with_root_context` finds one for them.
//!
//! ```text
//! cargo run --example root_context
//! ```

mod viewer;

use std::cell::RefCell;
use std::error::Error;
use std::thread;

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tracing_genai::Carrier;
use tracing_genai::activity::{Operation, Tool, Workflow};
use tracing_genai::pipeline::Pipeline;

thread_local! {
    /// The place in the trace that the job on this thread belongs to.
    static JOB: RefCell<Option<Carrier>> = const { RefCell::new(None) };
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    // In a pipeline of your own: `GenAiTracer::new(tracer).with_root_context(…)`.
    let telemetry = Pipeline::builder()
        .with_root_context(|_start| JOB.with_borrow(|job| job.as_ref().map(Carrier::context)))
        .install()?;

    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/price", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, Router::new().route("/price", get(price))).await });

    let order = Workflow::new("order").start();
    let place = order.carrier().ok_or("the order is not traced")?;

    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let request = place.headers().fold(client.get(url), |request, (name, value)| request.header(name, value));
    request.send().await?.error_for_status()?;

    // A queue would store the carrier with the job, as JSON.
    let queued = serde_json::to_string(&place)?;
    let job: Carrier = serde_json::from_str(&queued)?;
    let worker = thread::spawn(move || {
        JOB.set(Some(job));
        audit();
    });
    worker.join().map_err(|_| "the job panicked")?;

    order.finish();
    println!("trace {} · {}", place.trace_id(), telemetry.shutdown());
    Ok(())
}

/// The server's side, a tool for agents elsewhere: the caller's span becomes the parent.
async fn price(headers: HeaderMap) -> &'static str {
    // A bad `traceparent` must not fail the request: the trace begins here instead.
    let caller = Carrier::from_headers(|name| headers.get(name)?.to_str().ok()).unwrap_or_default();
    let tool = caller.iter().fold(Tool::new("price").tool_type("extension"), Tool::continues).start();
    tool.in_scope(|| "9.95")
}

/// Stands for a library: nothing in its signature leads to a parent.
fn audit() {
    Operation::new("audit").start().finish();
}
