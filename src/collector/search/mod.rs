//! Is a text among what was received? The proof that content stayed in the process.
mod place;
mod walk;

use super::Collector;
use super::disguise::Wanted;
use super::signal::Signal;
use super::store::Held;

pub use place::{Holder, Part, Place};
use walk::Search;

/// Shortest canary that [`assert_no_content`](Collector::assert_no_content) takes, in bytes: a shorter one is found by
/// chance, in ids and digests.
pub const MIN_CANARY_BYTES: usize = 8;

/// How many places a failed assertion names.
const MAX_SHOWN: usize = 20;

impl Collector {
    /// Where `text` is in what is held: in names, keys and values of all types, of spans, events, links, metrics, points,
    /// exemplars, log records, resources and scopes, in bodies, descriptions, status texts, trace states and ids. Also in disguise: in other case, escaped for JSON or
    /// by `Debug`, percent-encoded, in base64 (both alphabets, any alignment) or hexadecimal, and in each other up to
    /// four deep. An empty text is nowhere.
    ///
    /// ```
    /// # let collector = tracing_genai::collector::Collector::builder().start()?;
    /// for place in collector.find_text("a line of the prompt") {
    ///     println!("{place}"); // value of prompt, span "ask" 00f067aa0ba902b7
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find_text(&self, text: &str) -> Vec<Place> {
        find(&self.store.held(), text)
    }

    /// Asserts that content stayed in the process: `canary`, which the test planted in prompts, arguments, errors, is
    /// [nowhere](Self::find_text) in what was received. Call it after the exporter's flush or shutdown.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_genai::activity::{Operation, Turn};
    /// use tracing_genai::collector::Collector;
    /// use tracing_genai::pipeline::{Env, Pipeline, Protocol};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let collector = Collector::builder().start()?;
    /// let pipeline = Pipeline::builder().with_env(Env::empty()).with_protocol(Protocol::HttpProtobuf);
    /// let telemetry = pipeline.with_endpoint(collector.http_endpoint()).build()?;
    /// let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    /// tracing::subscriber::with_default(subscriber, || {
    ///     Operation::prompt("support").start().in_scope(|| {
    ///         let turn = Turn::chat("openai", "gpt-4o").start();
    ///         tracing::error!("refused: {}", "my c4nary-7312 is ill");
    ///         turn.fail_with("content_filter");
    ///     });
    /// });
    /// assert_eq!(telemetry.shutdown().exported, 2);
    /// collector.assert_no_content("c4nary-7312");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the canary is found; the message names the places and quotes nothing. Also where there is no proof: the canary
    /// is shorter than [`MIN_CANARY_BYTES`], no span was received, or not all of it is held any more (evicted, taken,
    /// rejected or refused; see [`Stats`](super::Stats)). Of a span that came twice the last one is held, of a series of metrics its
    /// latest state.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion for tests")]
    pub fn assert_no_content(&self, canary: &str) {
        if let Err(why) = self.prove(canary) {
            panic!("{why}");
        }
    }

    /// Why there is no proof that `canary` stayed in the process.
    fn prove(&self, canary: &str) -> Result<(), String> {
        if canary.len() < MIN_CANARY_BYTES {
            return Err(format!("the canary is {} bytes long: give one of at least {MIN_CANARY_BYTES}", canary.len()));
        }
        let held = self.store.held();
        let Held { stats, taken, .. } = &held;
        let all = [stats.metric_points, stats.logs];
        let lost = stats.evicted + stats.rejected + stats.refused_requests;
        if lost + taken + all.iter().map(|counts| counts.evicted + counts.rejected).sum::<u64>() > 0 {
            return Err(format!("the collector does not hold all it received: {taken} taken; {stats}"));
        }
        // Metrics come by themselves; that they are there does not say that the work under test was exported.
        let is_empty = if self.signals.contains(Signal::Traces) {
            held.spans.is_empty()
        } else {
            held.metrics.is_empty() && held.logs.is_empty()
        };
        if is_empty {
            return Err("the collector has received no span, which proves nothing: export before you ask".to_owned());
        }
        let places = find(&held, canary);
        if places.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> = places.iter().take(MAX_SHOWN).map(|place| format!("\n  {place}")).collect();
        Err(format!("the canary left the process, at {} places:{}", places.len(), shown.concat()))
    }
}

/// [`Collector::find_text`] for what is at hand.
fn find(held: &Held, text: &str) -> Vec<Place> {
    let Some(wanted) = Wanted::new(text) else { return Vec::new() };
    let mut search = Search::new(&wanted);
    held.spans.iter().for_each(|span| search.span(span));
    held.metrics.iter().for_each(|metric| search.metric(metric));
    held.logs.iter().for_each(|log| search.log(log));
    search.found()
}

#[cfg(test)]
mod tests;
