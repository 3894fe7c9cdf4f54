//! Tokens of one turn or of a remote agent.

use crate::activity::guard::{Activity, Guard};
use crate::rules::FieldId;
use crate::semconv::attr;

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
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    reasoning: Option<u64>,
    text_input: Option<u64>,
    image_input: Option<u64>,
    audio_input: Option<u64>,
    text_cache_read: Option<u64>,
    image_cache_read: Option<u64>,
    audio_cache_read: Option<u64>,
    text_output: Option<u64>,
    image_output: Option<u64>,
    audio_output: Option<u64>,
    estimated: bool,
    /// Whether `input` is what is left without the cache.
    cache_apart: bool,
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

    /// The numbers are the application's estimate, not the provider's count: `agentic.usage.estimated`.
    pub fn estimated(self) -> Self {
        Self { estimated: true, ..self }
    }

    /// With the cache. Saturates to a number that no attribute holds, and is refused.
    fn whole_input(&self) -> Option<u64> {
        let cache = if self.cache_apart { [self.cache_read, self.cache_write] } else { [None, None] };
        let cached = cache.into_iter().flatten().fold(0_u64, u64::saturating_add);
        self.input.map(|input| input.saturating_add(cached))
    }

    pub(crate) fn record<A: Activity>(self, activity: &Guard<A>) {
        #[rustfmt::skip]
        let rows = [
            (const { FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS) },             self.whole_input()),
            (const { FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS) },            self.output),
            (const { FieldId::of(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS) },  self.cache_read),
            (const { FieldId::of(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS) }, self.cache_write),
            (const { FieldId::of(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS) },  self.reasoning),
            (const { FieldId::of(attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS) }, self.text_input),
            (const { FieldId::of(attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS) }, self.image_input),
            (const { FieldId::of(attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS) }, self.audio_input),
            (const { FieldId::of(attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS) }, self.text_cache_read),
            (const { FieldId::of(attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS) }, self.image_cache_read),
            (const { FieldId::of(attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS) }, self.audio_cache_read),
            (const { FieldId::of(attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS) }, self.text_output),
            (const { FieldId::of(attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS) }, self.image_output),
            (const { FieldId::of(attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS) }, self.audio_output),
        ];
        for (id, tokens) in rows {
            if let Some(tokens) = tokens {
                activity.record(id, tokens);
            }
        }
        if self.estimated {
            activity.record(const { FieldId::of(attr::AGENTIC_USAGE_ESTIMATED) }, true);
        }
    }
}
