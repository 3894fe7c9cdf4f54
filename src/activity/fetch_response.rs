//! One look at an earlier response.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// One request for a response that the provider has made before, or is making: span `fetch_response`, CLIENT. No
/// model works, no tokens are used.
///
/// ```
/// use tracing_genai::activity::FetchResponse;
///
/// let fetch = FetchResponse::new("openai", "resp_123").api_type("responses").start();
/// // … fetch …
/// fetch.response_model("gpt-5-2025-08-07").status("completed").finish_reasons(["stop"]).finish();
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct FetchResponse(Description);

impl FetchResponse {
    /// A request to `provider`, a value of
    /// [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of your own, for the response
    /// `response_id` (`gen_ai.response.id`).
    pub fn new(provider: impl Into<String>, response_id: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::FETCH_RESPONSE) });
        description.give(const { FieldId::of(attr::GEN_AI_PROVIDER_NAME) }, provider.into());
        description.give(const { FieldId::of(attr::GEN_AI_RESPONSE_ID) }, response_id.into());
        Self(description)
    }

    described! {
        /// `gen_ai.request.stream_cursor`: after which event a stream is resumed. Not given by default, like all that
        /// follow.
        stream_cursor: text => GEN_AI_REQUEST_STREAM_CURSOR,
        /// `openai.api.type`: `responses`.
        api_type: text => OPENAI_API_TYPE,
    }
}

calling!(FetchResponse);
startable!(FetchResponse, "fetch_response");

impl Guard<FetchResponse> {
    recorded! {
        /// `gen_ai.response.model`: the model that answered.
        response_model: text => GEN_AI_RESPONSE_MODEL,
        /// `gen_ai.response.status`: `queued`, `in_progress`, `completed`, `incomplete`, `failed`, `cancelled`.
        status: text => GEN_AI_RESPONSE_STATUS,
        /// `gen_ai.response.finish_reasons`: one for each choice of the response.
        finish_reasons: texts => GEN_AI_RESPONSE_FINISH_REASONS,
        /// `openai.response.service_tier`.
        response_service_tier: text => OPENAI_RESPONSE_SERVICE_TIER,
    }
}

impl Activity for FetchResponse {}
impl sealed::Sealed for FetchResponse {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
