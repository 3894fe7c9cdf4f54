//! From the layer to an OTLP backend.
/// To come.
pub fn init() {}
