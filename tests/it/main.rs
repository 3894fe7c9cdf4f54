//! What spans come out for what code: traces as inline trees.

mod activities;
mod content;
mod ends;
mod fields;
mod hooks;
mod parents;
mod readme;
mod review;
mod stackings;
mod streams;
mod support;
mod values;
mod wire;
