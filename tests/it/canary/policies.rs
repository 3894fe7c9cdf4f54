//! Settings of content: what an application's own policy or store says leaves where it says.

use std::sync::Arc;
use std::time::Duration;

use object_store::memory::InMemory;
use tracing_genai::content::{
    Content, Decision, Document, FileStore, Format, Item, MemoryRecord, Message, Part, Payload, PolicyFailed, Redactor,
    References, Store, StoreError, StoreErrorKind, ToolDefinition,
};
use tracing_genai::object_store::ObjectStorage;
use tracing_genai::pipeline::Backend;

use super::plant::{Row, Tracer, pipeline, row, tracer};

/// References to what [`super::others::ordinary`] says.
const REFERENCES: &[&str] = &[
    "agentic.content.ref.input_messages",
    "agentic.content.ref.log_message",
    "agentic.content.ref.memory_records",
    "agentic.content.ref.retrieval_documents",
    "agentic.content.ref.retrieval_query",
    "agentic.content.ref.system_instructions",
    "agentic.content.ref.tool_arguments",
    "agentic.content.ref.tool_definitions",
];

/// A policy that the machine may be slow under.
fn by<D: tracing_genai::content::IntoDecision>(policy: impl Fn(Item) -> D + Send + Sync + 'static) -> Content {
    Content::custom(policy).with_time_limit(Duration::from_secs(20))
}

/// A policy that puts another payload in the place of those of its form.
fn instead(payload: Payload) -> Content {
    by(move |item: Item| match std::mem::discriminant(item.value()) == std::mem::discriminant(&payload) {
        true => Decision::Inline(payload.clone()),
        false => Decision::Omit,
    })
}

/// A store whose answers are the canary.
struct Telling(String);

impl Store for Telling {
    fn put(&self, _: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match bytes.len() % 3 {
            0 => Err(StoreError::new(StoreErrorKind::Unavailable, self.0.clone())),
            1 => Err(StoreError::new(StoreErrorKind::Timeout, "x").with_source(std::io::Error::other(self.0.clone()))),
            _ => std::panic::resume_unwind(Box::new(self.0.clone())),
        }
    }

    fn uri(&self, name: &str) -> String {
        if self.0.ends_with('!') {
            std::panic::resume_unwind(Box::new(self.0.clone()))
        } else {
            format!("store:{name}")
        }
    }
}

/// Everything is stored, nothing is on the span but where.
fn stored(tracer: Tracer, store: impl Store) -> Tracer {
    let references = References::to(store).with_format(Format::JsonLines).with_max_queue_size(1000);
    tracer.with_content(by(|item: Item| item.reference()).with_references(references))
}

/// A directory below the build's own.
pub(super) fn directory(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("canary-{}", std::process::id())).join(name)
}

fn memory() -> Arc<InMemory> {
    Arc::new(InMemory::new())
}

