//! What a request or notification says of itself: its method, what it is about, and its content.

use std::borrow::Cow;

use rmcp::model::{
    CallToolRequestParams, CancelledNotificationParam, ClientNotification, ClientRequest, ConstString,
    GetPromptRequestParams, JsonObject, ProgressToken, ProtocolVersion, RequestMetaObject, RequestParamsMeta,
    ServerNotification, ServerRequest,
};

use crate::mcp::form::OTHER;
use crate::semconv::value::mcp_method_name as method;

/// See the module's documentation.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: Target<'a>,
    /// Content.
    pub(crate) uri: Option<&'a str>,
    /// Content: of a tool, or of a prompt.
    pub(crate) arguments: Option<&'a JsonObject>,
}

/// What the name of the span goes on with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Nothing,
    Tool(&'a str),
    Prompt(&'a str),
}

impl<'a> Subject<'a> {
    pub(crate) fn of(method: &'a str) -> Self {
        Self { method, target: Target::Nothing, uri: None, arguments: None }
    }

    pub(crate) fn at(method: &'a str, uri: &'a str) -> Self {
        Self { uri: Some(uri), ..Self::of(method) }
    }

    pub(crate) fn tool(method: &'a str, call: &'a CallToolRequestParams) -> Self {
        Self { target: Target::Tool(&call.name), arguments: call.arguments.as_ref(), ..Self::of(method) }
    }

    pub(crate) fn prompt(method: &'a str, get: &'a GetPromptRequestParams) -> Self {
        Self { target: Target::Prompt(&get.name), arguments: get.arguments.as_ref(), ..Self::of(method) }
    }

    /// The name of a span about it.
    pub(crate) fn name(&self) -> Cow<'a, str> {
        match self.target {
            Target::Nothing => self.method.into(),
            Target::Tool(target) | Target::Prompt(target) => format!("{} {target}", self.method).into(),
        }
    }

    pub(crate) fn arguments_of_tool(&self) -> Option<&'a JsonObject> {
        self.arguments.filter(|_| matches!(self.target, Target::Tool(_)))
    }

    /// What a prompt is filled with. The protocol knows texts only.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let arguments = self.arguments.filter(|_| matches!(self.target, Target::Prompt(_)));
        arguments.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }
}

/// A request, of either end.
pub trait Ask {
    /// What it is about.
    fn subject(&self) -> Subject<'_>;
    /// `_meta` as the sender wrote it into the parameters; the envelope has one besides.
    fn params_meta(&self) -> Option<&RequestMetaObject>;
    /// The version of the protocol that it asks for, if it opens a session.
    fn version(&self) -> Option<&ProtocolVersion> {
        None
    }
}

impl Ask for ClientRequest {
    fn subject(&self) -> Subject<'_> {
        let method = self.method();
        match self {
            Self::CallToolRequest(call) => Subject::tool(method, &call.params),
            Self::GetPromptRequest(get) => Subject::prompt(method, &get.params),
            Self::ReadResourceRequest(read) => Subject::at(method, &read.params.uri),
            Self::ReadResourceDirectoryRequest(read) => Subject::at(method, &read.params.uri),
            Self::SubscribeRequest(watch) => Subject::at(method, &watch.params.uri),
            Self::UnsubscribeRequest(watch) => Subject::at(method, &watch.params.uri),
            _ => Subject::of(method),
        }
    }

    fn params_meta(&self) -> Option<&RequestMetaObject> {
        match self {
            Self::CallToolRequest(request) => request.params.meta(),
            Self::CancelTaskRequest(request) => request.params.meta(),
            Self::CompleteRequest(request) => request.params.meta(),
            Self::GetPromptRequest(request) => request.params.meta(),
            Self::GetSkillRequest(request) => request.params.meta(),
            Self::GetTaskRequest(request) => request.params.meta(),
            Self::ListPromptsRequest(request) => request.params.as_ref()?.meta(),
            Self::ListResourceTemplatesRequest(request) => request.params.as_ref()?.meta(),
            Self::ListResourcesRequest(request) => request.params.as_ref()?.meta(),
            Self::ListSkillsRequest(request) => request.params.as_ref()?.meta(),
            Self::ListToolsRequest(request) => request.params.as_ref()?.meta(),
            Self::ReadResourceDirectoryRequest(request) => request.params.meta(),
            Self::ReadResourceRequest(request) => request.params.meta(),
            Self::SetLevelRequest(request) => request.params.meta(),
            Self::SubscribeRequest(request) => request.params.meta(),
            Self::SubscriptionsListenRequest(request) => request.params.meta(),
            Self::UnsubscribeRequest(request) => request.params.meta(),
            Self::UpdateTaskRequest(request) => request.params.meta(),
            _ => None,
        }
    }

    fn version(&self) -> Option<&ProtocolVersion> {
        match self {
            Self::InitializeRequest(request) => Some(&request.params.protocol_version),
            _ => None,
        }
    }
}

