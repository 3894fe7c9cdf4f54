//! An agent at a service elsewhere: it is made once, and asked to translate the answer.

use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tracing_genai::activity::{CreateAgent, RemoteAgent, Usage};
use tracing_genai::content::Message;

use crate::service::{Service, ServiceError};

/// Who offers agents, as `gen_ai.provider.name`: a name of our own, there is no well-known one.
const PROVIDER: &str = "agents.example";

const NAME: &str = "translator";

/// An agent that the service made.
pub(crate) struct Translator<'a> {
    service: &'a Service,
    id: String,
}

impl<'a> Translator<'a> {
    /// Has the service make one.
    pub(crate) async fn create(service: &'a Service) -> Result<Self, ServiceError> {
        let (address, port) = service.server();
        let creation = CreateAgent::new(PROVIDER).agent(NAME).agent_version("1").server(address, port).start();
        match creation.scope(service.post("/agents", &json!({"name": NAME}))).await {
            Ok(made) => {
                let id = made["id"].as_str().unwrap_or_default().to_owned();
                creation.agent_id(&id).finish();
                Ok(Self { service, id })
            }
            Err(error) => {
                creation.fail(&error);
                Err(error)
            }
        }
    }

    /// `text` in the customer's language.
    pub(crate) async fn translate(&self, text: &str) -> Result<String, ServiceError> {
        let (address, port) = self.service.server();
        let agent =
            RemoteAgent::new(PROVIDER).agent(NAME).agent_id(&self.id).agent_version("1").conversation("ticket-2041");
        let agent = agent.server(address, port).start();
        agent.input_messages_with(|| [Message::user(text)]);
        match agent.scope(self.service.post("/agents/run", &json!({"agent": self.id, "input": text}))).await {
            Ok(answer) => {
                let count = |key: &str| answer["usage"][key].as_u64().unwrap_or_default();
                agent.usage(Usage::new(count("input_tokens"), count("output_tokens")));
                agent.output_messages_with(|| [Message::assistant(answer["text"].as_str().unwrap_or_default())]);
                agent.finish_reasons(answer["finish_reason"].as_str()).finish();
                Ok(answer["text"].as_str().unwrap_or_default().to_owned())
            }
            Err(error) => {
                agent.fail(&error);
                Err(error)
            }
        }
    }
}

/// The service: it knows one answer.
pub(crate) fn routes() -> Router {
    let made = json!({"id": "agent_5j66", "name": NAME});
    let text = "Der Wechsel Ihrer 12 Plätze kostet bis Ende Juni 38,40 Euro.";
    let usage = json!({"input_tokens": 96, "output_tokens": 51});
    let answer = json!({"text": text, "finish_reason": "stop", "usage": usage});
    Router::new()
        .route("/agents", post(move |Json(_): Json<Value>| async move { Json(made) }))
        .route("/agents/run", post(move |Json(_): Json<Value>| async move { Json(answer) }))
}
