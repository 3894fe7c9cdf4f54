//! A search in the help center's articles by meaning: a retrieval, with the embedding of the words below it.

use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tracing_genai::activity::{Embeddings, Retrieval};
use tracing_genai::content::Document;

use crate::World;
use crate::model::{EMBEDDER, ModelError};
use crate::tools::ToolError;

/// How many articles a search finds.
const TOP: usize = 2;

/// What the help center has: text and embedding.
const ARTICLES: &[(&str, [f64; 3])] = &[
    ("Team costs 8 euros per seat and month, Business 16 euros per seat and month.", [0.9, 0.1, 0.1]),
    ("Owners and billing managers may change the plan of a workspace, in the billing settings.", [0.2, 0.9, 0.2]),
    ("Any administrator can invite people; each one takes a seat.", [0.4, 0.5, 0.3]),
    ("Single sign-on is part of the Business plan.", [0.5, 0.1, 0.8]),
];

/// The help center's own server.
pub(crate) fn routes() -> Router {
    Router::new().route("/articles", post(|| async { Json(json!(ARTICLES)) }))
}

/// The articles nearest to `words`.
pub(crate) async fn articles(words: &str, world: &World) -> Result<String, ToolError> {
    let (address, port) = world.service.server();
    let retrieval = Retrieval::new("help-articles").top_k(TOP as u64).server(address, port).start();
    retrieval.query(words);
    let found = async {
        let wanted = embedded(words, world).await?;
        let articles = world.service.post("/articles", &json!({"within": wanted})).await?;
        let nearest = nearest(&wanted, &articles);
        retrieval.documents_with(|| nearest.lines().map(|text| Document::default().content(text)).collect::<Vec<_>>());
        Ok(nearest)
    };
    let found: Result<String, ToolError> = retrieval.scope(found).await;
    match &found {
        Ok(_) => retrieval.finish(),
        Err(error) => retrieval.fail(error),
    }
    found
}

async fn embedded(words: &str, world: &World) -> Result<Vec<f64>, ModelError> {
    let (address, port) = world.model.server();
    let embeddings = Embeddings::new("openai", EMBEDDER).encoding_formats(["float"]).server(address, port).start();
    match embeddings.scope(world.model.embed(words)).await {
        Ok(reply) => {
            embeddings.input_tokens(reply.usage.prompt_tokens).response_model(&reply.model);
            embeddings.dimension_count(reply.vector().len() as u64).finish();
            Ok(reply.vector().to_vec())
        }
        Err(error) => {
            embeddings.fail(&error);
            Err(error)
        }
    }
}

fn nearest(wanted: &[f64], articles: &Value) -> String {
    // An ordinary span, as a database driver would write it: it hangs below the retrieval and is exported as it is.
    let _entered = tracing::info_span!("rank articles", help_center.articles = ARTICLES.len()).entered();
    let nearness = |article: &&Value| {
        let numbers = article[1].as_array().into_iter().flatten().filter_map(Value::as_f64);
        numbers.zip(wanted).map(|(have, want)| have * want).sum::<f64>()
    };
    let mut found: Vec<&Value> = articles.as_array().into_iter().flatten().collect();
    found.sort_by(|a, b| nearness(b).total_cmp(&nearness(a)));
    found.iter().take(TOP).filter_map(|article| article[0].as_str()).collect::<Vec<_>>().join("\n")
}
