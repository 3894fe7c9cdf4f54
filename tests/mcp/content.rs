//! What leaves of arguments, results, prompts and resources.

use rmcp::ServiceError;
use rmcp::model::{CallToolRequestParams, GetPromptRequestParams, ReadResourceRequestParams, SubscribeRequestParams};
use serde_json::{Map, Value};
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
