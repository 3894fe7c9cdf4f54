//! What was left out and what went wrong inside, counted; the first of each kind said once.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// One thing that is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    ContentOmitted,
    UnknownField,
    RefusedValue,
    ValueCut,
    AttributeCut,
    ChangedAtStart,
    AfterEnd,
    LateUsage,
    HookPanic,
    TracerPanic,
    Interrupted,
    Evicted,
    DuplicateStart,
    PolicyFailed,
    ContentRefused,
    ContentDropped,
    ContentTruncated,
    ContentNotStored,
    NoLogger,
    LabelLimit,
    BodyNotRead,
    CallUnseen,
}

/// How many kinds of things are counted.
pub(crate) const KINDS: usize = 22;

struct Row {
    /// Said on standard error the first time, with what it happened to; empty for what is by design.
    notice: &'static str,
}

const fn row(notice: &'static str) -> Row {
    Row { notice }
}

#[rustfmt::skip]
const ROWS: [Row; KINDS] = [
    /* ContentOmitted */ row(""),
    /* UnknownField   */ row("a GenAI span has a field that is no attribute of the conventions; it is not exported (allow it with GenAiTracer::with_attributes)"),
    /* RefusedValue   */ row("a value is not of its attribute's type; it is not exported"),
    /* ValueCut       */ row("a name or another value is too long, or holds control characters; it was cut"),
    /* AttributeCut   */ row("a span has more attributes than its limit allows; the least important are not exported"),
    /* ChangedAtStart */ row("an attribute that names or samples the span was changed after its start; the first value stays"),
    /* AfterEnd       */ row(""),
    /* LateUsage      */ row(""),
    /* HookPanic      */ row("a hook panicked; the span went on without it"),
    /* TracerPanic    */ row("the tracer or a span processor panicked; the span is lost"),
    /* Interrupted    */ row(""),
    /* Evicted        */ row("too many GenAI spans are open, or one is open for too long; the oldest ended as interrupted (see GenAiTracer::with_max_open_spans)"),
    /* DuplicateStart */ row("an activity was started that is open already; the second start was ignored"),
    /* PolicyFailed   */ row("the content policy panicked, failed or took too long; the item is not exported"),
    /* ContentRefused */ row("content is too large, too deep or no JSON; it is not exported"),
    /* ContentDropped */ row(""),
    /* ContentTrunca… */ row(""),
    /* NotStored      */ row("content should be stored, and there is no store or too much waits for it; it has no reference"),
    /* NoLogger       */ row("content, or an evaluation, should go on log events, and nobody writes them; it is not exported (see GenAiTracer::with_logger_provider)"),
    /* LabelLimit     */ row("a metric has too many label sets; the rest is measured as otel.metric.overflow"),
    /* BodyNotRead    */ row("a request or reply of a model is too large, compressed or no JSON; its span tells less"),
    /* CallUnseen     */ row("following a model call panicked; the call went on unseen"),
];

