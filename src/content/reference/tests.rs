//! Items on their way through the queue, with stores that wait, fail and panic on command.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest as _, Sha256};

use super::uploader::STOP_TIMEOUT;
use super::*;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);
/// For what is not to happen.
const SHORT: Duration = Duration::from_millis(50);

/// Told the number of the item, from zero.
type Script = Box<dyn Fn(usize) -> Result<(), StoreError> + Send + Sync>;

/// Keeps everything, and does as it is told before each item.
#[derive(Default)]
struct Memory {
    items: Mutex<BTreeMap<String, Vec<u8>>>,
    puts: Mutex<Vec<String>>,
    before: Option<Script>,
}

impl Memory {
    fn before(before: impl Fn(usize) -> Result<(), StoreError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { before: Some(Box::new(before)), ..Self::default() })
    }

    fn texts(&self) -> Vec<String> {
        let items = self.items.lock().unwrap();
        items.values().map(|bytes| String::from_utf8(bytes.clone()).unwrap()).collect()
    }
}

impl Store for Memory {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let number = {
            let mut puts = self.puts.lock().unwrap();
            puts.push(name.to_owned());
            puts.len() - 1
        };
        self.before.as_ref().map_or(Ok(()), |before| before(number))?;
        self.items.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn uri(&self, name: &str) -> String {
        format!("memory:{name}")
    }
}

