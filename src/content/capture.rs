//! What an application decides about content as a whole.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::content::environment::Mode;
use crate::content::kind::Kind;
use crate::content::places::Outlets;
use crate::content::policy::Policy;
use crate::content::redact::Redactor;
use crate::content::redaction::Redaction;
use crate::content::reference::References;
use crate::content::scope::Scope;
use crate::content::time_limit::TimeLimited;

/// Bytes of one content attribute, at most.
pub const DEFAULT_ATTRIBUTE_BUDGET: usize = 64 * 1024;
/// Bytes of content on one span, at most.
pub const DEFAULT_SPAN_BUDGET: usize = 256 * 1024;
/// Bytes of a span's budget that its input leaves to its output.
pub const DEFAULT_OUTPUT_RESERVE: usize = 64 * 1024;
/// How long an agent waits for a policy.
pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_millis(100);

/// What is done with content: by default it stays in the process.
///
/// ```
/// use tracing_genai::content::{Content, Kind};
///
/// Content::off(); // the default
/// Content::all();
/// Content::only([Kind::ToolArguments, Kind::ToolResult]);
/// Content::all().except([Kind::SystemInstructions]);
/// ```
///
/// Give it to [`GenAiTracer::with_content`](crate::GenAiTracer::with_content) or to the pipeline's builder.
#[derive(Clone)]
pub struct Content {
    pub(crate) rule: Rule,
    pub(crate) destination: Destination,
    pub(crate) budget: Budget,
    pub(crate) time_limit: Duration,
    pub(crate) references: Option<References>,
    pub(crate) redaction: Redaction,
}

/// Which items leave.
#[derive(Clone)]
pub(crate) enum Rule {
    Off,
    Only(Kinds),
    Custom(Arc<TimeLimited>),
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u64);

impl Kinds {
    pub(crate) fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u64) != 0
    }

    fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u64)
    }

    fn without(self, kind: Kind) -> Self {
        Self(self.0 & !(1 << kind as u64))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<T: IntoIterator<Item = Kind>>(kinds: T) -> Self {
        kinds.into_iter().fold(Self::default(), Self::with)
    }
}

/// Where content goes that is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// To attributes of spans.
    #[default]
    Span,
    /// To log events ([`events`](crate::events)) and not to spans: messages, instructions and definitions of a turn as
    /// structured values on `gen_ai.client.inference.operation.details`, texts of errors on
    /// `gen_ai.client.operation.exception`. Content that has no event stays in: that of tools, agents, retrieval, memory,
    /// workflows and tasks, and all of it where nobody writes events
    /// ([`GenAiTracer::with_logger_provider`](crate::GenAiTracer::with_logger_provider)).
    Event,
    /// To both. What has no event is on spans only.
    SpanAndEvent,
    /// To the store of [`Content::with_references`] only; the span tells where it is.
    Reference,
}

impl Destination {
    pub(crate) fn is_on_spans(self) -> bool {
        matches!(self, Self::Span | Self::SpanAndEvent)
    }

    pub(crate) fn is_on_events(self) -> bool {
        matches!(self, Self::Event | Self::SpanAndEvent)
    }
}

/// How many bytes of content a span may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) attribute: usize,
    pub(crate) span: usize,
    pub(crate) output_reserve: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { attribute: DEFAULT_ATTRIBUTE_BUDGET, span: DEFAULT_SPAN_BUDGET, output_reserve: DEFAULT_OUTPUT_RESERVE }
    }
}

impl Content {
    /// Nothing leaves.
    pub fn off() -> Self {
        Self::by(Rule::Off)
    }

    /// Every kind of content leaves.
    pub fn all() -> Self {
        Self::only(Kind::all())
    }

    /// The given kinds leave, others stay.
    pub fn only(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self::by(Rule::Only(kinds.into_iter().collect()))
    }

    /// A [`Policy`] decides, a closure as a rule.
    pub fn custom(policy: impl Policy) -> Self {
        Self::by(Rule::Custom(Arc::new(TimeLimited::new(policy))))
    }

    /// What the environment says: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, off if it is not set.
    ///
    /// | value | meaning |
    /// |---|---|
    /// | `SPAN_ONLY`, `true`, `1`, `span` | all content, on spans |
    /// | `EVENT_ONLY`, `event` | all content, on events |
    /// | `SPAN_AND_EVENT` | both |
    /// | `NO_CONTENT`, `false`, `0` | nothing, whatever the code says |
    /// | not set, empty | nothing, unless the code says otherwise |
    /// | anything else | nothing, whatever the code says, with a warning on standard error |
    pub fn from_env() -> Self {
        Mode::of_process().content()
    }

    fn by(rule: Rule) -> Self {
        let (destination, budget) = (Destination::default(), Budget::default());
        Self {
            rule,
            destination,
            budget,
            time_limit: DEFAULT_TIME_LIMIT,
            references: None,
            redaction: Redaction::default(),
        }
    }

