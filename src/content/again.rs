//! Content that left the tracer already, once more: for a backend with a setting of its own, or with less room.

use crate::content::capture::{Content, Destination, Rule};
use crate::content::kind::Kind;
use crate::content::payload::Offered;
use crate::content::process::{Kept, Why};
use crate::content::scope::Scope;
use crate::content::truncate;

impl Content {
    /// What is exported of an item that was exported before, as `text`, in at most `room` bytes.
    pub(crate) fn again(&self, scope: Scope, text: &str, room: usize) -> Result<Kept, Why> {
        let is_chosen = match &self.rule {
            Rule::Off => false,
            Rule::Only(kinds) => kinds.contains(scope.kind),
            Rule::Custom(limited) => limited.policy().wants(&scope),
        };
        if !is_chosen {
            return Err(Why::NotWanted);
        }
        if self.leaves_as_it_is() && text.len() <= room.min(self.attribute_budget()) {
            return Ok(Kept { inline: Some(text.to_owned()), ..Kept::default() });
        }
        let offered = Offered::read(scope.kind, text.to_owned())?;
        self.process(scope, offered, room)
    }

    /// Whether all that is chosen goes on spans unchanged: data of images and audio is gone already.
    fn leaves_as_it_is(&self) -> bool {
        matches!(self.rule, Rule::Only(_))
            && self.redaction.len() == 0
            && self.references.is_none()
            && self.destination.is_on_spans()
    }

    /// Whether all content of `kind` leaves as it is.
    pub(crate) fn passes(&self, kind: Kind) -> bool {
        self.leaves_as_it_is() && self.lets_out(kind)
    }

    pub(crate) fn destination(&self) -> Destination {
        self.destination
    }

    /// Whether what is told about content that is not on its span itself may leave: where it is stored. A policy that
    /// would have to see it has no say in that, so it stays in.
    pub(crate) fn tells_about(&self, kind: Kind) -> bool {
        matches!(&self.rule, Rule::Only(kinds) if kinds.contains(kind))
    }
}

/// `text` of an item in at most `budget` bytes, as its attribute's schema wants it, and how many bytes are missing;
/// `None` if nothing of it fits.
pub(crate) fn shortened(kind: Kind, text: &str, budget: usize) -> Option<(String, usize)> {
    let fitted = truncate::fit(kind.shape(), text, budget)?;
    Some((fitted.text.into_owned(), fitted.missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::scope::tests::scope;
    use crate::content::{Decision, Item, Redactor};

    const MESSAGES: &str = r#"[{"role":"user","parts":[{"type":"text","content":"mail me at a@example.com"}]}]"#;

    fn again(content: &Content, kind: Kind) -> Option<String> {
        content.again(scope(kind), MESSAGES, 10_000).ok()?.inline
    }

    #[test]
    fn what_is_not_chosen_stays_in() {
        assert_eq!(again(&Content::off(), Kind::InputMessages), None);
        assert_eq!(again(&Content::only([Kind::ToolResult]), Kind::InputMessages), None);
        assert_eq!(again(&Content::all(), Kind::InputMessages).as_deref(), Some(MESSAGES));
    }

    #[test]
    fn redactors_and_policies_have_their_say_again() {
        let redacted = again(&Content::all().with_redactors(Redactor::recommended()), Kind::InputMessages).unwrap();
        assert!(!redacted.contains("a@example.com") && redacted.contains("mail me"), "{redacted}");
        let omitted = Content::custom(|_: Item| Decision::Omit);
        assert_eq!(again(&omitted, Kind::InputMessages), None);
        let kept = Content::custom(Item::inline);
        assert_eq!(again(&kept, Kind::InputMessages).as_deref(), Some(MESSAGES));
    }

    #[test]
    fn budgets_cut_inside_of_the_structure() {
        let small = Content::all().with_attribute_budget(64);
        let cut = again(&small, Kind::InputMessages).unwrap();
        assert!(cut.len() <= 64 && serde_json::from_str::<serde_json::Value>(&cut).is_ok(), "{cut}");
        let (cut, missing) = shortened(Kind::InputMessages, MESSAGES, 64).unwrap();
        assert!(cut.len() <= 64 && missing > 0);
    }
}
