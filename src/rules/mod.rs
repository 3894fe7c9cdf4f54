//! Tables: which field is which attribute, which operation is which span.
//!
//! Nothing in this room knows that `tracing` exists. Every rule is one row; the hygiene tests at the end of each
//! file hold the rows against the registry in [`crate::semconv`].

pub(crate) mod audit;
pub(crate) mod dialect;
pub(crate) mod dialect_names;
#[cfg(test)]
mod dialect_page;
pub(crate) mod events;
mod field_set;
pub(crate) mod fields;
pub(crate) mod foreign;
pub(crate) mod inherit;
pub(crate) mod instruments;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod operations;
#[cfg(test)]
mod page;
pub(crate) mod profile;
pub(crate) mod providers;
pub(crate) mod ranks;
pub(crate) mod rollup;

pub use dialect::{Dialect, Dialects};
pub(crate) use field_set::FieldSet;
pub(crate) use fields::FieldId;
pub(crate) use keys::Lookup;
pub(crate) use operations::Activity;
pub use profile::Profile;
