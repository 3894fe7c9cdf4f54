//! The requests of a [`RunningClient`]: rmcp's, with the place they are sent from.
#![allow(deprecated, reason = "rmcp has them")]

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, ClientNotification, ClientRequest,
    CompleteRequestParams, CompleteResult, DiscoverResult, GetMeta, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListSkillsResult, ListToolsResult, MetaObject,
    PaginatedRequestParams, Prompt, ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, RequestMetaObject, Resource, ResourceTemplate,
    RootsListChangedNotification, ServerResult, SetLevelRequestParams, SubscribeRequestParams, Tool,
    UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{PeerRequestOptions, RequestHandle, RunningService, Service, ServiceError};

use crate::mcp::client::RunningClient;
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

    /// rmcp's `notify_roots_list_changed`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn notify_roots_list_changed(&self) -> Result<(), ServiceError> {
        self.send_notification(RootsListChangedNotification::default().into()).await
    }

    /// rmcp's `send_request`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn send_request(&self, request: ClientRequest) -> Result<ServerResult, ServiceError> {
        self.running().send_request(asked_here(request, None)).await
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
        self.running().send_cancellable_request(asked_here(request, Some(&options)), options).await
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
        self.running().send_request_with_option(asked_here(request, Some(&options)), options).await
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
fn asked_here(mut request: ClientRequest, options: Option<&PeerRequestOptions>) -> ClientRequest {
    let of_params = request.params_meta().and_then(|meta| meta.get_traceparent());
    let of_options = options.and_then(|options| options.meta.as_ref()?.get_traceparent());
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
