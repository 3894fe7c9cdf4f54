//! What spans used and cost, and the sums of it up the tree.

mod amounts;
mod cost;
mod prices;
mod rollup;

pub use prices::{Price, PriceTable, PriceTableError, PriceTableErrorKind};

pub(crate) use amounts::Amounts;
pub(crate) use cost::{Currency, is_amount};
pub(crate) use rollup::{Calls, RollUp};
