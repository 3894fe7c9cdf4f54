//! Times of the chunks of a streamed reply, in a few numbers however many there are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::attributes::Attributes;
use crate::span::gaps::Gaps;

/// Times are nanoseconds since the start of the turn. Relaxed: no number decides how another one is read.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    count: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    longest: AtomicU64,
    /// For metrics, where there are any: a span needs no more than the numbers above.
    gaps: Option<Gaps>,
}

/// What chunks there were.
#[derive(Debug, PartialEq)]
pub(crate) struct Timing {
    chunks: u64,
    /// From the first chunk to the last.
    span: Duration,
    longest: Duration,
}

impl Chunks {
    /// Chunks that are measured one by one.
    pub(crate) fn measured() -> Self {
        Self { gaps: Some(Gaps::default()), ..Self::default() }
    }

    /// Takes note of a chunk; `true` for the first.
    pub(crate) fn add(&self, since_start: Duration) -> bool {
        // 584 years.
        let now = since_start.as_nanos() as u64;
        let before = self.last.swap(now, Ordering::Relaxed);
        let is_first = self.count.fetch_add(1, Ordering::Relaxed) == 0;
        if is_first {
            self.first.store(now, Ordering::Relaxed);
        } else {
            let gap = now.saturating_sub(before);
            // The longest gap rarely changes: a load is cheaper.
            if gap > self.longest.load(Ordering::Relaxed) {
                self.longest.fetch_max(gap, Ordering::Relaxed);
            }
            if let Some(gaps) = &self.gaps {
                gaps.add(gap);
            }
        }
        is_first
    }

    /// What there was; `None` without a chunk.
    pub(crate) fn timing(&self) -> Option<Timing> {
        let chunks = self.count.load(Ordering::Relaxed);
        let [first, last, longest] = [&self.first, &self.last, &self.longest].map(|time| time.load(Ordering::Relaxed));
        let span = Duration::from_nanos(last.saturating_sub(first));
        (chunks > 0).then_some(Timing { chunks, span, longest: Duration::from_nanos(longest) })
    }

    /// Each time between two chunks, if they are measured.
    pub(crate) fn gaps(&self) -> Option<&Gaps> {
        self.gaps.as_ref()
    }
}

impl Timing {
    /// Writes it down for a span that ends.
    pub(crate) fn write(&self, attributes: &mut Attributes) {
        let chunks = i64::try_from(self.chunks).unwrap_or(i64::MAX);
        attributes.set(const { FieldId::of(attr::AGENTIC_STREAM_CHUNKS) }, chunks);
        // One chunk has no time between.
        if let gaps @ 1.. = self.chunks.saturating_sub(1) {
            let mean = self.span.as_secs_f64() / gaps as f64;
            attributes.set(const { FieldId::of(attr::AGENTIC_STREAM_TIME_PER_CHUNK) }, mean);
            let longest = self.longest.as_secs_f64();
            attributes.set(const { FieldId::of(attr::AGENTIC_STREAM_MAX_TIME_PER_CHUNK) }, longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn gaps_are_counted_from_the_second_chunk_on() {
        let chunks = Chunks::measured();
        assert_eq!(chunks.timing(), None);
        let firsts = [700, 710, 750, 760].map(|at| chunks.add(MS(at)));
        assert_eq!(firsts, [true, false, false, false]);
        assert_eq!(chunks.timing(), Some(Timing { chunks: 4, span: MS(60), longest: MS(40) }));
        let measured: u64 = chunks.gaps().expect("measured").values().iter().map(|(_, times)| times).sum();
        assert_eq!(measured, 3);
    }

    #[test]
    fn one_chunk_has_no_gap() {
        let chunks = Chunks::default();
        assert!(chunks.add(MS(5)));
        assert_eq!(chunks.timing(), Some(Timing { chunks: 1, span: MS(0), longest: MS(0) }));
        assert!(chunks.gaps().is_none());
    }
}
