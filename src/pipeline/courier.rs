//! One signal's exports on one route: each with its limits, counted, and none more once the receiver refuses them.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep_until;

use super::counts::Counts;
use super::error::one_line;
use super::names;
use super::signal::Signal;
use super::sink::{Failure, Sink, within};

/// The deadline of the shutdown, once there is one.
pub(crate) type Stop = Option<Instant>;

/// Hands batches to sinks.
pub(crate) struct Courier<B> {
    pub(crate) signal: Signal,
    pub(crate) sinks: Vec<Arc<dyn Sink<B>>>,
    pub(crate) counts: Arc<Counts>,
    /// For one export; `None` is no limit.
    pub(crate) limit: Option<Duration>,
    pub(crate) stop: watch::Receiver<Stop>,
}

impl<B: Clone + Send + 'static> Courier<B> {
    /// Hands one batch of `items` to every sink and counts it: exported if all took it, else failed. A sink that refuses
    /// the signal gets nothing more.
    pub(crate) async fn deliver(&mut self, batch: B, items: u64) {
        let (mut failed, mut refused) = (None, Vec::new());
        // A copy for each but the last: spans with content may hold megabytes.
        let batches = std::iter::repeat_n(batch, self.sinks.len());
        for (place, (sink, batch)) in self.sinks.iter().zip(batches).enumerate() {
            match self.attempt(sink, batch).await {
                Ok(()) => {}
                Err(Failure::Refused(text)) if self.signal != Signal::Traces => refused.push((place, text)),
                Err(failure) => failed = Some(failure),
            }
        }
        for (place, text) in refused.into_iter().rev() {
            self.sinks.remove(place);
            self.tell(&text);
        }
        match failed {
            Some(failure) => self.counts.add_failed(items, failure.text()),
            None if self.sinks.is_empty() => {
                self.counts.refuse();
                self.counts.add_refused(items);
            }
            None => self.counts.add_exported(items),
        }
    }

    /// Not through `tracing`, which the export thread must not use; not `eprintln`, which panics on a closed stream.
    fn tell(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "tracing-genai: {}", one_line(&notice(self.signal, text)));
    }

    /// One export as a task of its own, so that its panic ends the task and not the loop.
    async fn attempt(&self, sink: &Arc<dyn Sink<B>>, batch: B) -> Result<(), Failure> {
        let sink = Arc::clone(sink);
        let mut task = tokio::spawn(async move { sink.export(batch).await });
        let ended = tokio::select! {
            ended = within(self.limit, &mut task) => ended,
            () = over(self.stop.clone()) => Err("the shutdown deadline passed".to_owned()),
        };
        match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("the exporter panicked".to_owned().into()),
            Err(reason) => {
                task.abort();
                Err(reason.into())
            }
        }
    }

    pub(crate) fn deadline_is_over(&self) -> bool {
        self.stop.borrow().is_some_and(|deadline| deadline <= Instant::now())
    }
}

/// What is told of a refusal.
fn notice(signal: Signal, text: &str) -> String {
    let variable = names::of(signal).exporter;
    format!(
        "no more {signal} are sent: {text}; {variable}=none sends none, BackendConfig::with_signals none to one backend"
    )
}

/// Returns when there is a shutdown deadline and it is over.
async fn over(mut stop: watch::Receiver<Stop>) {
    loop {
        let deadline = *stop.borrow_and_update();
        if let Some(deadline) = deadline {
            return sleep_until(deadline.into()).await;
        }
        if stop.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_by_one_backend_advises_what_leaves_the_others_alone() {
        let text = notice(Signal::Logs, "http://h/v1/logs answers 404");
        assert!(text.contains("OTEL_LOGS_EXPORTER=none") && text.contains("BackendConfig::with_signals"), "{text}");
    }
}
