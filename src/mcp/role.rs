//! The two ends of the protocol: which messages they send, and what a result says.

use rmcp::model::{CallToolResult, ClientResult, NotificationMetaObject, ProtocolVersion, ServerResult};
use rmcp::service::{Peer, ServiceRole};
use rmcp::{RoleClient, RoleServer};

/// An end of the protocol: [`RoleClient`] or [`RoleServer`].
pub trait Role: sealed::Sealed {}

impl Role for RoleClient {}
impl Role for RoleServer {}

use crate::mcp::form;

pub(crate) mod sealed {
    use rmcp::model::GetMeta;

    use super::{NotificationMetaObject, Peer, Reply, ServiceRole};
    use crate::mcp::subject::{Ask, Notice};

    /// What has to be known of the messages of an end.
    pub trait Sealed:
        ServiceRole<
            Req: Ask,
            PeerReq: Ask,
            Not: Notice + GetMeta<Metadata = NotificationMetaObject>,
            PeerNot: Notice,
            Resp: Reply,
            PeerResp: Reply,
        >
    {
        /// The version of the protocol that was agreed upon with this peer.
        fn version(peer: &Peer<Self>) -> Option<String>;
    }
}

impl sealed::Sealed for RoleClient {
    fn version(peer: &Peer<Self>) -> Option<String> {
        form::version(&peer.peer_info()?.protocol_version)
    }
}

impl sealed::Sealed for RoleServer {
    fn version(peer: &Peer<Self>) -> Option<String> {
        form::version(&peer.peer_info()?.protocol_version)
    }
}

/// A result, of either end.
pub trait Reply {
    /// The version of the protocol, if it opens the session.
    fn version(&self) -> Option<&ProtocolVersion> {
        None
    }

    /// What a tool answered.
    fn of_tool(&self) -> Option<&CallToolResult> {
        None
    }
}

impl Reply for ServerResult {
    fn version(&self) -> Option<&ProtocolVersion> {
        match self {
            Self::InitializeResult(opened) => Some(&opened.protocol_version),
            _ => None,
        }
    }

    fn of_tool(&self) -> Option<&CallToolResult> {
        match self {
            Self::CallToolResult(result) => Some(result),
            _ => None,
        }
    }
}

impl Reply for ClientResult {}
