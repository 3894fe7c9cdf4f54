//! Streams of results.

use std::io::{Error, ErrorKind};
use std::panic::resume_unwind;

use insta::assert_snapshot;
use opentelemetry_sdk::trace::Sampler;
use tokio_stream::iter;

use super::{SECRET, all, chunks, counted, failed, outcome, succeeded, turn, untimed};
use crate::events::{Logs, attributes};
use crate::support::{Recorder, with_tracer};

#[test]
fn the_first_error_fails_the_turn_and_what_follows_passes() {
    let (recorder, _) = counted(|| {
        let slow = || Error::new(ErrorKind::TimedOut, SECRET);
        let seen = all(turn().try_stream(iter([Ok(1), Err(slow()), Ok(2), Err(Error::other(SECRET))])));
        assert_eq!(seen.iter().map(|item| item.as_ref().ok()).collect::<Vec<_>>(), [Some(&1), None, Some(&2), None]);
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT ERROR
        agentic.stream.chunks = 1
        error.type = "timeout"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.time_to_first_chunk = [s]
        * exception exception.type="std::io::error::Error"
    "#);
}

#[test]
fn an_inspector_sees_an_error_first_and_may_name_it() {
    let (recorder, _) = counted(|| {
        let items = [Ok(1), Err(Error::other("rate limited"))];
        all(turn().try_stream(iter(items)).inspect(|item, turn| {
            if item.is_err() {
                turn.fail_with("rate_limit_exceeded");
            }
        }));
    });
    assert_eq!(outcome(&recorder), failed("rate_limit_exceeded"));
}

#[test]
fn errors_that_are_no_errors_are_left_to_the_inspector() {
    let (recorder, _) = counted(|| {
        let items: [Result<u8, Box<dyn std::error::Error + Send + Sync>>; 3] = [Ok(1), Err(SECRET.into()), Ok(2)];
        // This one goes on after errors.
        let stream = turn().stream(iter(items)).inspect(|item, turn| {
            if let Ok(2) = item {
                turn.finish();
            }
        });
        assert_eq!(all(stream).len(), 3);
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("3")));
}

#[derive(Debug, thiserror::Error)]
#[error("broken")]
struct Broken(#[source] BrokenSource);

#[derive(Debug)]
struct BrokenSource;

impl std::fmt::Display for BrokenSource {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for BrokenSource {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        resume_unwind(Box::new("a source with a bug"));
    }
}

#[test]
fn an_error_that_panics_when_it_is_looked_at_still_fails_the_turn() {
    let (recorder, stats) = counted(|| {
        assert_eq!(all(turn().try_stream(iter([Ok(1), Err(Broken(BrokenSource))]))).len(), 2);
    });
    assert_eq!((outcome(&recorder), stats.hook_panics), (failed("_OTHER"), 1));
}

#[test]
fn an_error_of_an_unsampled_stream_is_told_by_its_log_event() {
    let (recorder, logs) = (Recorder::with_sampler(Sampler::AlwaysOff), Logs::default());
    let tracer = recorder.tracer().with_logger_provider(logs.provider());
    with_tracer(&recorder, &tracer, || {
        let slow = || Error::new(ErrorKind::TimedOut, SECRET);
        all(turn().try_stream(iter([Ok(1), Err(slow())])));
        turn().try_iter([Ok(1), Err(slow())].into_iter()).for_each(drop);
    });
    let told: Vec<_> = logs
        .records()
        .iter()
        .filter(|record| record.event_name() == Some("gen_ai.client.operation.exception"))
        .map(|record| attributes(record)["error.type"].clone())
        .collect();
    assert_eq!(told, ["timeout", "timeout"]);
}
