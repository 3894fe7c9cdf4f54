//! Typed guards.
