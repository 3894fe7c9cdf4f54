//! Model calls over HTTP as turns, by themselves: a middleware for `reqwest-middleware`, a layer for `tower`.
//!
//! Both know a request to a model by its host and path ([`Endpoints`]), open a [`Turn`](crate::activity::Turn) for it, send
//! `traceparent` along, read the reply while it passes to whoever asked, and end the turn with it. All other requests are
//! left alone. Without a [`GenAiTracer`](crate::GenAiTracer) in the subscriber nothing is done.
//!
//! With `reqwest-middleware` (feature `reqwest-middleware`):
//!
#![cfg_attr(feature = "reqwest-middleware", doc = "```no_run")]
#![cfg_attr(not(feature = "reqwest-middleware"), doc = "```ignore")]
//! use tracing_genai::http::GenAiMiddleware;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new()).with(GenAiMiddleware::new()).build();
//! let body = r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "Where is it warm?"}]}"#;
//! let reply = client.post("https://api.openai.com/v1/chat/completions").body(body).send().await?;
//! println!("{}", reply.text().await?); // the turn has ended: model, tokens, finish reason
//! # Ok(())
//! # }
//! ```
//!
//! With `tower`, over any service that takes an [`http::Request`]:
//!
//! ```
//! use tower_layer::Layer;
//! use tower_service::Service;
//! use tracing_genai::http::{GenAiLayer, RequestBody};
//!
//! fn observed<S, B, R>(client: S) -> impl Service<http::Request<B>>
//! where
//!     S: Service<http::Request<RequestBody<B>>, Response = http::Response<R>>,
//!     S::Error: 'static,
//!     B: http_body::Body,
//!     R: http_body::Body,
//!     R::Data: 'static,
//!     R::Error: 'static,
//! {
//!     GenAiLayer::new().layer(client)
//! }
//! ```
//!
//! # Whose turn
//!
//! | around the call there is | then |
//! |---|---|
//! | no open turn | it gets one, a child of the current span, and runs inside of it |
//! | an open turn: a typed guard, the span of another crate such as rig | that one is completed with what is not on it yet. Who started it ends it |
//! | a turn of which this very request is under way, as with two middlewares inside of each other | nothing is done |
//! | a turn of which another request is under way | it gets a turn of its own |
//!
//! # What happens, and the turn
//!
//! | | |
//! |---|---|
//! | a reply from 200 to 299 comes to its end | finishes |
//! | the event that ends a stream passes | finishes |
//! | the reply is an error, whatever its status says | fails: [`ErrorKind`](crate::providers::ErrorKind), else the provider's code, else the status |
//! | an error is not read to its end | fails by its status |
//! | redirect, 204 | finishes |
//! | the client fails | fails: `timeout`, `connection`, else the name of the error's type |
//! | the body breaks off | fails, with what is known |
//! | future or body are dropped | was cancelled, with what is known; failed, if that was between two attempts |
//! | a body is larger than the limit, compressed or no JSON; a request's is a stream of `reqwest` | ends all the same; counted in [`Stats::bodies_not_read`](crate::Stats::bodies_not_read) |
//! | this crate panics | goes on as if nobody looked; counted in [`Stats::unseen_calls`](crate::Stats::unseen_calls) |
//!
//! # Attempts
//!
//! One call is one turn, however often it is sent. The last attempt counts, and `agentic.http.resend_count` says how many
//! there were before it.
//!
//! | who tries again | what to do |
//! |---|---|
//! | a middleware below ours | nothing: it is one call to us |
//! | a middleware of `reqwest-middleware` above ours | nothing: its attempts share their `Extensions`, and the turn ends with those |
//! | a client or a `tower` layer above ours | [`one_call`], or [`OneCallLayer`] above it |
//! | the application, in the scope of a turn of its own | nothing: it is that turn |
//!
//! # What the caller gets
//!
//! The same status, headers, version, extensions, URL, bytes, frames, trailers and errors, at the same time: the body is
//! asked for a frame when it is asked for one. An error in the body of a `reqwest` response has two more sources in its
//! chain; what it says of itself (`is_timeout()`, `is_decode()`, `is_body()`) stays.

mod attempt;
mod endpoint_rows;
mod endpoints;
#[cfg(test)]
mod endpoints_page;
mod failure;
mod headers;
mod held;
#[cfg(feature = "reqwest-middleware")]
mod middleware;
mod one_call;
mod pattern;
mod reply;
mod request_body;
mod response_body;
mod service;
mod settings;

pub use endpoints::{Endpoint, Endpoints};
#[cfg(feature = "reqwest-middleware")]
pub use middleware::GenAiMiddleware;
pub use one_call::{OneCall, OneCallLayer, OneCallService, one_call};
pub use request_body::RequestBody;
pub use response_body::ResponseBody;
pub use service::{GenAiLayer, GenAiService, ResponseFuture};
pub use settings::DEFAULT_MAX_BODY_BYTES;
