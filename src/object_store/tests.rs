//! Uploads to stores in memory, on disk, and over HTTP to a server of this test.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;

use ::object_store::local::LocalFileSystem;
use ::object_store::memory::InMemory;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};

use super::*;
use crate::content::{Kind, References};

const LONG: Duration = Duration::from_secs(30);
const NOTHING: [(&str, &str); 0] = [];

#[derive(Default)]
struct Seen {
    objects: BTreeMap<String, Bytes>,
    /// Method and path, and the condition of a `PUT`.
    requests: Vec<String>,
}

/// A server that keeps what is put, and obeys `If-None-Match: *` as S3 does.
struct Server {
    address: String,
    seen: Arc<Mutex<Seen>>,
}

type Answer = fn(&mut Seen, &Method, &Uri, (&HeaderMap, Bytes)) -> StatusCode;

impl Server {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let for_server = Arc::clone(&seen);
        let handle = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let mut seen = for_server.lock().unwrap();
            let status = answer(&mut seen, &method, &uri, (&headers, body.clone()));
            let body = if status == StatusCode::OK { seen.objects.get(uri.path()).cloned() } else { Some(body) };
            let date = "Sat, 21 Nov 2026 00:00:00 GMT";
            let answer = Response::builder().status(status).header("etag", "\"1\"").header("last-modified", date);
            let answer = answer.body(Body::from(body.unwrap_or_default())).unwrap();
            std::future::ready(answer)
        };
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, axum::Router::new().fallback(handle)).await.unwrap();
            });
        });
        Self { address, seen }
    }

    fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }
}

fn keep(seen: &mut Seen, method: &Method, uri: &Uri, (headers, body): (&HeaderMap, Bytes)) -> StatusCode {
    let condition = headers.get("if-none-match").map_or("", |value| value.to_str().unwrap());
    seen.requests.push(format!("{method} {} {condition}", uri.path()).trim_end().to_owned());
    let known = seen.objects.contains_key(uri.path());
    match method.as_str() {
        "PUT" if known && condition == "*" => StatusCode::PRECONDITION_FAILED,
        "PUT" => {
            seen.objects.insert(uri.path().to_owned(), body);
            StatusCode::OK
        }
        _ if known => StatusCode::OK,
        _ => StatusCode::NOT_FOUND,
    }
}

fn refuse(_: &mut Seen, method: &Method, _: &Uri, _: (&HeaderMap, Bytes)) -> StatusCode {
    if method == Method::PUT { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND }
}

/// Settings of a store like S3 on `server`.
fn s3(server: &Server) -> Vec<(&'static str, String)> {
    let endpoint = format!("http://{}", server.address);
    let settings = [
        ("aws_endpoint", &*endpoint),
        ("aws_region", "eu-central-1"),
        ("aws_access_key_id", "id"),
        ("aws_secret_access_key", "canary-secret"),
        ("aws_allow_http", "true"),
    ];
    settings.map(|(name, value)| (name, value.to_owned())).to_vec()
}

#[test]
fn an_item_is_an_object_below_the_prefix() {
    let memory = Arc::new(InMemory::new());
    let storage =
        ObjectStorage::new(Arc::clone(&memory) as _, "/agents/content/", "s3://bucket/agents/content/").unwrap();
    storage.put("a.json", b"[1]").unwrap();
    storage.put("a.json", b"[2]").expect("what is there is the same");
    assert_eq!(storage.uri("a.json"), "s3://bucket/agents/content/a.json");
    let runtime = Builder::new_current_thread().build().unwrap();
    let found = runtime
        .block_on(async { memory.get(&Path::from("agents/content/a.json")).await.unwrap().bytes().await.unwrap() });
    assert_eq!(found, "[1]", "written once");
}

