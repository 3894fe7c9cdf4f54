//! A receiver that takes OTLP over HTTP under any path, and shows spans as backends see them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use prost::Message;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// A span as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) is_root: bool,
    pub(crate) start_nanos: u64,
    pub(crate) attributes: BTreeMap<String, Value>,
    pub(crate) resource: BTreeMap<String, Value>,
}

impl Span {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.attributes.get(key)?.as_str()
    }

    pub(crate) fn int(&self, key: &str) -> Option<i64> {
        self.attributes.get(key)?.as_i64()
    }

    /// Whether it has any of these, with a value that says something.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.attributes.get(key).is_some_and(|value| !matches!(value, Value::Null) && *value != json!(""))
    }

    pub(crate) fn is_genai(&self) -> bool {
        self.attributes.keys().any(|key| key.starts_with("gen_ai."))
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

type Store = Arc<Mutex<Vec<Asked>>>;

/// A running receiver; dropping it stops it.
pub(crate) struct Receiver {
    url: String,
    store: Store,
    _stop: oneshot::Sender<()>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) fn start() -> Self {
        Self::answering(|store| axum::Router::new().fallback(take).with_state(store))
    }

    /// One that never answers.
    pub(crate) fn hanging() -> Self {
        async fn hang(State(store): State<Store>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
            take(State(store), uri, headers, body).await;
            std::future::pending().await
        }
        Self::answering(|store| axum::Router::new().fallback(hang).with_state(store))
    }

    fn answering(router: impl FnOnce(Store) -> axum::Router + Send + 'static) -> Self {
        let store = Store::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, is_started) = std::sync::mpsc::channel();
        let router = router(Arc::clone(&store));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                started.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    served = std::future::IntoFuture::into_future(axum::serve(listener, router)) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        let url = format!("http://{}", is_started.recv().unwrap());
        Self { url, store, _stop: stop }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.store.lock().unwrap().clone()
    }

    /// The spans that arrived, in the order of their starts.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let traces = |asked: &Asked| !asked.path.ends_with("/v1/metrics") && !asked.path.ends_with("/v1/logs");
        let asked: Vec<_> = self.asked().into_iter().filter(traces).collect();
        let requests = asked.iter().map(|asked| ExportTraceServiceRequest::decode(&asked.body[..]).unwrap());
        let mut spans: Vec<Span> = requests.flat_map(spans_of).collect();
        spans.sort_by_key(|span| span.start_nanos);
        spans
    }

    /// Everything that arrived, as text: a canary in any signal is in it.
    pub(crate) fn bodies(&self) -> String {
        self.bodies_of("")
    }

    /// What arrived at paths that end so.
    pub(crate) fn bodies_of(&self, end: &str) -> String {
        self.asked()
            .iter()
            .filter(|asked| asked.path.ends_with(end))
            .map(|asked| String::from_utf8_lossy(&asked.body).into_owned())
            .collect()
    }
}

async fn take(State(store): State<Store>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    store.lock().unwrap().push(Asked { path: uri.path().to_owned(), headers, body: body.to_vec() });
    StatusCode::OK
}

fn spans_of(request: ExportTraceServiceRequest) -> Vec<Span> {
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let of_resource = map(&resource.resource.unwrap_or_default().attributes);
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(Span {
                is_root: span.parent_span_id.is_empty(),
                start_nanos: span.start_time_unix_nano,
                attributes: map(&span.attributes),
                resource: of_resource.clone(),
                name: span.name,
            });
        }
    }
    spans
}

fn map(attributes: &[KeyValue]) -> BTreeMap<String, Value> {
    let mut map = BTreeMap::new();
    for pair in attributes {
        let before = map.insert(pair.key.clone(), pair.value.as_ref().map_or(Value::Null, value));
        assert_eq!(before, None, "{} is there twice", pair.key);
    }
    map
}

fn value(value: &AnyValue) -> Value {
    use any_value::Value::{ArrayValue, BoolValue, DoubleValue, IntValue, StringValue};
    match &value.value {
        Some(StringValue(text)) => json!(text),
        Some(BoolValue(value)) => json!(value),
        Some(IntValue(number)) => json!(number),
        Some(DoubleValue(number)) => json!(number),
        Some(ArrayValue(list)) => list.values.iter().map(self::value).collect(),
        _ => Value::Null,
    }
}
