//! The thread that listens: how it starts, serves and stops.
use std::future::IntoFuture;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use axum::Router;
use tokio::sync::watch;

use super::error::{Cause, CollectorError};
use super::signal::Signals;
use super::store::Store;
use super::{grpc, http};

const THREAD_NAME: &str = "tracing-genai-collector";

/// How long open requests may go on after `stop`. Short, because a client that shares the stopping thread (a test on
/// a current-thread runtime) cannot answer the HTTP/2 goodbye, and every such test would wait it out.
const GRACE: Duration = Duration::from_millis(200);

/// How long `stop` waits for the thread: the grace, and time to decode a request that is just being handled.
const STOP_TIMEOUT: Duration = Duration::from_millis(900);

/// What both protocols hand what they receive to.
#[derive(Clone, Debug)]
pub(super) struct Intake {
    pub(super) store: Arc<Store>,
    pub(super) max_request_bytes: usize,
    pub(super) signals: Signals,
}

/// A running thread and its addresses.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) grpc_address: SocketAddr,
    pub(super) http_address: SocketAddr,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// Dropping it tells the thread to stop.
    stop: watch::Sender<()>,
    /// Closes when the thread has let go of its sockets.
    ended: mpsc::Receiver<()>,
}

/// A bound socket and what is served on it.
struct Endpoint {
    listener: TcpListener,
    router: Router,
}

/// What the thread holds on to while it runs.
struct Lifeline {
    stopped: watch::Receiver<()>,
    /// Sent once: the thread's event loop runs, or why not.
    ready: mpsc::Sender<io::Result<()>>,
    /// Never sent, only dropped.
    _ended: mpsc::Sender<()>,
}

impl Server {
    /// Binds both addresses, then starts the thread.
    pub(super) fn start(grpc: SocketAddr, http: SocketAddr, intake: Intake) -> Result<Self, CollectorError> {
        let (grpc_listener, grpc_address) = bind(grpc)?;
        let (http_listener, http_address) = bind(http)?;
        let endpoints = [
            Endpoint { listener: grpc_listener, router: grpc::router(intake.clone()) },
            Endpoint { listener: http_listener, router: http::router(intake) },
        ];
        let running = spawn(endpoints).map_err(|source| Cause::Thread { name: THREAD_NAME, source })?;
        Ok(Self { grpc_address, http_address, running: Mutex::new(Some(running)) })
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Tells the thread to stop and waits for it, at most [`STOP_TIMEOUT`].
    pub(super) fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { stop, ended }) = running else {
            return;
        };
        drop(stop);
        // Both outcomes are an end: the thread is gone, or it is not worth more of the caller's time.
        let _ = ended.recv_timeout(STOP_TIMEOUT);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Binds on the caller's thread, so that the error reaches the caller and connections queue from here on.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Cause> {
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let taken = listener.local_addr()?;
        Ok((listener, taken))
    };
    listen().map_err(|source| Cause::Bind { address, source })
}

fn spawn(endpoints: [Endpoint; 2]) -> io::Result<Running> {
    let (stop, stopped) = watch::channel(());
    let (ready, is_ready) = mpsc::channel();
    let (ending, ended) = mpsc::channel();
    let lifeline = Lifeline { stopped, ready, _ended: ending };
    thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || run(endpoints, lifeline))?;
    is_ready.recv().map_err(io::Error::other)??;
    Ok(Running { stop, ended })
}

/// The thread. The event loop is made here and not by the caller: one dropped inside another runtime panics.
fn run(endpoints: [Endpoint; 2], lifeline: Lifeline) {
    let nothing = tracing::subscriber::NoSubscriber::new();
    tracing::subscriber::with_default(nothing, || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = lifeline.ready.send(Err(error));
                return;
            }
        };
        runtime.block_on(serve(endpoints, &lifeline));
        // Here the runtime is dropped, and with it every connection that outlived the grace.
    });
}

async fn serve(endpoints: [Endpoint; 2], lifeline: &Lifeline) {
    let [grpc, http] = endpoints.map(|endpoint| listen(endpoint, lifeline.stopped.clone()));
    let (grpc, http) = match (grpc, http) {
        (Ok(grpc), Ok(http)) => (grpc, http),
        (Err(error), _) | (_, Err(error)) => {
            let _ = lifeline.ready.send(Err(error));
            return;
        }
    };
    let _ = lifeline.ready.send(Ok(()));
    let out_of_time = async {
        stopped(lifeline.stopped.clone()).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        _ = async { tokio::join!(grpc, http) } => {}
        () = out_of_time => {}
    }
}

fn listen(endpoint: Endpoint, stop: watch::Receiver<()>) -> io::Result<impl Future<Output = io::Result<()>>> {
    let listener = tokio::net::TcpListener::from_std(endpoint.listener)?;
    let serve = axum::serve(listener, endpoint.router).with_graceful_shutdown(stopped(stop));
    Ok(serve.into_future())
}

/// Ends when the sender is dropped; nothing is ever sent.
async fn stopped(mut stop: watch::Receiver<()>) {
    while stop.changed().await.is_ok() {}
}
