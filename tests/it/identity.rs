//! Whose work it is: what spans get that say nothing themselves.

use opentelemetry::Context;
use opentelemetry::KeyValue;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::TraceContextExt;
use proptest::prelude::*;
use tracing::{Instrument, info_span};
use tracing_genai::activity::{Operation, Tool, Turn, Workflow};
use tracing_genai::{Carrier, Identity, SessionId};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record, record_async};

const PLACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn turn(model: &str) {
    Turn::chat("openai", model).start().finish();
}

/// `session.id` of the turn on `model`.
fn session(recorder: &Recorder, model: &str) -> Option<String> {
    attribute(&recorder.span(&format!("chat {model}")), "session.id").map(|text| text.trim_matches('"').to_owned())
}

#[test]
fn a_scope_tells_every_genai_span_whose_work_it_is() {
    let recorder = record(|| {
        turn("before");
        let identity = Identity::new().conversation("c").session("s").user("u").run("r");
        identity.in_scope(|| {
            info_span!("x", gen_ai.operation.name = "chat", gen_ai.request.model = "m").in_scope(|| ());
            info_span!("plain").in_scope(|| ());
        });
        turn("after");
    });
    insta::assert_snapshot!(recorder.tree(), @r#"
    chat before CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "before"
    chat m CLIENT
        agentic.run.id = "r"
        gen_ai.conversation.id = "c"
        gen_ai.operation.name = "chat"
        gen_ai.request.model = "m"
        session.id = "s"
        user.id = "u"
    plain
    chat after CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "after"
    "#);
}

#[test]
fn what_is_empty_is_left_out() {
    let recorder = record(|| {
        Identity::new().session("outer").in_scope(|| {
            Identity::new().conversation("").session("").user("").run("").in_scope(|| turn("m"));
        });
    });
    assert_eq!(session(&recorder, "m").as_deref(), Some("outer"));
    assert_eq!(attribute(&recorder.span("chat m"), "user.id"), None);
}

#[test]
fn an_inner_scope_adds_to_the_outer_one() {
    let recorder = record(|| {
        Identity::new().session("outer").user("u").in_scope(|| {
            Identity::new().session("inner").conversation("c").in_scope(|| turn("inner"));
            turn("outer");
        });
    });
    let inner = recorder.span("chat inner");
    assert_eq!(session(&recorder, "inner").as_deref(), Some("inner"));
    assert_eq!(attribute(&inner, "user.id").as_deref(), Some("\"u\""));
    assert_eq!(attribute(&inner, "gen_ai.conversation.id").as_deref(), Some("\"c\""));
    assert_eq!(session(&recorder, "outer").as_deref(), Some("outer"));
    assert_eq!(attribute(&recorder.span("chat outer"), "gen_ai.conversation.id"), None);
}

#[test]
fn the_span_itself_then_the_genai_span_above_then_the_scope_counts() {
    let recorder = record(|| {
        Identity::new().session("scope").user("scope").run("scope").in_scope(|| {
            Operation::prompt("a").session("above").user("above").start().in_scope(|| {
                Turn::chat("openai", "m").session("own").start().finish();
            });
        });
    });
    let turn = recorder.span("chat m");
    assert_eq!(session(&recorder, "m").as_deref(), Some("own"));
    assert_eq!(attribute(&turn, "user.id").as_deref(), Some("\"above\""));
    assert_eq!(attribute(&turn, "agentic.run.id").as_deref(), Some("\"scope\""));
}

#[test]
fn baggage_counts_only_if_allowed_and_after_the_scope() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_baggage(["session.id", "user.id", "token", "gen_ai.request.model"]);
    let tracer = tracer.with_session_id(SessionId::from_workflow("example.org", "w"));
    let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
    tracing::subscriber::with_default(subscriber, || {
        turn("process");
        let baggage = [
            KeyValue::new("session.id", "baggage"),
            KeyValue::new("user.id", ""),
            KeyValue::new("token", "canary"),
            KeyValue::new("agentic.run.id", "not allowed"),
            KeyValue::new("gen_ai.request.model", "canary"),
        ];
        let _attached = Context::current_with_baggage(baggage).attach();
        turn("baggage");
        Identity::new().session("scope").in_scope(|| turn("scope"));
    });
    let process = SessionId::from_workflow("example.org", "w");
    assert_eq!(session(&recorder, "process").as_deref(), Some(process.as_str()));
    assert_eq!(session(&recorder, "scope").as_deref(), Some("scope"));
    insta::assert_snapshot!(crate::support::tree(&[recorder.span("chat baggage")]), @r#"
    chat baggage CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "baggage"
        session.id = "baggage"
    "#);
}

#[test]
fn without_being_allowed_no_baggage_becomes_an_attribute() {
    let recorder = record(|| {
        let _attached = Context::current_with_baggage([KeyValue::new("session.id", "canary")]).attach();
        turn("m");
    });
    assert!(!recorder.tree().contains("canary"));
}

#[test]
fn allowed_baggage_of_a_carrier_becomes_an_attribute() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_baggage(["session.id"]);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
        let carrier = PLACE.parse::<Carrier>().expect("valid").with_baggage_entry("session.id", "sent");
        Workflow::new("w").continues(&carrier).start().in_scope(|| turn("m"));
    });
    assert_eq!(session(&recorder, "m").as_deref(), Some("sent"));
}

