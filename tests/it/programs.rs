//! Random programs of guards against a model: every start is one span, ended once, for the reason the model says.

use std::collections::BTreeMap;
use std::future::{pending, ready};
use std::io::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};

use opentelemetry::trace::{SpanId, Status};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tracing::Span;
use tracing_genai::activity::{
    Activity, Compaction, CompactionTrigger, Guard, Operation, Task, Tool, Turn, Usage, Workflow,
};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Workflow,
    Operation,
    Task,
    Turn,
    Tool,
    Compaction,
}

/// One step of a program. Numbers choose among what is there.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Start {
        kind: Kind,
        parent: Option<usize>,
        id: Option<u8>,
    },
    InScope(usize),
    Finish(usize),
    Fail(usize),
    Drop(usize),
    /// The guard is dropped by a panic that passes.
    Unwind(usize),
    /// `run` with work that succeeds, fails, panics, or is dropped halfway as by an aborted task.
    Run(usize, Work),
    /// Somebody holds on to the `tracing` span.
    KeepSpan(usize),
    Shutdown,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Ok,
    Err,
    Panic,
    Aborted,
}

fn step() -> impl Strategy<Value = Step> {
    use Kind::{Compaction, Operation, Task, Tool, Turn, Workflow};
    let kind = prop::sample::select(vec![Workflow, Operation, Task, Turn, Tool, Compaction]);
    let work = prop::sample::select(vec![Work::Ok, Work::Err, Work::Panic, Work::Aborted]);
    let at = 0..64_usize;
    prop_oneof![
        8 => (kind, prop::option::weighted(0.9, at.clone()), prop::option::weighted(0.3, 0..2_u8))
            .prop_map(|(kind, parent, id)| Step::Start { kind, parent, id }),
        1 => at.clone().prop_map(Step::InScope),
        2 => at.clone().prop_map(Step::Finish),
        1 => at.clone().prop_map(Step::Fail),
        1 => at.clone().prop_map(Step::Drop),
        1 => at.clone().prop_map(Step::Unwind),
        1 => (at.clone(), work).prop_map(|(at, work)| Step::Run(at, work)),
        1 => at.prop_map(Step::KeepSpan),
        1 => Just(Step::Shutdown),
    ]
}

pub(crate) fn programs() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..32)
}

