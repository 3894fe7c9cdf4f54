//! What spans come out for what code: traces as inline trees.

mod activities;
mod content;
mod cost;
mod ends;
mod fields;
mod hooks;
mod parents;
mod readme;
mod review;
mod stackings;
mod support;
mod usage;
mod values;
mod wire;
