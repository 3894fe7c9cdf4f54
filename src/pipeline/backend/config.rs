//! A backend with what was set for it in code, and its way out of the pipeline.

use std::fmt;
use std::time::Duration;

use opentelemetry::KeyValue;

use crate::content::Content;
use crate::span::Dialects;

use super::super::adapter::Adapter;
use super::super::env::Env;
use super::super::error::{InitError, InitErrorKind, Origin};
use super::super::otlp_config::{Compression, Protocol};
use super::super::route::{Connection, Route, SetHeader};
use super::super::signal::Signal;
use super::Backend;
use super::rows::{Form, Header, Needed, Row};

/// A [`Backend`] with settings of its own; each beats the backend's variable of the same meaning.
///
/// ```
/// use tracing_genai::pipeline::{Backend, Compression, Pipeline, Signal};
///
/// let langfuse = Backend::Langfuse
///     .config()
///     .with_endpoint("https://langfuse.example.com")
///     .with_header("authorization", "Basic cGs6c2s=")
///     .with_compression(Compression::Gzip);
/// let honeycomb = Backend::Honeycomb.config().with_signals([Signal::Traces]);
/// let builder = Pipeline::builder().backend(langfuse).backend(honeycomb);
/// # drop(builder);
/// ```
#[derive(Clone)]
#[must_use = "give it to PipelineBuilder::backend"]
pub struct BackendConfig {
    pub(crate) backend: Backend,
    pub(crate) connection: Connection,
    pub(crate) content: Option<Content>,
    pub(crate) dialects: Option<Dialects>,
    pub(crate) signals: Option<Vec<Signal>>,
}

impl From<Backend> for BackendConfig {
    fn from(backend: Backend) -> Self {
        Self { backend, connection: Connection::default(), content: None, dialects: None, signals: None }
    }
}

/// Without header values and endpoint: both may be secrets.
impl fmt::Debug for BackendConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendConfig")
            .field("backend", &self.backend)
            .field("content", &self.content)
            .field("dialects", &self.dialects)
            .field("signals", &self.signals)
            .finish_non_exhaustive()
    }
}

impl BackendConfig {
    /// Sets its address, as its own tools are given it: `https://cloud.langfuse.com`. The path that it takes telemetry
    /// under is appended unless the URL ends so. Default: its variable, else its public address or this machine.
    pub fn with_endpoint(mut self, url: impl Into<String>) -> Self {
        self.connection.endpoint = Some(url.into());
        self
    }

    /// Sets a header of every request; the value is treated as a secret. Default: the headers of its variables, to which
    /// this one is added.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let origin = Origin::Setter("BackendConfig::with_header");
        self.connection.headers.push(SetHeader { origin, name: name.into(), value: value.into() });
        self
    }

    /// Sets the protocol, one of those it speaks. Default: the first of those.
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.connection.protocol = Some(protocol);
        self
    }

    /// Compresses requests. Default: the pipeline's own setting, else `OTEL_EXPORTER_OTLP_COMPRESSION`, else none.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.connection.compression = Some(compression);
        self
    }

    /// Sets the longest time for one export with its retries; zero is no limit. Default: the pipeline's own
    /// setting, else `OTEL_EXPORTER_OTLP_TIMEOUT`, else [`DEFAULT_TIMEOUT`](crate::pipeline::DEFAULT_TIMEOUT).
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.connection.timeout = Some(timeout);
        self
    }

    /// Sets which content it gets. A policy is asked on the export thread, not where the agent waits. Default: the
    /// pipeline's own setting.
    pub fn with_content(mut self, content: Content) -> Self {
        self.content = Some(content);
        self
    }

    /// Sets which states of the conventions are written for it. Default: the pipeline's own setting, else what it reads.
    pub fn with_semconv(mut self, dialects: impl Into<Dialects>) -> Self {
        self.dialects = Some(dialects.into());
        self
    }

    /// Sets which signals it gets, of those it takes; another one is an error at start-up. Default: those it takes.
    pub fn with_signals(mut self, signals: impl IntoIterator<Item = Signal>) -> Self {
        self.signals = Some(signals.into_iter().collect());
        self
    }

    /// Its way out of the pipeline.
    ///
    /// # Errors
    /// A variable that it needs is missing, or a value means nothing: says which backend, which variable and the mend,
    /// never the value of a header.
    pub(crate) fn route(self, env: &Env) -> Result<Route, InitError> {
        let row = self.backend.row();
        let signals = signals(row, self.signals)?;
        let mut connection = self.connection;
        if self.backend == Backend::Otlp {
            let adapter = adapter(row, self.dialects, self.content);
            return Ok(Route {
                name: row.name,
                connection,
                from_environment: true,
                signals,
                resource: Vec::new(),
                adapter,
            });
        }
        connection.protocol = Some(protocol(row, connection.protocol)?);
        connection.endpoint = row.place.endpoint(row, env, &connection)?;
        connection.paths = row.place.paths;
        let mut headers = headers(row, env, &connection.headers)?;
        headers.append(&mut connection.headers);
        connection.headers = headers;
        Ok(Route {
            name: row.name,
            connection,
            from_environment: false,
            signals,
            resource: resource(row, env)?,
            adapter: adapter(row, self.dialects, self.content),
        })
    }
}

