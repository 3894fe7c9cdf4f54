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

use calls::CALLS;
use facts::{Case, cases};
use models::recordings::directory;

/// What is not as it should be with the turn of a recording.
fn wrong(case: &Case) -> Vec<String> {
    let by = |provider: &str| case.provider.as_deref().is_none_or(|name| name == provider);
    let Some(call) = CALLS.iter().find(|call| call.format == case.format && by(call.provider)) else {
        return vec![format!("nobody calls {:?}", case.provider)];
    };
    let turned = call.send(&case.file);
    let mut wrong = turned.differences(case, call.provider);
    wrong.extend(turned.violations(case));
    if turned.passed != fs::read(directory().join(&case.format).join(&case.file)).unwrap() {
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
