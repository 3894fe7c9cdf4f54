//! One operation on an agent's memory.

use opentelemetry::trace::SpanKind;

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name as op};

/// One operation on an agent's long-term memory: span `search_memory`, `upsert_memory` …, CLIENT.
///
/// Neither queries nor records leave the process.
///
/// ```
/// use tracing_genai::activity::Memory;
///
/// let search = Memory::search().store("customers").in_process().start();
/// // … search …
/// search.record_count(2).finish();
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Memory(Description);

impl Memory {
    /// Makes a memory store: `create_memory_store`.
    pub fn create_store() -> Self {
        Self(Description::new(const { operations::row_of(op::CREATE_MEMORY_STORE) }))
    }

    /// Removes a memory store: `delete_memory_store`.
    pub fn delete_store() -> Self {
        Self(Description::new(const { operations::row_of(op::DELETE_MEMORY_STORE) }))
    }

    /// Searches memory records: `search_memory`.
    pub fn search() -> Self {
        Self(Description::new(const { operations::row_of(op::SEARCH_MEMORY) }))
    }

    /// Adds memory records: `create_memory`.
    pub fn create() -> Self {
        Self(Description::new(const { operations::row_of(op::CREATE_MEMORY) }))
    }

    /// Changes known memory records: `update_memory`.
    pub fn update() -> Self {
        Self(Description::new(const { operations::row_of(op::UPDATE_MEMORY) }))
    }

    /// Adds or changes memory records, as the memory decides: `upsert_memory`.
    pub fn upsert() -> Self {
        Self(Description::new(const { operations::row_of(op::UPSERT_MEMORY) }))
    }

    /// Removes memory records; without a record all of the store: `delete_memory`.
    pub fn delete() -> Self {
        Self(Description::new(const { operations::row_of(op::DELETE_MEMORY) }))
    }

    /// The memory is part of this process: the span is INTERNAL. By default it is another program's, CLIENT.
    pub fn in_process(mut self) -> Self {
        self.0.ask(SpanKind::Internal);
        self
    }

    described! {
        /// `gen_ai.provider.name`, if a provider keeps the memory. Not given by default, like all that follow.
        provider: text => GEN_AI_PROVIDER_NAME,
        /// `gen_ai.memory.store.id`: the store.
        store: text => GEN_AI_MEMORY_STORE_ID,
        /// `gen_ai.memory.record.id`, if one record is concerned.
        record_id: text => GEN_AI_MEMORY_RECORD_ID,
    }
}

calling!(Memory);
startable!(Memory, "memory");

impl Guard<Memory> {
    recorded! {
        /// `gen_ai.memory.store.id` of a store that was made.
        store: text => GEN_AI_MEMORY_STORE_ID,
        /// `gen_ai.memory.record.id` of a record that was made.
        record_id: text => GEN_AI_MEMORY_RECORD_ID,
        /// `gen_ai.memory.record.count`: how many records were found or changed.
        record_count: u64 => GEN_AI_MEMORY_RECORD_COUNT,
    }
}

impl Activity for Memory {}
impl sealed::Sealed for Memory {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
