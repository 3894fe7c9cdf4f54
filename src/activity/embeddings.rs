//! One request for embeddings.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// One request for embeddings: span `embeddings {model}`, CLIENT.
///
/// ```
/// use tracing_genai::activity::Embeddings;
///
/// let embeddings = Embeddings::new("openai", "text-embedding-3-small").server("api.openai.com", 443).start();
/// // … ask …
/// embeddings.input_tokens(7).dimension_count(1536).response_model("text-embedding-3-small").finish();
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Embeddings(Description);

impl Embeddings {
    /// A request to `provider`, a value of
    /// [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of your own, for embeddings by
    /// `model`, as requested.
    pub fn new(provider: impl Into<String>, model: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::EMBEDDINGS) });
        description.give(const { FieldId::of(attr::GEN_AI_PROVIDER_NAME) }, provider.into());
        description.give(const { FieldId::of(attr::GEN_AI_REQUEST_MODEL) }, model.into());
        Self(description)
    }

    described! {
        /// `gen_ai.request.encoding_formats`, such as `float`. Not given by default.
        encoding_formats: texts => GEN_AI_REQUEST_ENCODING_FORMATS,
    }
}

calling!(Embeddings);
startable!(Embeddings, "embeddings");

impl Guard<Embeddings> {
    recorded! {
        /// `gen_ai.embeddings.dimension.count`: dimensions of each embedding.
        dimension_count: u64 => GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
        /// `gen_ai.usage.input_tokens`: the tokens the provider counted.
        input_tokens: u64 => GEN_AI_USAGE_INPUT_TOKENS,
        /// `gen_ai.response.model`: the model that answered.
        response_model: text => GEN_AI_RESPONSE_MODEL,
    }
}

impl Activity for Embeddings {}
impl sealed::Sealed for Embeddings {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
