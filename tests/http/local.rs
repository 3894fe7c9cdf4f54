//! A `tower` service in this process instead of a provider.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt};
use tracing_genai::http::{GenAiLayer, RequestBody};

use crate::wire::{REPLY, REQUEST};

pub(crate) const URL: &str = "https://api.openai.com/v1/chat/completions";

/// What the service was sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Seen {
    pub(crate) fn take(&self) -> Vec<(HeaderMap, Bytes)> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }
}

/// Calls a model that answers `reply`.
pub(crate) async fn ask(layer: &GenAiLayer, url: &str, seen: &Seen) -> Bytes {
    let request = Request::post(url).body(Full::from(REQUEST)).expect("a request");
    let seen = Seen::clone(seen);
    let provider = tower::service_fn(move |request: Request<RequestBody<Full<Bytes>>>| {
        let seen = Seen::clone(&seen);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.expect("infallible").to_bytes();
            seen.0.lock().expect("no panic").push((parts.headers, body));
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(REPLY)))
        }
    });
    let response = layer.layer(provider).oneshot(request).await.expect("infallible");
    response.into_body().collect().await.expect("infallible").to_bytes()
}

/// [`ask`] of OpenAI's chat completions, by a layer as it is.
pub(crate) async fn chat() {
    assert_eq!(ask(&GenAiLayer::new(), URL, &Seen::default()).await, REPLY);
}
