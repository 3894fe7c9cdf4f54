//! What stands here while the feature `object-store` is off: the answer to a URL that needs it.

use std::sync::Arc;

use crate::content::{Store, StoreError, StoreErrorKind};

/// The store of a URL.
///
/// # Errors
/// Always.
pub(crate) fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    // Not the whole URL: it may hold a password.
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let message = format!(
        "cannot store content in a {scheme:?} URL: that needs the cargo feature \"object-store\": switch it on, or name a \
         directory"
    );
    Err(StoreError::new(StoreErrorKind::Setting, message))
}
