//! What a span keeps where its limit has no room for all of it: the most important attributes.
//!
//! An SDK counts and keeps what comes first. That would be the parameters of a request, and the tokens it used, which
//! come last, would be lost.

use opentelemetry::KeyValue;

use crate::rules::Activity;
use crate::rules::ranks::{rank, reserve};
use crate::span::GenAiTracer;

impl<T> GenAiTracer<T> {
    /// Sets how many attributes a span may have: the limit of the SDK below, whose own way is to drop what comes last.
    ///
    /// Up to that number a GenAI span keeps the most important ones: operation, model, tokens and error, then names,
    /// costs, how it ended, ids, parameters of the request, everything else; content last of all. From a limit of eight
    /// on the first four are never lost. Where a span has more than its limit at its start, a sampler sees those that
    /// leave room for what comes later, and the rest waits for the end. What is cut is counted
    /// ([`Stats::attributes_cut`](crate::Stats::attributes_cut)).
    ///
    /// By default there is none; a [`Pipeline`](crate::pipeline) sets its own.
    #[must_use]
    pub fn with_attribute_limit(self, limit: usize) -> Self {
        self.set(|settings| settings.attribute_limit = Some(limit))
    }
}

/// Takes out of the attributes of a start what has to wait until its end, because there may not be room for it.
pub(crate) fn hold_back(list: &mut Vec<KeyValue>, limit: usize, activity: Activity) -> Vec<KeyValue> {
    let share = limit - reserve(activity).min(limit / 2);
    if list.len() <= share {
        return Vec::new();
    }
    sort(list);
    list.split_off(share)
}

/// Keeps the most important attributes up to `room`; says how many it left out.
pub(crate) fn keep(list: &mut Vec<KeyValue>, room: usize) -> usize {
    let over = list.len().saturating_sub(room);
    if over > 0 {
        sort(list);
        list.truncate(room);
    }
    over
}

/// Stable: among equals what came first is kept.
fn sort(list: &mut [KeyValue]) {
    list.sort_by_cached_key(|pair| rank(pair.key.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(keys: &[&'static str]) -> Vec<KeyValue> {
        keys.iter().map(|key| KeyValue::new(*key, 1)).collect()
    }

    #[test]
    fn the_start_leaves_room_up_to_half_of_the_limit() {
        let keys = ["x", "server.port", "gen_ai.request.model", "gen_ai.operation.name", "user.id"];
        for (limit, wanted) in [(0, 0), (1, 1), (2, 1), (3, 2), (8, 4), (9, 5), (16, 5)] {
            let mut start = list(&keys);
            let held = hold_back(&mut start, limit, Activity::Turn);
            assert_eq!((start.len(), held.len()), (wanted, keys.len() - wanted), "{limit}");
            if limit < 9 && limit > 0 {
                assert_eq!(start[0].key.as_str(), "gen_ai.operation.name");
            }
        }
    }

    #[test]
    fn the_least_important_is_left_out() {
        let mut late = list(&["x", "gen_ai.request.seed", "gen_ai.usage.input_tokens", "gen_ai.input.messages"]);
        assert_eq!(keep(&mut late, 4), 0);
        assert_eq!(late[0].key.as_str(), "x", "nothing is sorted where there is room");
        assert_eq!(keep(&mut late, 2), 2);
        assert_eq!(late, list(&["gen_ai.usage.input_tokens", "gen_ai.request.seed"]));
    }
}