/// How a span ended, as it can be read off it.
#[derive(Clone, Debug, PartialEq)]
enum End {
    Success,
    Cancelled,
    Error(&'static str),
    Forced(&'static str),
}

/// What the model knows of a start.
#[derive(Debug)]
struct Node {
    kind: Kind,
    /// The node it hangs in.
    parent: Option<usize>,
    id: Option<u8>,
    /// The node it is a second start of.
    same_as: Option<usize>,
    scope_done: bool,
    end: Option<End>,
}

#[derive(Debug, Default)]
pub(crate) struct Model(Vec<Node>);

impl Model {
    fn start(&mut self, kind: Kind, parent: Option<usize>, id: Option<u8>) {
        let parent = parent.map(|parent| self.0[parent].same_as.unwrap_or(parent));
        // Compactions have no ids, and an id counts only below something; a run's counts everywhere.
        let known = id.is_some() && kind != Kind::Compaction && (parent.is_some() || kind == Kind::Workflow);
        let same = |other: &Node| other.kind == kind && other.parent == parent && other.id == id && other.end.is_none();
        let same_as = self.0.iter().position(|other| known && other.same_as.is_none() && same(other));
        self.0.push(Node { kind, parent, id, same_as, scope_done: false, end: None });
    }

    /// Whether work in the scope that ran to its end leaves nothing to say.
    fn scope_completes(kind: Kind) -> bool {
        matches!(kind, Kind::Task | Kind::Tool | Kind::Compaction)
    }

    fn in_scope(&mut self, at: usize) {
        self.0[at].scope_done |= Self::scope_completes(self.0[at].kind);
    }

    fn dropped(&self, at: usize) -> End {
        let is_whole = matches!(self.0[at].kind, Kind::Workflow | Kind::Operation) || self.0[at].scope_done;
        if is_whole { End::Success } else { End::Cancelled }
    }

    fn end(&mut self, at: usize, end: End) {
        if self.0[at].end.is_some() || self.0[at].same_as.is_some() {
            return;
        }
        self.0[at].end = Some(end);
        match self.0[at].kind {
            Kind::Workflow => self.sweep(Some(at), "run_end"),
            Kind::Operation | Kind::Task => self.sweep(Some(at), "operation_end"),
            Kind::Turn | Kind::Tool | Kind::Compaction => {}
        }
    }

    /// Ends what is open below `top`, or everything.
    fn sweep(&mut self, top: Option<usize>, why: &'static str) {
        for at in 0..self.0.len() {
            let open = self.0[at].end.is_none() && self.0[at].same_as.is_none();
            if open && top.is_none_or(|top| self.is_below(at, top)) {
                self.0[at].end = Some(if self.0[at].scope_done { End::Success } else { End::Forced(why) });
            }
        }
    }

    fn is_below(&self, at: usize, top: usize) -> bool {
        let mut next = self.0[at].parent;
        while let Some(node) = next {
            if node == top {
                return true;
            }
            next = self.0[node].parent;
        }
        false
    }
}

/// A guard of any kind.
trait AnyGuard: Send {
    fn span(&self) -> &Span;
    fn in_scope(&self);
    fn finish(&self);
    fn fail(&self);
    fn run(self: Box<Self>, work: Work);
}

impl<A: Activity + 'static> AnyGuard for Guard<A> {
    fn span(&self) -> &Span {
        Guard::span(self)
    }

    fn in_scope(&self) {
        Guard::in_scope(self, || ());
    }

    fn finish(&self) {
        Guard::finish(self);
    }

    fn fail(&self) {
        self.fail_with("timeout");
    }

    fn run(self: Box<Self>, work: Work) {
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = |future: &mut (dyn Future<Output = Result<(), Error>> + Unpin)| {
            std::pin::Pin::new(future).poll(&mut context)
        };
        match work {
            Work::Ok => assert!(poll(&mut Box::pin(Guard::run(*self, ready(Ok(()))))).is_ready()),
            Work::Err => assert!(poll(&mut Box::pin(Guard::run(*self, ready(Err(Error::other("x")))))).is_ready()),
            Work::Panic => {
                let work = async { resume_unwind(Box::new("a panic of the work")) };
                let mut run = Box::pin(Guard::run(*self, work));
                catch_unwind(AssertUnwindSafe(|| poll(&mut run))).expect_err("it panics");
            }
            Work::Aborted => assert_eq!(poll(&mut Box::pin(Guard::run(*self, pending()))).map(drop), Poll::Pending),
        }
    }
}

fn start(kind: Kind, parent: Option<&Span>, id: Option<u8>, name: usize) -> Box<dyn AnyGuard> {
    /// Every kind has the same setters under other names.
    macro_rules! start {
        ($description:expr, $id:ident) => {{
            let mut description = $description;
            if let Some(id) = id {
                description = description.$id(format!("id-{id}"));
            }
            if let Some(parent) = parent {
                description = description.child_of(parent);
            }
            Box::new(description.user(name.to_string()).start())
        }};
    }
    match kind {
        Kind::Workflow => start!(Workflow::new("w"), run_id),
        Kind::Operation => start!(Operation::prompt("a"), id),
        Kind::Task => start!(Task::new("b"), id),
        Kind::Turn => {
            let turn: Box<Guard<Turn>> = start!(Turn::chat("openai", "m"), id);
            turn.usage(Usage::new(10 + name as u64, 3));
            turn
        }
        Kind::Tool => start!(Tool::new("t"), call_id),
        Kind::Compaction => start!(Compaction::new(CompactionTrigger::Auto), strategy),
    }
}

/// Runs a program, and the model beside it.
pub(crate) fn run(steps: &[Step], shut_down: impl Fn()) -> Model {
    let mut model = Model::default();
    let mut guards: BTreeMap<usize, Box<dyn AnyGuard>> = BTreeMap::new();
    let mut spans: Vec<Span> = Vec::new();
    let mut kept = Vec::new();
    for step in steps {
        let pick = |at: usize| guards.keys().nth(at % guards.len().max(1)).copied();
        match *step {
            Step::Start { kind, parent, id } => {
                let parent = parent.filter(|_| !spans.is_empty()).map(|at| at % spans.len());
                // A parent whose guard is gone is there as long as somebody has its span.
                let parent = parent.filter(|at| guards.contains_key(at));
                let guard = start(kind, parent.map(|at| &spans[at]), id, spans.len());
                model.start(kind, parent, id);
                guards.insert(spans.len(), guard);
                spans.push(guards[&spans.len()].span().clone());
            }
            Step::Shutdown => {
                shut_down();
                model.sweep(None, "shutdown");
            }
            Step::InScope(at) => pick(at).into_iter().for_each(|at| {
                guards[&at].in_scope();
                model.in_scope(at);
            }),
            Step::Finish(at) => pick(at).into_iter().for_each(|at| {
                guards[&at].finish();
                model.end(at, End::Success);
            }),
            Step::Fail(at) => pick(at).into_iter().for_each(|at| {
                guards[&at].fail();
                model.end(at, End::Error("timeout"));
            }),
            Step::KeepSpan(at) => kept.extend(pick(at).map(|at| spans[at].clone())),
            Step::Drop(at) => pick(at).into_iter().for_each(|at| {
                guards.remove(&at);
                model.end(at, model.dropped(at));
            }),
            Step::Unwind(at) => pick(at).into_iter().for_each(|at| {
                let guard = guards.remove(&at);
                let unwound = catch_unwind(AssertUnwindSafe(|| {
                    let _guard = guard;
                    resume_unwind(Box::new("passes through"))
                }));
                unwound.expect_err("it panics");
                model.end(at, End::Error("panic"));
            }),
            Step::Run(at, work) => pick(at).into_iter().for_each(|at| {
                guards.remove(&at).into_iter().for_each(|guard| guard.run(work));
                if !matches!(work, Work::Aborted | Work::Panic) {
                    model.in_scope(at);
                }
                let end = match work {
                    Work::Ok => End::Success,
                    Work::Err => End::Error("std.Error"),
                    Work::Panic => End::Error("panic"),
                    Work::Aborted => model.dropped(at),
                };
                model.end(at, end);
            }),
        }
    }
    for (at, guard) in guards {
        drop(guard);
        model.end(at, model.dropped(at));
    }
    drop((spans, kept));
    model
}

fn check(recorder: &Recorder, model: &Model) {
    let spans = recorder.spans();
    let mut ids: BTreeMap<usize, SpanId> = BTreeMap::new();
    for span in &spans {
        let name = attribute(span, "user.id").expect("every start has one");
        let at = name.trim_matches('"').parse().expect("a number");
        assert_eq!(ids.insert(at, span.span_context.span_id()), None, "{at} is there twice");
    }
    let started = model.0.iter().filter(|node| node.same_as.is_none()).count();
    assert_eq!(spans.len(), started, "one span a start");
    for span in &spans {
        let at = ids.iter().find(|(_, id)| **id == span.span_context.span_id()).map(|(at, _)| *at).expect("listed");
        let node = &model.0[at];
        let text = |key| attribute(span, key).map(|text| text.trim_matches('"').to_owned());
        let end = match (text("error.type"), text("agentic.forced_close"), text("agentic.outcome")) {
            (Some(error), Some(why), None) if error == "interrupted" => format!("{:?}", End::Forced(why.leak())),
            (Some(error), None, None) => format!("{:?}", End::Error(error.leak())),
            (None, None, Some(outcome)) if outcome == "cancelled" => format!("{:?}", End::Cancelled),
            (None, None, None) => format!("{:?}", End::Success),
            other => format!("{other:?}"),
        };
        assert_eq!(Some(end), node.end.as_ref().map(|end| format!("{end:?}")), "end of {at}");
        let is_error = matches!(node.end, Some(End::Error(_) | End::Forced(_)));
        assert_eq!(span.status, if is_error { Status::error("") } else { Status::Unset }, "status of {at}");
        let parent = node.parent.map_or(SpanId::INVALID, |parent| ids[&parent]);
        assert_eq!(span.parent_span_id, parent, "parent of {at}");
    }
}

#[test]
fn every_program_of_guards_makes_the_spans_of_the_model() {
    // One tracer for all of them: a thing is said once a tracer, and what one program leaves behind meets the next.
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    let mut runner = TestRunner::new(ProptestConfig { cases: 10_000, ..ProptestConfig::default() });
    let outcome = tracing::subscriber::with_default(subscriber, || {
        runner.run(&programs(), |steps| {
            recorder.forget();
            let model = run(&steps, || {
                tracer.interrupt_open_spans();
            });
            check(&recorder, &model);
            prop_assert_eq!(tracer.stats().open_spans, 0);
            Ok(())
        })
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Ends race with each other, with the sweep of their operation and with a shutdown.
#[test]
fn ends_that_race_are_one_end() {
    const THREADS: usize = 4;
    for round in 0..200 {
        let recorder = Recorder::default();
        let tracer = recorder.tracer();
        let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(tracer.clone().into_layer()));
        let operation = tracing::dispatcher::with_default(&dispatch, || Operation::prompt("a").start());
        let barrier = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (operation, barrier, dispatch, tracer) = (&operation, &barrier, &dispatch, &tracer);
                scope.spawn(move || {
                    let _default = tracing::dispatcher::set_default(dispatch);
                    let start = || Turn::chat("openai", "m").child_of(operation.span()).start();
                    let mut turns: Vec<_> = (0..8).map(|_| start()).collect();
                    barrier.wait();
                    match (thread + round) % THREADS {
                        0 => operation.finish(),
                        1 => {
                            tracer.interrupt_open_spans();
                        }
                        2 => turns.iter().for_each(|turn| turn.finish()),
                        _ => turns.extend((0..8).map(|_| start())),
                    }
                });
            }
        });
        drop(operation);
        drop(dispatch);
        assert_eq!(recorder.spans().len(), 1 + THREADS * 8 + 8);
        assert_eq!(tracer.stats().open_spans, 0);
    }
}
