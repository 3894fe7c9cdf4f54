//! What leaves of arguments, results, prompts and resources.

use opentelemetry::trace::SpanKind;
use rmcp::ServiceError;
use rmcp::model::{CallToolRequestParams, GetPromptRequestParams, ReadResourceRequestParams, SubscribeRequestParams};
use serde_json::{Map, Value, json};
use tracing_genai::activity::McpClientRequest;
use tracing_genai::content::Content;

use crate::support::{Recorder, attribute};
use crate::weather::CANARY;
use crate::{Ends, exchange, exchange_with};

/// Everything that has content in it.
async fn speak(ends: &Ends, _: &Recorder) {
    let arguments: Map<String, Value> = [("city".to_owned(), CANARY.into())].into_iter().collect();
    for tool in ["forecast", "broken", "ask", "report"] {
        let call = CallToolRequestParams::new(tool).with_arguments(arguments.clone());
        ends.client.call_tool(call).await.expect("a result");
    }
    let call = CallToolRequestParams::new("nothing").with_arguments(arguments.clone());
    let error = ends.client.call_tool(call).await.expect_err("no such tool");
    assert!(matches!(error, ServiceError::McpError(_)), "{error}");
    ends.client.list_tools(None).await.expect("tools");
    let prompt = GetPromptRequestParams::new("greeting").with_arguments(arguments.clone());
    ends.client.get_prompt(prompt).await.expect("a prompt");
    let uri = format!("file:///{CANARY}");
    ends.client.read_resource(ReadResourceRequestParams::new(uri.clone())).await.expect("a resource");
    drop(ends.client.complete_prompt_simple(CANARY, "city", CANARY).await);
    drop(ends.client.complete_resource_simple(format!("file:///{CANARY}"), "city", CANARY).await);
    #[allow(deprecated, reason = "its URI is content all the same")]
    ends.client.subscribe(SubscribeRequestParams::new(uri)).await.expect_err("not supported");
}

#[test]
fn nothing_leaves_by_default() {
    let recorder = exchange(speak);
    assert!(recorder.spans().len() > 20, "{}", recorder.tree());
    assert!(!format!("{:?}", recorder.spans()).contains(CANARY), "{}", recorder.tree());
}

#[test]
fn what_is_switched_on_leaves_from_both_ends() {
    let recorder = exchange_with(|tracer| tracer.with_content(Content::all()), speak);
    #[rustfmt::skip]
    let wanted = [
        // span                    attribute
        ("tools/call forecast",    "gen_ai.tool.call.arguments"),
        ("tools/call forecast",    "gen_ai.tool.call.result"),
        ("tools/call broken",      "gen_ai.tool.call.result"),
        ("prompts/get greeting",   "gen_ai.prompt.variable.city"),
        ("resources/read",         "mcp.resource.uri"),
        ("resources/subscribe",    "mcp.resource.uri"),
    ];
    for (name, key) in wanted {
        let spans: Vec<_> = recorder.spans().into_iter().filter(|span| span.name == name).collect();
        assert_eq!(spans.len(), 2, "{name}");
        for span in spans {
            let value = attribute(&span, key).unwrap_or_else(|| panic!("no {key} on {name}, {:?}", span.span_kind));
            assert!(value.contains(CANARY), "{value}");
        }
    }
    let named = recorder.spans().into_iter().find(|span| span.name.contains(CANARY));
    assert!(named.is_none(), "{named:?}");
}

#[test]
fn content_that_the_application_gave_is_not_overwritten() {
    let recorder = exchange_with(
        |tracer| tracer.with_content(Content::all()),
        async |ends, _| {
            let arguments: Map<String, Value> = [("city".to_owned(), CANARY.into())].into_iter().collect();
            let call = CallToolRequestParams::new("forecast").with_arguments(arguments.clone());
            let request = McpClientRequest::tools_call("forecast").start();
            request.arguments(&json!({"city": "left out"})).result(&json!({"snow": "left out"}));
            request.scope(ends.client.call_tool(call)).await.expect("a forecast");
            request.finish();
            let prompt = GetPromptRequestParams::new("greeting").with_arguments(arguments);
            let request = McpClientRequest::prompts_get("greeting").start();
            request.prompt_variable("city", "left out");
            request.scope(ends.client.get_prompt(prompt)).await.expect("a prompt");
            request.finish();
            let read = ReadResourceRequestParams::new(format!("file:///{CANARY}"));
            let request = McpClientRequest::new("resources/read").start();
            request.resource_uri("left out");
            request.scope(ends.client.read_resource(read)).await.expect("a resource");
            request.finish();
        },
    );
    let sent =
        recorder.spans().into_iter().filter(|span| span.span_kind == SpanKind::Client && span.name.contains('/'));
    let sent: Vec<_> = sent.collect();
    assert_eq!(sent.len(), 3, "{}", recorder.tree());
    for span in sent {
        let text = format!("{span:?}");
        assert!(text.contains("left out") && !text.contains(CANARY), "{text}");
    }
}
