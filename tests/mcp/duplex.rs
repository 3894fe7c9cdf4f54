//! In memory: what comes out at both ends for what happens.
#![allow(deprecated, reason = "sampling is, and servers use it")]

use std::time::Duration;

use insta::assert_snapshot;
use opentelemetry::trace::SpanKind;
use rmcp::ServiceError;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientRequest, CustomRequest, GetPromptRequestParams, PingRequest,
    ReadResourceRequestParams,
};
use rmcp::service::PeerRequestOptions;
use tracing_genai::activity::Tool;

use crate::support::attribute;
use crate::weather::CANARY;
use crate::{Ends, ended, exchange, names, record};

fn call(tool: &'static str) -> CallToolRequestParams {
    CallToolRequestParams::new(tool)
}

#[test]
fn both_ends_are_one_trace() {
    let recorder = exchange(async |ends, _| {
        let tool = Tool::new("forecast").call_id("call_1").start();
        tool.scope(ends.client.call_tool(call("forecast"))).await.expect("a forecast");
        tool.finish();
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent guide
        agentic.operation.kind = "prompt"
        agentic.usage.input_tokens = 12
        agentic.usage.output_tokens = 3
        agentic.usage.turns = 1
        gen_ai.agent.name = "guide"
        gen_ai.operation.name = "invoke_agent"
      execute_tool forecast
          gen_ai.agent.name = "guide"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "forecast"
        tools/call forecast CLIENT
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "forecast"
            jsonrpc.request.id = "1"
            mcp.method.name = "tools/call"
            mcp.protocol.version = "2025-11-25"
          tools/call forecast SERVER < 000000000000000a
              gen_ai.operation.name = "execute_tool"
              gen_ai.tool.name = "forecast"
              jsonrpc.request.id = "1"
              mcp.method.name = "tools/call"
              mcp.protocol.version = "2025-11-25"
            chat gpt-4o-mini CLIENT
                gen_ai.agent.name = "guide"
                gen_ai.operation.name = "chat"
                gen_ai.provider.name = "openai"
                gen_ai.request.model = "gpt-4o-mini"
                gen_ai.usage.input_tokens = 12
                gen_ai.usage.output_tokens = 3
              look_up
    "#);
}

#[test]
fn a_session_is_opened_with_the_version_agreed_upon() {
    let recorder = record(async |_| Ends::connect().await.close().await);
    assert_snapshot!(recorder.tree(), @r#"
    initialize CLIENT
        jsonrpc.request.id = "0"
        mcp.method.name = "initialize"
        mcp.protocol.version = "2025-11-25"
      initialize SERVER < 0000000000000001
          jsonrpc.request.id = "0"
          mcp.method.name = "initialize"
          mcp.protocol.version = "2025-11-25"
    notifications/initialized CLIENT
        mcp.method.name = "notifications/initialized"
        mcp.protocol.version = "2025-11-25"
      notifications/initialized SERVER < 0000000000000004
          mcp.method.name = "notifications/initialized"
          mcp.protocol.version = "2025-11-25"
    "#);
}

#[test]
fn every_request_has_a_span_at_both_ends() {
    let recorder = exchange(async |ends, _| {
        ends.client.send_request(ClientRequest::PingRequest(PingRequest::default())).await.expect("alive");
        ends.client.list_tools(None).await.expect("tools");
        ends.client.list_all_tools().await.expect("tools");
        ends.client.get_prompt(GetPromptRequestParams::new("greeting")).await.expect("a prompt");
        ends.client.read_resource(ReadResourceRequestParams::new("file:///etc/passwd")).await.expect("a resource");
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      ping CLIENT
        ping SERVER < 0000000000000009
      tools/list CLIENT
        tools/list SERVER < 000000000000000b
      tools/list CLIENT
        tools/list SERVER < 000000000000000d
      prompts/get greeting CLIENT
        prompts/get greeting SERVER < 000000000000000f
      resources/read CLIENT
        resources/read SERVER < 0000000000000011
    ");
}

#[test]
fn a_tool_that_fails_is_no_error_of_the_protocol() {
    let recorder = exchange(async |ends, _| {
        let result = ends.client.call_tool(call("broken")).await.expect("a result");
        assert_eq!(result.is_error, Some(true));
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent guide
        agentic.operation.kind = "prompt"
        gen_ai.agent.name = "guide"
        gen_ai.operation.name = "invoke_agent"
      tools/call broken CLIENT ERROR
          error.type = "tool_error"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "broken"
          jsonrpc.request.id = "1"
          mcp.method.name = "tools/call"
          mcp.protocol.version = "2025-11-25"
        tools/call broken SERVER ERROR < 0000000000000009
            error.type = "tool_error"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "broken"
            jsonrpc.request.id = "1"
            mcp.method.name = "tools/call"
            mcp.protocol.version = "2025-11-25"
    "#);
}

#[test]
fn an_error_of_the_protocol_is_its_code() {
    let recorder = exchange(async |ends, _| {
        let error = ends.client.call_tool(call("nothing")).await.expect_err("no such tool");
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        assert!(error.message.contains(CANARY), "the caller gets it whole");
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent guide
        agentic.operation.kind = "prompt"
        gen_ai.agent.name = "guide"
        gen_ai.operation.name = "invoke_agent"
      tools/call nothing CLIENT ERROR
          error.type = "-32602"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "nothing"
          jsonrpc.request.id = "1"
          mcp.method.name = "tools/call"
          mcp.protocol.version = "2025-11-25"
          rpc.response.status_code = "-32602"
        tools/call nothing SERVER ERROR < 0000000000000009
            error.type = "-32602"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "nothing"
            jsonrpc.request.id = "1"
            mcp.method.name = "tools/call"
            mcp.protocol.version = "2025-11-25"
            rpc.response.status_code = "-32602"
    "#);
}

#[test]
fn an_unknown_method_is_named_only_if_it_is_a_name() {
    let recorder = exchange(async |ends, _| {
        for method in ["weather/tomorrow", "what is the weather, canary?"] {
            let request = ClientRequest::CustomRequest(CustomRequest::new(method, None));
            ends.client.send_request(request).await.expect_err("no such method");
        }
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      weather/tomorrow CLIENT ERROR
        weather/tomorrow SERVER ERROR < 0000000000000009
      _OTHER CLIENT ERROR
        _OTHER SERVER ERROR < 000000000000000b
    ");
}

#[test]
fn a_caller_that_gives_up_cancels_both_ends() {
    let recorder = exchange(async |ends, recorder| {
        let begun = ends.server.service().begun.clone();
        tokio::select! {
            biased;
            result = ends.client.call_tool(call("slow")) => panic!("{result:?}"),
            () = begun.notified() => {}
        }
        ended(recorder, 4).await;
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call slow CLIENT
        tools/call slow SERVER < 0000000000000009
        notifications/cancelled CLIENT
          notifications/cancelled SERVER < 000000000000000b
    ");
    for span in recorder.spans().iter().filter(|span| span.name == "tools/call slow") {
        assert_eq!(attribute(span, "agentic.outcome").as_deref(), Some("\"cancelled\""), "{:?}", span.span_kind);
    }
}

#[test]
fn a_server_that_asks_for_a_sample_is_a_sender() {
    let recorder = exchange(async |ends, _| {
        ends.client.call_tool(call("ask")).await.expect("a result");
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call ask CLIENT
        tools/call ask SERVER < 0000000000000009
          sampling/createMessage CLIENT
            sampling/createMessage SERVER < 000000000000000b
              chat claude-haiku-4-5 CLIENT
    ");
}

#[test]
fn a_notification_has_a_span_at_both_ends() {
    let recorder = exchange(async |ends, _| {
        let progressed = ends.client.service().progressed.clone();
        let (result, ()) = tokio::join!(ends.client.call_tool(call("report")), progressed.notified());
        result.expect("a result");
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call report CLIENT
        tools/call report SERVER < 0000000000000009
          notifications/progress CLIENT
            notifications/progress SERVER < 000000000000000b
    ");
}

#[test]
fn a_request_that_takes_too_long_failed_by_timeout() {
    let recorder = exchange(async |ends, recorder| {
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(call("slow")));
        let options = PeerRequestOptions::with_timeout(Duration::from_millis(20));
        let request = ends.client.send_request_with_option(request, options).await.expect("sent");
        let error = request.await_response().await.expect_err("too slow");
        assert!(matches!(error, ServiceError::Timeout { .. }), "{error}");
        ended(recorder, 4).await;
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call slow CLIENT ERROR
        tools/call slow SERVER < 0000000000000009
        notifications/cancelled CLIENT
          notifications/cancelled SERVER < 000000000000000b
    ");
    let sent =
        recorder.spans().into_iter().find(|span| span.name == "tools/call slow" && span.span_kind == SpanKind::Client);
    assert_eq!(attribute(&sent.expect("the request"), "error.type").as_deref(), Some("\"timeout\""));
}

#[test]
fn a_handler_that_panics_fails_at_once() {
    let recorder = exchange(async |ends, recorder| {
        tokio::select! {
            biased;
            result = ends.client.call_tool(call("panics")) => panic!("{result:?}"),
            () = ended(recorder, 1) => {}
        }
    });
    let handled = recorder.spans().into_iter().find(|span| span.span_kind == SpanKind::Server).expect("the handler");
    assert_eq!(attribute(&handled, "error.type").as_deref(), Some("\"panic\""));
}

#[test]
fn what_a_handler_asked_for_and_gave_up_ends_with_it() {
    exchange(async |ends, recorder| {
        ends.client.call_tool(call("gives_up")).await.expect("a result");
        // The user thinks about it until the connection closes.
        let asked: Vec<_> = recorder.spans().into_iter().filter(|span| span.name == "sampling/createMessage").collect();
        let [asked] = asked.as_slice() else { panic!("{}", recorder.tree()) };
        assert_eq!(asked.span_kind, SpanKind::Client);
        assert_eq!(attribute(asked, "agentic.outcome").as_deref(), Some("\"cancelled\""));
    });
}

#[test]
fn a_request_that_is_answered_while_the_server_shuts_down_is_not_cancelled() {
    let recorder = exchange(async |ends, _| {
        let begun = ends.server.service().begun.clone();
        let shutdown = async {
            begun.notified().await;
            ends.server.cancellation_token().cancel();
        };
        let (result, ()) = tokio::join!(ends.client.call_tool(call("slow")), shutdown);
        result.expect("the answer is sent all the same");
    });
    for span in recorder.spans().iter().filter(|span| span.name == "tools/call slow") {
        assert_eq!(attribute(span, "agentic.outcome"), None, "{:?}", span.span_kind);
    }
}

#[test]
fn a_notification_of_a_handler_hangs_below_the_request_it_handles() {
    let recorder = exchange(async |ends, recorder| {
        ends.client.call_tool(call("log")).await.expect("a result");
        ended(recorder, 4).await;
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call log CLIENT
        tools/call log SERVER < 0000000000000009
          notifications/message CLIENT
            notifications/message SERVER < 000000000000000b
    ");
}

#[test]
fn a_request_of_any_kind_that_is_dropped_is_cancelled() {
    exchange(async |ends, recorder| {
        let begun = ends.server.service().begun.clone();
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(call("slow")));
        tokio::select! {
            biased;
            result = ends.client.send_request(request) => panic!("{result:?}"),
            () = begun.notified() => {}
        }
        let sent = recorder.span("tools/call slow");
        assert_eq!(sent.span_kind, SpanKind::Client);
        assert_eq!(attribute(&sent, "agentic.outcome").as_deref(), Some("\"cancelled\""));
    });
}
