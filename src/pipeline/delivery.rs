//! A route that runs, as the application sees it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};

use super::counts::{Counted, Counts};
use super::courier::Stop;
use super::ended_span::EndedSpan;
use super::error::FlushError;
use super::outbox::Outbox;
use super::record::Record;
use super::signal::Signal;
use super::worker::Flush;

/// How long past the deadline the caller waits for the export thread to say it is done.
const GRACE: Duration = Duration::from_millis(200);

/// One export thread and what leads to it.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) name: &'static str,
    pub(crate) spans: Option<Outbox<EndedSpan>>,
    pub(crate) records: Option<Outbox<Record>>,
    /// One for each signal that is exported.
    pub(crate) lanes: Vec<Lane>,
    pub(crate) stop: watch::Sender<Stop>,
    pub(crate) thread: Mutex<Thread>,
}

/// One signal's loop, as seen from outside.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) signal: Signal,
    pub(crate) counts: Arc<Counts>,
    pub(crate) flushes: mpsc::Sender<Flush>,
}

/// The export thread as seen from outside.
#[derive(Debug)]
pub(crate) struct Thread {
    /// Never receives; closes when the thread has done its last work.
    pub(crate) finished: Receiver<()>,
    pub(crate) handle: Option<JoinHandle<()>>,
}

impl Delivery {
    pub(crate) fn push_span(&self, span: EndedSpan) {
        if let Some(outbox) = &self.spans {
            outbox.push(span);
        }
    }

    pub(crate) fn push_record(&self, record: Record) {
        if let Some(outbox) = &self.records {
            outbox.push(record);
        }
    }

    /// What became of a signal; all zero if it is not exported.
    pub(crate) fn counted(&self, signal: Signal) -> Counted {
        let lane = self.lanes.iter().find(|lane| lane.signal == signal);
        lane.map(|lane| lane.counts.read()).unwrap_or_default()
    }

    /// Tells the export thread to send what is queued, at most until the deadline; an earlier one stays.
    fn begin_stop(&self, deadline: Instant) {
        self.stop.send_if_modified(|stop| match stop {
            Some(earlier) if *earlier <= deadline => false,
            _ => {
                *stop = Some(deadline);
                true
            }
        });
    }

    /// Whether the export thread has ended, now or before.
    fn await_end(&self) -> bool {
        // One moment for all routes and calls, whichever is asked first.
        let end = self.stop.borrow().map(|deadline| deadline.checked_add(GRACE).unwrap_or(deadline));
        let left = end.map_or(Duration::ZERO, |end| end.saturating_duration_since(Instant::now()));
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        match thread.finished.recv_timeout(left) {
            Err(RecvTimeoutError::Timeout) => false,
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                // A panic of the thread has nothing more to tell: what it held is in no count and so counts as dropped.
                let _ = thread.handle.take().map(JoinHandle::join);
                true
            }
        }
    }
}

/// Sends what is queued on all routes, at most until `timeout` is over, and ends their threads; says whether all did. A
/// second call finds them ended.
pub(crate) fn stop_all(routes: &[Arc<Delivery>], timeout: Duration) -> bool {
    let deadline = deadline(timeout);
    routes.iter().for_each(|route| route.begin_stop(deadline));
    let late = routes.iter().filter(|route| !route.await_end()).count();
    late == 0
}

/// A lane that was asked to flush.
struct Asked<'a> {
    lane: &'a Lane,
    failed_before: u64,
    answer: Receiver<()>,
    /// Found no room: only held, so that the answer is late and not refused.
    _unheard: Option<Flush>,
}

/// Waits until everything queued now was sent or failed, at most `timeout`; all routes and signals at once.
pub(crate) fn flush_all(routes: &[Arc<Delivery>], timeout: Duration) -> Result<(), FlushError> {
    let deadline = deadline(timeout);
    let lanes = routes.iter().flat_map(|route| &route.lanes);
    let asked: Vec<_> = lanes.map(ask).collect::<Result<_, _>>()?;
    let mut outcome = Ok(());
    for asked in &asked {
        let left = deadline.saturating_duration_since(Instant::now());
        match asked.answer.recv_timeout(left) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => outcome = Err(FlushError::Timeout(timeout)),
            Err(RecvTimeoutError::Disconnected) => outcome = outcome.and(Err(FlushError::Stopped)),
        }
    }
    outcome.and_then(|()| lost(&asked))
}

fn ask(lane: &Lane) -> Result<Asked<'_>, FlushError> {
    let failed_before = lane.counts.read().failed;
    let (reply, answer) = channel();
    let _unheard = match lane.flushes.try_send(Flush(reply)) {
        Ok(()) => None,
        Err(TrySendError::Full(flush)) => Some(flush),
        Err(TrySendError::Closed(_)) => return Err(FlushError::Stopped),
    };
    Ok(Asked { lane, failed_before, answer, _unheard })
}

/// What failed during a flush: spans first, they are what most backends live on.
fn lost(asked: &[Asked<'_>]) -> Result<(), FlushError> {
    let (mut spans, mut reason, mut other) = (0, String::new(), None);
    for asked in asked {
        let counted = asked.lane.counts.read();
        let failed = counted.failed.saturating_sub(asked.failed_before);
        let error = counted.last_error.unwrap_or_default();
        match asked.lane.signal {
            _ if failed == 0 => {}
            Signal::Traces => (spans, reason) = (spans + failed, error),
            signal => other = Some(FlushError::Signal { signal, reason: error }),
        }
    }
    match (spans, other) {
        (0, None) => Ok(()),
        (0, Some(other)) => Err(other),
        (spans, _) => Err(FlushError::Failed { spans, reason }),
    }
}

/// The moment `timeout` from now; a year if the clock cannot express it.
fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(timeout.min(YEAR)).unwrap_or(now)
}