#[rustfmt::skip]
pub(super) const POLICIES: &[Row] = &[
    tracer("Content::custom", &["gen_ai.tool.call.arguments"], |tracer, c| {
        let c = c.to_owned();
        tracer.with_content(by(move |mut item: Item| {
            if let Payload::Json(value) = item.value_mut() {
                *value = c.clone().into();
            }
            item.inline()
        }))
    }),
    tracer("Payload::edit_texts", &["gen_ai.retrieval.query.text", "agentic.log.message"], |tracer, c| {
        let canary = c.to_owned();
        tracer.with_content(by(move |mut item: Item| match item.value_mut() {
            Payload::Text(_) => {
                item.value_mut().edit_texts(|text| text.clone_from(&canary));
                item.inline()
            }
            _ => Decision::Omit,
        }))
    }),
    tracer("Payload::Json", &["gen_ai.tool.call.arguments"], |tracer, c| tracer.with_content(instead(Payload::Json(c.into())))),
    tracer("Payload::Text", &["gen_ai.retrieval.query.text", "agentic.log.message"], |tracer, c| tracer.with_content(instead(Payload::Text(c.into())))),
    tracer("Payload::Messages", &["gen_ai.input.messages"], |tracer, c| tracer.with_content(instead(Payload::Messages(vec![Message::user(c)])))),
    tracer("Payload::Parts", &["gen_ai.system_instructions"], |tracer, c| tracer.with_content(instead(Payload::Parts(vec![Part::text(c)])))),
    tracer("Payload::Tools", &["gen_ai.tool.definitions"], |tracer, c| tracer.with_content(instead(Payload::Tools(vec![ToolDefinition::function(c)])))),
    tracer("Payload::Documents", &["gen_ai.retrieval.documents"], |tracer, c| tracer.with_content(instead(Payload::Documents(vec![Document::new(c)])))),
    tracer("Payload::Records", &["gen_ai.memory.records"], |tracer, c| tracer.with_content(instead(Payload::Records(vec![MemoryRecord::new(c)])))),
    // One form in the place of all: where the attribute has another one, it stays in.
    tracer("Decision::Inline", &["gen_ai.input.messages"], |tracer, c| {
        let c = c.to_owned();
        tracer.with_content(by(move |_: Item| Decision::Inline(Payload::Messages(vec![Message::user(c.as_str())]))))
    }),
    tracer("Decision::Both", &["gen_ai.input.messages"], |tracer, c| {
        let c = c.to_owned();
        let content = by(move |_: Item| Decision::Both(Payload::Messages(vec![Message::user(c.as_str())])));
        tracer.with_content(content.with_references(References::to(Telling("x".into()))))
    }),
    tracer("Decision::Reference", &[], |tracer, c| {
        let c = c.to_owned();
        let content = by(move |_: Item| Decision::Reference(Payload::Messages(vec![Message::user(c.as_str())])));
        tracer.with_content(content.with_references(References::to(Telling("x".into()))))
    }),
    tracer("trait IntoDecision", &[], |tracer, c| {
        let c = c.to_owned();
        tracer.with_content(by(move |_: Item| Err::<Decision, _>(c.clone())))
    }),
    tracer("trait Policy", &[], |tracer, c| {
        let c = c.to_owned();
        tracer.with_content(by(move |_: Item| -> Result<Decision, PolicyFailed> { std::panic::resume_unwind(Box::new(c.clone())) }))
    }),
    tracer("trait Store", &[], |tracer, c| stored(tracer, Telling(c.to_owned()))),
    tracer("trait Store", &[], |tracer, c| stored(tracer, Telling(format!("{c}!")))),
    tracer("FileStore::new", REFERENCES, |tracer, c| stored(tracer, FileStore::new(directory(c)).expect("private"))),
    row("FileStore::new", &[], |c| drop(FileStore::new(format!("/tmp/../tmp/{c}/..")))),
    tracer("ObjectStorage::new", REFERENCES, |tracer, c| stored(tracer, ObjectStorage::new(memory(), "x", &format!("memory:{c}")).expect("a store"))),
    tracer("ObjectStorage::new", &[], |tracer, c| stored(tracer, ObjectStorage::new(memory(), c, "memory:").expect("a store"))),
    tracer("ObjectStorage::open", REFERENCES, |tracer, c| stored(tracer, ObjectStorage::open(&format!("memory:///{c}")).expect("a store"))),
    tracer("ObjectStorage::open_with", &[], |tracer, c| {
        let keys = [("aws_secret_access_key", c), ("aws_access_key_id", c)];
        stored(tracer, ObjectStorage::open_with("memory:///x", keys).expect("a store"))
    }),
    tracer("GenAiTracer::with_content", &[], |tracer, c| {
        // Asked, never made.
        let c = c.to_owned();
        tracer.with_content(by(move |item: Item| if c.is_empty() { item.inline() } else { Decision::Omit }))
    }),
    pipeline("BackendConfig::with_content", &["gen_ai.tool.call.arguments"], |builder, c| {
        builder.backend(Backend::Otlp.config().with_content(instead(Payload::Json(c.into()))))
    }),
    pipeline("PipelineBuilder::with_content", &["gen_ai.tool.call.arguments"], |builder, c| {
        builder.with_content(instead(Payload::Json(c.into())))
    }),
    tracer("Content::with_redactors", &[], |tracer, c| {
        tracer.with_content(Content::all().with_redactors([Redactor::pattern("x", c).expect("a pattern")]))
    }),
    row("Redactor::pattern", &[], |c| drop(Redactor::pattern("x", c).map(|redactor| redactor.apply("x").into_owned()))),
    row("Redactor::pattern", &[], |c| drop(Redactor::pattern(c, "x"))),
];