fn adapter(row: &'static Row, dialects: Option<Dialects>, content: Option<Content>) -> Adapter {
    let dialects = dialects.unwrap_or_else(|| row.dialects.iter().copied().collect());
    Adapter { dialects, content, keys: row.keys, aside: row.aside, limits: row.limits }
}

fn protocol(row: &Row, set: Option<Protocol>) -> Result<Protocol, InitError> {
    let spoken = row.protocols;
    match set.or_else(|| spoken.first().copied()) {
        Some(protocol) if spoken.contains(&protocol) => Ok(protocol),
        _ => {
            let spoken: Vec<_> = spoken.iter().map(|protocol| format!("Protocol::{protocol:?}")).collect();
            let message = format!("{} does not speak this protocol: use {}", row.name, spoken.join(" or "));
            Err(InitError::new(InitErrorKind::Setting, message))
        }
    }
}

fn signals(row: &Row, set: Option<Vec<Signal>>) -> Result<Vec<Signal>, InitError> {
    let signals = set.unwrap_or_else(|| row.signals.to_vec());
    match signals.iter().find(|signal| !row.signals.contains(signal)) {
        None => Ok(signals),
        Some(signal) => {
            let taken: Vec<_> = row.signals.iter().map(|signal| format!("Signal::{signal:?}")).collect();
            let message = format!("{} does not take {signal}: use {}", row.name, taken.join(", "));
            Err(InitError::new(InitErrorKind::Setting, message))
        }
    }
}

/// What its resource has besides.
fn resource(row: &Row, env: &Env) -> Result<Vec<KeyValue>, InitError> {
    let mut resource = Vec::new();
    for (key, variable) in row.resource {
        resource.extend(env.get(variable)?.map(|value| KeyValue::new(*key, value)));
    }
    Ok(resource)
}

/// The headers of the backend's variables, but for those that are set in code.
fn headers(row: &Row, env: &Env, set: &[SetHeader]) -> Result<Vec<SetHeader>, InitError> {
    let mut headers: Vec<SetHeader> = Vec::new();
    for header in row.headers {
        let is_same = |set: &SetHeader| set.name.eq_ignore_ascii_case(header.name);
        if set.iter().chain(&headers).any(is_same) {
            continue;
        }
        if let Some((origin, value)) = value(row, header, env)? {
            headers.push(SetHeader { origin, name: header.name.to_owned(), value });
        }
    }
    Ok(headers)
}

/// Its value, and where that is from.
fn value(row: &Row, header: &Header, env: &Env) -> Result<Option<(Origin, String)>, InitError> {
    let found = match header.form {
        Form::Fixed(value) => Some((Origin::Setter("Backend"), value.to_owned())),
        Form::Basic { user, password } => {
            basic(row, env, [user, password])?.map(|value| (Origin::Variable(password), value))
        }
        Form::Plain(variables) => env.first(variables)?,
        Form::Bearer(variables) => env.first(variables)?.map(|(origin, value)| (origin, format!("Bearer {value}"))),
        Form::SentryKey(variable) => {
            super::sentry::dsn(env, variable)?.map(|dsn| (Origin::Variable(variable), dsn.auth()))
        }
    };
    match (found, header.needed) {
        (None, Needed::Always) => Err(missing(row, header)),
        (found, _) => Ok(found),
    }
}

/// User and password, which go together.
fn basic(row: &Row, env: &Env, [user, password]: [&'static str; 2]) -> Result<Option<String>, InitError> {
    use base64::Engine;
    let encode = |user, password| base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    match (env.get(user)?, env.get(password)?) {
        (Some(user), Some(password)) => Ok(Some(format!("Basic {}", encode(user, password)))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(row, user, password)),
        (None, Some(_)) => Err(half(row, password, user)),
    }
}

fn half(row: &Row, given: &str, missing: &str) -> InitError {
    let message = format!("{} has {given} alone: set {missing} as well", row.name);
    InitError::new(InitErrorKind::Variable, message)
}

fn missing(row: &Row, header: &Header) -> InitError {
    let variables = match header.form {
        Form::Basic { user, password } => format!("{user} and {password}"),
        Form::Plain(variables) | Form::Bearer(variables) => variables.join(" or "),
        Form::SentryKey(variable) => variable.to_owned(),
        Form::Fixed(_) => String::new(),
    };
    let (name, header) = (row.name, header.name);
    let message =
        format!("{name} needs {variables}: set it, or give the header \"{header}\" by BackendConfig::with_header");
    InitError::new(InitErrorKind::Variable, message)
}

/// For errors about an endpoint that was set in code.
pub(super) const SETTER: Origin = Origin::Setter("BackendConfig::with_endpoint");
