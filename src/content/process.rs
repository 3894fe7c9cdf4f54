//! The way of one item: policy, redactors, store, budget.

use crate::content::capture::{Content, Destination, Rule};
use crate::content::json::Refused;
use crate::content::kind::{Kind, Shape};
use crate::content::payload::{Offered, Payload, Rendered};
use crate::content::places::Places;
use crate::content::policy::{Decision, Item};
use crate::content::reference::Reference;
use crate::content::scope::Scope;
use crate::content::truncate;

/// What is exported of an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// Its text, within the budget.
    pub(crate) inline: Option<String>,
    /// Bytes that the budget left out.
    pub(crate) missing: usize,
    /// Where it is stored.
    pub(crate) reference: Option<Reference>,
    /// Where all of this stands.
    pub(crate) places: Places,
}

/// Why nothing is exported of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// By design: nobody wants it.
    NotWanted,
    /// The policy panicked, failed or took too long, or made of it what its attribute cannot hold.
    PolicyFailed,
    /// It is larger or deeper than what is looked at, or no JSON.
    Refused(Refused),
    /// The budget has no room for anything of it.
    NoRoom,
    /// It should be stored, and there is no store, or too much waits for it.
    NotStored,
}

impl From<Refused> for Why {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Where an item goes.
#[derive(Clone, Copy)]
struct Ways {
    /// Where it is put itself.
    inline: Places,
    reference: bool,
}

impl Content {
    /// What is exported of an item that was wanted, in at most `room` bytes.
    pub(crate) fn process(&self, scope: Scope, offered: Offered<'_>, room: usize) -> Result<Kept, Why> {
        let (kind, told) = (scope.kind, self.destination.places(scope.event).told());
        let (ways, rendered) = match &self.rule {
            Rule::Off => return Err(Why::NotWanted),
            Rule::Only(_) => (self.everywhere(&scope), offered.render(kind.shape(), &self.redaction)?),
            Rule::Custom(limited) => {
                offered.check()?;
                let inline = self.inline(&scope);
                let item = Item { scope, value: offered.into_payload(kind.shape())? };
                let decision = limited.decide(item, self.time_limit).map_err(|_| Why::PolicyFailed)?;
                let (ways, value) = ways(decision, inline).ok_or(Why::NotWanted)?;
                (ways, value.render(kind, &self.redaction).map_err(|_| Why::PolicyFailed)?)
            }
        };
        let (mut kept, why) = self.send(kind, ways, rendered, room);
        kept.places = told;
        match why {
            Some(why) if kept.inline.is_none() && kept.reference.is_none() => Err(why),
            _ => Ok(kept),
        }
    }

    /// Sends an item on its ways; the last reason for which it could not go one of them.
    fn send(&self, kind: Kind, ways: Ways, rendered: Rendered, room: usize) -> (Kept, Option<Why>) {
        // Neither way is open: there is no event for it, or its span is not exported.
        let (mut kept, mut why) = (Kept::default(), Some(Why::NotWanted));
        if ways.reference {
            // All of it: what is stored has no budget.
            match self.references.as_ref().map(|references| references.offer(kind, rendered.to_text())) {
                Some(Ok(reference)) => kept.reference = Some(reference),
                Some(Err(_)) | None => why = Some(Why::NotStored),
            }
        }
        if ways.inline.any() {
            match fit(kind.shape(), rendered, self.budget.attribute.min(room)) {
                Some((text, missing)) => (kept.inline, kept.missing) = (Some(text), missing),
                None => why = Some(Why::NoRoom),
            }
        }
        (kept, why)
    }

    /// Where a preset sends all it lets through.
    fn everywhere(&self, scope: &Scope) -> Ways {
        let reference = self.references.is_some() || self.destination == Destination::Reference;
        Ways { inline: self.inline(scope), reference: reference && scope.sampled }
    }

    /// Where an item may be put itself. Of a span that is not exported only the store gets anything, also where its event
    /// is written.
    fn inline(&self, scope: &Scope) -> Places {
        if scope.sampled { self.destination.places(scope.event) } else { Places::default() }
    }
}

/// Where a policy sends an item, and what; nowhere if it omits it.
fn ways(decision: Decision, inline: Places) -> Option<(Ways, Payload)> {
    let nowhere = Places::default();
    match decision {
        Decision::Omit => None,
        Decision::Inline(value) => Some((Ways { inline, reference: false }, value)),
        Decision::Reference(value) => Some((Ways { inline: nowhere, reference: true }, value)),
        Decision::Both(value) => Some((Ways { inline, reference: true }, value)),
    }
}

/// The text of an item within `budget`, and how many bytes of it are missing.
fn fit(shape: Shape, rendered: Rendered, budget: usize) -> Option<(String, usize)> {
    if rendered.len() <= budget {
        return Some((rendered.into_text(), 0));
    }
    let fitted = match &rendered {
        Rendered::Whole(text) => truncate::fit(shape, text, budget)?,
        Rendered::Items(items) => {
            let items: Vec<&str> = items.iter().map(|item| &**item).collect();
            truncate::fit_items(shape, &items, budget)?
        }
    };
    Some((fitted.text.into_owned(), fitted.missing))
}
