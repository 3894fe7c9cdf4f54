//! A handler whose methods run in spans, where a service will not do: rmcp's HTTP server takes handlers only.
#![allow(deprecated, reason = "rmcp has them")]

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, CancelledNotificationParam,
    CompleteRequestParams, CompleteResult, CustomNotification, CustomRequest, CustomResult, DiscoverResult,
    GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult,
    InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListSkillsResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion,
    ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse,
    ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
    UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};

use crate::activity::{Guard, McpServerRequest};
use crate::mcp::connection::Connection;
use crate::mcp::form;
use crate::mcp::incoming::{self, Envelope};
use crate::mcp::role::Reply;
use crate::mcp::role::sealed::Sealed;
use crate::mcp::service::{agreed, inside, of_request};
use crate::mcp::subject::Subject;
use crate::semconv::value::mcp_method_name as method;

/// A server's handler with spans, for rmcp's HTTP server:
///
/// ```
/// use std::sync::Arc;
///
/// use rmcp::ServerHandler;
/// use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
/// use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
/// use tracing_genai::mcp;
///
/// struct Weather;
/// impl ServerHandler for Weather {}
///
/// let sessions = Arc::new(LocalSessionManager::default());
/// let service = StreamableHttpService::new(|| Ok(mcp::handler(Weather)), sessions, StreamableHttpServerConfig::default());
/// # let _: StreamableHttpService<mcp::TracedHandler<Weather>, LocalSessionManager> = service;
/// ```
///
/// It has spans for what comes in. What the server sends of itself goes through a transport that rmcp makes. Served any
/// other way, [`server`](super::server) has spans for both.
///
/// It stands inside of what rmcp does with a request: what rmcp refuses before a handler runs has no span here, and what it makes
/// of a handler's result is not in the span. From `2026-07-28` on an error `-32002` goes out as `-32602`; a result that the
/// client has not declared to understand becomes an error. The client's span has what was sent.
///
/// A request that is answered only when the server shuts down has `agentic.outcome = cancelled`, as one that was withdrawn: a
/// handler is not told which of the two it is.
pub fn handler<H: ServerHandler>(handler: H) -> TracedHandler<H> {
    TracedHandler { handler, connection: Arc::default() }
}

/// A handler whose requests and notifications have spans: of [`handler`].
///
/// It hands on the methods that `ServerHandler` has in rmcp 3.9.
#[derive(Debug)]
pub struct TracedHandler<H> {
    handler: H,
    connection: Arc<Connection>,
}

impl<H> TracedHandler<H> {
    fn request(&self, subject: &Subject<'_>, context: &RequestContext<RoleServer>) -> Guard<McpServerRequest> {
        // Of a request that opens the session the peer has noted what it asks for.
        let opens = subject.method == method::INITIALIZE;
        let version = of_request(context).or_else(|| RoleServer::version(&context.peer)).filter(|_| !opens);
        let id = form::number(&context.id);
        let (meta, extensions) = (&context.meta, &context.extensions);
        incoming::begin(&self.connection, subject, Envelope { meta, extensions, id, caused_by: None, version })
    }

    /// Runs `work` in the span of a request, and ends it by the result.
    async fn answer<T: Reply>(
        &self,
        guard: Guard<McpServerRequest>,
        withdrawn: impl Fn() -> bool,
        work: impl Future<Output = Result<T, ErrorData>>,
    ) -> Result<T, ErrorData> {
        let result = inside(&guard, work).await;
        if !withdrawn() {
            incoming::answered(&guard, result.as_ref());
        }
        result
    }

    fn notice(&self, subject: &Subject<'_>, context: &NotificationContext<RoleServer>) -> Guard<McpServerRequest> {
        let version = RoleServer::version(&context.peer);
        let (meta, extensions) = (&context.meta, &context.extensions);
        incoming::begin(&self.connection, subject, Envelope { meta, extensions, id: None, caused_by: None, version })
    }
}

/// Methods of a handler for requests: parameters, result, and what they are about.
macro_rules! requests {
    ($($name:ident($($params:ident: $type:ty)?) -> $result:ty, $subject:expr;)+) => {
        $(
            async fn $name(
                &self,
                $($params: $type,)?
                context: RequestContext<RoleServer>,
            ) -> Result<$result, ErrorData> {
                let guard = self.request(&$subject, &context);
                let withdrawn = context.ct.clone();
                let work = self.handler.$name($($params,)? context);
                self.answer(guard, || withdrawn.is_cancelled(), work).await
            }
        )+
    };
}

/// Methods of a handler for notifications: parameters, and what they are about.
macro_rules! notices {
    ($($name:ident($($params:ident: $type:ty)?), $subject:expr;)+) => {
        $(
            async fn $name(&self, $($params: $type,)? context: NotificationContext<RoleServer>) {
                let guard = self.notice(&$subject, &context);
                inside(&guard, self.handler.$name($($params,)? context)).await;
                guard.finish();
            }
        )+
    };
}