#[test]
fn references_are_uploaded_to_a_directory() {
    let dir = std::env::temp_dir().join(format!("object-store-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&dir).unwrap();
    let local = Arc::new(LocalFileSystem::new_with_prefix(&dir).unwrap());
    let references = References::to(ObjectStorage::new(local, "", "file:///content").unwrap());
    for _ in 0..3 {
        let reference = references.offer(Kind::InputMessages, "[1]".into()).unwrap();
        assert_eq!(reference.uri, format!("file:///content/{}.json", reference.sha256));
        assert!(references.flush(LONG));
        assert_eq!(std::fs::read(dir.join(format!("{}.json", reference.sha256))).unwrap(), b"[1]");
    }
    assert_eq!(references.stats().stored, 1);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_server_is_asked_for_the_object_before_it_is_put() {
    let server = Server::start(keep);
    let storage = ObjectStorage::open_with(&format!("http://{}/content", server.address), NOTHING).unwrap();
    storage.put("a.json", b"[1]").unwrap();
    storage.put("a.json", b"[1]").unwrap();
    assert_eq!(server.requests(), ["HEAD /content/a.json", "PUT /content/a.json", "HEAD /content/a.json"]);
    assert_eq!(server.seen.lock().unwrap().objects["/content/a.json"], "[1]");
    assert_eq!(storage.uri("a.json"), format!("http://{}/content/a.json", server.address));
}

#[test]
fn s3_is_told_to_create_only() {
    let server = Server::start(keep);
    let storage = ObjectStorage::open_with("s3://bucket/content", s3(&server)).unwrap();
    storage.put("a.json", b"[1]").unwrap();
    storage.put("a.json", b"[2]").unwrap();
    assert_eq!(server.requests(), ["PUT /bucket/content/a.json *", "PUT /bucket/content/a.json *"]);
    assert_eq!(server.seen.lock().unwrap().objects["/bucket/content/a.json"], "[1]");
    assert_eq!(storage.uri("a.json"), "s3://bucket/content/a.json");
}

#[test]
fn what_the_server_answers_is_in_no_error() {
    let server = Server::start(refuse);
    let storages = [
        ObjectStorage::open_with(&format!("http://{}/content", server.address), NOTHING).unwrap(),
        ObjectStorage::open_with("s3://bucket/content", s3(&server)).unwrap(),
    ];
    for storage in storages {
        let error = storage.put("a.json", b"canary").unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert_eq!(error.to_string(), "the object store did not take an item: permission denied");
        assert!(std::error::Error::source(&error).is_none());
        assert!(!format!("{storage:?}").contains("canary"), "{storage:?}");
    }
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/content", listener.local_addr().unwrap());
    let storage = ObjectStorage::open_with(&url, NOTHING).unwrap().with_timeout(Duration::from_millis(50));
    let error = storage.put("a.json", b"canary").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout);
    assert_eq!(error.to_string(), "the object store did not take an item within 50ms");
}

#[test]
fn inside_of_a_runtime_nothing_panics() {
    let storage = ObjectStorage::new(Arc::new(InMemory::new()), "", "memory:").unwrap();
    storage.put("a.json", b"[1]").unwrap();
    let (dropped, is_dropped) = channel();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move {
        assert_eq!(storage.put("b.json", b"[2]").unwrap_err().kind(), StoreErrorKind::Unavailable);
        drop(storage);
        dropped.send(()).unwrap();
    });
    is_dropped.recv().unwrap();
}

#[test]
fn passwords_and_queries_of_urls_are_not_shown() {
    let url = "https://user:canary@example.com/content?sig=canary#canary";
    let storage = ObjectStorage::open_with(url, NOTHING).unwrap();
    assert_eq!(storage.uri("a"), "https://example.com/content/a");
    assert_eq!(format!("{storage:?}"), "ObjectStorage { uri: \"https://example.com/content\", timeout: 30s, .. }");
    for url in ["ftp://user:canary@example.com/a?canary", "https://canary:canary@[/", "canary"] {
        let error = ObjectStorage::open_with(url, NOTHING).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Setting);
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let url = "abfss://container@account.dfs.core.windows.net/content";
    let azure = ObjectStorage::open_with(url, NOTHING).unwrap();
    assert_eq!(azure.uri("a"), format!("{url}/a"));
}

#[test]
fn what_is_missing_is_said_and_what_is_secret_is_not() {
    let missing = ObjectStorage::open_with("az://container/content", NOTHING).unwrap_err().to_string();
    assert_eq!(
        missing,
        "cannot store content in \"az://container/content\": Generic MicrosoftAzure error: Account must be specified; write \
         s3://, gs://, az:// or https:// with bucket and prefix, and set what it needs by AWS_*, GOOGLE_* or AZURE_*"
    );
    for (url, name) in
        [("s3://bucket", "aws_virtual_hosted_style_request"), ("gs://bucket", "google_service_account_key")]
    {
        let error = ObjectStorage::open_with(url, [(name, "canary")]).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn the_environment_opens_urls_of_the_schemes_there_are() {
    let read =
        |base: &str| References::from_env(|name| name.ends_with("BASE_PATH").then(|| base.to_owned()), super::open);
    for url in [
        "s3://bucket/a",
        "abfss://container@account.dfs.core.windows.net/a",
        "http://localhost/a",
        "https://example.com/a",
    ] {
        read(url).unwrap().unwrap();
    }
    let error = read("ftp://example.com/a").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Setting);
    assert!(error.to_string().starts_with("cannot store content in \"ftp://example.com/a\": "), "{error}");
}

#[test]
fn only_settings_of_the_three_clouds_are_read_from_the_environment() {
    let all = ["AWS_REGION", "TOKEN", "GOOGLE_BUCKET", "ENDPOINT", "AZURE_TENANT_ID", "aws_region"];
    let all = all.into_iter().map(|name| (name.into(), "x".into()));
    let names: Vec<_> = address::variables(all).map(|(name, _)| name).collect();
    assert_eq!(names, ["AWS_REGION", "GOOGLE_BUCKET", "AZURE_TENANT_ID"]);
}

#[path = "absent.rs"]
mod absent;

#[test]
fn without_the_feature_a_url_is_told_what_it_needs() {
    let error = absent::open("s3://canary:canary@bucket/content?canary").err().unwrap();
    assert_eq!(error.kind(), StoreErrorKind::Setting);
    assert_eq!(
        error.to_string(),
        "cannot store content in a \"s3\" URL: that needs the cargo feature \"object-store\": switch it on, or name a \
         directory"
    );
}
