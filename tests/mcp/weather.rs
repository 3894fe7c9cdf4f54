//! A server and a client that do a little of everything.
#![allow(deprecated, reason = "sampling is, and servers use it")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig, ContentBlock,
    CreateMessageRequest, CreateMessageRequestParams, CreateMessageResult, ErrorCode, GetPromptRequestParams,
    GetPromptResponse, GetPromptResult, Implementation, InputRequest, InputRequiredResult, JsonObject, ListToolsResult,
    LoggingLevel, LoggingMessageNotificationParam, PaginatedRequestParams, ProgressNotificationParam, PromptMessage,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ResourceContents, Role, SamplingMessage,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{ClientHandler, ErrorData, RoleClient, RoleServer, ServerHandler};
use tokio::sync::Notify;
use tracing::Instrument;
use tracing_genai::activity::{Turn, Usage};

/// What must not leave.
pub(crate) const CANARY: &str = "canary-7f3a";

/// So many tokens take for ever.
const NEVER: u32 = 1;

#[derive(Clone, Debug, Default)]
pub(crate) struct Weather {
    /// A slow call has begun.
    pub(crate) begun: Arc<Notify>,
    /// `_meta` of the last `echo`.
    pub(crate) seen: Arc<Mutex<Option<JsonObject>>>,
}

impl Weather {
    async fn forecast(&self) -> CallToolResult {
        let turn = Turn::chat("openai", "gpt-4o-mini").start();
        turn.scope(async { tokio::task::yield_now().instrument(tracing::info_span!("look_up")).await }).await;
        turn.usage(Usage::new(12, 3)).finish();
        CallToolResult::success(vec![ContentBlock::text(format!("snow {CANARY}"))])
    }

    async fn ask(&self, context: &RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
        let question = SamplingMessage::user_text(format!("umbrella? {CANARY}"));
        let params = CreateMessageRequestParams::new(vec![question], 16);
        let answer = context.peer.create_message(params).await;
        answer.map_err(|_| ErrorData::internal_error(CANARY, None))?;
        Ok(CallToolResult::success(vec![]))
    }

    async fn report(&self, context: &RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
        let Some(token) = context.meta.get_progress_token() else {
            return Err(ErrorData::invalid_params("no progress token", None));
        };
        let progress = ProgressNotificationParam::new(token, 0.5).with_message(CANARY);
        context.peer.notify_progress(progress).await.map_err(|_| ErrorData::internal_error(CANARY, None))?;
        Ok(CallToolResult::success(vec![]))
    }
}

impl ServerHandler for Weather {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_prompts().enable_resources().build();
        ServerConfig::new(capabilities)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = Tool::new("forecast", CANARY, Arc::new(serde_json::Map::new()));
        Ok(ListToolsResult::with_all_items(vec![tool]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let result = match request.name.as_ref() {
            "forecast" => self.forecast().await,
            "broken" => CallToolResult::error(vec![ContentBlock::text(format!("broken {CANARY}"))]),
            "ask" => self.ask(&context).await?,
            "gives_up" => {
                let question = CreateMessageRequestParams::new(vec![SamplingMessage::user_text(CANARY)], NEVER);
                let answer = context.peer.create_message(question);
                drop(tokio::time::timeout(Duration::from_millis(20), answer).await);
                CallToolResult::success(vec![])
            }
            "log" => {
                let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, CANARY.into());
                context.peer.notify_logging_message(message).await.expect("sent");
                CallToolResult::success(vec![])
            }
            "report" => self.report(&context).await?,
            "slow" => {
                self.begun.notify_one();
                context.ct.cancelled().await;
                CallToolResult::success(vec![])
            }
            "echo" => {
                *self.seen.lock().expect("not poisoned") = Some(context.meta.0.0.clone());
                CallToolResult::success(vec![])
            }
            "ask_back" if request.input_responses.is_none() => {
                let question = CreateMessageRequestParams::new(vec![SamplingMessage::user_text(CANARY)], 16);
                let question = InputRequest::CreateMessage(CreateMessageRequest::new(question));
                let questions = [("umbrella".to_owned(), question)].into_iter().collect();
                return Ok(CallToolResponse::InputRequired(InputRequiredResult::from_input_requests(questions)));
            }
            "ask_back" => CallToolResult::success(vec![]),
            "panics" => panic!("as asked"),
            _ => return Err(ErrorData::invalid_params(format!("no such tool {CANARY}"), None)),
        };
        Ok(result.into())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if request.name != "greeting" {
            return Err(ErrorData::new(ErrorCode::INVALID_PARAMS, CANARY, None));
        }
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, CANARY)]).into())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(ReadResourceResult::new(vec![ResourceContents::text(CANARY, request.uri)]).into())
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) progressed: Arc<Notify>,
}

impl ClientHandler for User {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::new(ClientCapabilities::builder().enable_sampling().build(), Implementation::new("user", "1"))
    }

    async fn create_message(
        &self,
        request: CreateMessageRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        if request.max_tokens == NEVER {
            context.ct.cancelled().await;
        }
        Turn::chat("anthropic", "claude-haiku-4-5").start().finish();
        Ok(CreateMessageResult::new(SamplingMessage::assistant_text(CANARY), "claude-haiku-4-5".to_owned()))
    }

    async fn on_progress(&self, _: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.progressed.notify_one();
    }
}
