//! Tokens, as the conventions count them.

/// The tokens of one turn or of a remote agent, as the provider counted them.
///
/// Input includes what was read from and written to the provider's cache, output includes reasoning. For a provider
/// that counts the cache apart (Anthropic) there is [`without_cache`](Self::without_cache). What is not given is left
/// out, not zero.
///
/// ```
/// use tracing_genai::activity::Usage;
///
/// let usage = Usage::new(120, 34).cache_read(80).reasoning(20);
/// # let _ = usage;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "usage has to be given to a turn or an agent"]
pub struct Usage {
    pub(crate) input: Option<u64>,
    pub(crate) output: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
    pub(crate) reasoning: Option<u64>,
    pub(crate) text_input: Option<u64>,
    pub(crate) image_input: Option<u64>,
    pub(crate) audio_input: Option<u64>,
    pub(crate) text_cache_read: Option<u64>,
    pub(crate) image_cache_read: Option<u64>,
    pub(crate) audio_cache_read: Option<u64>,
    pub(crate) text_output: Option<u64>,
    pub(crate) image_output: Option<u64>,
    pub(crate) audio_output: Option<u64>,
    pub(crate) consumed_input: Option<u64>,
    pub(crate) consumed_output: Option<u64>,
    pub(crate) search_units: Option<u64>,
    pub(crate) estimated: bool,
    /// Whether `input` is what is left without the cache.
    pub(crate) cache_apart: bool,
}

impl Usage {
    /// `gen_ai.usage.input_tokens` and `gen_ai.usage.output_tokens`.
    pub fn new(input: u64, output: u64) -> Self {
        Self { input: Some(input), output: Some(output), ..Self::default() }
    }

    /// [`new`](Self::new) for a provider whose input tokens leave out those of the cache: what
    /// [`cache_read`](Self::cache_read) and [`cache_write`](Self::cache_write) give is added to `input`, as the
    /// conventions count.
    ///
    /// ```
    /// use tracing_genai::activity::Usage;
    ///
    /// // The `usage` of an Anthropic reply: 20 + 1000 + 80 tokens of input.
    /// # struct Counted { input_tokens: u64, output_tokens: u64, cache_read_input_tokens: u64, cache_creation_input_tokens: u64 }
    /// # let counted = Counted { input_tokens: 20, output_tokens: 7, cache_read_input_tokens: 1000, cache_creation_input_tokens: 80 };
    /// let usage = Usage::without_cache(counted.input_tokens, counted.output_tokens)
    ///     .cache_read(counted.cache_read_input_tokens)
    ///     .cache_write(counted.cache_creation_input_tokens);
    /// # let _ = usage;
    /// ```
    pub fn without_cache(input: u64, output: u64) -> Self {
        Self { cache_apart: true, ..Self::new(input, output) }
    }

    /// Only `gen_ai.usage.input_tokens`: all that is known of a reply that did not come to its end.
    pub fn input_only(input: u64) -> Self {
        Self { input: Some(input), ..Self::default() }
    }

    /// `gen_ai.usage.cache_read.input_tokens`: of the input, what came from the provider's cache.
    pub fn cache_read(self, tokens: u64) -> Self {
        Self { cache_read: Some(tokens), ..self }
    }

    /// `gen_ai.usage.cache_write.input_tokens`: of the input, what went into the provider's cache.
    pub fn cache_write(self, tokens: u64) -> Self {
        Self { cache_write: Some(tokens), ..self }
    }

    /// `gen_ai.usage.reasoning.output_tokens`: of the output, what the model thought.
    pub fn reasoning(self, tokens: u64) -> Self {
        Self { reasoning: Some(tokens), ..self }
    }

    /// `gen_ai.usage.text.input_tokens`: of the input, what was text.
    pub fn text_input(self, tokens: u64) -> Self {
        Self { text_input: Some(tokens), ..self }
    }

    /// `gen_ai.usage.image.input_tokens`: of the input, what was images.
    pub fn image_input(self, tokens: u64) -> Self {
        Self { image_input: Some(tokens), ..self }
    }

    /// `gen_ai.usage.audio.input_tokens`: of the input, what was audio.
    pub fn audio_input(self, tokens: u64) -> Self {
        Self { audio_input: Some(tokens), ..self }
    }

    /// `gen_ai.usage.text.cache_read.input_tokens`: of what came from the cache, what was text.
    pub fn text_cache_read(self, tokens: u64) -> Self {
        Self { text_cache_read: Some(tokens), ..self }
    }

    /// `gen_ai.usage.image.cache_read.input_tokens`: of what came from the cache, what was images.
    pub fn image_cache_read(self, tokens: u64) -> Self {
        Self { image_cache_read: Some(tokens), ..self }
    }

    /// `gen_ai.usage.audio.cache_read.input_tokens`: of what came from the cache, what was audio.
    pub fn audio_cache_read(self, tokens: u64) -> Self {
        Self { audio_cache_read: Some(tokens), ..self }
    }

    /// `gen_ai.usage.text.output_tokens`: of the output, what was text.
    pub fn text_output(self, tokens: u64) -> Self {
        Self { text_output: Some(tokens), ..self }
    }

    /// `gen_ai.usage.image.output_tokens`: of the output, what was images.
    pub fn image_output(self, tokens: u64) -> Self {
        Self { image_output: Some(tokens), ..self }
    }

    /// `gen_ai.usage.audio.output_tokens`: of the output, what was audio.
    pub fn audio_output(self, tokens: u64) -> Self {
        Self { audio_output: Some(tokens), ..self }
    }

    /// `agentic.usage.consumed.input_tokens` and `agentic.usage.consumed.output_tokens`: what the model worked through,
    /// for a provider that bills other numbers than that (Cohere). Those that it bills are `input` and `output`.
    pub fn consumed(self, input: u64, output: u64) -> Self {
        Self { consumed_input: Some(input), consumed_output: Some(output), ..self }
    }

    /// `agentic.usage.search_units`: searches that the provider bills.
    pub fn search_units(self, units: u64) -> Self {
        Self { search_units: Some(units), ..self }
    }

    /// The numbers are the application's estimate, not the provider's count: `agentic.usage.estimated`.
    pub fn estimated(self) -> Self {
        Self { estimated: true, ..self }
    }

    /// With the cache. Saturates to a number that no attribute holds, and is refused.
    pub(crate) fn whole_input(&self) -> Option<u64> {
        let cache = if self.cache_apart { [self.cache_read, self.cache_write] } else { [None, None] };
        let cached = cache.into_iter().flatten().fold(0_u64, u64::saturating_add);
        self.input.map(|input| input.saturating_add(cached))
    }

    /// Tokens of the input, with the cache.
    pub fn input_tokens(&self) -> Option<u64> {
        self.whole_input()
    }

    /// Tokens of the output, with reasoning.
    pub fn output_tokens(&self) -> Option<u64> {
        self.output
    }

    /// Tokens that came out of the provider's cache.
    pub fn cache_read_tokens(&self) -> Option<u64> {
        self.cache_read
    }

    /// Tokens that went into the provider's cache.
    pub fn cache_write_tokens(&self) -> Option<u64> {
        self.cache_write
    }

    /// Tokens spent on reasoning.
    pub fn reasoning_tokens(&self) -> Option<u64> {
        self.reasoning
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self { cache_apart: self.cache_apart, ..Self::default() }
    }
}
