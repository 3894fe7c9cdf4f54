//! Attributes and their values, with the types they had on the wire.

/// Attributes in the order they were sent; OTLP wants keys unique but a receiver must not rely on it.
pub type Attributes = Vec<(String, AttributeValue)>;

/// A value with the type it had on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum AttributeValue {
    /// A value was sent without content; valid in OTLP.
    #[default]
    Empty,
    /// `string_value`.
    Str(String),
    /// `bool_value`.
    Bool(bool),
    /// `int_value`.
    Int(i64),
    /// `double_value`; may be NaN or infinite.
    Double(f64),
    /// `bytes_value`.
    Bytes(Vec<u8>),
    /// `array_value`; the wire allows mixed types.
    Array(Vec<AttributeValue>),
    /// `kvlist_value`.
    Map(Attributes),
}

impl AttributeValue {
    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is an integer; text that looks like a number is `None`.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The value under `key`, if this is a map that has it; the first one if the sender repeated it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => find(entries, key),
            _ => None,
        }
    }
}

/// The first value under `key`.
pub(super) fn find<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a AttributeValue> {
    attributes.iter().find(|(k, _)| k == key).map(|(_, value)| value)
}
