//! Which requests are model calls.

use std::borrow::Cow;

use crate::http::endpoint_rows::{HOSTS, Host, Path, Reply, WELL_KNOWN};
use crate::http::pattern;
use crate::providers::WireFormat;

/// The endpoints at which models answer: by default all of the table below.
///
/// Any other request is left alone, and so is one that is no POST. The endpoints that are added come before those of the
/// table.
///
/// ```
/// use tracing_genai::http::{Endpoint, Endpoints};
/// use tracing_genai::providers::WireFormat;
///
/// let gateway = Endpoint::new("my-gateway", WireFormat::OpenAiChat).host("llm.internal").path("/team-a/chat");
/// let endpoints = Endpoints::default().with(gateway).with_host("127.0.0.1:8080", "vllm");
/// # let _ = endpoints;
/// ```
///
#[doc = include_str!("../../docs/endpoints.md")]
#[derive(Clone, Debug)]
pub struct Endpoints {
    own: Vec<Endpoint>,
    hosts: Vec<(String, String)>,
    table: &'static [Host],
}

impl Default for Endpoints {
    fn default() -> Self {
        Self { own: Vec::new(), hosts: Vec::new(), table: HOSTS }
    }
}

impl Endpoints {
    /// No endpoints, not even those of the table.
    pub fn none() -> Self {
        Self { table: &[], ..Self::default() }
    }

    /// Adds an endpoint.
    #[must_use]
    pub fn with(mut self, endpoint: Endpoint) -> Self {
        self.own.push(endpoint);
        self
    }

    /// Adds all well-known paths (`…/chat/completions`, `…/v1/messages` and the like) of a host: a gateway, a server of
    /// your own. `provider` is a value of [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name), or a name
    /// of your own.
    ///
    /// A host is a name (`llm.internal`), a name with a port (`127.0.0.1:8080`), or either with one `*`
    /// (`*.internal`, `*:8000`).
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>, provider: impl Into<String>) -> Self {
        self.hosts.push((host.into(), provider.into()));
        self
    }

    /// The model call that a POST to `place` is.
    pub(crate) fn find<'a>(&'a self, place: &Place<'a>) -> Option<Found<'a>> {
        let own = self.own.iter().find_map(|endpoint| endpoint.find(place));
        let added = || {
            self.hosts.iter().filter(|(host, _)| place.is_on(host)).find_map(|row| by_paths(WELL_KNOWN, &row.1, place))
        };
        let listed = || {
            let hosts = self.table.iter().filter(|host| host.name.is(place.host, place.port));
            hosts.into_iter().find_map(|host| by_paths(host.paths, host.provider, place))
        };
        own.or_else(added).or_else(listed)
    }
}

fn by_paths<'a>(paths: &'static [Path], provider: &'a str, place: &Place<'a>) -> Option<Found<'a>> {
    paths.iter().find_map(|path| {
        let captured = pattern::path(path.pattern, place.path)?;
        let is_streamed = path.reply == Reply::Streamed;
        Some(Found { provider, format: path.format, model: captured.model, is_streamed })
    })
}

/// One endpoint at which a model answers.
///
/// ```
/// use tracing_genai::http::Endpoint;
/// use tracing_genai::providers::WireFormat;
///
/// let endpoint = Endpoint::new("my-gateway", WireFormat::OpenAiChat)
///     .host("llm.internal")
///     .path("/v2/models/{model}/chat");
/// # let _ = endpoint;
/// ```
#[derive(Clone, Debug)]
#[must_use = "an endpoint does nothing until Endpoints has it"]
pub struct Endpoint {
    provider: Cow<'static, str>,
    format: WireFormat,
    hosts: Vec<String>,
    paths: Vec<String>,
    reply: Reply,
}

impl Endpoint {
    /// An endpoint of `provider`, a value of
    /// [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of your own, which speaks
    /// `format`. It needs a [`host`](Self::host) and a [`path`](Self::path).
    pub fn new(provider: impl Into<Cow<'static, str>>, format: WireFormat) -> Self {
        Self { provider: provider.into(), format, hosts: Vec::new(), paths: Vec::new(), reply: Reply::AsAsked }
    }

    /// Adds a host: a name (`llm.internal`), a name with a port (`127.0.0.1:8080`), or either with one `*`
    /// (`*.internal`).
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Adds a path: `/v1/chat/completions`. A segment may be `*` (any), `v1*` (any that begins so), `{model}` (the
    /// model), `{model}:generate`; `**` at the beginning stands for any beginning.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Replies are streamed, whatever the request says. By default the request says it.
    pub fn streamed(mut self) -> Self {
        self.reply = Reply::Streamed;
        self
    }

    fn find<'a>(&'a self, place: &Place<'a>) -> Option<Found<'a>> {
        if !self.hosts.iter().any(|host| place.is_on(host)) {
            return None;
        }
        let captured = self.paths.iter().find_map(|path| pattern::path(path, place.path))?;
        let is_streamed = self.reply == Reply::Streamed;
        Some(Found { provider: &self.provider, format: self.format, model: captured.model, is_streamed })
    }
}

/// Where a request goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
    pub(crate) path: &'a str,
}

impl Place<'_> {
    /// What attempts of one call have in common.
    pub(crate) fn key(&self) -> String {
        format!("{}:{}{}", self.host, self.port.unwrap_or_default(), self.path)
    }

    fn is_on(&self, pattern: &str) -> bool {
        pattern::Host::new(pattern).is(self.host, self.port)
    }
}

/// A model call, as far as its URL tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    /// `gen_ai.provider.name`.
    pub(crate) provider: &'a str,
    pub(crate) format: WireFormat,
    /// Percent-encoded.
    pub(crate) model: Option<&'a str>,
    pub(crate) is_streamed: bool,
}

#[cfg(test)]
#[path = "endpoints_tests.rs"]
mod tests;
