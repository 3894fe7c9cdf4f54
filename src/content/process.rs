//! The way of one item: policy, redactors, store, budget.

use crate::content::capture::{Content, Rule};
use crate::content::json::Refused;
use crate::content::payload::{Offered, Rendered};
use crate::content::policy::{Decision, Item};
use crate::content::scope::Scope;

/// What is exported of an item.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Its text, within the budget.
    pub(crate) inline: Option<String>,
    /// Bytes that the budget left out.
    pub(crate) missing: usize,
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
}

impl From<Refused> for Why {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Where an item goes.
#[derive(Clone, Copy)]
struct Ways {
    inline: bool,
}

impl Content {
    /// What is exported of an item that was wanted, in at most `room` bytes.
    pub(crate) fn process(&self, scope: Scope, offered: Offered<'_>, room: usize) -> Result<Kept, Why> {
        let kind = scope.kind;
        let rendered = offered.render(kind.shape())?;
        let (ways, rendered) = match &self.rule {
            Rule::Off => return Err(Why::NotWanted),
            Rule::Only(_) => (self.everywhere(), rendered),
            Rule::Custom(limited) => {
                let item = Item { scope, value: offered.into_payload()? };
                let decision = limited.decide(item, self.time_limit).map_err(|_| Why::PolicyFailed)?;
                let (ways, value) = self.ways(decision).ok_or(Why::NotWanted)?;
                (ways, value.render(kind).map_err(|_| Why::PolicyFailed)?)
            }
        };
        let mut kept = Kept::default();
        if ways.inline {
            let (text, missing) = fit(rendered, self.budget.attribute.min(room)).ok_or(Why::NoRoom)?;
            (kept.inline, kept.missing) = (Some(text), missing);
        }
        Ok(kept)
    }

    /// Where a preset sends all it lets through.
    fn everywhere(&self) -> Ways {
        Ways { inline: self.destination.is_on_spans() }
    }

    fn ways(&self, decision: Decision) -> Option<(Ways, crate::content::payload::Payload)> {
        let inline = self.destination.is_on_spans();
        match decision {
            Decision::Omit => None,
            Decision::Inline(value) => Some((Ways { inline }, value)),
            Decision::Reference(value) => Some((Ways { inline: false }, value)),
            Decision::Both(value) => Some((Ways { inline }, value)),
        }
    }
}

fn fit(rendered: Rendered, budget: usize) -> Option<(String, usize)> {
    (rendered.len() <= budget).then(|| (rendered.into_text(), 0))
}
