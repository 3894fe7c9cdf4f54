//! Canaries in fields, events and names of `tracing`.

use tracing::{Level, event, info_span};
use tracing_genai::activity::{Operation, Workflow};

use super::plant::broken;

/// No word, no name: it stays in wherever text is refused.
pub(super) const CANARY: &str = "the c4nary-7312 is ill";

#[tracing::instrument(skip_all, fields(gen_ai.operation.name = "chat", gen_ai.request.model = "m", prompt))]
fn generating(prompt: &str) {
    tracing::Span::current().record("prompt", prompt);
    tracing::debug!(?prompt);
}

/// Everything that `tracing` offers to say something by.
pub(super) fn sing() {
    Workflow::new("w").start().in_scope(|| {
        event!(Level::ERROR, "{CANARY}");
        event!(Level::WARN, body = CANARY, "{CANARY}");
        event!(Level::INFO, { body.text = CANARY, "gen_ai.input.messages" = CANARY }, "{}", CANARY);
        event!(Level::DEBUG, level = CANARY, target = CANARY, "debug");
        event!(Level::TRACE, CANARY);
        let error = broken(CANARY);
        event!(Level::ERROR, error = &error as &(dyn std::error::Error + 'static), exception.message = CANARY);
        event!(Level::ERROR, exception.stacktrace = CANARY, error.message = %error, ?error);
        event!(Level::INFO, "gen_ai.prompt" = CANARY);
        generating(CANARY);
        Operation::prompt("a").start().in_scope(|| drop(instrumented_inside()));
        let span = info_span!("chat", gen_ai.operation.name = "chat", otel.name = CANARY, otel.status_message = CANARY);
        span.in_scope(|| tracing::error!(CANARY, "{CANARY}"));
    });
}

/// Arguments of a plain span are the application's own, and are not put in here; its texts inside of an agent are not.
fn instrumented_inside() -> Result<String, std::io::Error> {
    info_span!("plain", otel.status_description = CANARY).in_scope(|| {
        tracing::error!("{CANARY}");
        Err(std::io::Error::other(CANARY))
    })
}
