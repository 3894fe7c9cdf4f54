//! The middleware of `reqwest-middleware` and the `tower` layer, against servers on loopback.

mod abuse;
mod around;
mod attempts;
mod calls;
mod formats;
mod layers;
mod local;
mod server;
#[allow(dead_code)]
#[path = "../it/support.rs"]
mod support;
mod transparency;
mod wire;
