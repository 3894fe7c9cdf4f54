//! Tables: operation to span kind and name, field to attribute.