#[test]
fn a_span_made_before_its_scope_does_not_hide_it() {
    let recorder = record_async(async {
        let outer = Identity::new().session("outer");
        let work = async {
            // The span is made in the outer scope, as an argument, and entered in the inner one.
            Identity::new().session("inner").scope(async { turn("m") }.instrument(info_span!("plain"))).await;
        };
        outer.scope(work).await;
    });
    assert_eq!(session(&recorder, "m").as_deref(), Some("inner"));
}

#[test]
fn scopes_of_interleaved_futures_do_not_mix() {
    let recorder = record_async(async {
        let work = |name: &'static str| {
            Identity::new().session(name).scope(async move {
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                    Tool::new(name).start().finish();
                }
            })
        };
        tokio::join!(work("a"), work("b"));
        turn("after");
    });
    for span in recorder.spans().iter().filter(|span| span.name.starts_with("execute_tool")) {
        let named = attribute(span, "session.id").map(|text| format!("execute_tool {}", text.trim_matches('"')));
        assert_eq!(named.as_deref(), Some(&*span.name));
    }
    assert_eq!(recorder.spans().len(), 7);
    assert_eq!(session(&recorder, "after"), None);
}

/// Spawns turns in every way there is to carry a scope along, and one without any.
async fn spawned() {
    use tracing::instrument::WithSubscriber as _;
    Identity::new()
        .session("s")
        .scope(async {
            tokio::task::yield_now().await;
            let bare = tokio::spawn(async { turn("bare") }.with_current_subscriber());
            let by_span = async {
                tokio::task::yield_now().await;
                turn("by span");
            };
            let by_span = by_span.instrument(info_span!("job")).with_current_subscriber();
            let by_context = async { turn("by context") }.with_context(Context::current()).with_current_subscriber();
            let by_scope = Identity::new().session("own").scope(async {
                tokio::task::yield_now().await;
                turn("by scope");
            });
            let by_scope = by_scope.with_current_subscriber();
            let tasks = (bare, tokio::spawn(by_span), tokio::spawn(by_context), tokio::spawn(by_scope));
            tasks.0.await.expect("no panic");
            tasks.1.await.expect("no panic");
            tasks.2.await.expect("no panic");
            tasks.3.await.expect("no panic");
        })
        .await;
}

#[test]
fn a_scope_goes_into_spawned_tasks_by_span_by_context_or_by_a_scope_of_their_own() {
    use tracing::instrument::WithSubscriber as _;
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for runtime in [one, many] {
        let recorder = Recorder::default();
        let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(recorder.sdk_tracer()));
        // The work itself is spawned, too: on the second runtime it moves between threads.
        let work = runtime.spawn(spawned().with_subscriber(tracing::Dispatch::new(subscriber)));
        runtime.block_on(work).expect("no panic");
        assert_eq!(session(&recorder, "bare"), None);
        assert_eq!(session(&recorder, "by span").as_deref(), Some("s"));
        assert_eq!(session(&recorder, "by context").as_deref(), Some("s"));
        assert_eq!(session(&recorder, "by scope").as_deref(), Some("own"));
    }
}

#[test]
fn a_scope_is_left_in_a_panic_too() {
    let recorder = record(|| {
        let work = || Identity::new().session("s").in_scope(|| panic!("a bug of the work"));
        std::panic::catch_unwind(work).expect_err("the panic goes on");
        turn("m");
        assert!(!Context::current().has_active_span());
    });
    assert_eq!(session(&recorder, "m"), None);
}

#[test]
fn a_scope_does_not_change_parents() {
    let recorder = record_async(async {
        let agent = Operation::prompt("a").start();
        let scoped = Identity::new().session("s").scope(async {
            tokio::task::yield_now().await;
            assert!(tracing::Span::current().context().has_active_span());
            turn("m");
        });
        // Made outside of the agent, run inside.
        agent.scope(scoped).await;
    });
    assert_eq!(recorder.span("chat m").parent_span_id, recorder.span("invoke_agent a").span_context.span_id());
    assert_eq!(session(&recorder, "m").as_deref(), Some("s"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_first_source_that_has_a_value_counts(
        own in any::<bool>(), above in any::<bool>(), scope in any::<bool>(), baggage in any::<bool>(),
        process in any::<bool>(),
    ) {
        let recorder = Recorder::default();
        let mut tracer = recorder.tracer().with_baggage(["session.id"]);
        let id = SessionId::from_workflow("a", "b");
        if process {
            tracer = tracer.with_session_id(id.clone());
        }
        let text = |given: bool, word: &'static str| if given { word } else { "" };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
            let agent = Operation::prompt("a").session(text(above, "above")).start();
            let sent = KeyValue::new("session.id", text(baggage, "baggage"));
            agent.in_scope(|| {
                let _attached = Context::current_with_baggage([sent]).attach();
                Identity::new().session(text(scope, "scope")).in_scope(|| {
                    Turn::chat("openai", "m").session(text(own, "own")).start().finish();
                });
            });
        });
        let order = [
            (own, "own"), (above, "above"), (scope, "scope"), (baggage, "baggage"), (process, id.as_str()),
        ];
        let expected = order.iter().find(|(given, _)| *given).map(|(_, word)| (*word).to_owned());
        prop_assert_eq!(session(&recorder, "m"), expected);
    }
}
