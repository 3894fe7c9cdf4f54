//! The Model Context Protocol with rmcp's real client and server, over every kind of transport.

mod callers;
mod content;
mod duplex;
mod foreign;
mod http;
mod methods;
#[path = "../it/support.rs"]
#[allow(dead_code, reason = "for tests/it")]
mod support;
mod weather;

use std::rc::Rc;
use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracer;
use rmcp::RoleServer;
use rmcp::service::RunningService;
use tracing_genai::GenAiTracer;
use tracing_genai::activity::Operation;
use tracing_genai::mcp::{self, RunningClient, Traced};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::Recorder;
use crate::weather::{User, Weather};

type Tracer = GenAiTracer<SdkTracer>;

/// Runs `work` on this thread under our layer, which does not see rmcp's own spans.
fn record(work: impl AsyncFnOnce(&Recorder)) -> Rc<Recorder> {
    record_with(|tracer| tracer, work)
}

fn record_with(tracer: impl FnOnce(Tracer) -> Tracer, work: impl AsyncFnOnce(&Recorder)) -> Rc<Recorder> {
    let recorder = Rc::new(Recorder::default());
    let not_rmcps = FilterFn::new(|metadata| metadata.target().split("::").next() != Some("rmcp"));
    let layer = tracer(recorder.tracer()).into_layer().with_filter(not_rmcps);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let work = async { work(&recorder).await };
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || runtime.block_on(work));
    recorder
}

/// Both ends, connected in memory.
struct Ends {
    client: RunningClient<User>,
    server: RunningService<RoleServer, Traced<RoleServer, Weather>>,
}

impl Ends {
    async fn connect() -> Self {
        let (near, far) = tokio::io::duplex(1 << 20);
        let server = mcp::server(Weather::default()).serve(far);
        let client = mcp::client(User::default()).serve(near);
        let (server, client) = tokio::join!(server, client);
        Self { client: client.expect("initialized"), server: server.expect("initialized") }
    }

    /// Waits for what is under way at both ends.
    async fn close(self) {
        self.client.cancel().await.expect("the client's loop");
        self.server.waiting().await.expect("the server's loop");
    }
}

/// What is recorded of `work` at both ends, in an agent, after the session was opened.
fn exchange(work: impl AsyncFnOnce(&Ends, &Recorder)) -> Rc<Recorder> {
    exchange_with(|tracer| tracer, work)
}

fn exchange_with(tracer: impl FnOnce(Tracer) -> Tracer, work: impl AsyncFnOnce(&Ends, &Recorder)) -> Rc<Recorder> {
    record_with(tracer, async |recorder| {
        let ends = Ends::connect().await;
        // `notifications/initialized` is under way.
        ended(recorder, 4).await;
        recorder.forget();
        let agent = Operation::prompt("guide").start();
        agent.scope(work(&ends, recorder)).await;
        agent.finish();
        ends.close().await;
    })
}

/// Waits until that many spans have ended.
async fn ended(recorder: &Recorder, count: usize) {
    let wait = async {
        while recorder.spans().len() < count {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    waited.unwrap_or_else(|_| panic!("fewer than {count} spans:\n{}", recorder.tree()));
}

/// The tree without attributes.
fn names(recorder: &Recorder) -> String {
    let tree = recorder.tree();
    tree.lines().filter(|line| !line.contains(" = ")).collect::<Vec<_>>().join("\n")
}
