//! A policy under a time limit: it runs on a thread of its own, and the agent waits for it no longer than that.
//!
//! What lost: measuring the time afterwards. A policy that hangs would hang the agent.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::content::contained;
use crate::content::policy::{Decision, Item, Policy, PolicyFailed};

/// Threads that run one policy, at most: when as many calls hang, no further ones are made.
const MAX_THREADS: usize = 8;

/// A policy and the threads it runs on; they end with it.
pub(crate) struct TimeLimited {
    policy: Arc<dyn Policy>,
    calls: SyncSender<Call>,
    incoming: Arc<Mutex<Receiver<Call>>>,
    threads: Arc<Threads>,
}

struct Call {
    item: Item,
    answer: SyncSender<Result<Decision, PolicyFailed>>,
}

#[derive(Default)]
struct Threads {
    alive: AtomicUsize,
    /// Calls that were made and not answered.
    busy: AtomicUsize,
}

impl TimeLimited {
    pub(crate) fn new(policy: impl Policy) -> Self {
        let (calls, incoming) = sync_channel(MAX_THREADS);
        let incoming = Arc::new(Mutex::new(incoming));
        Self { policy: Arc::new(policy), calls, incoming, threads: Arc::default() }
    }

    pub(crate) fn policy(&self) -> &dyn Policy {
        &*self.policy
    }

    /// What the policy decides within `limit`; the caller waits no longer than that.
    pub(crate) fn decide(&self, item: Item, limit: Duration) -> Result<Decision, PolicyFailed> {
        let (answer, answered) = sync_channel(1);
        if self.threads.busy.fetch_add(1, Ordering::AcqRel) >= self.threads.alive.load(Ordering::Acquire) {
            self.spawn();
        }
        if self.calls.try_send(Call { item, answer }).is_err() {
            self.threads.busy.fetch_sub(1, Ordering::AcqRel);
            return Err(PolicyFailed);
        }
        answered.recv_timeout(limit).map_err(|_| PolicyFailed)?
    }

    fn spawn(&self) {
        let one_more = |alive: usize| (alive < MAX_THREADS).then_some(alive + 1);
        if self.threads.alive.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_err() {
            return;
        }
        let (policy, incoming) = (Arc::clone(&self.policy), Arc::clone(&self.incoming));
        let alive = Alive(Arc::clone(&self.threads));
        let work = move || work(&*policy, &incoming, &alive);
        // Where there is no thread, another one may still answer, or the time limit does.
        let _ = thread::Builder::new().name("tracing-genai-content".into()).spawn(work);
    }
}

/// One thread, counted until it ends, on whatever way, or was never made.
struct Alive(Arc<Threads>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One call, counted until the policy has decided, or the thread died of it.
struct Busy<'a>(&'a Threads);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Body of a thread, until the policy is dropped.
fn work(policy: &dyn Policy, incoming: &Mutex<Receiver<Call>>, alive: &Alive) {
    let nobody = tracing::Dispatch::none();
    tracing::dispatcher::with_default(&nobody, || {
        loop {
            let next = incoming.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Call { item, answer }) = next else { return };
            let busy = Busy(&alive.0);
            let decided = contained(|| policy.decide(item));
            drop(busy);
            // Nobody waits any more if it took too long.
            let _ = answer.send(decided.unwrap_or(Err(PolicyFailed)));
        }
    });
}

impl fmt::Debug for TimeLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeLimited").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::sync::Barrier;

    use super::*;
    use crate::content::Kind;
    use crate::content::contained::tests::Bomb;
    use crate::content::payload::Payload;
    use crate::content::scope::tests::scope;

    const LONG: Duration = Duration::from_secs(60);

    fn item(text: &str) -> Item {
        Item { scope: scope(Kind::TaskPrompt), value: Payload::Text(text.to_owned()) }
    }

    #[test]
    fn a_policy_decides() {
        let limited = TimeLimited::new(|item: Item| item.inline());
        for text in ["a", "b"] {
            assert_eq!(limited.decide(item(text), LONG), Ok(Decision::Inline(Payload::Text(text.into()))));
        }
        assert_eq!(limited.threads.alive.load(Ordering::Relaxed), 1, "one after the other needs one thread");
    }

    #[test]
    fn panics_and_errors_fail_closed() {
        let limited = TimeLimited::new(|item: Item| match item.value() {
            Payload::Text(text) if text == "panic" => panic!("as asked"),
            _ => Err::<Decision, _>("no"),
        });
        for text in ["panic", "error", "panic"] {
            assert_eq!(limited.decide(item(text), LONG), Err(PolicyFailed));
        }
    }

    #[test]
    fn a_policy_may_throw_what_panics_when_dropped() {
        let limited = TimeLimited::new(|item: Item| match item.value() {
            Payload::Text(text) if text == "panic" => panic_any(Bomb),
            _ => item.inline(),
        });
        for _ in 0..2 * MAX_THREADS {
            assert_eq!(limited.decide(item("panic"), LONG), Err(PolicyFailed));
        }
        assert_eq!(limited.decide(item("a"), LONG), Ok(Decision::Inline(Payload::Text("a".into()))));
        assert_eq!(limited.threads.alive.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_thread_that_dies_is_alive_no_longer() {
        let threads = Arc::new(Threads { alive: AtomicUsize::new(2), busy: AtomicUsize::new(1) });
        let held = Arc::clone(&threads);
        let died = thread::spawn(move || {
            let _alive = Alive(Arc::clone(&held));
            let _busy = Busy(&held);
            panic!("as asked");
        });
        assert!(died.join().is_err());
        assert_eq!((threads.alive.load(Ordering::Relaxed), threads.busy.load(Ordering::Relaxed)), (1, 0));
    }

    #[test]
    fn what_hangs_is_given_up_and_so_are_further_calls() {
        let gate = Arc::new(Barrier::new(MAX_THREADS + 1));
        let held = Arc::clone(&gate);
        let limited = TimeLimited::new(move |item: Item| {
            held.wait();
            item.inline()
        });
        for _ in 0..3 * MAX_THREADS {
            assert_eq!(limited.decide(item("x"), Duration::ZERO), Err(PolicyFailed));
        }
        assert_eq!(limited.threads.alive.load(Ordering::Relaxed), MAX_THREADS);
        gate.wait();
        drop(limited);
    }
}
