//! What is wrong with the spans by the conventions: all five scenarios of each crate.

use std::net::SocketAddr;

use foreign::check::violations;
use foreign::stack::{Stack, record_with};
use foreign::{CANARY, Outcome, genai_chat, rig_agent, server};
use insta::assert_snapshot;
use reqwest_middleware::ClientBuilder;
use tracing_genai::http::{Endpoints, GenAiMiddleware};

/// The violations of a program; with `facts` the application told our layer what it knows of the server.
fn of<F: Future<Output = Outcome>>(stack: Stack, facts: Facts, program: impl FnOnce(SocketAddr) -> F) -> Vec<String> {
    // The server lives in a runtime of its own: its address has to be known before the layer is made.
    let outer = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = outer.block_on(server::serve()).unwrap();
    let told = (facts == Facts::Told).then_some(server);
    let spans = record_with(stack, told, async { program(server).await.unwrap() });
    assert!(stack == Stack::Before || !format!("{spans:?}").contains(CANARY), "content in\n{spans:#?}");
    violations(&spans)
}

#[derive(Clone, Copy, PartialEq)]
enum Facts {
    Told,
    NotTold,
}

async fn rig(server: SocketAddr) -> Outcome {
    rig_agent::Program::new(server).all().await
}

async fn rig_telling_outcome(server: SocketAddr) -> Outcome {
    rig_agent::Program::new(server).telling_outcome().all().await
}

/// What the middleware adds to rig.
async fn rig_through_the_middleware(server: SocketAddr) -> Outcome {
    let endpoints = Endpoints::default().with_host(server.to_string(), "openai");
    let middleware = GenAiMiddleware::new().with_endpoints(endpoints);
    let http = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();
    rig_agent::Program::new(server).through(http.into()).all().await
}

async fn genai(server: SocketAddr) -> Outcome {
    genai_chat::Program::new(server).all().await
}

#[test]
fn nothing_is_wrong_when_the_program_tells_what_it_knows() {
    assert_eq!(of(Stack::After, Facts::Told, rig_telling_outcome), [""; 0]);
    assert_eq!(of(Stack::After, Facts::Told, genai), [""; 0]);
}

#[test]
fn much_is_wrong_without_the_layer() {
    assert_snapshot!(of(Stack::Before, Facts::NotTold, rig_telling_outcome).len(), @"122");
    assert_snapshot!(of(Stack::Before, Facts::NotTold, genai).len(), @"48");
}

/// Under our layer alone: what is left is what rig does not tell, and nobody else did.
#[test]
fn what_rig_does_not_tell_stays_away() {
    assert_snapshot!(of(Stack::After, Facts::NotTold, rig).join("\n"), @"
    invoke_agent clerk: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no server.address
    invoke_agent forecaster: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no server.address
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no server.address
    invoke_agent writer: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no server.address
    invoke_agent pusher: no gen_ai.response.finish_reasons
    invoke_agent pusher: no gen_ai.usage.input_tokens
    invoke_agent pusher: no gen_ai.usage.output_tokens
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.finish_reasons
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.id
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.model
    chat gpt-4o-mini-2024-07-18: no gen_ai.usage.input_tokens
    chat gpt-4o-mini-2024-07-18: no gen_ai.usage.output_tokens
    chat gpt-4o-mini-2024-07-18: no server.address
    embeddings text-embedding-3-small: no gen_ai.embeddings.dimension.count
    embeddings text-embedding-3-small: no gen_ai.request.encoding_formats
    embeddings text-embedding-3-small: no server.address
    ");
}

/// With the middleware on rig's client: what is left is the agents', which make no request.
#[test]
fn the_middleware_tells_what_rig_does_not() {
    assert_snapshot!(of(Stack::After, Facts::NotTold, rig_through_the_middleware).join("\n"), @"
    invoke_agent pusher: no gen_ai.response.finish_reasons
    invoke_agent pusher: no gen_ai.usage.input_tokens
    invoke_agent pusher: no gen_ai.usage.output_tokens
    embeddings text-embedding-3-small: no gen_ai.request.encoding_formats
    ");
}

#[test]
fn what_genai_does_not_tell_stays_away() {
    assert_snapshot!(of(Stack::After, Facts::NotTold, genai).join("\n"), @"
    chat gpt-4o-mini-2024-07-18: no gen_ai.response.model
    embeddings text-embedding-3-small: no gen_ai.request.encoding_formats
    ");
}