impl Ask for ServerRequest {
    fn subject(&self) -> Subject<'_> {
        match self {
            Self::PingRequest(_) => Subject::of(method::PING),
            Self::CreateMessageRequest(_) => Subject::of(method::SAMPLING_CREATE_MESSAGE),
            Self::ListRootsRequest(_) => Subject::of(method::ROOTS_LIST),
            Self::ElicitRequest(_) => Subject::of(method::ELICITATION_CREATE),
            Self::CustomRequest(request) => Subject::of(&request.method),
            // One that a later rmcp knows, and that is no text of the peer's.
            _ => Subject::of(OTHER),
        }
    }

    fn params_meta(&self) -> Option<&RequestMetaObject> {
        match self {
            Self::CreateMessageRequest(request) => request.params.meta(),
            Self::ElicitRequest(request) => request.params.meta(),
            _ => None,
        }
    }
}

/// A notification, of either end.
pub trait Notice {
    /// What it is about.
    fn subject(&self) -> Subject<'_>;
    /// What it takes back, if it is `notifications/cancelled`.
    fn cancelled(&self) -> Option<&CancelledNotificationParam>;
    /// The token of the request that goes on, if it is `notifications/progress`.
    fn progressed(&self) -> Option<&ProgressToken>;
}

impl Notice for ClientNotification {
    fn subject(&self) -> Subject<'_> {
        Subject::of(match self {
            Self::CancelledNotification(_) => method::NOTIFICATIONS_CANCELLED,
            Self::ProgressNotification(_) => method::NOTIFICATIONS_PROGRESS,
            Self::InitializedNotification(_) => method::NOTIFICATIONS_INITIALIZED,
            Self::RootsListChangedNotification(_) => method::NOTIFICATIONS_ROOTS_LIST_CHANGED,
            Self::CustomNotification(notification) => &notification.method,
            _ => OTHER,
        })
    }

    fn cancelled(&self) -> Option<&CancelledNotificationParam> {
        match self {
            Self::CancelledNotification(notification) => Some(&notification.params),
            _ => None,
        }
    }

    fn progressed(&self) -> Option<&ProgressToken> {
        match self {
            Self::ProgressNotification(notification) => Some(&notification.params.progress_token),
            _ => None,
        }
    }
}

impl Notice for ServerNotification {
    fn subject(&self) -> Subject<'_> {
        Subject::of(match self {
            Self::CancelledNotification(_) => method::NOTIFICATIONS_CANCELLED,
            Self::ProgressNotification(_) => method::NOTIFICATIONS_PROGRESS,
            Self::LoggingMessageNotification(_) => method::NOTIFICATIONS_MESSAGE,
            Self::ResourceUpdatedNotification(notification) => {
                return Subject::at(method::NOTIFICATIONS_RESOURCES_UPDATED, &notification.params.uri);
            }
            Self::ResourceListChangedNotification(_) => method::NOTIFICATIONS_RESOURCES_LIST_CHANGED,
            Self::ToolListChangedNotification(_) => method::NOTIFICATIONS_TOOLS_LIST_CHANGED,
            Self::PromptListChangedNotification(_) => method::NOTIFICATIONS_PROMPTS_LIST_CHANGED,
            // These two are newer than the conventions.
            Self::SubscriptionsAcknowledgedNotification(notification) => notification.method.as_str(),
            Self::TaskStatusNotification(notification) => notification.method.as_str(),
            Self::CustomNotification(notification) => &notification.method,
            _ => OTHER,
        })
    }

    fn cancelled(&self) -> Option<&CancelledNotificationParam> {
        match self {
            Self::CancelledNotification(notification) => Some(&notification.params),
            _ => None,
        }
    }

    fn progressed(&self) -> Option<&ProgressToken> {
        match self {
            Self::ProgressNotification(notification) => Some(&notification.params.progress_token),
            _ => None,
        }
    }
}
