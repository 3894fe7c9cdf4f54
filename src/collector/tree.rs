//! Received spans as text: one line a span, indented below its parent.
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::line;
use super::span::ReceivedSpan;

/// Levels drawn with guides; deeper spans stay in the last column and tell their depth as a number.
const MAX_GUIDES: usize = 12;

/// Widest name column, in characters; a longer label pushes its own line to the right and no other.
const MAX_COLUMN: usize = 56;

/// Width of the durations, right-aligned: the longest is `59.99 s`.
const DURATION_COLUMN: usize = 7;

/// Whether a tree shows what differs from run to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durations {
    /// Show durations, and above each trace its id, number of spans and length.
    #[default]
    Shown,
    /// Leave durations, ids and alignment out: the text of a test's snapshot.
    Hidden,
}

/// Spans as a tree; printed with `Display`.
///
/// ```text
/// trace 4bf92f3577b34da6a3ce929d0e0e4736 · 5 spans · 4.21 s
/// invoke_workflow release-notes   4.21 s
/// └─ invoke_agent writer          3.90 s  1204→310 tokens
///    ├─ chat gpt-5                1.02 s  1204→310 tokens, 80 cached
///    ├─ execute_tool search       212 ms  error timeout
///    └─ compact writer            300 ms  12k→3k tokens
/// ```
///
/// Traces come in order of their first start, siblings in order of start and then span id. A span whose parent is
/// not among the spans is printed as a root that says so. Text of spans is escaped, so that no name can forge a line.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    spans: &'a [ReceivedSpan],
    durations: Durations,
}

/// The tree of `spans` with durations and trace ids; empty for no spans.
pub fn render(spans: &[ReceivedSpan]) -> String {
    Tree::new(spans).to_string()
}

/// The tree of `spans`, with or without what differs from run to run.
pub fn render_with(spans: &[ReceivedSpan], durations: Durations) -> String {
    Tree::new(spans).with_durations(durations).to_string()
}

impl<'a> Tree<'a> {
    /// A tree of `spans`, which may belong to several traces and come in any order.
    pub fn new(spans: &'a [ReceivedSpan]) -> Self {
        Self { spans, durations: Durations::default() }
    }

    /// Shows or hides what differs from run to run. Default: [`Durations::Shown`].
    pub fn with_durations(self, durations: Durations) -> Self {
        Self { durations, ..self }
    }
}

impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, trace) in traces(self.spans).into_iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            let rows = trace.rows();
            match self.durations {
                Durations::Shown => {
                    writeln!(f, "{}", trace.heading())?;
                    write_aligned(f, &rows)?;
                }
                Durations::Hidden => write_plain(f, &rows)?,
            }
        }
        Ok(())
    }
}

fn traces(spans: &[ReceivedSpan]) -> Vec<Trace<'_>> {
    let mut by_id: BTreeMap<&str, Vec<&ReceivedSpan>> = BTreeMap::new();
    for span in spans {
        by_id.entry(&span.trace_id).or_default().push(span);
    }
    let mut traces: Vec<Trace<'_>> = by_id.into_values().map(Trace::new).collect();
    traces.sort_by_key(Trace::start);
    traces
}

fn write_aligned(f: &mut fmt::Formatter<'_>, rows: &[Row<'_>]) -> fmt::Result {
    let widths = rows.iter().map(|row| row.label.chars().count());
    let column = widths.filter(|width| *width <= MAX_COLUMN).max().unwrap_or_default();
    for row in rows {
        let duration = line::duration(row.span.duration_nanos());
        write!(f, "{:column$}  {duration:>DURATION_COLUMN$}", row.label)?;
        let notes = row.notes(|parent| format!("parent {parent} not received"));
        writeln!(f, "{}{notes}", if notes.is_empty() { "" } else { "  " })?;
    }
    Ok(())
}

fn write_plain(f: &mut fmt::Formatter<'_>, rows: &[Row<'_>]) -> fmt::Result {
    for row in rows {
        let notes = row.notes(|_| "parent not received".to_owned());
        writeln!(f, "{}{}{notes}", row.label, if notes.is_empty() { "" } else { "  " })?;
    }
    Ok(())
}

/// The spans of one trace, sorted by start and then span id, and who is whose child.
struct Trace<'a> {
    spans: Vec<&'a ReceivedSpan>,
    ids: HashSet<&'a str>,
    children: HashMap<&'a str, Vec<usize>>,
}

/// One line before alignment.
struct Row<'a> {
    span: &'a ReceivedSpan,
    label: String,
    place: Place,
}

/// How a span got its place in the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Orphan,
    /// Its ancestors are each other's ancestors; some span has to come first.
    Loop,
    Child,
}