/// A snapshot of the counters of one [`GenAiTracer`](crate::GenAiTracer).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Values of content attributes that stayed in the process because no policy wanted them.
    pub content_omitted: u64,
    /// Fields on GenAI spans that no table knows.
    pub unknown_fields: u64,
    /// Values that are not of their attribute's type (`NaN`, text for a number …).
    pub refused_values: u64,
    /// Names, texts and lists that were longer than [`MAX_NAME_LENGTH`](crate::MAX_NAME_LENGTH),
    /// [`MAX_TEXT_LENGTH`](crate::MAX_TEXT_LENGTH) and [`MAX_LIST_LENGTH`](crate::MAX_LIST_LENGTH), or held control
    /// characters.
    pub values_cut: u64,
    /// Attributes beyond [`with_attribute_limit`](crate::GenAiTracer::with_attribute_limit).
    pub attributes_cut: u64,
    /// Later values, the same or another, for attributes that are fixed at the start.
    pub changed_at_start: u64,
    /// Values that came after their span had ended.
    pub after_end: u64,
    /// Turns and agents that ended after a span above that sums their usage: those above that are still open have it.
    pub late_usage: u64,
    /// Panics of the application's hooks.
    pub hook_panics: u64,
    /// Panics of the tracer or of span processors below us.
    pub tracer_panics: u64,
    /// Spans that ended because what they ran in ended, was resumed or shut down: `agentic.forced_close`.
    pub interrupted: u64,
    /// Spans that ended because too many were open, or they were for too long.
    pub evicted: u64,
    /// Starts of an activity that was open already.
    pub duplicate_starts: u64,
    /// Content that stayed in because its policy panicked, failed or took too long.
    pub content_policy_failures: u64,
    /// Content that stayed in because it is too large, too deep or no JSON.
    pub content_refused: u64,
    /// Content that no budget had room for.
    pub content_dropped: u64,
    /// Content that should be stored only, and has no reference: there is no store, or too much waits for it.
    pub content_not_stored: u64,
    /// Content that was cut to its budget.
    pub content_truncated: u64,
    /// Label sets beyond [`MAX_LABEL_SETS`](crate::MAX_LABEL_SETS) of a metric, one for each span that had one.
    pub label_sets_refused: u64,
    /// Requests and replies of models that were passed on, and not read: too large, compressed, no JSON.
    pub bodies_not_read: u64,
    /// Panics of this crate while it followed a model call; the call went on.
    pub unseen_calls: u64,
    /// GenAI spans, and plain spans inside them, that children may still find: until the last handle to the span is
    /// gone, which may be after its end.
    pub open_spans: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; KINDS]);

impl Counters {
    /// Counts `what`; `about` is a key or a word out of our tables, never a value.
    #[cold]
    pub(crate) fn add(&self, what: Count, about: &str) {
        let Some(counter) = self.0.get(what as usize) else { return };
        let first = counter.fetch_add(1, Ordering::Relaxed) == 0;
        let notice = ROWS.get(what as usize).map_or("", |row| row.notice);
        if first && !notice.is_empty() {
            // Not through `tracing`: we may be inside one of its callbacks. Not `eprintln!`: it panics when standard
            // error is closed.
            // A key made at run time may hold anything.
            let about = if is_name(about) { about } else { "(not shown)" };
            let _ = writeln!(std::io::stderr(), "tracing-genai: {notice}: {about}");
        }
    }

    pub(crate) fn get(&self, what: Count) -> u64 {
        self.0.get(what as usize).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    pub(crate) fn snapshot(&self, open_spans: usize) -> Stats {
        Stats {
            content_omitted: self.get(Count::ContentOmitted),
            unknown_fields: self.get(Count::UnknownField),
            refused_values: self.get(Count::RefusedValue),
            values_cut: self.get(Count::ValueCut),
            attributes_cut: self.get(Count::AttributeCut),
            changed_at_start: self.get(Count::ChangedAtStart),
            after_end: self.get(Count::AfterEnd),
            late_usage: self.get(Count::LateUsage),
            hook_panics: self.get(Count::HookPanic),
            tracer_panics: self.get(Count::TracerPanic),
            interrupted: self.get(Count::Interrupted),
            evicted: self.get(Count::Evicted),
            duplicate_starts: self.get(Count::DuplicateStart),
            content_policy_failures: self.get(Count::PolicyFailed),
            content_refused: self.get(Count::ContentRefused),
            content_dropped: self.get(Count::ContentDropped),
            content_not_stored: self.get(Count::ContentNotStored),
            content_truncated: self.get(Count::ContentTruncated),
            label_sets_refused: self.get(Count::LabelLimit),
            bodies_not_read: self.get(Count::BodyNotRead),
            unseen_calls: self.get(Count::CallUnseen),
            open_spans,
        }
    }
}

/// Whether a text may be shown as a name: no value would pass for one.
pub(crate) fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.len() <= 64 && text.bytes().all(inner)
}
