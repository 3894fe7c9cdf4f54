//! How tokens get onto a span.

use crate::activity::guard::{Activity, Guard};
use crate::providers::Usage;
use crate::rules::FieldId;
use crate::semconv::attr;

/// The attributes of `usage`, as far as it tells.
pub(crate) fn rows(usage: &Usage) -> impl Iterator<Item = (FieldId, u64)> {
    #[rustfmt::skip]
    let rows = [
        (const { FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS) },             usage.whole_input()),
        (const { FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS) },            usage.output),
        (const { FieldId::of(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS) },  usage.cache_read),
        (const { FieldId::of(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS) }, usage.cache_write),
        (const { FieldId::of(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS) },  usage.reasoning),
        (const { FieldId::of(attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS) },        usage.text_input),
        (const { FieldId::of(attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS) },       usage.image_input),
        (const { FieldId::of(attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS) },       usage.audio_input),
        (const { FieldId::of(attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS) },  usage.text_cache_read),
        (const { FieldId::of(attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS) }, usage.image_cache_read),
        (const { FieldId::of(attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS) }, usage.audio_cache_read),
        (const { FieldId::of(attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS) },       usage.text_output),
        (const { FieldId::of(attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS) },      usage.image_output),
        (const { FieldId::of(attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS) },      usage.audio_output),
        (const { FieldId::of(attr::AGENTIC_USAGE_CONSUMED_INPUT_TOKENS) },   usage.consumed_input),
        (const { FieldId::of(attr::AGENTIC_USAGE_CONSUMED_OUTPUT_TOKENS) },  usage.consumed_output),
        (const { FieldId::of(attr::AGENTIC_USAGE_SEARCH_UNITS) },            usage.search_units),
    ];
    rows.into_iter().filter_map(|(id, tokens)| Some((id, tokens?)))
}

/// Gives `usage` to an activity.
pub(crate) fn record<'a, A: Activity>(activity: &'a Guard<A>, usage: &Usage) -> &'a Guard<A> {
    for (id, tokens) in rows(usage) {
        activity.record(id, tokens);
    }
    if usage.estimated {
        activity.record(const { FieldId::of(attr::AGENTIC_USAGE_ESTIMATED) }, true);
    }
    activity
}
