//! Ending what is still open below a span that ends.
//!
//! Every open span lists those that end with it: its children, and those of children that have ended since. The list
//! is kept where a child starts and where a parent ends, so nothing has to search the table of open spans.

use std::sync::{Arc, Weak};
use std::time::SystemTime;

use crate::rules::Activity;
use crate::semconv::value::agentic_forced_close as forced;
use crate::span::open::{About, End, Open};
use crate::span::stats::Count;

/// Why a span is ended from outside: `agentic.forced_close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forced {
    OperationEnd,
    RunEnd,
    Resume,
    Shutdown,
    /// More spans are open than there may be, and this was the oldest that nothing ran in.
    Capacity,
    /// It was open longer than a span may be, and nothing ran in it.
    Expired,
}

impl Forced {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::OperationEnd => forced::OPERATION_END,
            Self::RunEnd => forced::RUN_END,
            Self::Resume => forced::RESUME,
            Self::Shutdown => forced::SHUTDOWN,
            Self::Capacity => forced::CAPACITY,
            Self::Expired => forced::EXPIRED,
        }
    }

    pub(crate) fn count(self) -> Count {
        match self {
            Self::Capacity | Self::Expired => Count::Evicted,
            _ => Count::Interrupted,
        }
    }

    /// What the end of an activity says to those below it; `None` if they may go on.
    fn by_end_of(activity: Activity) -> Option<Self> {
        match activity {
            Activity::Workflow => Some(Self::RunEnd),
            Activity::Agent | Activity::Operation => Some(Self::OperationEnd),
            _ => None,
        }
    }
}

/// Lists `child` with the nearest span above it that is open: one that starts after its parent has ended still ends
/// with the operation or the run that both belong to.
pub(crate) fn adopt(child: &Arc<dyn Open>) {
    let Some(above) = child.about().parent() else { return };
    let child = Arc::downgrade(child);
    // Its home is the span above from the start on.
    if !above.adopt(&child) {
        hang_up(&child, above.home());
    }
}

fn hang_up(child: &Weak<dyn Open>, mut above: Option<Arc<dyn Open>>) {
    while let Some(span) = above {
        // First: once it is on the list, the span may end and hang it up elsewhere.
        if let Some(child) = child.upgrade() {
            child.set_home(Arc::downgrade(&span));
        }
        if span.adopt(child) {
            return;
        }
        // Not its parent: that one may be gone by now, and the way up with it.
        above = span.home();
    }
}

/// Why those below a span end with it; `None` if they may go on.
pub(crate) fn reason(ending: &About, how: &End) -> Option<Forced> {
    match how {
        End::Forced(why) => Some(*why),
        _ => Forced::by_end_of(ending.activity()),
    }
}

/// Lets go of the children of a span that ends: they end first, or hang on with the span whose list that one is on.
pub(crate) fn release(
    children: Vec<Weak<dyn Open>>,
    home: Option<Weak<dyn Open>>,
    at: SystemTime,
    why: Option<Forced>,
) {
    if let Some(why) = why {
        sweep(children, at, why);
        return;
    }
    let home = home.and_then(|home| home.upgrade());
    children.iter().filter(|child| is_open(child)).for_each(|child| hang_up(child, home.clone()));
}

/// Ends `spans` and everything open below them, children first, and says how many they were.
pub(crate) fn sweep(mut spans: Vec<Weak<dyn Open>>, at: SystemTime, why: Forced) -> usize {
    // A list and no recursion: agents that delegate to agents may nest deeper than a stack.
    let mut found = Vec::new();
    while let Some(span) = spans.pop() {
        if let Some(span) = span.upgrade().filter(|span| span.is_open()) {
            spans.extend(span.disown());
            found.push(span);
        }
    }
    found.iter().rev().filter(|span| span.end(at, End::Forced(why))).count()
}

fn is_open(span: &Weak<dyn Open>) -> bool {
    span.upgrade().is_some_and(|span| span.is_open())
}
