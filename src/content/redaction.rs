//! What an item's texts become before they leave: redacted, and without the bytes of images and audio.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::content::json::{Refused, to_text};
use crate::content::kind::Shape;
use crate::content::redact::{Redactor, media_in_json_text, redact_json, redact_text};

/// The redactors of one [`Content`](super::Content), known by a number: what they made of a message can be kept with it.
#[derive(Clone)]
pub(crate) struct Redaction {
    pub(crate) id: u64,
    redactors: Arc<[Redactor]>,
}

impl Default for Redaction {
    fn default() -> Self {
        Self { id: 0, redactors: Arc::new([]) }
    }
}

impl Redaction {
    /// The redactors so far and `more`.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = Redactor>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let redactors = self.redactors.iter().cloned().chain(more).collect();
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), redactors }
    }

    /// How many redactors there are.
    pub(crate) fn len(&self) -> usize {
        self.redactors.len()
    }

    /// What becomes of an item's text, or of one element of it.
    pub(crate) fn apply(&self, shape: Shape, text: String) -> Result<String, Refused> {
        let text = match shape {
            _ if self.redactors.is_empty() => text,
            Shape::Text => self.plain(text),
            Shape::Any => match serde_json::from_str(&text) {
                Ok(value) => self.json(value)?,
                Err(_) => self.plain(text),
            },
            // Nobody has looked into what is no JSON.
            _ => self.json(serde_json::from_str(&text).map_err(|_| Refused::Unserialisable)?)?,
        };
        // Whatever else is wanted: data of images and audio that can be recognised does not leave.
        Ok(match media_in_json_text(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(text) => text,
        })
    }

    fn json(&self, mut value: Value) -> Result<String, Refused> {
        redact_json(&self.redactors, &mut value);
        to_text(&value)
    }

    fn plain(&self, mut text: String) -> String {
        redact_text(&self.redactors, &mut text);
        text
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.redactors.iter()).finish()
    }
}
