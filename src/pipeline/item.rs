//! What is queued for export, one by one: spans and log records.

/// Estimated bytes of one export. gRPC receivers refuse messages above 4 MiB by default, and with them all that is
/// inside.
pub(crate) const LARGEST_BATCH: usize = 3 * 1024 * 1024;

/// Something that waits for its export.
pub(crate) trait Item: Sized + Send + 'static {
    /// As it leaves.
    type Ready: Clone + Send + 'static;
    /// What brings it into that form, on the export thread.
    type Gate: Send + Sync + 'static;

    /// A rough size on the wire, in bytes.
    fn weight(&self) -> usize;

    /// Takes all content out, and says how many values that were.
    fn strip(&mut self) -> u64;

    /// As it may leave, with the number of values it lost because it was too large for any request; `None` if nobody can
    /// tell: such an item is in no count of exports and so counts as dropped.
    fn admit(self, gate: &Self::Gate) -> Option<(Self::Ready, u64)>;

    fn ready_weight(ready: &Self::Ready) -> usize;
}
