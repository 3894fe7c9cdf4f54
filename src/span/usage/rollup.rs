//! The sums of usage: a chain of its own beside the spans.
//!
//! A turn that ends gives what it used to every sum above it, one lock at a time: whoever ends first, a sum that is
//! still open gets it. Sums are held by what is below them, and not their spans: an agent that is gone leads on to the
//! workflow above it. Those that have ended are passed over when a new one starts, so that chains cannot pile up.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use opentelemetry::{Array, Value};

use crate::rules::rollup::{Part, part};
use crate::rules::{Activity, FieldId};
use crate::semconv::value::gen_ai_operation_name as op;
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
    /// The turn that it is inside of, with nothing but what belongs to that call between.
    around: Option<Arc<Nested>>,
    /// What turns inside this turn used; `None` from its end on, if there was none.
    nested: OnceLock<Option<Arc<Nested>>>,
    /// What a price table has to know of its start.
    asked: Option<Box<Asked>>,
}

/// Usage of the turns in a turn: a guard around another crate's own span for the same call. They tell of one call, so
/// the outer one counts; what it does not know itself it has from these.
type Nested = Mutex<Within>;

#[derive(Debug, Default)]
struct Within {
    used: Amounts,
    /// Whether the outer turn has ended: what starts below it then is another call.
    is_over: bool,
}

/// The way from a span to the nearest sum above it.
#[derive(Clone, Debug)]
struct Link {
    sum: Arc<Sum>,
    /// Whether neither tool nor turn stands between: what a tool calls a model for is not the agent's own turn.
    own: bool,
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
    calls: Calls,
    /// Of its last own turn.
    finish_reasons: Option<Value>,
    above: Option<Link>,
}

/// Calls that an agent made itself, failed ones included: not those of agents below it, nor of its tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) inference: u64,
    pub(crate) tools: u64,
}

impl Calls {
    const TURN: Self = Self { inference: 1, tools: 0 };
    const TOOL: Self = Self { inference: 0, tools: 1 };
    const NONE: Self = Self { inference: 0, tools: 0 };

    fn add(&mut self, more: Self) {
        self.inference = self.inference.saturating_add(more.inference);
        self.tools = self.tools.saturating_add(more.tools);
    }
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
    calls: Calls,
    finish_reasons: Option<Value>,
    own: bool,
}

impl RollUp {
    /// That of a span that starts below `above`; `None` if it has nothing to do with the sums.
    #[inline]
    pub(crate) fn of(start: &Start, kind: SpanKind, above: Option<&dyn Open>, settings: &Settings) -> Option<Self> {
        let part = part(start.operation, kind);
        // A turn may have one inside that tells of the same call: who measures it has to know.
        let is_asked = settings.prices.is_some() || (part == Part::Turn && settings.observers.any());
        let is_alone = above.is_none() && !is_asked && !matches!(part, Part::Sum | Part::Remote);
        if is_alone { None } else { Some(Self::below(part, start, above.map(Open::about), settings)) }
    }

    #[inline(never)]
    fn below(part: Part, start: &Start, above: Option<&About>, settings: &Settings) -> Self {
        let rollup = above.and_then(|above| Some((above.rollup.as_ref()?, above.activity())));
        let around = rollup.and_then(|(above, of)| above.turn_around(of)).filter(|turn| !lock(turn).is_over);
        let above = rollup.and_then(|(above, activity)| above.way_up(activity));
        let gives = matches!(part, Part::Turn | Part::Call);
        let asked = (gives && settings.prices.is_some()).then(|| Asked::of(&start.attributes));
        if !matches!(part, Part::Sum | Part::Remote) {
            return Self { part, sum: None, above, around, nested: OnceLock::new(), asked };
        }
        let link = |above: Link| Link { own: above.own && around.is_none(), ..above };
        let above = above.map(link).and_then(Link::into_open);
        above.iter().for_each(|link| link.sum.pass_over_ended());
        let state = State {
            phase: Phase::Open,
            below: Amounts::default(),
            own: Amounts::default(),
            calls: Calls::NONE,
            finish_reasons: None,
            above,
        };
        let sum = Sum { activity: start.operation.activity, remote: part == Part::Remote, state: Mutex::new(state) };
        Self { part, sum: Some(Arc::new(sum)), above: None, around: None, nested: OnceLock::new(), asked }
    }

    /// The way up for what starts directly below this span.
    fn way_up(&self, activity: Activity) -> Option<Link> {
        if let Some(sum) = &self.sum {
            return Some(Link { sum: Arc::clone(sum), own: true });
        }
        let above = self.above.clone()?;
        let is_tool = matches!(activity, Activity::Tool | Activity::Mcp);
        Some(Link { own: above.own && !is_tool, ..above })
    }

