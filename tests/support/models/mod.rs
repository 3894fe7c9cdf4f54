//! Models' APIs on a free loopback port that answer with recorded replies: those of `tests/fixtures/providers`.
//!
//! Which reply it is, the request says: by its path the format ([`routes`]), by its body the recording. A request that
//! offers tools and has no result of one yet gets `tool_call`, any other one `reply`, `stream` where it asks for a stream;
//! a message that holds `[recording:reply.json]` gets that file. A message that asks for [`trouble`] gets it.
//!
//! For examples, for the package `tests/foreign` and for tests; each uses its part.
#![allow(dead_code)]

pub(crate) mod recordings;
mod routes;
pub(crate) mod trouble;

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

use recordings::Recording;
use routes::Route;
use trouble::Trouble;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A running server; dropping it stops it.
pub(crate) struct Models {
    address: SocketAddr,
    state: Arc<Shared>,
    _stop: oneshot::Sender<()>,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    /// Requests that were refused once and are answered the next time.
    refused: Mutex<HashSet<String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Models {
    /// Starts the server, in a thread of its own.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let state = Arc::new(Shared::default());
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&state));
        thread::spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, routes) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, state, _stop: stop })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Host and port, as in a URL.
    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// The URL of a path of some provider: `/v1/messages`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        locked(&self.state.received).clone()
    }
}

async fn answer(State(state): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    locked(&state.received).push(Received { path: uri.path().to_owned(), headers, body: body.clone() });
    let Some(route) = Route::of(&uri, &body) else {
        return trouble::not_found();
    };
    let recording = Recording::of(&route, &body);
    match Trouble::asked_for(&body) {
        None => route.with_headers(recording.answer()),
        Some(Trouble::OnceRefused) if !locked(&state.refused).insert(format!("{uri} {body}")) => {
            route.with_headers(recording.answer())
        }
        Some(Trouble::Broken) => route.with_headers(recording.broken()),
        Some(trouble) => route.with_headers(trouble.answer(&route)),
    }
    .into_response()
}
