//! The requests of a [`RunningClient`]: rmcp's, with the place they are sent from.
#![allow(deprecated, reason = "rmcp has them")]

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, CancelledNotification,
    CancelledNotificationParam, ClientNotification, ClientRequest, CompleteRequestParams, CompleteResult,
    DiscoverResult, GetMeta, GetPromptRequestParams, GetPromptResponse, GetPromptResult, GetSkillRequestParams,
    GetSkillResult, GetTaskParams, GetTaskResult, InitializedNotification, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListSkillsResult, ListToolsResult, MetaObject,
    PaginatedRequestParams, ProgressNotification, ProgressNotificationParam, Prompt,
    ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse,
    ReadResourceResult, RequestId, RequestMetaObject, Resource, ResourceTemplate, RootsListChangedNotification,
    ServerResult, SetLevelRequestParams, Skill, SubscribeRequestParams, Tool, UnsubscribeRequestParams,
    UpdateTaskParams,
};
use rmcp::service::{PeerRequestOptions, RequestHandle, RunningService, Service, ServiceError};

use crate::mcp::client::RunningClient;
use crate::mcp::connection::Connection;
use crate::mcp::place::{self, here};
use crate::mcp::subject::Ask;
use crate::mcp::traced::Traced;
use crate::span::Carrier;

/// Requests by their parameters.
macro_rules! calls {
    ($($(#[$attribute:meta])* $name:ident: $params:ty => $result:ty,)+) => {
        $(
            #[doc = concat!("rmcp's `", stringify!($name), "`.\n\n# Errors\nThose of rmcp, as they are.")]
            $(#[$attribute])*
            pub async fn $name(&self, params: $params) -> Result<$result, ServiceError> {
                self.running().$name(params.here()).await
            }
        )+
    };
}

/// Requests that are repeated until nothing more is asked for, so many times at most.
macro_rules! rounds {
    ($($name:ident: $params:ty => $result:ty,)+) => {
        $(
            #[doc = concat!("rmcp's `", stringify!($name), "`.\n\n# Errors\nThose of rmcp, as they are.")]
            pub async fn $name(&self, params: $params, max_rounds: usize) -> Result<$result, ServiceError> {
                self.running().$name(params.here(), max_rounds).await
            }
        )+
    };
}

/// Notifications by what they say.
macro_rules! notices {
    ($($name:ident($($params:ident: $type:ty)?) => $notification:expr,)+) => {
        $(
            #[doc = concat!("rmcp's `", stringify!($name), "`.\n\n# Errors\nThose of rmcp, as they are.")]
            pub async fn $name(&self, $($params: $type)?) -> Result<(), ServiceError> {
                self.send_notification($notification.into()).await
            }
        )+
    };
}

/// Requests that go through all pages of a list.
macro_rules! lists {
    ($($name:ident: $page:ident, $items:ident => $item:ty,)+) => {
        $(
            #[doc = concat!("rmcp's `", stringify!($name), "`.\n\n# Errors\nThose of rmcp, as they are.")]
            pub async fn $name(&self) -> Result<Vec<$item>, ServiceError> {
                let mut all = Vec::new();
                let mut cursor = None;
                loop {
                    let params = PaginatedRequestParams::default().with_cursor(cursor);
                    let page = self.$page(Some(params)).await?;
                    all.extend(page.$items);
                    cursor = page.next_cursor;
                    if cursor.is_none() {
                        return Ok(all);
                    }
                }
            }
        )+
    };
}

impl<S: Service<RoleClient>> RunningClient<S> {
    /// For a request from here, whose tracer may be the first that the connection hears of.
    fn running(&self) -> &RunningService<RoleClient, Traced<RoleClient, S>> {
        self.running.service().connection.look_around();
        &self.running
    }

    calls! {
        call_tool: CallToolRequestParams => CallToolResult,
        call_tool_once: CallToolRequestParams => CallToolResponse,
        cancel_task: CancelTaskParams => (),
        complete: CompleteRequestParams => CompleteResult,
        get_prompt: GetPromptRequestParams => GetPromptResult,
        get_prompt_once: GetPromptRequestParams => GetPromptResponse,
        get_skill: GetSkillRequestParams => GetSkillResult,
        get_task: GetTaskParams => GetTaskResult,
        list_prompts: Option<PaginatedRequestParams> => ListPromptsResult,
        list_resource_templates: Option<PaginatedRequestParams> => ListResourceTemplatesResult,
        list_resources: Option<PaginatedRequestParams> => ListResourcesResult,
        list_skills: Option<PaginatedRequestParams> => ListSkillsResult,
        list_tools: Option<PaginatedRequestParams> => ListToolsResult,
        read_resource: ReadResourceRequestParams => ReadResourceResult,
        read_resource_directory: ReadResourceDirectoryRequestParams => ReadResourceDirectoryResult,
        read_resource_once: ReadResourceRequestParams => ReadResourceResponse,
        #[deprecated(note = "as it is in rmcp")]
        set_level: SetLevelRequestParams => (),
        #[deprecated(note = "as it is in rmcp")]
        subscribe: SubscribeRequestParams => (),
        #[deprecated(note = "as it is in rmcp")]
        unsubscribe: UnsubscribeRequestParams => (),
        update_task: UpdateTaskParams => (),
    }

    lists! {
        list_all_prompts: list_prompts, prompts => Prompt,
        list_all_resource_templates: list_resource_templates, resource_templates => ResourceTemplate,
        list_all_resources: list_resources, resources => Resource,
        list_all_skills: list_skills, skills => Skill,
        list_all_tools: list_tools, tools => Tool,
    }

    /// rmcp's `discover`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn discover(&self, mut meta: RequestMetaObject) -> Result<DiscoverResult, ServiceError> {
        note(&mut meta);
        self.running().discover(meta).await
    }

    rounds! {
        call_tool_with_mrtr_max_rounds: CallToolRequestParams => CallToolResult,
        get_prompt_with_mrtr_max_rounds: GetPromptRequestParams => GetPromptResult,
        read_resource_with_mrtr_max_rounds: ReadResourceRequestParams => ReadResourceResult,
    }

    notices! {
        notify_cancelled(params: CancelledNotificationParam) => CancelledNotification::new(params),
        notify_initialized() => InitializedNotification::default(),
        notify_progress(params: ProgressNotificationParam) => ProgressNotification::new(params),
        notify_roots_list_changed() => RootsListChangedNotification::default(),
    }

    /// rmcp's `send_request`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn send_request(&self, request: ClientRequest) -> Result<ServerResult, ServiceError> {
        let sent = self.send_request_with_option(request, PeerRequestOptions::no_options()).await?;
        // rmcp does not withdraw what is dropped here.
        let _waiting = Waiting { connection: &self.running.service().connection, id: sent.id.clone() };
        sent.await_response().await
    }

    /// rmcp's `send_cancellable_request`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn send_cancellable_request(
        &self,
        request: ClientRequest,
        options: PeerRequestOptions,
    ) -> Result<RequestHandle<RoleClient>, ServiceError> {
        self.running().send_cancellable_request(asked_here(request, &options), options).await
    }

    /// rmcp's `send_request_with_option`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn send_request_with_option(
        &self,
        request: ClientRequest,
        options: PeerRequestOptions,
    ) -> Result<RequestHandle<RoleClient>, ServiceError> {
        self.running().send_request_with_option(asked_here(request, &options), options).await
    }

    /// rmcp's `send_notification`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn send_notification(&self, mut notification: ClientNotification) -> Result<(), ServiceError> {
        note(notification.get_meta_mut());
        self.running().send_notification(notification).await
    }
}