    /// Takes kinds out of those that leave. A [`custom`](Self::custom) policy decides by itself, and is not changed.
    #[must_use]
    pub fn except(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        if let Rule::Only(chosen) = self.rule {
            self.rule = Rule::Only(kinds.into_iter().fold(chosen, Kinds::without));
        }
        self
    }

    /// Where content goes that is exported. [`Destination::Span`] by default.
    #[must_use]
    pub fn with_destination(mut self, destination: Destination) -> Self {
        self.destination = destination;
        self
    }

    /// Adds redactors: what they find is replaced in every text that leaves, inline or stored, after the policy had its
    /// word. By default there are none; recognisable data of images and audio is replaced all the same: `data:` URLs, what begins like a
    /// known format, long base64.
    ///
    /// ```
    /// use tracing_genai::content::{Content, Redactor};
    ///
    /// let content = Content::all().with_redactors(Redactor::recommended());
    /// # let _ = content;
    /// ```
    #[must_use]
    pub fn with_redactors(mut self, redactors: impl IntoIterator<Item = Redactor>) -> Self {
        self.redaction = self.redaction.with(redactors);
        self
    }

    /// Stores content besides, or with [`Destination::Reference`] instead: all that a preset lets through, of a
    /// [`custom`](Self::custom) policy what it decides to. The span tells where each item is
    /// (`agentic.content.ref.{kind}`), its size in bytes and its SHA-256. What is stored went through policy and
    /// redactors, and has no budget. By default nothing is stored.
    #[must_use]
    pub fn with_references(mut self, references: References) -> Self {
        self.references = Some(references);
        self
    }

    pub(crate) fn references(&self) -> Option<&References> {
        self.references.as_ref()
    }

    /// Bytes of one content attribute, at most; longer content is cut inside its structure.
    /// [`DEFAULT_ATTRIBUTE_BUDGET`] by default.
    #[must_use]
    pub fn with_attribute_budget(mut self, bytes: usize) -> Self {
        self.budget.attribute = bytes;
        self
    }

    /// Bytes of content on one span and its log events, keys included, at most: what is on both counts once. [`DEFAULT_SPAN_BUDGET`] by default.
    #[must_use]
    pub fn with_span_budget(mut self, bytes: usize) -> Self {
        self.budget.span = bytes;
        self
    }

    /// Bytes of a span's budget that its input has to leave to its output. [`DEFAULT_OUTPUT_RESERVE`] by default.
    #[must_use]
    pub fn with_output_reserve(mut self, bytes: usize) -> Self {
        self.budget.output_reserve = bytes;
        self
    }

    /// How long an agent waits for a [`custom`](Self::custom) policy to decide about one item; then the item is
    /// omitted. [`DEFAULT_TIME_LIMIT`] by default.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Bytes of one content attribute, at most.
    pub(crate) fn attribute_budget(&self) -> usize {
        self.budget.attribute
    }

    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    /// Whether nothing leaves at all.
    pub fn is_off(&self) -> bool {
        matches!(self.rule, Rule::Off)
    }

    /// Whether the application's own policy decides.
    pub(crate) fn is_custom(&self) -> bool {
        matches!(self.rule, Rule::Custom(_))
    }

    /// Whether content of `kind` may leave at all, wherever to.
    pub(crate) fn chooses(&self, kind: Kind) -> bool {
        match &self.rule {
            Rule::Off => false,
            Rule::Only(kinds) => kinds.contains(kind),
            Rule::Custom(_) => true,
        }
    }

    /// Whether a span may have content of `kind` at all.
    pub(crate) fn lets_out(&self, kind: Kind) -> bool {
        self.chooses(kind) && self.destination.is_on_spans()
    }

    /// Whether there is any place for what a preset lets through.
    fn leads_somewhere(&self, outlets: Outlets) -> bool {
        let is_stored = self.references.is_some() || self.destination == Destination::Reference;
        is_stored || self.destination.places(outlets.event).any()
    }

    /// Whether an item is wanted, before its value is made; asks a policy, which may panic.
    pub(crate) fn wants(&self, kind: Kind, outlets: Outlets, scope: impl FnOnce() -> Scope) -> bool {
        match &self.rule {
            Rule::Off => false,
            Rule::Only(kinds) => outlets.span && kinds.contains(kind) && self.leads_somewhere(outlets),
            Rule::Custom(limited) => limited.policy().wants(&scope()),
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::off()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule: &dyn fmt::Debug = match &self.rule {
            Rule::Off => &"off",
            Rule::Custom(_) => &"custom",
            Rule::Only(kinds) => &Kind::all().filter(|kind| kinds.contains(*kind)).collect::<Vec<_>>(),
        };
        f.debug_struct("Content")
            .field("rule", rule)
            .field("destination", &self.destination)
            .field("budget", &self.budget)
            .field("time_limit", &self.time_limit)
            .field("references", &self.references)
            .field("redactors", &self.redaction)
            .finish()
    }
}
