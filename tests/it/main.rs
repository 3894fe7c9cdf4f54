//! What spans come out for what code: traces as inline trees.

mod activities;
mod content;
mod ends;
mod fields;
mod hooks;
mod identity;
mod orphans;
mod parents;
mod propagation;
mod readme;
mod review;
mod stackings;
mod support;
mod values;
mod wire;
