//! Every recorded reply of every provider, over HTTP at the provider's own path, through the middleware: one turn each,
//! with what the recording says, and nothing wrong by the conventions.

#[path = "providers/calls.rs"]
mod calls;
#[path = "support/check.rs"]
mod check;
#[path = "providers/facts.rs"]
mod facts;
#[path = "support/models/mod.rs"]
mod models;
#[path = "providers/turned.rs"]
mod turned;

use std::fs;

use calls::{Ask, CALLS, Reply, Stack};
use facts::{Case, cases};
use models::recordings::directory;
use models::trouble::{BROKEN, FAILING, ONCE_REFUSED, REFUSED};

/// What is not as it should be with the turn of a recording.
fn wrong(case: &Case) -> Vec<String> {
    let by = |provider: &str| case.provider.as_deref().is_none_or(|name| name == provider);
    let Some(call) = CALLS.iter().find(|call| call.format == case.format && by(call.provider)) else {
        return vec![format!("nobody calls {:?}", case.provider)];
    };
    let turned = call.send(&Ask::recording(&case.file));
    let mut wrong = turned.differences(case, call.provider);
    wrong.extend(turned.violations(case));
    let recorded = fs::read(directory().join(&case.format).join(&case.file)).unwrap();
    if turned.requests != 1 || !turned.passed.is_ok_and(|passed| passed == recorded) {
        wrong.push("the caller got something else".to_owned());
    }
    wrong
}

/// The recordings that come over HTTP from one request: the results of an agent's run do not.
fn over_http() -> impl Iterator<Item = Case> {
    cases().into_iter().filter(|case| case.format != "openai_agents")
}

#[test]
fn every_recording_is_one_turn_that_says_what_it_says() {
    let wrong = |case: &Case| {
        let place = format!("{}/{}", case.format, case.file);
        wrong(case).iter().map(|what| format!("{place}: {what}\n")).collect::<String>()
    };
    let wrong: String = over_http().map(|case| wrong(&case)).collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What goes wrong; how often it is sent; `error.type`, or any.
#[rustfmt::skip]
const TROUBLE: &[(&str, usize, Option<&str>)] = &[
    (REFUSED,      2, Some("rate_limit")),
    (FAILING,      2, Some("")),
    (ONCE_REFUSED, 2, None),
    (BROKEN,       1, Some("")),
];

/// However a call ends, and however often it is sent: it is one turn.
#[test]
fn trouble_is_one_turn_at_every_provider() {
    for call in CALLS {
        for (text, requests, error) in TROUBLE {
            for reply in [Reply::Whole, Reply::Streamed] {
                let asked = format!("{} at {}: {text} {reply:?}", call.format, call.provider);
                let turned = call.send(&Ask { text: (*text).to_owned(), reply, client: Stack::Retrying });
                assert!(turned.turn().is_some(), "{asked}: {:#?}", turned.spans);
                assert_eq!(turned.requests, *requests, "{asked}");
                let got = turned.text("error.type");
                assert_eq!(got.is_some(), error.is_some(), "{asked}: {got:?}");
                assert!(
                    error.is_none_or(|error| error.is_empty() || got.as_deref() == Some(error)),
                    "{asked}: {got:?}"
                );
                let resent = turned.text("agentic.http.resend_count");
                assert_eq!(resent.as_deref(), (*requests > 1).then_some("1"), "{asked}");
                assert_eq!(turned.passed.is_err(), *text == BROKEN, "{asked}");
            }
        }
    }
}

#[test]
fn every_recording_of_a_reply_is_told_of() {
    let cases = cases();
    for directory in fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        let format = directory.file_name().unwrap().to_str().unwrap();
        for file in fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
            let is_told = cases.iter().any(|case| (case.format.as_str(), &case.file) == (format, &file));
            assert!(is_told || file.starts_with("request"), "{format}/{file} is in no table");
        }
    }
}
