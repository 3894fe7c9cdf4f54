//! What the application decided when it built a middleware.

use crate::http::Endpoints;

/// Longest body that is read, of a request or a reply that is not streamed: 8 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) endpoints: Endpoints,
    pub(crate) max_body_bytes: usize,
    pub(crate) propagates: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { endpoints: Endpoints::default(), max_body_bytes: DEFAULT_MAX_BODY_BYTES, propagates: true }
    }
}

/// The setters of a middleware that has `settings: Arc<Settings>`.
macro_rules! settable {
    ($middleware:ident) => {
        impl $middleware {
            /// A middleware that knows the endpoints of [`Endpoints::default`](crate::http::Endpoints).
            pub fn new() -> Self {
                Self::default()
            }

            /// Sets which requests are model calls. [`Endpoints::default`](crate::http::Endpoints) by default.
            pub fn with_endpoints(self, endpoints: crate::http::Endpoints) -> Self {
                self.set(|settings| settings.endpoints = endpoints)
            }

            /// Sets how many bytes of a body are read, and kept in memory for that. What is larger is passed on as it is,
            /// counted, and not read. It limits requests, errors and replies that are not streamed.
            /// [`DEFAULT_MAX_BODY_BYTES`](crate::http::DEFAULT_MAX_BODY_BYTES) by default.
            pub fn with_max_body_bytes(self, bytes: usize) -> Self {
                self.set(|settings| settings.max_body_bytes = bytes)
            }

            /// Sends no `traceparent` and `tracestate`. By default model calls have them.
            pub fn without_propagation(self) -> Self {
                self.set(|settings| settings.propagates = false)
            }

            fn set(mut self, change: impl FnOnce(&mut crate::http::settings::Settings)) -> Self {
                change(std::sync::Arc::make_mut(&mut self.settings));
                self
            }
        }
    };
}

pub(crate) use settable;
