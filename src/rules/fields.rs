//! Field → attribute: the registry's own keys, the aliases other crates use for them, and what is mere noise.

use crate::semconv::{ATTRIBUTES, Attribute, attr};

/// A registry attribute: its place in [`ATTRIBUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FieldId(u16);

impl FieldId {
    /// The id of a registry key. For constants only: a key the registry lacks does not compile.
    #[expect(clippy::indexing_slicing, clippy::panic, reason = "evaluated by the compiler")]
    pub(crate) const fn of(key: &str) -> FieldId {
        let mut row = 0;
        while row < ATTRIBUTES.len() {
            if equal(ATTRIBUTES[row].key.as_bytes(), key.as_bytes()) {
                return FieldId(row as u16);
            }
            row += 1;
        }
        panic!("this key is not in the registry")
    }

    /// The registry row; `None` only for an id that [`FieldId::of`] could not resolve.
    #[inline]
    pub(crate) fn attribute(self) -> Option<&'static Attribute> {
        ATTRIBUTES.get(self.0 as usize)
    }

    /// The canonical key, as it is exported.
    #[inline]
    pub(crate) fn key(self) -> &'static str {
        self.attribute().map_or("", |attribute| attribute.key)
    }
}

/// What a key means on a GenAI span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// A registry attribute by its own key.
    Attribute(FieldId),
    /// A registry attribute by another key.
    Alias(FieldId),
    /// Known, and carries nothing a GenAI span should show.
    Noise,
    /// In no table: stays out unless the application allows it.
    Unknown,
}

/// One foreign key.
struct Alias {
    key: &'static str,
    to: &'static str,
}

const fn alias(key: &'static str, to: &'static str) -> Alias {
    Alias { key, to }
}

/// Older and foreign spellings of registry attributes.
#[rustfmt::skip]
const ALIASES: &[Alias] = &[
    //    key seen                                      registry attribute                            seen in
    alias("gen_ai.completion",                          attr::GEN_AI_OUTPUT_MESSAGES),             // conventions 1.27, openllmetry
    alias("gen_ai.openai.request.response_format",      attr::GEN_AI_OUTPUT_TYPE),                 // conventions 1.28
    alias("gen_ai.openai.request.seed",                 attr::GEN_AI_REQUEST_SEED),                // conventions 1.28
    alias("gen_ai.openai.request.service_tier",         attr::OPENAI_REQUEST_SERVICE_TIER),        // conventions 1.28
    alias("gen_ai.openai.response.service_tier",        attr::OPENAI_RESPONSE_SERVICE_TIER),       // conventions 1.28
    alias("gen_ai.openai.response.system_fingerprint",  attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT), // conventions 1.28
    alias("gen_ai.prompt",                              attr::GEN_AI_INPUT_MESSAGES),              // conventions 1.27, openllmetry
    alias("gen_ai.request.max_output_tokens",           attr::GEN_AI_REQUEST_MAX_TOKENS),          // agent-sdk 0.17
    alias("gen_ai.system",                              attr::GEN_AI_PROVIDER_NAME),               // conventions up to 1.36
    alias("gen_ai.usage.cache_creation.input_tokens",   attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS), // rig 0.46, genai 0.7
    alias("gen_ai.usage.cache_creation_input_tokens",   attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS), // openllmetry
    alias("gen_ai.usage.cache_read_input_tokens",       attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),  // openllmetry
    alias("gen_ai.usage.cache_write_input_tokens",      attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS), // harness-rs-loop 0.0.66
    alias("gen_ai.usage.cached_input_tokens",           attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),  // rig before 0.30
    alias("gen_ai.usage.completion_tokens",             attr::GEN_AI_USAGE_OUTPUT_TOKENS),         // conventions 1.26, traceloop hub
    alias("gen_ai.usage.prompt_tokens",                 attr::GEN_AI_USAGE_INPUT_TOKENS),          // conventions 1.26, traceloop hub
    alias("gen_ai.usage.reasoning_tokens",              attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS), // rig 0.46
    alias("langfuse.input",                             attr::GEN_AI_INPUT_MESSAGES),              // swiftide 0.33
    alias("langfuse.observation.input",                 attr::GEN_AI_INPUT_MESSAGES),              // langfuse SDKs
    alias("langfuse.observation.output",                attr::GEN_AI_OUTPUT_MESSAGES),             // langfuse SDKs
    alias("langfuse.output",                            attr::GEN_AI_OUTPUT_MESSAGES),             // swiftide 0.33
];

/// What `tracing-opentelemetry` adds by itself: span plumbing without a namespace, in no registry.
const NOISE: &[&str] = &["busy_ns", "code.module.name", "idle_ns", "level", "target"];

