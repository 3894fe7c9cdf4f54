//! Why a collector did not start.
use std::io;
use std::net::SocketAddr;

/// The collector could not start.
///
/// The message names the address and the mend; [`kind`](Self::kind) is for matching, and
/// [`source`](std::error::Error::source) carries the operating system's reason where there is one.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct CollectorError(#[from] Cause);

/// What kept the collector from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CollectorErrorKind {
    /// The address asked for can be reached from other machines.
    NotLoopback,
    /// The address could not be listened on: in use, not allowed, not of this machine.
    Bind,
    /// The operating system gave no thread, or no event loop for it.
    Thread,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("address {0} is not loopback, and the collector asks nobody for a password: use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {address}: stop what is listening there, or choose another port (0 takes a free one)")]
    Bind { address: SocketAddr, source: io::Error },
    #[error("cannot start the thread `{name}`: raise the limit of threads or open files of this process")]
    Thread { name: &'static str, source: io::Error },
}

impl CollectorError {
    /// Which step failed.
    pub fn kind(&self) -> CollectorErrorKind {
        match self.0 {
            Cause::NotLoopback(_) => CollectorErrorKind::NotLoopback,
            Cause::Bind { .. } => CollectorErrorKind::Bind,
            Cause::Thread { .. } => CollectorErrorKind::Thread,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn message_names_address_and_mend_and_keeps_the_source() {
        let source = io::Error::from(io::ErrorKind::AddrInUse);
        let address = SocketAddr::from(([127, 0, 0, 1], 4317));
        let error = CollectorError::from(Cause::Bind { address, source });
        assert_eq!(error.kind(), CollectorErrorKind::Bind);
        assert!(error.to_string().starts_with("cannot listen on 127.0.0.1:4317: stop"));
        let source = error.source().and_then(|s| s.downcast_ref::<io::Error>()).unwrap();
        assert_eq!(source.kind(), io::ErrorKind::AddrInUse);
    }
}
