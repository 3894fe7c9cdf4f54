//! The sums of usage: a chain of its own beside the spans.
//!
//! A turn that ends gives what it used to every sum above it, one lock at a time: whoever ends first, a sum that is
//! still open gets it. Sums are held by what is below them, and not their spans: an agent that is gone leads on to the
//! workflow above it. Those that have ended are passed over when a new one starts, so that chains cannot pile up.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use opentelemetry::{Array, Value};

use crate::rules::rollup::{Part, part};
use crate::rules::{Activity, FieldId};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::Attributes;
use crate::span::open::{About, ERROR_TYPE, Open};
use crate::span::shared::Settings;
use crate::span::start::Start;
use crate::span::stats::Count;
use crate::span::usage::amounts::Amounts;
use crate::span::usage::cost::Costs;
use crate::span::usage::prices::Asked;

const FINISH_REASONS: FieldId = FieldId::of(attr::GEN_AI_RESPONSE_FINISH_REASONS);

/// What one span has to do with the sums.
#[derive(Debug)]
pub(crate) struct RollUp {
    part: Part,
    /// Its own, if it sums.
    sum: Option<Arc<Sum>>,
    /// The nearest above, if it does not.
    above: Option<Link>,
    /// What turns inside this turn used.
    nested: OnceLock<Arc<Nested>>,
    /// What a price table has to know of its start.
    asked: Option<Box<Asked>>,
}

/// Usage of the turns in a turn: a guard around another crate's own span for the same call. They tell of one call, so
/// the outer one counts; what it does not know itself it has from these.
type Nested = Mutex<Amounts>;

/// The way from a span to the nearest sum above it.
#[derive(Clone, Debug)]
struct Link {
    sum: Arc<Sum>,
    /// Whether no tool stands between: what a tool calls a model for is not the agent's own turn.
    own: bool,
    /// The turn that stands between, if one does.
    in_turn: Option<Arc<Nested>>,
}

/// What one span sums.
#[derive(Debug)]
struct Sum {
    activity: Activity,
    remote: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    below: Amounts,
    /// Of the agent's own turns only.
    own: Amounts,
    /// Of its last own turn.
    finish_reasons: Option<Value>,
    above: Option<Link>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    Ended,
    /// Ended, and given on as a whole: what comes late from below is in it.
    Stands,
}

/// What goes up.
struct HandedUp {
    amounts: Amounts,
    finish_reasons: Option<Value>,
    own: bool,
}

impl RollUp {
    /// That of a span that starts below `above`; `None` if it has nothing to do with the sums.
    #[inline]
    pub(crate) fn of(start: &Start, kind: SpanKind, above: Option<&dyn Open>, settings: &Settings) -> Option<Self> {
        let part = part(start.operation, kind);
        let is_alone = above.is_none() && settings.prices.is_none() && !matches!(part, Part::Sum | Part::Remote);
        if is_alone { None } else { Some(Self::below(part, start, above.map(Open::about), settings)) }
    }

    #[inline(never)]
    fn below(part: Part, start: &Start, above: Option<&About>, settings: &Settings) -> Self {
        let above = above.and_then(|above| above.rollup.as_ref()?.way_up(above.activity()));
        let gives = matches!(part, Part::Turn | Part::Call);
        let asked = (gives && settings.prices.is_some()).then(|| Asked::of(&start.attributes));
        if !matches!(part, Part::Sum | Part::Remote) {
            return Self { part, sum: None, above, nested: OnceLock::new(), asked };
        }
        let above = above.and_then(Link::into_open);
        above.iter().for_each(|link| link.sum.pass_over_ended());
        let state = State {
            phase: Phase::Open,
            below: Amounts::default(),
            own: Amounts::default(),
            finish_reasons: None,
            above,
        };
        let sum = Sum { activity: start.operation.activity, remote: part == Part::Remote, state: Mutex::new(state) };
        Self { part, sum: Some(Arc::new(sum)), above: None, nested: OnceLock::new(), asked }
    }

    /// The way up for what starts directly below this span.
    fn way_up(&self, activity: Activity) -> Option<Link> {
        if let Some(sum) = &self.sum {
            return Some(Link { sum: Arc::clone(sum), own: true, in_turn: None });
        }
        let above = self.above.clone()?;
        Some(match activity {
            Activity::Tool | Activity::Mcp => Link { own: false, in_turn: None, ..above },
            Activity::Turn => Link { in_turn: Some(Arc::clone(self.nested.get_or_init(Arc::default))), ..above },
            _ => above,
        })
    }

    /// What a turn that ends used: by what it was given, else by what turns inside of it were.
    fn whole(&self, attributes: &Attributes) -> HandedUp {
        let mut amounts = call(attributes).amounts;
        if let (Some(nested), false) = (self.nested.get(), amounts.has_tokens()) {
            let nested = std::mem::take(&mut *lock(nested));
            if nested.has_tokens() {
                amounts = if amounts.cost.is_known() { nested.with_cost(amounts.cost) } else { nested };
            }
        }
        amounts.turns = 1;
        HandedUp { amounts, finish_reasons: finish_reasons(attributes), own: true }
    }

