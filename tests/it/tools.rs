//! Tools that run commands and use skills, and the Model Context Protocol, by guard and by fields.

use insta::assert_snapshot;
use opentelemetry::trace::SpanKind;
use tracing::field::Empty;
use tracing::info_span;
use tracing_genai::activity::{McpClientRequest, McpServerRequest, Tool};

use crate::support::{in_agent, record};

#[test]
fn tools_that_run_commands_and_use_skills() {
    let by_guard = in_agent(|| {
        let command = Tool::command("bash").executable("rg").executable_path("/usr/bin/rg").call_id("call_1").start();
        command.exit_code(1).finish();
        Tool::command("bash").skill("pdf").skill_resource("scripts/fill.py").start().exit_code(0).finish();
        Tool::command("bash").skill("pdf").start().exit_code(0).finish();
        Tool::load_skill("load_skill", "pdf").start().finish();
        Tool::read_skill_resource("read", "forms.md").skill("pdf").start().finish();
        Tool::read_skill_resource("read", "forms.md").start().finish();
    });
    assert_snapshot!(by_guard.tree(), @r#"
    invoke_agent support
        agentic.operation.kind = "prompt"
        gen_ai.agent.name = "support"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
      execute_tool bash rg
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "bash"
          process.executable.name = "rg"
          process.executable.path = "/usr/bin/rg"
          process.exit.code = 1
      execute_tool bash pdf scripts/fill.py
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.skill.name = "pdf"
          gen_ai.skill.resource.name = "scripts/fill.py"
          gen_ai.tool.name = "bash"
          process.exit.code = 0
      execute_tool bash
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.skill.name = "pdf"
          gen_ai.tool.name = "bash"
          process.exit.code = 0
      execute_tool load_skill pdf
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.skill.name = "pdf"
          gen_ai.tool.name = "load_skill"
      execute_tool read pdf forms.md
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.skill.name = "pdf"
          gen_ai.skill.resource.name = "forms.md"
          gen_ai.tool.name = "read"
      execute_tool read forms.md
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.skill.resource.name = "forms.md"
          gen_ai.tool.name = "read"
    "#);
    let by_fields = in_agent(|| {
        let tool = |name, call_id: Option<&str>, skill: Option<&str>, resource: Option<&str>| {
            info_span!(
                "tool",
                gen_ai.operation.name = "execute_tool",
                gen_ai.tool.name = name,
                gen_ai.tool.call.id = call_id,
                gen_ai.skill.name = skill,
                gen_ai.skill.resource.name = resource,
                gen_ai.skill.source.uri = "file:///CANARY",
                process.exit.code = Empty,
            )
        };
        info_span!(
            "tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "bash",
            gen_ai.tool.call.id = "call_1",
            process.executable.name = "rg",
            process.executable.path = "/usr/bin/rg",
            process.exit.code = 1,
        );
        tool("bash", None, Some("pdf"), Some("scripts/fill.py")).record("process.exit.code", 0);
        info_span!(
            "tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "bash",
            gen_ai.skill.name = "pdf",
            process.exit.code = 0,
        );
        tool("load_skill", None, Some("pdf"), None);
        tool("read", None, Some("pdf"), Some("forms.md"));
        tool("read", None, None, Some("forms.md"));
    });
    assert_eq!(by_fields.tree(), by_guard.tree());
}

#[test]
fn model_context_protocol() {
    let by_guard = in_agent(|| {
        let call = McpClientRequest::tools_call("weather").request_id("12").mcp_session("s-1").http("1.1");
        let call = call.protocol_version("2025-11-25").jsonrpc_version("2.0").server("localhost", 8080).start();
        call.in_scope(|| {
            let serving = McpServerRequest::tools_call("weather").request_id("12").client("127.0.0.1", 54321);
            serving.http("1.1").start().finish();
        });
        call.tool_error();
        McpClientRequest::prompts_get("greeting").request_id("13").stdio().start().error_response(-32602);
        let opening = McpClientRequest::new("initialize").request_id("14").stdio().start();
        opening.mcp_session("s-2").protocol_version("2025-11-25").finish();
        McpServerRequest::new("notifications/progress").stdio().start().finish();
    });
    assert_snapshot!(by_guard.tree(), @r#"
    invoke_agent support
        agentic.operation.kind = "prompt"
        gen_ai.agent.name = "support"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
      tools/call weather CLIENT ERROR
          error.type = "tool_error"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "weather"
          jsonrpc.request.id = "12"
          mcp.method.name = "tools/call"
          mcp.protocol.version = "2025-11-25"
          mcp.session.id = "s-1"
          network.protocol.name = "http"
          network.protocol.version = "1.1"
          network.transport = "tcp"
          server.address = "localhost"
          server.port = 8080
        tools/call weather SERVER
            client.address = "127.0.0.1"
            client.port = 54321
            gen_ai.conversation.id = "c-1"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "weather"
            jsonrpc.request.id = "12"
            mcp.method.name = "tools/call"
            network.protocol.name = "http"
            network.protocol.version = "1.1"
            network.transport = "tcp"
      prompts/get greeting CLIENT ERROR
          error.type = "-32602"
          gen_ai.conversation.id = "c-1"
          gen_ai.prompt.name = "greeting"
          jsonrpc.request.id = "13"
          mcp.method.name = "prompts/get"
          network.transport = "pipe"
          rpc.response.status_code = "-32602"
      initialize CLIENT
          gen_ai.conversation.id = "c-1"
          jsonrpc.request.id = "14"
          mcp.method.name = "initialize"
          mcp.protocol.version = "2025-11-25"
          mcp.session.id = "s-2"
          network.transport = "pipe"
      notifications/progress SERVER
          gen_ai.conversation.id = "c-1"
          mcp.method.name = "notifications/progress"
          network.transport = "pipe"
    "#);
    let by_fields = in_agent(mcp_by_fields);
    assert_eq!(by_fields.tree(), by_guard.tree());
}

fn mcp_by_fields() {
    let call = info_span!(
        "mcp",
        mcp.method.name = "tools/call",
        // The method decides, whatever stands here.
        gen_ai.operation.name = "chat",
        gen_ai.tool.name = "weather",
        gen_ai.tool.call.arguments = "CANARY",
        jsonrpc.request.id = 12,
        jsonrpc.protocol.version = "2.0",
        mcp.session.id = "s-1",
        mcp.protocol.version = "2025-11-25",
        network.transport = "tcp",
        network.protocol.name = "http",
        network.protocol.version = "1.1",
        server.address = "localhost",
        server.port = 8080,
        error.type = Empty,
    );
    call.in_scope(|| {
        info_span!(
            "mcp",
            otel.kind = "server",
            mcp.method.name = "tools/call",
            gen_ai.tool.name = "weather",
            jsonrpc.request.id = "12",
            network.transport = "tcp",
            network.protocol.name = "http",
            network.protocol.version = "1.1",
            client.address = "127.0.0.1",
            client.port = 54321,
        );
    });
    call.record("error.type", "tool_error");
    drop(call);
    info_span!(
        "mcp",
        mcp.method.name = "prompts/get",
        gen_ai.operation.name = "execute_tool",
        gen_ai.prompt.name = "greeting",
        gen_ai.prompt.variable.city = "CANARY",
        jsonrpc.request.id = "13",
        network.transport = "pipe",
        rpc.response.status_code = -32602,
        error.type = "-32602",
    );
    let opening = info_span!(
        "mcp",
        mcp.method.name = "initialize",
        jsonrpc.request.id = "14",
        network.transport = "pipe",
        mcp.session.id = "s-2",
        mcp.protocol.version = "2025-11-25",
        gen_ai.operation.name = Empty,
    );
    opening.record("gen_ai.operation.name", "execute_tool");
    drop(opening);
    info_span!(
        "mcp",
        otel.kind = "server",
        mcp.method.name = "notifications/progress",
        mcp.resource.uri = "file:///CANARY",
        network.transport = "pipe",
    );
}

#[test]
fn the_receiver_of_a_request_hangs_below_its_sender() {
    let recorder = record(|| {
        let call = McpClientRequest::tools_call("weather").start();
        let place = call.carrier().expect("a tracer");
        let serving = McpServerRequest::tools_call("weather").continues(&place).start();
        serving.finish();
        call.finish();
    });
    let spans = recorder.spans();
    let side = |kind: SpanKind| spans.iter().find(|span| span.span_kind == kind).expect("both sides");
    let (client, server) = (side(SpanKind::Client), side(SpanKind::Server));
    assert_eq!(server.parent_span_id, client.span_context.span_id());
    assert_eq!(server.span_context.trace_id(), client.span_context.trace_id());
    assert!(server.parent_span_is_remote);
    assert!(spans.iter().all(|span| span.name == "tools/call weather"));
}

#[test]
fn a_method_cannot_break_the_name() {
    let recorder = record(|| {
        McpClientRequest::new("tools/\u{202e}list\n").start().finish();
        tracing::info_span!("mcp", mcp.method.name = ?"ping");
        McpServerRequest::new("").start().finish();
        // Without a method it is none.
        tracing::info_span!("mcp", mcp.method.name = "");
    });
    let names: Vec<_> = recorder.spans().into_iter().map(|span| (span.name, span.span_kind)).collect();
    let wanted = [
        ("tools/list", SpanKind::Client),
        ("ping", SpanKind::Client),
        ("mcp.method.name", SpanKind::Server),
        ("mcp", SpanKind::Internal),
    ];
    assert_eq!(names, wanted.map(|(name, kind)| (name.into(), kind)));
}
