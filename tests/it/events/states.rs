//! Events of older states of the conventions.

use tracing_genai::{Dialect, Dialects};

use super::*;

fn in_states(dialects: impl Into<Dialects>, content: Content, work: impl FnOnce()) -> Logs {
    with_events(|tracer| tracer.with_semconv(dialects).with_content(content), work).1
}

#[test]
fn version_1_36_has_an_event_for_each_message() {
    let all = Content::all().with_destination(Destination::Event);
    let logs = in_states(Dialect::V1_36, all, turn);
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.system.message INFO 2/1/1
        {"content":"Be brief."}
        gen_ai.system = "openai"
    gen_ai.user.message INFO 2/1/1
        {"content":"Find it."}
        gen_ai.system = "openai"
    gen_ai.tool.message INFO 2/1/1
        {"content":"nothing","id":"c0"}
        gen_ai.system = "openai"
    gen_ai.choice INFO 2/1/1
        {"finish_reason":"tool_calls","index":0,"message":{"content":"Looking.","tool_calls":[{"function":{"arguments":{"q":"it"},"name":"search"},"id":"c1","type":"function"}]}}
        gen_ai.system = "openai"
    "#);
}

#[test]
fn what_no_event_of_version_1_36_carries_is_omitted_and_counted() {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let event = Content::all().with_destination(Destination::Event);
    let tracer = recorder.tracer().with_semconv(Dialect::V1_36).with_content(event);
    let tracer = tracer.with_logger_provider(logs.provider());
    with_tracer(&recorder, &tracer, turn);
    // The definitions of tools, and the variable of a prompt.
    assert_eq!(tracer.stats().content_omitted, 2);
}

#[test]
fn messages_of_version_1_36_tell_what_is_missing_of_them() {
    let cut = Content::only([Kind::InputMessages]).with_destination(Destination::Event).with_attribute_budget(120);
    let logs = in_states(Dialect::V1_36, cut, || {
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.input_messages(&[Message::user("Find it. ".repeat(100)), Message::user("Now.")]).finish();
    });
    let records = logs.records();
    let told = records.iter().map(attributes);
    let told = told.filter(|told| told.contains_key("agentic.content.truncated.input_messages"));
    assert_eq!(told.count(), 1, "{}", logs.text());
}

#[test]
fn without_content_version_1_36_has_only_choices() {
    let logs = in_states(Dialect::V1_36, Content::off(), || {
        turn();
        Turn::chat("openai", "failed").start().fail_with("timeout");
        Turn::chat("openai", "nothing known").start().finish();
    });
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.choice INFO 2/1/1
        {"finish_reason":"tool_calls","index":0}
        gen_ai.system = "openai"
    gen_ai.choice INFO 4/3/1
        {"finish_reason":"error","index":0}
        gen_ai.system = "openai"
    "#);
}

#[test]
fn odd_messages_have_events_too() {
    let all = Content::all().with_destination(Destination::Event);
    let logs = in_states(Dialect::V1_36, all, || {
        let turn = Turn::chat("openai", "m").start();
        turn.input_messages(&[
            Message::new("developer").part(Part::text("a")).part(Part::text("b")),
            Message::user("See.").part(Part::uri("image", "https://example.org/cat.png")),
            Message::assistant("").part(Part::tool_call("c1", "f", json!({"x": 1}))),
            Message::tool("c1", json!({"y": null, "z": 2})).part(Part::tool_call_response("c2", "two")),
        ]);
        turn.output_messages(&[Message::new("model").part(Part::text("x"))]).finish();
    });
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.user.message INFO 2/1/1
        {"content":"a\nb","role":"developer"}
        gen_ai.system = "openai"
    gen_ai.user.message INFO 2/1/1
        {"content":[{"content":"See.","type":"text"},{"modality":"image","type":"uri","uri":"https://example.org/cat.png"}]}
        gen_ai.system = "openai"
    gen_ai.assistant.message INFO 2/1/1
        {"content":"","tool_calls":[{"function":{"arguments":{"x":1},"name":"f"},"id":"c1","type":"function"}]}
        gen_ai.system = "openai"
    gen_ai.tool.message INFO 2/1/1
        {"content":{"z":2},"id":"c1"}
        gen_ai.system = "openai"
    gen_ai.tool.message INFO 2/1/1
        {"content":"two","id":"c2"}
        gen_ai.system = "openai"
    gen_ai.choice INFO 2/1/1
        {"index":0,"message":{"content":"x","role":"model"}}
        gen_ai.system = "openai"
    "#);
}

#[test]
fn both_states_are_written_side_by_side() {
    let logs = in_states([Dialect::Latest, Dialect::V1_36], Content::off(), turn);
    let names: Vec<_> = logs.records().iter().filter_map(SdkLogRecord::event_name).collect();
    assert_eq!(names, ["gen_ai.client.inference.operation.details", "gen_ai.choice"]);
}