    /// Settles the usage of a span that ends: a price for a turn without cost, sums for what sums, and up with it.
    #[inline(never)]
    pub(crate) fn settle(&self, about: &About, attributes: &mut Attributes) {
        if let (Some(asked), Some(prices)) = (&self.asked, &about.shared.settings.prices) {
            prices.complete(asked, self.part, attributes);
        }
        let late = match (&self.sum, &self.above, self.part) {
            (Some(sum), _, _) => sum.settle(attributes),
            (None, Some(above), Part::Turn) => above.hand_up_turn(self.whole(attributes)),
            (None, Some(above), Part::Call) => above.hand_up(call(attributes)),
            _ => return,
        };
        if late {
            about.shared.count(Count::LateUsage, "");
        }
    }
}

fn call(attributes: &Attributes) -> HandedUp {
    let mut amounts = Amounts::of(attributes);
    // A call that failed before anything was counted costs nothing.
    if !amounts.cost.is_known() && (amounts.has_tokens() || !attributes.has(ERROR_TYPE)) {
        amounts.cost = Costs::UNKNOWN;
    }
    HandedUp { amounts, finish_reasons: None, own: false }
}

fn finish_reasons(attributes: &Attributes) -> Option<Value> {
    match attributes.get(FINISH_REASONS) {
        Some(reasons @ Value::Array(Array::String(_))) => Some(reasons.clone()),
        _ => None,
    }
}

impl Link {
    /// Gives the usage of a turn to the turn around it, else to every sum above; whether one of these had ended.
    fn hand_up_turn(&self, turn: HandedUp) -> bool {
        match &self.in_turn {
            Some(around) => {
                lock(around).add(&turn.amounts);
                false
            }
            None => self.hand_up(turn),
        }
    }

    /// Gives to every sum above; whether one of them had ended.
    fn hand_up(&self, mut part: HandedUp) -> bool {
        let mut late = false;
        let mut next = Some(self.clone());
        while let Some(link) = next {
            part.own &= link.own && link.in_turn.is_none();
            let taken;
            (taken, next) = link.sum.take_over(&part);
            late |= !taken;
            match link.sum.activity {
                Activity::Agent | Activity::Workflow => part.own = false,
                // How the call for a summary finished says nothing of the agent.
                Activity::Compaction => part.finish_reasons = None,
                _ => {}
            }
        }
        late
    }

    /// The way to the nearest sum that is open.
    fn into_open(self) -> Option<Self> {
        let mut link = self;
        loop {
            let (phase, above) = link.sum.place();
            match phase {
                Phase::Open => return Some(link),
                Phase::Stands => return None,
                // Below another agent, though it has ended.
                Phase::Ended => link = Link { own: false, ..above? },
            }
        }
    }
}

fn lock(nested: &Nested) -> MutexGuard<'_, Amounts> {
    nested.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sum {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> (Phase, Option<Link>) {
        let state = self.state();
        (state.phase, state.above.clone())
    }

    /// Takes over what ended below; whether it could, and the way on.
    fn take_over(&self, part: &HandedUp) -> (bool, Option<Link>) {
        let mut state = self.state();
        if state.phase != Phase::Open {
            return (false, if state.phase == Phase::Ended { state.above.clone() } else { None });
        }
        state.below.add(&part.amounts);
        if part.own && self.activity == Activity::Agent {
            state.own.add(&part.amounts);
            if part.finish_reasons.is_some() {
                state.finish_reasons.clone_from(&part.finish_reasons);
            }
        }
        (true, if self.remote { None } else { state.above.clone() })
    }

    /// Writes the sums of a span that ends; whether a sum above that should have got them had ended.
    fn settle(&self, attributes: &mut Attributes) -> bool {
        let given = if self.activity == Activity::Agent { call(attributes).amounts } else { Amounts::default() };
        let (stands, mut below, own, above) = {
            let mut state = self.state();
            // An agent that tells its usage itself, and has no turns that would: its word is all there is.
            let stands = !given.is_empty() && (self.remote || state.below.is_empty());
            state.phase = if stands { Phase::Stands } else { Phase::Ended };
            let below = if stands { given } else { std::mem::take(&mut state.below) };
            let own = (std::mem::take(&mut state.own), state.finish_reasons.take());
            (stands, below, own, state.above.clone())
        };
        if self.remote && below.is_empty() && !attributes.has(ERROR_TYPE) {
            below.cost = Costs::UNKNOWN;
        }
        let (totals, finish_reasons) = own;
        totals.write_own(attributes);
        if let Some(reasons) = finish_reasons {
            attributes.complete(FINISH_REASONS, reasons);
        }
        below.write(attributes);
        match above {
            Some(above) if stands || self.remote => {
                above.hand_up(HandedUp { amounts: below, finish_reasons: None, own: false })
            }
            _ => false,
        }
    }

    /// Shortens the way up by what has ended.
    fn pass_over_ended(&self) {
        let Some(above) = self.place().1 else { return };
        if above.sum.place().0 == Phase::Open {
            return;
        }
        let open = above.into_open();
        // Dropped after the lock is released.
        let _passed_over = std::mem::replace(&mut self.state().above, open);
    }

    fn take_above(&mut self) -> Option<Link> {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner).above.take()
    }
}

/// One after the other: a deep chain that drops itself would overflow the stack.
impl Drop for Sum {
    fn drop(&mut self) {
        let mut next = self.take_above();
        while let Some(link) = next {
            next = Arc::into_inner(link.sum).and_then(|mut sum| sum.take_above());
        }
    }
}
