//! A program that uses genai with its feature `otel`, and genai's own helpers for the spans of an agent.

use std::net::SocketAddr;

use futures::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, Tool, ToolResponse};
use genai::embed::EmbedOptions;
use genai::otel::agent::{AgentSpan, execute_tool_span, set_genai_error};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};
use serde_json::json;
use tracing::Instrument;

use crate::server::TOO_MUCH;
use crate::{CANARY, EMBEDDING_MODEL, MODEL, Outcome};

/// What the scenarios share.
pub struct Program {
    client: Client,
    options: ChatOptions,
}

fn ask(text: &str) -> ChatRequest {
    ChatRequest::new(vec![ChatMessage::system(format!("be brief, {CANARY}")), ChatMessage::user(text)])
}

impl Program {
    /// Against the server there.
    pub fn new(server: SocketAddr) -> Self {
        let resolver = ServiceTargetResolver::from_resolver_fn(
            move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
                // Only this of genai's adapters for OpenAI tells the response's id; it has no embeddings.
                let is_chat = &*target.model.model_name == MODEL;
                let adapter = if is_chat { AdapterKind::OpenAIResp } else { AdapterKind::OpenAI };
                Ok(ServiceTarget {
                    endpoint: Endpoint::from_owned(format!("http://{server}/v1/")),
                    auth: AuthData::from_single("no-key"),
                    model: ModelIden::new(adapter, target.model.model_name),
                })
            },
        );
        let client = Client::builder().with_service_target_resolver(resolver).build().expect("a client");
        let options = ChatOptions::default().with_temperature(0.2).with_max_tokens(64).with_capture_usage(true);
        Self { client, options }
    }

    fn agent(name: &str) -> tracing::Span {
        AgentSpan::invoke_agent().internal().with_name(name).start()
    }

    /// A question, an answer.
    pub async fn plain(&self) -> Outcome {
        let chat = self.client.exec_chat(MODEL, ask("hello"), Some(&self.options));
        chat.instrument(Self::agent("clerk")).await?;
        Ok(())
    }

    /// A question, a call of a tool, an answer.
    pub async fn tool(&self) -> Outcome {
        async {
            let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
            let weather = Tool::new("weather").with_description(CANARY).with_schema(schema);
            let request = ask("how warm is it?").with_tools(vec![weather]);
            let reply = self.client.exec_chat(MODEL, request.clone(), Some(&self.options)).await?;
            let calls = reply.into_tool_calls();
            let call = calls.first().cloned().ok_or("no call")?;
            let answer = execute_tool_span(&call).in_scope(|| ToolResponse::new(call.call_id.clone(), CANARY));
            let request = request.append_message(ChatMessage::from(calls)).append_message(ChatMessage::from(answer));
            self.client.exec_chat(MODEL, request, Some(&self.options)).await?;
            Ok(())
        }
        .instrument(Self::agent("forecaster"))
        .await
    }

    /// A question, an answer in pieces.
    pub async fn streamed(&self) -> Outcome {
        async {
            let mut stream = self.client.exec_chat_stream(MODEL, ask("write"), Some(&self.options)).await?.stream;
            while let Some(event) = stream.next().await {
                event?;
            }
            Ok(())
        }
        .instrument(Self::agent("writer"))
        .await
    }

    /// A question that the server refuses with 429.
    pub async fn refused(&self) -> Outcome {
        let agent = Self::agent("pusher");
        let chat = self.client.exec_chat(MODEL, ask(TOO_MUCH), Some(&self.options));
        match chat.instrument(agent.clone()).await {
            Ok(_) => Err("answered".into()),
            Err(error) => {
                // The agent's span is the program's, so it says what became of it.
                set_genai_error(&agent, &error);
                Ok(())
            }
        }
    }

    /// An embedding.
    pub async fn embedding(&self) -> Outcome {
        let options = EmbedOptions::new().with_dimensions(3);
        self.client.embed(EMBEDDING_MODEL, CANARY, Some(&options)).await?;
        Ok(())
    }

    /// All of them, one after the other.
    pub async fn all(&self) -> Outcome {
        self.plain().await?;
        self.tool().await?;
        self.streamed().await?;
        self.refused().await?;
        self.embedding().await
    }
}
