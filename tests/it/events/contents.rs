//! Content on events: structured, by the policy, within the budget of the span.

use super::*;

/// A set of destinations and what they let where.
fn sent(destination: Destination) -> (Recorder, Logs) {
    with_events(content(Content::all().with_destination(destination)), turn)
}

fn has_content(attributes: &BTreeMap<String, Value>) -> bool {
    attributes.keys().any(|key| key.contains("messages") || key.contains("instructions") || key.contains("variable"))
}

#[test]
fn content_is_structured_on_events() {
    let (recorder, logs) = sent(Destination::Event);
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.client.inference.operation.details DEBUG 2/1/1
        gen_ai.input.messages = [{"parts":[{"content":"Find it.","type":"text"}],"role":"user"},{"parts":[{"id":"c0","response":"nothing","type":"tool_call_response"}],"role":"tool"}]
        gen_ai.operation.name = "chat"
        gen_ai.output.messages = [{"finish_reason":"tool_call","parts":[{"content":"Looking.","type":"text"},{"arguments":{"q":"it"},"id":"c1","name":"search","type":"tool_call"}],"role":"assistant"}]
        gen_ai.prompt.variable.city = "Berlin"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["tool_call"]
        gen_ai.response.id = "resp-1"
        gen_ai.system_instructions = [{"content":"Be brief.","type":"text"}]
        gen_ai.tool.definitions = [{"name":"search","type":"function"}]
        gen_ai.usage.input_tokens = 120
        gen_ai.usage.output_tokens = 34
        server.address = "api.openai.com"
        server.port = 443
    "#);
    insta::assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["tool_call"]
        gen_ai.response.id = "resp-1"
        gen_ai.usage.input_tokens = 120
        gen_ai.usage.output_tokens = 34
        server.address = "api.openai.com"
        server.port = 443
    "#);
}

#[test]
fn a_destination_is_spans_events_or_both() {
    for (destination, on_span, on_event) in [
        (Destination::Span, true, false),
        (Destination::Event, false, true),
        (Destination::SpanAndEvent, true, true),
        (Destination::Reference, false, false),
    ] {
        let (recorder, logs) = sent(destination);
        let span = recorder.span("chat gpt-4o");
        let span = span.attributes.iter().any(|pair| pair.key.as_str() == "gen_ai.input.messages");
        let [record] = logs.records().try_into().expect("one");
        assert_eq!((span, has_content(&attributes(&record))), (on_span, on_event), "{destination:?}");
    }
}

#[test]
fn what_is_on_both_is_the_same_and_held_once() {
    let budget =
        Content::all().with_destination(Destination::SpanAndEvent).with_span_budget(4_000).with_output_reserve(0);
    let (recorder, logs) = with_events(content(budget), || {
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.input_messages(&[Message::user("x".repeat(2_500))])
            .output_messages(&[Message::assistant("short")])
            .finish();
    });
    let span = recorder.span("chat gpt-4o");
    let [record] = logs.records().try_into().expect("one");
    for key in ["gen_ai.input.messages", "gen_ai.output.messages"] {
        let on_span =
            span.attributes.iter().find(|pair| pair.key.as_str() == key).expect("there").value.as_str().into_owned();
        assert_eq!(serde_json::from_str::<Value>(&on_span).unwrap(), attributes(&record)[key], "{key}");
        assert!(!on_span.contains("truncated"), "{key} was cut");
    }
}