    /// The turn that a turn directly below this span would be the same call as.
    fn turn_around(&self, activity: Activity) -> Option<Arc<Nested>> {
        match activity {
            Activity::Turn => self.nested.get_or_init(|| Some(Arc::default())).clone(),
            Activity::Tool | Activity::Mcp => None,
            _ => self.around.clone(),
        }
    }

    /// Whether it started inside an open turn, a guard around another crate's own span for the same call: both tell of
    /// one call, and the outer one counts.
    pub(crate) fn is_nested(&self) -> bool {
        self.part == Part::Turn && self.around.is_some()
    }

    /// What turns inside of this one used that has ended, if it told nothing itself.
    pub(crate) fn nested(&self) -> Option<Amounts> {
        let nested = self.nested.get()?.as_deref().map(|nested| lock(nested).used.clone())?;
        nested.has_tokens().then_some(nested)
    }

    /// The calls an agent that has ended made itself; `None` if nobody knows.
    pub(crate) fn calls(&self) -> Option<Calls> {
        let state = self.sum.as_ref()?.state();
        (state.phase == Phase::Ended).then_some(state.calls)
    }

    /// What a turn that ends used: by what it was given, else by what turns inside of it were.
    fn whole(&self, attributes: &Attributes) -> HandedUp {
        let mut amounts = call(attributes).amounts;
        if let (Some(nested), false) = (self.nested(), amounts.has_tokens()) {
            amounts = if amounts.cost.is_known() { nested.with_cost(amounts.cost) } else { nested };
        }
        amounts.turns = 1;
        HandedUp { amounts, calls: Calls::TURN, finish_reasons: finish_reasons(attributes), own: true }
    }

    /// Gives the usage of a turn to the turn around it, else to every sum above; whether one of these had ended.
    fn hand_up_turn(&self, above: Option<&Link>, attributes: &Attributes) -> bool {
        match (&self.around, above) {
            (Some(around), _) => {
                let inner = self.whole(attributes);
                lock(around).used.add(&inner.amounts);
                false
            }
            (None, Some(above)) => above.hand_up(self.whole(attributes)),
            (None, None) => false,
        }
    }

    /// Settles the usage of a span that ends: a price for a turn without cost, sums for what sums, and up with it.
    #[inline(never)]
    pub(crate) fn settle(&self, about: &About, attributes: &mut Attributes) {
        if let (Some(asked), Some(prices)) = (&self.asked, &about.shared.settings.prices) {
            prices.complete(asked, self.part, attributes);
        }
        if let (Part::Turn, Some(nested)) = (self.part, self.nested.get_or_init(|| None)) {
            lock(nested).is_over = true;
        }
        let late = match (&self.sum, &self.above, self.part) {
            (Some(sum), _, _) => sum.settle(attributes),
            (None, above, Part::Turn) => self.hand_up_turn(above.as_ref(), attributes),
            (None, Some(above), Part::Call) => above.hand_up(call(attributes)),
            (None, Some(above), Part::Nothing) if is_tool_call(about) => {
                above.count_tool();
                return;
            }
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
    HandedUp { amounts, calls: Calls::NONE, finish_reasons: None, own: false }
}

/// Whether it is an agent's call of a tool that somebody may ask for.
fn is_tool_call(about: &About) -> bool {
    let asks = about.operation.name == Some(op::EXECUTE_TOOL) && about.kind != SpanKind::Server;
    asks && about.shared.settings.observers.any()
}

fn finish_reasons(attributes: &Attributes) -> Option<Value> {
    match attributes.get(FINISH_REASONS) {
        Some(reasons @ Value::Array(Array::String(_))) => Some(reasons.clone()),
        _ => None,
    }
}

impl Link {
    /// Counts a tool for the nearest agent, if it called the tool itself.
    fn count_tool(&self) {
        let mut next = Some(self.clone());
        while let Some(link) = next.filter(|link| link.own) {
            next = link.sum.count_tool();
        }
    }

    /// Gives to every sum above; whether one of them had ended.
    fn hand_up(&self, mut part: HandedUp) -> bool {
        let mut late = false;
        let mut next = Some(self.clone());
        while let Some(link) = next {
            part.own &= link.own;
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

fn lock(nested: &Nested) -> MutexGuard<'_, Within> {
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
            state.calls.add(part.calls);
            if part.finish_reasons.is_some() {
                state.finish_reasons.clone_from(&part.finish_reasons);
            }
        }
        (true, if self.remote { None } else { state.above.clone() })
    }

    /// Counts a tool, if this is an open agent; else the way on.
    fn count_tool(&self) -> Option<Link> {
        let mut state = self.state();
        match self.activity {
            Activity::Workflow => None,
            Activity::Agent => {
                if state.phase == Phase::Open {
                    state.calls.add(Calls::TOOL);
                }
                None
            }
            _ => state.above.clone(),
        }
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
                above.hand_up(HandedUp { amounts: below, calls: Calls::NONE, finish_reasons: None, own: false })
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
