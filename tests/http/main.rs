//! The middleware of `reqwest-middleware` and the `tower` layer, against servers on loopback.

mod calls;
mod server;
#[allow(dead_code)]
#[path = "../it/support.rs"]
mod support;
mod wire;
