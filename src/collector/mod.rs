//! A local OTLP receiver.
