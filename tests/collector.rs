//! The collector on the wire: real clients over loopback, good and bad requests.

#[path = "collector/grpc.rs"]
mod grpc;
#[path = "collector/http.rs"]
mod http;
#[path = "collector/life.rs"]
mod life;
#[path = "collector/measured.rs"]
mod measured;
#[path = "collector/recorded.rs"]
mod recorded;
#[path = "collector/requests.rs"]
mod requests;
#[path = "collector/signals.rs"]
mod signals;
