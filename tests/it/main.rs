//! What spans come out for what code: traces as inline trees.

mod activities;
mod support;