/// A span still to be printed.
struct Pending {
    span: usize,
    place: Place,
    depth: usize,
    /// Guides of the ancestors.
    guides: String,
    /// The branch that ties it to its parent.
    branch: &'static str,
}

impl<'a> Trace<'a> {
    fn new(mut spans: Vec<&'a ReceivedSpan>) -> Self {
        spans.sort_by_key(|span| (span.start_unix_nanos, &span.span_id));
        let ids = spans.iter().map(|span| span.span_id.as_str()).collect();
        let mut children: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, span) in spans.iter().enumerate() {
            if let Some(parent) = &span.parent_span_id {
                children.entry(parent).or_default().push(n);
            }
        }
        Self { spans, ids, children }
    }

    fn start(&self) -> u64 {
        self.spans.first().map_or(0, |span| span.start_unix_nanos)
    }

    fn heading(&self) -> String {
        let id = self.spans.first().map_or("", |span| span.trace_id.as_str());
        let id = line::printable(id, line::MAX_NAME_CHARS);
        let plural = if self.spans.len() == 1 { "" } else { "s" };
        let length = line::duration(self.duration_nanos());
        format!("trace {id} · {} span{plural} · {length}", self.spans.len())
    }

    /// From the first start to the last end; a time that was not sent is 0 and does not count.
    fn duration_nanos(&self) -> Option<u64> {
        let mut starts = self.spans.iter().map(|span| span.start_unix_nanos);
        let start = starts.find(|start| *start != 0)?;
        let end = self.spans.iter().map(|span| span.end_unix_nanos).max()?;
        end.checked_sub(start)
    }

    /// Every span once, parents before children. Walks with a stack of its own: depth is the sender's choice.
    fn rows(&self) -> Vec<Row<'a>> {
        let mut rows = Vec::with_capacity(self.spans.len());
        let mut seen = HashSet::with_capacity(self.spans.len());
        let tops = (0..self.spans.len()).filter_map(|n| Some((n, self.top(n)?)));
        // Whatever no root leads to is in a loop of parents, or below one.
        let loops = (0..self.spans.len()).map(|n| (n, Place::Loop));
        for (span, place) in tops.chain(loops) {
            self.walk(Pending::top(span, place), &mut seen, &mut rows);
        }
        rows
    }

    fn top(&self, span: usize) -> Option<Place> {
        match self.spans.get(span)?.parent_span_id.as_deref() {
            None => Some(Place::Root),
            Some(parent) if !self.ids.contains(parent) => Some(Place::Orphan),
            Some(_) => None,
        }
    }

    fn walk(&self, top: Pending, seen: &mut HashSet<usize>, rows: &mut Vec<Row<'a>>) {
        let mut stack = vec![top];
        while let Some(next) = stack.pop() {
            let Some(&span) = self.spans.get(next.span) else {
                continue;
            };
            if !seen.insert(next.span) {
                continue;
            }
            let children = self.children.get(span.span_id.as_str()).map_or(&[][..], Vec::as_slice);
            for (n, child) in children.iter().enumerate().rev() {
                let branch = if n + 1 == children.len() { "└─ " } else { "├─ " };
                stack.push(next.child(*child, branch));
            }
            rows.push(Row { span, label: next.label(span), place: next.place });
        }
    }
}

impl Pending {
    fn top(span: usize, place: Place) -> Self {
        Self { span, place, depth: 0, guides: String::new(), branch: "" }
    }

    fn child(&self, span: usize, branch: &'static str) -> Self {
        let guide = match self.branch {
            _ if self.depth > MAX_GUIDES => "",
            "" => "",
            "└─ " => "   ",
            _ => "│  ",
        };
        let guides = format!("{}{guide}", self.guides);
        Self { span, place: Place::Child, depth: self.depth + 1, guides, branch }
    }

    fn label(&self, span: &ReceivedSpan) -> String {
        let (guides, name) = (&self.guides, line::name(span));
        if self.depth > MAX_GUIDES {
            return format!("{guides}⋯{} {name}", self.depth);
        }
        format!("{guides}{}{name}", self.branch)
    }
}

impl Row<'_> {
    fn notes(&self, orphan: impl Fn(&str) -> String) -> String {
        let mut notes = line::notes(self.span);
        let parent = self.span.parent_span_id.as_deref().unwrap_or_default();
        match self.place {
            Place::Root | Place::Child => {}
            Place::Orphan => {
                notes.push(orphan(&line::printable(parent, line::MAX_NAME_CHARS)));
            }
            Place::Loop => notes.push("parents in a loop".to_owned()),
        }
        notes.join(" · ")
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
