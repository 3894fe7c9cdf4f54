//! Keys and values of the GenAI conventions, generated from `semconv/*.yaml`.
