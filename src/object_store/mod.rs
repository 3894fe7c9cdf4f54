//! Object stores (S3, Google Cloud Storage, Azure, WebDAV, …) as stores of content.
//!
//! ```no_run
//! use tracing_genai::content::References;
//! use tracing_genai::object_store::ObjectStorage;
//!
//! let references = References::to(ObjectStorage::open("s3://bucket/agents")?);
//! # Ok::<(), tracing_genai::content::StoreError>(())
//! ```

mod address;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use ::object_store::path::Path;
use ::object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

use crate::content::{Store, StoreError, StoreErrorKind};

/// How long the upload of one item may take by default, retries included.
pub const DEFAULT_UPLOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Stores content in a store of the crate `object_store`.
///
/// An object that is there is not written again: S3, Google Cloud Storage and Azure are told to create only. A store that
/// cannot do that (HTTP; S3 with `AWS_CONDITIONAL_PUT=disabled`) is asked for the object first.
///
/// It has a runtime of its own, so it works without one of the application's, on the thread of
/// [`References`](crate::content::References). Texts of the store are in no error of [`put`](Store::put): servers answer
/// with what they were sent.
pub struct ObjectStorage {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    uri: String,
    timeout: Duration,
    /// Made by the first upload. Current-thread: it runs while an upload does.
    runtime: Mutex<Option<Runtime>>,
}

impl ObjectStorage {
    /// Stores below `prefix` (`agents/content`, or nothing) in `store`; `uri` is what references say of that place, such as
    /// `s3://bucket/agents/content`.
    ///
    /// # Errors
    /// [`Setting`](StoreErrorKind::Setting) if `prefix` is no path of an object store.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str, uri: &str) -> Result<Self, StoreError> {
        let prefix = Path::parse(prefix).map_err(|error| {
            let message = format!("bad prefix {prefix:?} for content: write names separated by '/'");
            StoreError::new(StoreErrorKind::Setting, message).with_source(error)
        })?;
        Ok(Self::at(store, prefix, uri))
    }

    /// Stores where `url` says: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`, `https://host/prefix`
    /// (WebDAV, or any server that takes `PUT`), and whatever else `object_store::parse_url` knows.
    ///
    /// Credentials, region and endpoint come from the variables `AWS_*`, `GOOGLE_*` and `AZURE_*` of this process, as
    /// `object_store` names them. Over `http://` content goes unencrypted. User name, password and query of the URL are in no
    /// reference; the account in an Azure URL (`abfss://container@account.dfs.core.windows.net/prefix`) is.
    ///
    /// # Errors
    /// [`Setting`](StoreErrorKind::Setting) if the URL or a setting means nothing, or one is missing.
    /// The source may show credentials.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, address::variables(std::env::vars_os()))
    }

    /// As [`open`](Self::open) with settings of `object_store` in place of the environment: `("aws_region", "eu-west-1")`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with<K: AsRef<str>, V: Into<String>>(
        url: &str,
        options: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, StoreError> {
        let options = options.into_iter().map(|(key, value)| (key.as_ref().to_owned(), value.into()));
        let (store, prefix, uri) = address::open(url, options)?;
        Ok(Self::at(store, prefix, &uri))
    }

    /// How long the upload of one item may take, retries included. Default: [`DEFAULT_UPLOAD_TIMEOUT`].
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn at(store: Arc<dyn ObjectStore>, prefix: Path, uri: &str) -> Self {
        let uri = uri.trim_end_matches('/').to_owned();
        Self { store, prefix, uri, timeout: DEFAULT_UPLOAD_TIMEOUT, runtime: Mutex::default() }
    }

    async fn upload(&self, path: Path, bytes: &[u8]) -> Result<(), StoreError> {
        match timeout(self.timeout, self.create(&path, bytes)).await {
            Ok(uploaded) => uploaded.map_err(|error| failed(&error)),
            Err(_) => {
                let message = format!("the object store did not take an item within {:?}", self.timeout);
                Err(StoreError::new(StoreErrorKind::Timeout, message))
            }
        }
    }

    async fn create(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let payload = PutPayload::from(bytes.to_vec());
        let created = self.store.put_opts(path, payload.clone(), PutMode::Create.into()).await;
        match created.map(drop) {
            Err(Error::AlreadyExists { .. }) => Ok(()),
            Err(Error::NotImplemented { .. }) => self.overwrite(path, payload).await,
            ended => ended,
        }
    }

    async fn overwrite(&self, path: &Path, payload: PutPayload) -> Result<(), Error> {
        match self.store.head(path).await {
            Ok(found) if found.size == payload.content_length() as u64 => Ok(()),
            _ => self.store.put(path, payload).await.map(drop),
        }
    }
}

impl Store for ObjectStorage {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        // Waiting for a runtime inside of another one panics.
        if Handle::try_current().is_ok() {
            let message = "an object store cannot be waited for inside of a tokio runtime; use a thread of its own";
            return Err(StoreError::new(StoreErrorKind::Unavailable, message));
        }
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = match &mut *runtime {
            Some(runtime) => runtime,
            none => none.insert(Builder::new_current_thread().enable_all().build().map_err(no_runtime)?),
        };
        runtime.block_on(self.upload(self.prefix.clone().join(name), bytes))
    }

    fn uri(&self, name: &str) -> String {
        format!("{}/{name}", self.uri)
    }
}

impl Drop for ObjectStorage {
    fn drop(&mut self) {
        let runtime = self.runtime.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // Dropped as it is inside of another runtime, it would panic.
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

/// Not that of the store, which may show credentials.
impl fmt::Debug for ObjectStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStorage").field("uri", &self.uri).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// The store of a URL, for the environment.
///
/// # Errors
/// As [`ObjectStorage::open`].
#[allow(dead_code)] // used by the pipeline only
pub(crate) fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(ObjectStorage::open(url)?))
}

fn failed(error: &Error) -> StoreError {
    let what = match error {
        Error::NotFound { .. } => "there is no such bucket, container or directory",
        Error::PermissionDenied { .. } => "permission denied",
        Error::Unauthenticated { .. } => "the credentials are missing or wrong",
        Error::NotSupported { .. } | Error::NotImplemented { .. } => "it cannot take objects",
        Error::Precondition { .. } => "a condition of the store does not hold",
        _ => "it failed or could not be reached",
    };
    StoreError::new(StoreErrorKind::Unavailable, format!("the object store did not take an item: {what}"))
}

fn no_runtime(error: io::Error) -> StoreError {
    let message = format!("cannot start a runtime for uploads: {error}; raise the process limits");
    StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
}