/// Prefixes of open-ended keys: all content.
#[rustfmt::skip]
const CONTENT_PREFIXES: &[&str] = &[
    "gen_ai.completion.", // indexed messages of openllmetry and traceloop hub
    "gen_ai.prompt.",     // the same, and `gen_ai.prompt.variable.*` of the registry
];

/// Attributes that are handed to the sampler and fixed at the start: what a span *is*. All others may be recorded
/// again until the end, the last value counts.
///
/// The registry's sampling-relevant attributes plus the ids an agent-aware sampler decides by.
#[rustfmt::skip]
const AT_START: &[FieldId] = &[
    FieldId::of(attr::AGENTIC_OPERATION_KIND),
    FieldId::of(attr::AGENTIC_RUN_ID),
    FieldId::of(attr::GEN_AI_AGENT_NAME),
    FieldId::of(attr::GEN_AI_CONVERSATION_ID),
    FieldId::of(attr::GEN_AI_OPERATION_NAME),
    FieldId::of(attr::GEN_AI_PROVIDER_NAME),
    FieldId::of(attr::GEN_AI_REQUEST_MODEL),
    FieldId::of(attr::GEN_AI_SKILL_NAME),
    FieldId::of(attr::GEN_AI_SKILL_RESOURCE_NAME),
    FieldId::of(attr::GEN_AI_TOOL_NAME),
    FieldId::of(attr::GEN_AI_TOOL_TYPE),
    FieldId::of(attr::GEN_AI_WORKFLOW_NAME),
    FieldId::of(attr::SERVER_ADDRESS),
    FieldId::of(attr::SERVER_PORT),
    FieldId::of(attr::SESSION_ID),
    FieldId::of(attr::USER_ID),
];

/// [`AT_START`] as a set.
pub(crate) const START_FIELDS: FieldSet = FieldSet::from_slice(AT_START);

/// Values that the registry wants left out because they say no more than absence does.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Default {
    Bool(bool),
    Int(i64),
}

#[rustfmt::skip]
pub(crate) const OMITTED: &[(FieldId, Default)] = &[
    // attribute                                           value that is left out
    (FieldId::of(attr::GEN_AI_CONVERSATION_COMPACTED),     Default::Bool(false)),
    (FieldId::of(attr::GEN_AI_REQUEST_CHOICE_COUNT),       Default::Int(1)),
    (FieldId::of(attr::GEN_AI_REQUEST_STREAM),             Default::Bool(false)),
];

/// What `key` means on a GenAI span.
#[inline]
pub(crate) fn find(key: &str) -> Lookup {
    let mut slot = hash(key.as_bytes());
    loop {
        // Both look-ups always succeed: the mask keeps the slot in the table, the table holds rows of `ENTRIES`.
        let Some(entry) = TABLE.get(slot & MASK).and_then(|row| ENTRIES.get(*row as usize)) else {
            return Lookup::Unknown;
        };
        if entry.key == key {
            return entry.means;
        }
        slot += 1;
    }
}

