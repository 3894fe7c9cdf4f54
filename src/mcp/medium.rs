//! What a connection runs over.

use crate::semconv::value::network_transport;

/// A row of [`MEDIA`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Medium {
    pub(crate) transport: &'static str,
    /// `network.protocol.name`.
    pub(crate) protocol: Option<&'static str>,
}

const fn row(part: &'static str, transport: &'static str, protocol: Option<&'static str>) -> (&'static str, Medium) {
    (part, Medium { transport, protocol })
}

/// HTTP in that version, such as `1.1`: `3` is over QUIC, all before over TCP.
pub(crate) fn http(version: &str) -> Medium {
    let transport = if version.starts_with('3') { network_transport::QUIC } else { network_transport::TCP };
    Medium { transport, protocol: Some("http") }
}

/// By a part of the path of a transport's Rust type; the first counts. A type that is not listed says nothing.
#[rustfmt::skip]
const MEDIA: &[(&str, Medium)] = &[
    //  part of the type       network.transport         network.protocol.name
    row("UnixSocketHttpClient", network_transport::UNIX, Some("http")),
    row("StreamableHttpClient", network_transport::TCP,  Some("http")),
    row("child_process",        network_transport::PIPE, None),
    row("ChildStd",             network_transport::PIPE, None),
    row("Stdin",                network_transport::PIPE, None),
    row("StdioReader",          network_transport::PIPE, None),
    row("TcpStream",            network_transport::TCP,  None),
    row("UnixStream",           network_transport::UNIX, None),
];

/// What the transport `T` runs over.
pub(crate) fn of<T>() -> Option<Medium> {
    let name = std::any::type_name::<T>();
    MEDIA.iter().find(|(part, _)| name.contains(part)).map(|(_, medium)| *medium)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rmcps_transports_are_known_by_their_types() {
        type Stdio = (rmcp::transport::StdioReader, rmcp::transport::StdioWriter);
        assert_eq!(of::<Stdio>().map(|medium| medium.transport), Some("pipe"));
        assert_eq!(of::<(tokio::io::Stdin, tokio::io::Stdout)>().map(|medium| medium.transport), Some("pipe"));
        assert_eq!(of::<rmcp::transport::TokioChildProcess>().map(|medium| medium.transport), Some("pipe"));
        assert_eq!(of::<rmcp::transport::StreamableHttpClientTransport<reqwest::Client>>(), Some(http("1.1")));
        assert_eq!(of::<tokio::net::TcpStream>().map(|medium| medium.transport), Some("tcp"));
        assert_eq!(of::<tokio::io::DuplexStream>(), None);
    }
}