#[rustfmt::skip]
impl<H: ServerHandler> ServerHandler for TracedHandler<H> {
    requests! {
        call_tool(call: CallToolRequestParams) -> CallToolResponse, Subject::tool(method::TOOLS_CALL, &call);
        cancel_task(_task: CancelTaskParams) -> (), Subject::of("tasks/cancel");
        complete(_text: CompleteRequestParams) -> CompleteResult, Subject::of(method::COMPLETION_COMPLETE);
        discover() -> DiscoverResult, Subject::of("server/discover");
        get_prompt(get: GetPromptRequestParams) -> GetPromptResponse, Subject::prompt(method::PROMPTS_GET, &get);
        get_skill(_skill: GetSkillRequestParams) -> GetSkillResult, Subject::of("skills/get");
        get_task(_task: GetTaskParams) -> GetTaskResult, Subject::of("tasks/get");
        list_prompts(_page: Option<PaginatedRequestParams>) -> ListPromptsResult, Subject::of(method::PROMPTS_LIST);
        list_resource_templates(_page: Option<PaginatedRequestParams>) -> ListResourceTemplatesResult, Subject::of(method::RESOURCES_TEMPLATES_LIST);
        list_resources(_page: Option<PaginatedRequestParams>) -> ListResourcesResult, Subject::of(method::RESOURCES_LIST);
        list_skills(_page: Option<PaginatedRequestParams>) -> ListSkillsResult, Subject::of("skills/list");
        list_tools(_page: Option<PaginatedRequestParams>) -> ListToolsResult, Subject::of(method::TOOLS_LIST);
        on_custom_request(request: CustomRequest) -> CustomResult, Subject::of(&request.method);
        ping() -> (), Subject::of(method::PING);
        read_resource(read: ReadResourceRequestParams) -> ReadResourceResponse, Subject::at(method::RESOURCES_READ, &read.uri);
        read_resource_directory(read: ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult, Subject::at("resources/directory/read", &read.uri);
        set_level(_level: SetLevelRequestParams) -> (), Subject::of(method::LOGGING_SET_LEVEL);
        subscribe(watch: SubscribeRequestParams) -> (), Subject::at(method::RESOURCES_SUBSCRIBE, &watch.uri);
        unsubscribe(watch: UnsubscribeRequestParams) -> (), Subject::at(method::RESOURCES_UNSUBSCRIBE, &watch.uri);
        update_task(_task: UpdateTaskParams) -> (), Subject::of("tasks/update");
    }

    notices! {
        on_cancelled(_request: CancelledNotificationParam), Subject::of(method::NOTIFICATIONS_CANCELLED);
        on_custom_notification(notification: CustomNotification), Subject::of(&notification.method);
        on_initialized(), Subject::of(method::NOTIFICATIONS_INITIALIZED);
        on_progress(_progress: ProgressNotificationParam), Subject::of(method::NOTIFICATIONS_PROGRESS);
        on_roots_list_changed(), Subject::of(method::NOTIFICATIONS_ROOTS_LIST_CHANGED);
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let guard = self.request(&Subject::of(method::INITIALIZE), &context);
        let wanted = request.protocol_version.clone();
        let result = inside(&guard, self.handler.initialize(request, context)).await;
        let known = || self.handler.supported_protocol_versions();
        if let Some(version) = result.as_ref().ok().and_then(|own| agreed(&wanted, &own.protocol_version, &known())) {
            guard.protocol_version(version);
        }
        incoming::answered(&guard, result.as_ref());
        result
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let guard = self.request(&Subject::of("subscriptions/listen"), context.request_context());
        let withdrawn = context.request_context().ct.clone();
        self.answer(guard, || withdrawn.is_cancelled(), self.handler.listen(context)).await
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.handler.accepted_subscription_filter(requested)
    }

    fn get_info(&self) -> ServerConfig {
        self.handler.get_info()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.handler.get_tool(name)
    }

    fn negotiate_initialize(&self, request: &InitializeRequestParams) -> Result<InitializeResult, ErrorData> {
        self.handler.negotiate_initialize(request)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.handler.supported_protocol_versions()
    }
}

impl Reply for CallToolResponse {
    fn of_tool(&self) -> Option<&CallToolResult> {
        match self {
            Self::Complete(result) => Some(result),
            _ => None,
        }
    }
}

/// Results that say nothing of interest here.
macro_rules! plain {
    ($($result:ty),+ $(,)?) => {
        $(impl Reply for $result {})+
    };
}

plain!(
    (),
    CompleteResult,
    CustomResult,
    DiscoverResult,
    GetPromptResponse,
    GetSkillResult,
    GetTaskResult,
    InitializeResult,
    ListPromptsResult,
    ListResourceTemplatesResult,
    ListResourcesResult,
    ListSkillsResult,
    ListToolsResult,
    ReadResourceResponse,
);