/// A request whose answer somebody waits for.
struct Waiting<'a> {
    connection: &'a Connection,
    id: RequestId,
}

impl Drop for Waiting<'_> {
    /// Ends it as cancelled, unless it has ended.
    fn drop(&mut self) {
        drop(self.connection.take(&self.id));
    }
}

/// Parameters that can say where they are sent from.
trait Here {
    fn here(self) -> Self;
}

macro_rules! here {
    ($($params:ty),+ $(,)?) => {
        $(impl Here for $params {
            fn here(self) -> Self {
                here(self)
            }
        })+
    };
}

here!(
    CallToolRequestParams,
    CancelTaskParams,
    CompleteRequestParams,
    GetPromptRequestParams,
    GetSkillRequestParams,
    GetTaskParams,
    ReadResourceDirectoryRequestParams,
    ReadResourceRequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
    UpdateTaskParams,
);

impl Here for Option<PaginatedRequestParams> {
    /// None stay none where there is no place.
    fn here(self) -> Self {
        match self {
            Some(params) => Some(here(params)),
            None => Carrier::current().map(|_| here(PaginatedRequestParams::default())),
        }
    }
}

/// A place that the application itself wrote, into the parameters or the options, stays as a whole.
fn asked_here(mut request: ClientRequest, options: &PeerRequestOptions) -> ClientRequest {
    let of_params = request.params_meta().and_then(|meta| meta.get_traceparent());
    let of_options = options.meta.as_ref().and_then(|meta| meta.get_traceparent());
    if of_params.or(of_options).is_none() {
        note(request.get_meta_mut());
    }
    request
}

/// [`here`] for the envelope.
fn note(meta: &mut MetaObject) {
    if meta.get_traceparent().is_none()
        && let Some(place) = Carrier::current()
    {
        place::write(&place, meta);
    }
}