/// Whether a key that no table lists by itself is content.
pub(crate) fn is_content_by_prefix(key: &str) -> bool {
    CONTENT_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

// One open-addressing table over all keys, filled by the compiler: a look-up is one multiplication and, nearly
// always, one comparison. A `match` over the same keys compares one after the other and measured slower; a crate
// for perfect hashing would be a dependency for forty lines.

#[derive(Clone, Copy)]
struct Entry {
    key: &'static str,
    means: Lookup,
}

const SLOTS: usize = 2048;
const MASK: usize = SLOTS - 1;
const FREE: u16 = u16::MAX;
const ROWS: usize = ATTRIBUTES.len() + ALIASES.len() + NOISE.len();
static ENTRIES: [Entry; ROWS] = ENTRY_ROWS;
const ENTRY_ROWS: [Entry; ROWS] = entries();
static TABLE: [u16; SLOTS] = table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn entries() -> [Entry; ROWS] {
    let mut rows = [Entry { key: "", means: Lookup::Noise }; ROWS];
    let mut row = 0;
    while row < ROWS {
        rows[row] = if row < ATTRIBUTES.len() {
            Entry { key: ATTRIBUTES[row].key, means: Lookup::Attribute(FieldId(row as u16)) }
        } else if row < ATTRIBUTES.len() + ALIASES.len() {
            let alias = &ALIASES[row - ATTRIBUTES.len()];
            Entry { key: alias.key, means: Lookup::Alias(FieldId::of(alias.to)) }
        } else {
            Entry { key: NOISE[row - ATTRIBUTES.len() - ALIASES.len()], means: Lookup::Noise }
        };
        row += 1;
    }
    rows
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn table() -> [u16; SLOTS] {
    const { assert!(ROWS * 4 < SLOTS, "the key table is too full: double SLOTS") };
    let mut table = [FREE; SLOTS];
    let mut row = 0;
    while row < ROWS {
        let mut slot = hash(ENTRY_ROWS[row].key.as_bytes());
        while table[slot & MASK] != FREE {
            slot += 1;
        }
        table[slot & MASK] = row as u16;
        row += 1;
    }
    table
}

/// Mixes the length and the last sixteen bytes: keys differ at their ends, their beginnings are namespaces.
#[inline]
const fn hash(key: &[u8]) -> usize {
    let (rest, last) = tail(key);
    let (_, before) = tail(rest);
    let mixed = last ^ before.rotate_left(21) ^ ((key.len() as u64) << 56);
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
}

/// The last eight bytes as a number, and what stands before them; a shorter key is padded with zeros.
#[inline]
const fn tail(key: &[u8]) -> (&[u8], u64) {
    match key.split_last_chunk::<8>() {
        Some((rest, last)) => (rest, u64::from_le_bytes(*last)),
        None => (&[], short(key)),
    }
}

const fn short(mut key: &[u8]) -> u64 {
    let mut number = 0;
    while let Some((first, rest)) = key.split_first() {
        number = (number << 8) | *first as u64;
        key = rest;
    }
    number
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(crate) const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A set of registry attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet([u64; FieldSet::WORDS]);

impl FieldSet {
    const WORDS: usize = ATTRIBUTES.len().div_ceil(64);

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    pub(crate) const fn from_slice(ids: &[FieldId]) -> Self {
        let mut words = [0; Self::WORDS];
        let mut at = 0;
        while at < ids.len() {
            words[ids[at].0 as usize / 64] |= 1 << (ids[at].0 % 64);
            at += 1;
        }
        Self(words)
    }

    #[inline]
    pub(crate) fn contains(&self, id: FieldId) -> bool {
        self.0.get(id.0 as usize / 64).is_some_and(|word| word & (1 << (id.0 % 64)) != 0)
    }

    /// Adds `id`; `false` if it was there already.
    #[inline]
    pub(crate) fn insert(&mut self, id: FieldId) -> bool {
        let bit = 1 << (id.0 % 64);
        match self.0.get_mut(id.0 as usize / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::{self, Level};

    #[test]
    fn aliases_are_sorted_unique_and_no_registry_keys() {
        assert!(ALIASES.is_sorted_by(|a, b| a.key < b.key), "sort ALIASES by key");
        for alias in ALIASES {
            assert!(semconv::attribute(alias.key).is_none(), "{} is a registry key", alias.key);
        }
        assert!(NOISE.is_sorted_by(|a, b| a < b), "sort NOISE");
    }

    #[test]
    fn every_key_is_found_as_itself() {
        for (row, attribute) in ATTRIBUTES.iter().enumerate() {
            assert_eq!(find(attribute.key), Lookup::Attribute(FieldId(row as u16)), "{}", attribute.key);
        }
        for alias in ALIASES {
            assert_eq!(find(alias.key), Lookup::Alias(FieldId::of(alias.to)), "{}", alias.key);
        }
        for key in NOISE {
            assert_eq!(find(key), Lookup::Noise, "{key}");
        }
    }

    #[test]
    fn other_keys_are_unknown() {
        for key in ["", "g", "gen_ai.", "gen_ai.request.modem", "prompt", "é", "a.key.longer.than.sixteen.bytes"] {
            assert_eq!(find(key), Lookup::Unknown, "{key}");
        }
    }

    #[test]
    fn every_opt_in_attribute_of_spans_and_events_is_content() {
        let spans = semconv::SPANS.iter().flat_map(|span| span.attributes);
        let events = semconv::EVENTS.iter().flat_map(|event| event.attributes);
        for requirement in spans.chain(events).filter(|requirement| requirement.level == Level::OptIn) {
            let attribute = semconv::attribute(requirement.key).expect("in the registry");
            assert!(attribute.content, "{} is opt-in and not content", requirement.key);
        }
    }

    #[test]
    fn every_sampling_relevant_attribute_is_fixed_at_start() {
        let refined = semconv::REFINEMENTS.iter().flat_map(|refinement| refinement.attributes);
        for requirement in semconv::SPANS.iter().flat_map(|span| span.attributes).chain(refined) {
            if requirement.sampling_relevant {
                assert!(START_FIELDS.contains(FieldId::of(requirement.key)), "{} is not in AT_START", requirement.key);
            }
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let (model, tool) = (FieldId::of(attr::GEN_AI_REQUEST_MODEL), FieldId::of(attr::GEN_AI_TOOL_NAME));
        let mut set = FieldSet::default();
        assert!(set.insert(model) && !set.insert(model));
        assert!(set.contains(model) && !set.contains(tool));
    }
}
