//! Content in less room: what stays is valid JSON of the same schema, and says what is missing.
//!
//! Text is cut at its end. Of a list of messages stay the system's and the newest, of other lists the first ones; the
//! item at the edge is cut to what is left, and one item tells about the missing ones. Inside of an item the longest
//! strings are cut, as few as can be and all to the same length; only if that does not suffice, entries of its containers are left out.
//!
//! ```text
//! [{"role":"system",…},{"role":"omitted","parts":[{"type":"text","content":"[12 messages omitted, 34567 bytes]"}]},
//!  {"role":"user","parts":[{"type":"text","content":"where it begins… [1234 bytes omitted]"}]},{"role":"assistant",…}]
//! ```
//!
//! Each byte of the given text is read a few times at most, however deep it is nested, and what is left out is only counted. What
//! stays is copied, and large containers are remembered: memory is bounded by the budget and a few hundredths of the text.

mod entry;
mod leaves;
mod list;
mod outline;
mod piece;
mod scan;
mod schema;
mod selection;
mod share;
mod shrink;
mod text;
mod value;

#[cfg(test)]
mod original_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::de::IgnoredAny;

use self::piece::Piece;
use self::scan::{Broken, Elements, Values};
use self::schema::Level;
use self::text::Form;
use self::value::Value;
use super::Shape;

/// What fits into a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fitted<'a> {
    /// Never longer than the budget.
    pub(crate) text: Cow<'a, str>,
    /// How many bytes of the given text are gone.
    pub(crate) missing: usize,
}

/// `text` in at most `budget` bytes: as it is if it fits, else shortened to valid JSON of the same shape.
///
/// `None` if nothing of that shape fits that tells something (from 128 bytes on something does, unless an object has to keep
/// longer values), or if the text turns out to be no JSON where the shape asks for it. A shape is not checked: what is
/// no object where one should be stays what it is.
pub(crate) fn fit(shape: Shape, text: &str, budget: usize) -> Option<Fitted<'_>> {
    if text.len() <= budget {
        return Some(Fitted { text: Cow::Borrowed(text), missing: 0 });
    }
    let piece = match shape {
        Shape::Text => text::cut(text, budget, Form::Plain),
        Shape::Any => any(text, budget),
        Shape::Object => value(text, budget),
        Shape::Messages | Shape::Parts | Shape::Tools | Shape::Documents | Shape::Records => {
            list_in_text(text, Level::of_items(shape)?, budget)
        }
    }?;
    Some(fitted(piece, text.len()))
}

/// The list of `items`, each of which is JSON, in at most `budget` bytes; `missing` is what of the list's text is gone.
///
/// The same as [`fit`] of the items between brackets and with commas, but only what stays is copied. `None` also if the
/// shape is no list.
pub(crate) fn fit_items(shape: Shape, items: &[&str], budget: usize) -> Option<Fitted<'static>> {
    let of = Level::of_items(shape)?;
    let commas = items.len().saturating_sub(1);
    let length = items.iter().map(|item| item.len()).sum::<usize>() + commas + 2;
    if length <= budget {
        let text = Cow::Owned(format!("[{}]", items.join(",")));
        return Some(Fitted { text, missing: 0 });
    }
    let piece = checked(list::list(&mut Items(items.iter()), of, budget).ok()??)?;
    Some(fitted(piece, length))
}

/// Items that were given one by one.
struct Items<'a, 'b>(std::slice::Iter<'b, &'a str>);

impl<'a> Iterator for Items<'a, '_> {
    type Item = Result<Value<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|item| Ok(Value::new(trim(item))))
    }
}

impl<'a> Values<'a> for Items<'a, '_> {}

fn fitted<'a>(piece: Piece, given: usize) -> Fitted<'a> {
    let missing = given.saturating_sub(piece.kept());
    Fitted { text: Cow::Owned(piece.into_text()), missing }
}

/// JSON, or text that may look like it.
fn any(text: &str, budget: usize) -> Option<Piece> {
    // Asked first: a text may begin with JSON and go on as a log.
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    if is_json { value(text, budget) } else { text::cut(text, budget, Form::Plain) }
}

fn value(text: &str, budget: usize) -> Option<Piece> {
    checked(shrink::shrink(Value::new(trim(text)), Level::Free, budget, shrink::DEPTH)?)
}

fn list_in_text(text: &str, of: Level, budget: usize) -> Option<Piece> {
    let mut elements = Elements::of(Value::new(text))?;
    let piece = list::list(&mut elements, of, budget).ok()??;
    checked(piece).filter(|_| elements.is_all())
}

/// The given text was not read as JSON, only measured. So this is where what is none is found out.
fn checked(piece: Piece) -> Option<Piece> {
    serde_json::from_str::<IgnoredAny>(piece.as_str()).is_ok().then_some(piece)
}

/// Without the white space that JSON allows around a value.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\n', '\r', '\t'])
}
