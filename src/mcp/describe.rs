//! The descriptions of both ends, from the same facts.

use crate::activity::{McpClientRequest, McpServerRequest};
use crate::mcp::connection::Network;
use crate::mcp::form;
use crate::mcp::subject::{Subject, Target};

/// What is known of a message besides what it is about.
pub(crate) struct Facts<'a> {
    pub(crate) network: &'a Network,
    /// The version of the protocol that was agreed upon.
    pub(crate) version: Option<String>,
    /// The number of a request, as text.
    pub(crate) id: Option<String>,
}

/// A description that can be made of [`Facts`].
pub(crate) trait Describe: Sized {
    fn describe(subject: &Subject<'_>, facts: Facts<'_>) -> Self;
}

macro_rules! describe {
    ($($description:ident),+) => {
        $(impl Describe for $description {
            fn describe(subject: &Subject<'_>, facts: Facts<'_>) -> Self {
                let mut request = match subject.target {
                    Target::Tool(tool) => Self::tools_call(form::target(tool)),
                    Target::Prompt(prompt) => Self::prompts_get(form::target(prompt)),
                    Target::Nothing => Self::new(form::method(subject.method)),
                };
                if let Some(id) = facts.id {
                    request = request.request_id(id);
                }
                if let Some(version) = facts.version {
                    request = request.protocol_version(version);
                }
                let Network { medium, version, .. } = facts.network;
                if let Some(medium) = medium {
                    request = request.network_transport(medium.transport);
                }
                if let Some(protocol) = medium.and_then(|medium| medium.protocol) {
                    request = request.network_protocol_name(protocol);
                }
                match version {
                    Some(version) => request.network_protocol_version(version.as_str()),
                    None => request,
                }
            }
        })+
    };
}

describe!(McpClientRequest, McpServerRequest);
