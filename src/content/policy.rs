//! The hook: for every item of content, whether and how it leaves the process.

use crate::content::kind::Kind;
use crate::content::payload::Payload;
use crate::content::scope::Scope;

/// Decides about content, item by item.
///
/// A closure `Fn(Item) -> Decision` is a policy, and so is one that returns a `Result`: an item whose policy fails is
/// omitted. A policy sees the value that the application handed over, before redactors and budgets; what it lets
/// through goes through them.
///
/// It runs on a thread of its own, without a `tracing` subscriber, while the agent waits for it, at most the
/// [time limit](super::Content::with_time_limit). One that panics, fails or takes longer fails closed: the item is
/// omitted and counted, the span goes on.
///
/// ```
/// use tracing_genai::content::{Content, Decision, Item, Kind, Payload};
///
/// let content = Content::custom(|mut item: Item| {
///     if item.scope().tool() == Some("payroll") {
///         return Decision::Omit;
///     }
///     if let Payload::Messages(messages) = item.value_mut() {
///         messages.retain(|message| message.role() != "system");
///     }
///     item.inline()
/// });
/// # let _ = content;
/// ```
pub trait Policy: Send + Sync + 'static {
    /// Whether content of this kind is wanted at all: asked before the value is made, so that what is never exported
    /// costs nothing. By default all is.
    ///
    /// It runs where the agent runs and without a time limit, so it has to answer at once.
    fn wants(&self, scope: &Scope) -> bool {
        let _ = scope;
        true
    }

    /// Decides about an item.
    ///
    /// # Errors
    /// Any failure: the item is omitted.
    fn decide(&self, item: Item) -> Result<Decision, PolicyFailed>;
}

/// A policy could not decide. It has no text: an error may quote the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the content policy failed")]
pub struct PolicyFailed;

/// One item of content, before it leaves.
#[derive(Clone, Debug)]
pub struct Item {
    pub(crate) scope: Scope,
    pub(crate) value: Payload,
}

impl Item {
    /// Where it comes from.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.scope.kind
    }

    /// Its value.
    pub fn value(&self) -> &Payload {
        &self.value
    }

    /// Its value, to change it: the application's own stays as it is.
    pub fn value_mut(&mut self) -> &mut Payload {
        &mut self.value
    }

    /// Its value, by itself.
    pub fn into_value(self) -> Payload {
        self.value
    }

    /// Exports it as it is now.
    pub fn inline(self) -> Decision {
        Decision::Inline(self.value)
    }

    /// Stores it as it is now, and exports where it is.
    pub fn reference(self) -> Decision {
        Decision::Reference(self.value)
    }
}

/// What happens with an item.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// It stays in the process.
    Omit,
    /// The value is exported.
    Inline(Payload),
    /// The value is stored ([`Content::with_references`](super::Content::with_references)), and where it is gets
    /// exported. Without a store it is omitted, and counted as failed.
    Reference(Payload),
    /// Both.
    Both(Payload),
}

/// What a closure may return as its decision.
pub trait IntoDecision {
    /// The decision.
    ///
    /// # Errors
    /// If there is none.
    fn into_decision(self) -> Result<Decision, PolicyFailed>;
}

impl IntoDecision for Decision {
    fn into_decision(self) -> Result<Decision, PolicyFailed> {
        Ok(self)
    }
}

/// `None` omits, as `undefined` does in the hooks of JavaScript libraries.
impl IntoDecision for Option<Payload> {
    fn into_decision(self) -> Result<Decision, PolicyFailed> {
        Ok(self.map_or(Decision::Omit, Decision::Inline))
    }
}

impl<T: IntoDecision, E> IntoDecision for Result<T, E> {
    fn into_decision(self) -> Result<Decision, PolicyFailed> {
        self.map_err(|_| PolicyFailed)?.into_decision()
    }
}

impl<F, D> Policy for F
where
    F: Fn(Item) -> D + Send + Sync + 'static,
    D: IntoDecision,
{
    fn decide(&self, item: Item) -> Result<Decision, PolicyFailed> {
        self(item).into_decision()
    }
}
