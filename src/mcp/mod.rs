//! The Model Context Protocol through [`rmcp`](https://docs.rs/rmcp): one line at each end, and every request and notification that
//! goes out or comes in has its span.

mod asked;
mod calls;
mod client;
mod connection;
mod describe;
mod handler;
mod incoming;
mod medium;
mod outgoing;
mod place;
mod role;
mod service;
mod subject;
mod traced;
mod transport;

pub use client::Client;
pub use handler::{TracedHandler, handler};
pub use place::here;
pub use role::Role;
pub use traced::{Traced, client, server};
pub use transport::TracedTransport;