#[test]
fn every_structured_value_is_valid_by_its_schema() {
    let content = Content::all().with_destination(Destination::Event).with_attribute_budget(600);
    let (_, logs) = with_events(super::content(content), || {
        let turn = Turn::chat("openai", "gpt-4o").start();
        let many: Vec<_> = (0..50).map(|n| Message::user(format!("message {n}"))).collect();
        turn.system_instructions("Be brief.").input_messages(&many);
        turn.tool_definitions(&[ToolDefinition::function("search").parameters(json!({"type": "object"}))]);
        turn.output_messages(&[Message::assistant("a")
            .part(Part::tool_call("c", "f", json!({"x": [1, 2.5, true]})))
            .finish_reason("stop")]);
        turn.finish();
    });
    let attributes = attributes(&logs.records()[0]);
    for (key, file) in [
        ("gen_ai.input.messages", "gen-ai-input-messages"),
        ("gen_ai.output.messages", "gen-ai-output-messages"),
        ("gen_ai.system_instructions", "gen-ai-system-instructions"),
        ("gen_ai.tool.definitions", "gen-ai-tool-definitions"),
    ] {
        let path = format!("{}/semconv/schemas/{file}.json", env!("CARGO_MANIFEST_DIR"));
        // What is a schema itself is asked elsewhere.
        let of_schemas = r#""$ref": "http://json-schema.org/draft-07/schema#""#;
        let text = std::fs::read_to_string(path).unwrap().replace(of_schemas, r#""type": ["object", "boolean"]"#);
        let schema: Value = serde_json::from_str(&text).unwrap();
        let value = &attributes[key];
        assert!(value.is_array(), "{key}: {value}");
        jsonschema::validator_for(&schema).unwrap().validate(value).unwrap_or_else(|error| panic!("{key}: {error}"));
    }
    assert!(attributes.contains_key("agentic.content.truncated.input_messages"), "{attributes:?}");
}

#[test]
fn what_has_no_event_stays_in_and_is_counted() {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let event = Content::all().with_destination(Destination::Event);
    let tracer = recorder.tracer().with_content(event).with_logger_provider(logs.provider());
    with_tracer(&recorder, &tracer, || {
        Tool::new("t").start().arguments_with(|| -> u8 { panic!("nobody wants it") }).finish();
        Operation::prompt("a").start().input_messages_with(|| -> Vec<Message> { panic!("nobody wants it") });
        Retrieval::new("d").start().query("CANARY").finish();
    });
    assert_eq!((tracer.stats().content_omitted, tracer.stats().hook_panics), (3, 0));
    assert!(!format!("{:?}{:?}", recorder.spans(), logs.records()).contains("CANARY"));
    // On spans it is, where both are meant.
    let (recorder, _) = with_events(content(Content::all().with_destination(Destination::SpanAndEvent)), || {
        Retrieval::new("d").start().query("CANARY").finish();
    });
    assert!(format!("{:?}", recorder.spans()).contains("CANARY"));
}

#[test]
fn without_a_logger_events_take_no_content() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::all().with_destination(Destination::Event));
    with_tracer(&recorder, &tracer, turn);
    assert!(!format!("{:?}", recorder.spans()).contains("Find it"));
    assert_eq!(tracer.stats().content_omitted, 5);
}

#[test]
fn the_text_of_a_status_is_on_the_exception_that_has_none() {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let event = Content::all().with_destination(Destination::Event);
    let tracer = recorder.tracer().with_content(event).with_logger_provider(logs.provider());
    for has_event in [false, true] {
        let chat = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "chat")]);
        let mut span = tracer.build_with_context(chat, &opentelemetry::Context::new());
        if has_event {
            span.add_event("exception", vec![KeyValue::new("exception.type", "Quota")]);
        }
        span.set_status(Status::error("no quota for ann"));
        span.end();
    }
    let told = logs.of("gen_ai.client.operation.exception");
    let told: Vec<_> = told.iter().map(attributes).collect();
    assert!(told.len() == 2 && told.iter().all(|told| told["exception.message"] == "no quota for ann"), "{told:?}");
    assert_eq!(told[1]["exception.type"], "Quota");
    assert!(!format!("{:?}", recorder.spans()).contains("ann"));
}

#[test]
fn texts_of_errors_are_on_the_exception() {
    let fails = || Turn::chat("openai", "gpt-4o").start().fail_with_stack(&NoQuota("ann"), &"at main.rs:1");
    let (recorder, logs) = with_events(content(Content::all().with_destination(Destination::Event)), fails);
    let exception = attributes(&logs.of("gen_ai.client.operation.exception")[0]);
    assert_eq!(exception["exception.message"], "no quota for ann");
    assert_eq!(exception["exception.stacktrace"], "at main.rs:1");
    insta::assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT ERROR
        error.type = "NoQuota"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        * exception exception.type="it::events::NoQuota"
    "#);
    let (recorder, logs) = with_events(content(Content::all().with_destination(Destination::SpanAndEvent)), fails);
    assert_eq!(recorder.span("chat gpt-4o").status, Status::error("no quota for ann"));
    assert_eq!(attributes(&logs.of("gen_ai.client.operation.exception")[0]), exception);
    let (_, logs) = with_events(content(Content::all()), fails);
    assert!(!logs.text().contains("ann"));
}

#[test]
fn the_explanation_of_an_evaluation_is_content() {
    let explained = || Evaluation::new("relevance").explanation("ann@example.org asked for it");
    let redacted = Content::all().with_destination(Destination::Event).with_redactors(Redactor::recommended());
    for (content, told) in [
        (redacted, Some("[redacted:email] asked for it")),
        (Content::all(), None),
        (Content::off(), None),
        (Content::all().with_destination(Destination::SpanAndEvent).except([Kind::EvaluationExplanation]), None),
    ] {
        let (recorder, logs) = (Recorder::default(), Logs::default());
        let tracer = recorder.tracer().with_content(content).with_logger_provider(logs.provider());
        tracer.evaluate((TraceId::from(5), SpanId::from(6)), explained());
        with_tracer(&recorder, &tracer, || {
            let _ = Operation::prompt("a").start().evaluate(explained());
        });
        for record in logs.records() {
            let explanation = attributes(&record).remove("gen_ai.evaluation.explanation");
            assert_eq!(explanation, told.map(Value::from));
        }
        assert_eq!(logs.records().len(), 2);
    }
}