/// A store that says when it has an item, and keeps it until it is told to go on.
fn gated() -> (Arc<Memory>, Receiver<()>, Sender<()>) {
    let (has_one, arrived) = channel();
    let (go_on, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let store = Memory::before(move |_| {
        let _ = has_one.send(());
        // Also an error means: go on.
        let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Ok(())
    });
    (store, arrived, go_on)
}

fn prompt(references: &References, text: &str) -> Result<Reference, NotStored> {
    references.offer(Kind::TaskPrompt, text.to_owned())
}

fn stats(stored: u64, deduplicated: u64, dropped: u64, failed: u64) -> ReferenceStats {
    ReferenceStats { stored, deduplicated, dropped, failed, waiting: 0 }
}

#[test]
fn a_reference_says_where_how_much_and_what() {
    let store = Arc::new(Memory::default());
    let references = References::to(Arc::clone(&store));
    let reference = references.offer(Kind::InputMessages, "[1]".into()).unwrap();
    let digest = "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22";
    let uri = format!("memory:{digest}.json");
    assert_eq!(reference, Reference { uri, size: 3, sha256: digest.to_owned() });
    assert!(references.flush(LONG));
    assert_eq!(store.texts(), ["[1]"]);
    assert_eq!(references.stats(), stats(1, 0, 0, 0));
}

#[test]
fn json_lines_have_another_name_and_digest() {
    let store = Arc::new(Memory::default());
    let references = References::to(Arc::clone(&store)).with_format(Format::JsonLines);
    let reference = references.offer(Kind::InputMessages, r#"[{"a":1},{"b":2}]"#.into()).unwrap();
    assert!(references.flush(LONG));
    assert_eq!(store.texts(), ["{\"a\":1}\n{\"b\":2}\n"]);
    assert_eq!(reference.size, 16);
    assert!(reference.uri.ends_with(&format!("{}.jsonl", reference.sha256)), "{reference:?}");
}

#[test]
fn a_thousand_equal_items_are_one_file() {
    let dir = std::env::temp_dir().join(format!("references-{}", uuid::Uuid::new_v4()));
    let references = References::to(FileStore::new(&dir).unwrap());
    let uris: std::collections::BTreeSet<_> = (0..1000).map(|_| prompt(&references, "same").unwrap().uri).collect();
    assert!(references.flush(LONG));
    assert_eq!(uris.len(), 1);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
    assert_eq!(references.stats(), stats(1, 999, 0, 0));
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_full_queue_drops_and_counts_and_knows_nothing_of_it_afterwards() {
    let (store, arrived, go_on) = gated();
    let references = References::to(Arc::clone(&store)).with_max_queue_size(2);
    prompt(&references, "in the store").unwrap();
    arrived.recv_timeout(LONG).unwrap();
    prompt(&references, "first").unwrap();
    prompt(&references, "second").unwrap();
    assert_eq!(prompt(&references, "third"), Err(NotStored::QueueFull));
    prompt(&references, "first").expect("known, so there is nothing to queue");
    assert_eq!(references.stats(), ReferenceStats { waiting: 3, ..stats(0, 1, 1, 0) });
    drop(go_on);
    assert!(references.flush(LONG));
    prompt(&references, "third").unwrap();
    assert!(references.flush(LONG));
    assert_eq!(store.puts.lock().unwrap().len(), 4);
    assert_eq!(references.stats(), stats(4, 1, 1, 0));
}

#[test]
fn bytes_that_wait_are_bounded() {
    use super::encode::Encoded;
    let queue = super::queue::Queue::default();
    let offer =
        |number: u8, bytes| queue.push(String::new(), Encoded { bytes: vec![0; bytes], digest: [number; 32] }, 100);
    let most = super::queue::MOST_BYTES;
    assert!(offer(1, most + 1).is_err());
    assert!(offer(2, most - 10).is_ok() && offer(3, 10).is_ok() && offer(4, 0).is_ok());
    assert!(offer(5, 1).is_err());
    let item = queue.next().unwrap();
    assert!(offer(6, 1).is_err(), "what is being stored counts");
    queue.settle(item, super::queue::Outcome::Stored);
    assert!(offer(7, 1).is_ok());
}

#[test]
fn what_failed_is_tried_again_when_it_comes_again() {
    let store = Memory::before(|number| match number {
        0 => Err(StoreError::new(StoreErrorKind::Unavailable, "canary")),
        1 => panic!("told to"),
        _ => Ok(()),
    });
    let references = References::to(Arc::clone(&store));
    for _ in 0..4 {
        prompt(&references, "again").unwrap();
        assert!(references.flush(LONG));
    }
    assert_eq!(store.texts(), ["\"again\""]);
    assert_eq!(references.stats(), stats(1, 1, 0, 2));
}

#[test]
fn a_store_that_panics_when_asked_for_the_address_costs_the_item() {
    struct Lost;
    impl Store for Lost {
        fn put(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
            Ok(())
        }
        fn uri(&self, _: &str) -> String {
            panic!("told to")
        }
    }
    let references = References::to(Lost);
    assert_eq!(prompt(&references, "a"), Err(NotStored::NoUri));
    assert_eq!(references.stats(), stats(0, 0, 0, 1));
}

#[test]
fn a_store_that_hangs_holds_up_nobody() {
    let (store, arrived, go_on) = gated();
    let references = References::to(store);
    assert!(references.flush(SHORT), "nothing waits");
    prompt(&references, "a").unwrap();
    prompt(&references, "b").unwrap();
    arrived.recv_timeout(LONG).unwrap();
    assert!(!references.flush(SHORT));
    references.uploader.stop(SHORT);
    drop(go_on);
    assert!(references.flush(LONG));
    assert_eq!(references.stats(), stats(1, 0, 1, 0), "the deadline was over before the second one");
    prompt(&references, "c").unwrap_err();
    assert_eq!(references.stats(), stats(1, 0, 2, 0));
}

#[test]
fn the_last_handle_waits_for_what_is_queued() {
    let store = Arc::new(Memory::default());
    let references = References::to(Arc::clone(&store)).with_max_queue_size(1000);
    let other = references.clone();
    (0..500).for_each(|number| drop(prompt(&references, &number.to_string()).unwrap()));
    drop(references);
    prompt(&other, "last").unwrap();
    drop(other);
    assert_eq!(store.items.lock().unwrap().len(), 501);
}

/// The store may hold the last handle: it would wait for itself.
#[test]
fn the_thread_does_not_wait_for_its_own_end() {
    let (store, arrived, _go_on) = gated();
    let references = References::to(store);
    prompt(&references, "a").unwrap();
    arrived.recv_timeout(LONG).unwrap();
    let (stopped, is_stopped) = channel();
    let uploader = Arc::clone(&references.uploader);
    thread::spawn(move || {
        uploader.stop_on(thread::current().id(), Duration::MAX);
        let _ = stopped.send(());
    });
    is_stopped.recv_timeout(LONG).expect("not to wait");
}

#[test]
fn eight_threads_offer_at_once() {
    let store = Arc::new(Memory::default());
    let references = References::to(Arc::clone(&store)).with_max_queue_size(10_000);
    let offered: Vec<Reference> = thread::scope(|scope| {
        let one = |thread: usize| {
            let references = references.clone();
            // Every text comes from two threads.
            move || (0..200).map(|n| prompt(&references, &format!("{} {n}", thread / 2)).unwrap()).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(one(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(references.flush(LONG));
    assert_eq!(references.stats(), stats(800, 800, 0, 0));
    let items = store.items.lock().unwrap();
    for reference in offered {
        let bytes = &items[reference.uri.strip_prefix("memory:").unwrap()];
        assert_eq!(bytes.len() as u64, reference.size);
        let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sha256, reference.sha256);
    }
}

#[test]
fn a_store_is_asked_without_a_subscriber() {
    struct Logging;
    impl Store for Logging {
        fn put(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
            Ok(())
        }
        fn uri(&self, _: &str) -> String {
            let has_one = tracing::dispatcher::get_default(|dispatch| dispatch.is::<tracing_subscriber::Registry>());
            has_one.to_string()
        }
    }
    let references = References::to(Logging);
    let seen = tracing::subscriber::with_default(tracing_subscriber::registry(), || prompt(&references, "a"));
    assert_eq!(seen.unwrap().uri, "false");
}

#[test]
fn nothing_shows_content() {
    let (store, arrived, go_on) = gated();
    let references = References::to(store).with_max_queue_size(1);
    let reference = prompt(&references, "canary-1").unwrap();
    arrived.recv_timeout(LONG).unwrap();
    prompt(&references, "canary-2").unwrap();
    let refused = prompt(&references, "canary-3").unwrap_err();
    let shown = format!("{references:?} {reference:?} {refused:?} {:?}", references.stats());
    assert!(!shown.contains("canary"), "{shown}");
    drop(go_on);
}

#[test]
fn what_was_stopped_is_dropped_without_waiting() {
    let (store, arrived, go_on) = gated();
    let references = References::to(Arc::clone(&store));
    prompt(&references, "in the store").unwrap();
    arrived.recv_timeout(LONG).unwrap();
    prompt(&references, "behind it").unwrap();
    references.stop(Duration::ZERO);
    assert_eq!(prompt(&references, "late"), Err(NotStored::QueueFull));
    references.stop(LONG);
    assert_eq!(references.stats(), ReferenceStats { dropped: 1, waiting: 2, ..stats(0, 0, 0, 0) });
    // The store hangs until the end of this test: a drop that waits for it waits out its own limit.
    let (dropped, is_dropped) = channel();
    thread::spawn(move || {
        drop(references);
        let _ = dropped.send(());
    });
    is_dropped.recv_timeout(STOP_TIMEOUT / 2).expect("not to wait");
    drop(go_on);
}

#[test]
fn what_others_hold_is_not_stopped() {
    let store = Arc::new(Memory::default());
    let references = References::to(Arc::clone(&store));
    let other = references.clone();
    prompt(&references, "a").unwrap();
    references.stop(LONG);
    assert_eq!(store.texts(), ["\"a\""]);
    drop(references);
    prompt(&other, "b").unwrap();
    drop(other);
    assert_eq!(store.items.lock().unwrap().len(), 2);
}

#[test]
fn what_never_began_takes_nothing_once_stopped() {
    let references = References::to(Memory::default());
    references.stop(Duration::ZERO);
    assert_eq!(prompt(&references, "a"), Err(NotStored::QueueFull));
}
