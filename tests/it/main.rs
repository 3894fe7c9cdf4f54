//! What spans come out for what code: traces as inline trees.

mod activities;
mod content;
mod cost;
mod ends;
mod fields;
mod foreign;
mod hooks;
mod identity;
mod kinds;
mod orphans;
mod parents;
mod profiles;
mod programs;
mod propagation;
mod readme;
mod registry;
mod review;
mod stackings;
mod streams;
mod support;
mod sweeps;
mod tools;
mod usage;
mod values;
mod vocabularies;
mod wire;
