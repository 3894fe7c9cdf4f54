//! A program that uses rig and knows nothing of telemetry, but for [`TellOutcome`].

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use futures::StreamExt;
use opentelemetry::trace::Status;
use rig::agent::{
    AgentHook, DispatchAction, DispatchEvent, HookContext, OutcomeAction, OutcomeEvent, RunSettled, SettledOutcome,
};
use rig::prelude::*;
use rig::providers::openai::{OpenAI, OpenAIConfig, Route};
use rig::rig_reqwest::ReqwestMiddlewareClient;
use rig::tool::ToolContext;
use serde::Deserialize;
use serde_json::json;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::server::TOO_MUCH;
use crate::{CANARY, EMBEDDING_MODEL, MODEL, Outcome};

/// What the scenarios share.
pub struct Program {
    client: OpenAI,
    tells_outcome: bool,
}

/// What rig leaves to the application: it knows why the model stopped and that a run failed, and has no field for either.
#[derive(Default)]
struct TellOutcome {
    /// rig's span of the turn at work.
    turn: Mutex<Option<Span>>,
}

impl TellOutcome {
    fn turn(&self, now: Option<Span>) -> Option<Span> {
        std::mem::replace(&mut *self.turn.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}

impl AgentHook for TellOutcome {
    /// The last of rig's hooks that is called inside its `chat` span.
    async fn on_dispatch(&self, _: &HookContext, event: DispatchEvent<'_>) -> DispatchAction {
        if event.completion_request().is_some() {
            self.turn(Some(Span::current()));
        }
        DispatchAction::Proceed
    }

    async fn on_outcome(&self, _: &HookContext, event: OutcomeEvent<'_>) -> OutcomeAction {
        let reason = event.completion().and_then(|reply| reply.raw.pointer("/choices/0/finish_reason")?.as_str());
        if let (Some(reason), Some(turn)) = (reason, self.turn(None)) {
            turn.set_attribute("gen_ai.response.finish_reasons", reason.to_owned());
        }
        OutcomeAction::proceed()
    }

    /// Called inside the span of the agent.
    async fn on_run_settled(&self, _: &HookContext, event: RunSettled<'_>) {
        if let SettledOutcome::Error(_) = event.outcome {
            for failed in [self.turn(None), Some(Span::current())].into_iter().flatten() {
                failed.set_attribute("error.type", "provider_error");
                failed.set_status(Status::error(""));
            }
        }
    }
}

#[derive(Deserialize)]
struct City {
    city: String,
}

/// The agent's only tool.
struct Weather;

impl Tool for Weather {
    const NAME: &'static str = "weather";
    type Args = City;
    type Output = String;
    type Error = std::io::Error;

    fn description(&self) -> String {
        format!("tells the weather, {CANARY}")
    }

    fn parameters(&self) -> serde_json::Value {
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
    }

    async fn call(&self, _: &mut ToolContext, args: City) -> Result<String, Self::Error> {
        Ok(format!("12 degrees in {}", args.city))
    }
}

impl Program {
    /// Against the server there.
    pub fn new(server: SocketAddr) -> Self {
        let config = OpenAIConfig::new("no-key").with_route(Route::Chat).with_base_url(format!("http://{server}/v1"));
        Self { client: config.client(), tells_outcome: false }
    }

    /// Sends its requests through `http`.
    pub fn through(self, http: ReqwestMiddlewareClient) -> Self {
        Self { client: self.client.with_http(http), ..self }
    }

    /// With the hook that tells how turns and runs ended.
    pub fn telling_outcome(self) -> Self {
        Self { tells_outcome: true, ..self }
    }

    fn agent(&self, name: &str) -> AgentBuilder {
        let agent = AgentBuilder::new(self.client.completion(MODEL)).name(name).preamble(format!("be brief, {CANARY}"));
        // rig's own switch for content, so that there is something to keep in.
        let agent = agent.record_content_telemetry(true);
        if self.tells_outcome { agent.add_hook(TellOutcome::default()) } else { agent }
    }

    /// A question, an answer.
    pub async fn plain(&self) -> Outcome {
        self.agent("clerk").build().prompt(format!("hello, {CANARY}")).await?;
        Ok(())
    }

    /// A question, a call of a tool, an answer.
    pub async fn tool(&self) -> Outcome {
        let agent = self.agent("forecaster").tool(Weather).build();
        agent.prompt(format!("how warm is it, {CANARY}?")).max_turns(3).await?;
        Ok(())
    }

    /// A question, an answer in pieces.
    pub async fn streamed(&self) -> Outcome {
        let mut stream = self.agent("writer").build().prompt(format!("write, {CANARY}")).stream();
        while let Some(item) = stream.next().await {
            item?;
        }
        Ok(())
    }

    /// A question that the server refuses with 429.
    pub async fn refused(&self) -> Outcome {
        match self.agent("pusher").build().prompt(format!("{TOO_MUCH}, {CANARY}")).await {
            Ok(_) => Err("answered".into()),
            Err(_) => Ok(()),
        }
    }

    /// An embedding.
    pub async fn embedding(&self) -> Outcome {
        let model = self.client.embedding(EMBEDDING_MODEL, Some(3));
        rig::embeddings::EmbeddingsBuilder::new(model).documents([CANARY.to_owned()])?.build().await?;
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
