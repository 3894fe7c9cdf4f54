//! What spans come out for what code: traces as inline trees.

mod activities;
mod content;
mod ends;
mod fields;
mod foreign;
mod hooks;
mod parents;
mod readme;
mod review;
mod stackings;
mod support;
mod values;
mod vocabularies;
mod wire;
