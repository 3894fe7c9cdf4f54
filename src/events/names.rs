//! The names that states of the conventions have for attributes.

use opentelemetry::Key;
use opentelemetry::logs::AnyValue;

use crate::span::Dialects;

/// Writes `attributes` under the names of `dialects`.
pub(crate) fn write(_dialects: Dialects, _attributes: &mut Vec<(Key, AnyValue)>) {}
