//! One search in a data source.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// One search in a vector database or another data source: span `retrieval {data source}`, CLIENT.
///
/// The query's embeddings are a span of their own in its scope ([`Embeddings`](super::Embeddings)). Neither the query
/// nor the documents found leave the process.
///
/// ```
/// use tracing_genai::activity::Retrieval;
///
/// # async fn search() -> Result<u32, std::io::Error> { Ok(3) }
/// # async fn step() -> Result<(), std::io::Error> {
/// Retrieval::new("help-articles").top_k(5).server("localhost", 6334).start().run(search()).await?;
/// # Ok(())
/// # }
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Retrieval(Description);

impl Retrieval {
    /// A search in the data source with the identifier `data_source` (`gen_ai.data_source.id`); without one give an
    /// empty text.
    pub fn new(data_source: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::RETRIEVAL) });
        description.give(const { FieldId::of(attr::GEN_AI_DATA_SOURCE_ID) }, data_source.into());
        Self(description)
    }

    described! {
        /// `gen_ai.provider.name`, if a GenAI provider does the search. Not given by default, like all that follow.
        provider: text => GEN_AI_PROVIDER_NAME,
        /// `gen_ai.request.model`: the model that the search uses.
        model: text => GEN_AI_REQUEST_MODEL,
        /// `gen_ai.retrieval.top_k`: how many documents are asked for.
        top_k: u64 => GEN_AI_RETRIEVAL_TOP_K,
    }
}

calling!(Retrieval);
startable!(Retrieval, "retrieval");

impl Activity for Retrieval {}
impl sealed::Sealed for Retrieval {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
