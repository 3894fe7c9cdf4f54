//! What had another name, or another word, in an older state of the conventions.

use crate::rules::dialect::Dialect;
use crate::rules::fields::FieldId;
use crate::semconv::{attr, value::gen_ai_provider_name as provider};

/// An attribute that had other names.
pub(crate) struct Renamed {
    pub(crate) pinned: FieldId,
    v1_41: &'static str,
    v1_36: &'static str,
}

impl Renamed {
    pub(crate) fn key(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Latest => self.pinned.key(),
            Dialect::V1_41 => self.v1_41,
            Dialect::V1_36 => self.v1_36,
        }
    }
}

const fn row(pinned: &'static str, v1_41: &'static str, v1_36: &'static str) -> Renamed {
    Renamed { pinned: FieldId::of(pinned), v1_41, v1_36 }
}

const PROVIDER: &str = attr::GEN_AI_PROVIDER_NAME;
const REQUEST_TIER: &str = attr::OPENAI_REQUEST_SERVICE_TIER;
const RESPONSE_TIER: &str = attr::OPENAI_RESPONSE_SERVICE_TIER;
const FINGERPRINT: &str = attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT;
/// Since 1.40. Before there was none, and readers of those times that know one know this.
const CACHE_CREATION: &str = "gen_ai.usage.cache_creation.input_tokens";

/// By the schema files and registries of the core conventions. `jsonrpc.*` is not here, although it was `rpc.jsonrpc.*`
/// until 1.38: MCP came with the newer name.
#[rustfmt::skip]
pub(crate) const KEYS: &[Renamed] = &[
    //  pinned                                       1.37 to 1.41     1.36
    row(PROVIDER,                                    PROVIDER,        "gen_ai.system"),
    row(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, CACHE_CREATION,  CACHE_CREATION),
    row(REQUEST_TIER,                                REQUEST_TIER,    "gen_ai.openai.request.service_tier"),
    row(RESPONSE_TIER,                               RESPONSE_TIER,   "gen_ai.openai.response.service_tier"),
    row(FINGERPRINT,                                 FINGERPRINT,     "gen_ai.openai.response.system_fingerprint"),
];

/// The row of the attribute `key`.
#[inline]
pub(crate) fn find(key: &str) -> Option<&'static Renamed> {
    KEYS.iter().find(|row| row.pinned.key() == key)
}

/// A well-known value that had other words.
pub(crate) struct Reworded {
    pub(crate) of: FieldId,
    pub(crate) pinned: &'static str,
    v1_41: &'static str,
    v1_36: &'static str,
}

impl Reworded {
    pub(crate) fn word(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Latest => self.pinned,
            Dialect::V1_41 => self.v1_41,
            Dialect::V1_36 => self.v1_36,
        }
    }
}

const fn word(of: &'static str, pinned: &'static str, v1_41: &'static str, v1_36: &'static str) -> Reworded {
    Reworded { of: FieldId::of(of), pinned, v1_41, v1_36 }
}

/// `gcp.*` and `azure.ai.*` had their words in 1.36 already; what they were called before was deprecated by then.
#[rustfmt::skip]
pub(crate) const VALUES: &[Reworded] = &[
    //   of        pinned          1.37 to 1.41    1.36
    word(PROVIDER, provider::X_AI, provider::X_AI, "xai"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::keys::{self, Lookup};
    use crate::rules::{fields, providers};
    use crate::semconv;

    #[test]
    fn an_old_name_is_read_back_as_the_attribute_and_is_no_name_of_the_pinned_state() {
        for row in KEYS {
            for key in Dialect::ALL.map(|dialect| row.key(dialect)) {
                if key != row.pinned.key() {
                    assert!(semconv::attribute(key).is_none(), "{key} is in the registry");
                    assert_eq!(keys::find(key), Lookup::Alias(row.pinned), "{key} has no row in ALIASES");
                }
            }
        }
    }

    #[test]
    fn no_two_rows_write_one_key_and_content_is_called_the_same_everywhere() {
        for (at, row) in KEYS.iter().enumerate() {
            assert!(!row.pinned.content, "{}: the last gate knows content by its key", row.pinned.key());
            assert_ne!(row.key(Dialect::V1_36), row.pinned.key(), "{}: no row is needed", row.pinned.key());
            for other in KEYS.iter().skip(at + 1) {
                let written = Dialect::ALL.map(|dialect| other.key(dialect));
                assert!(Dialect::ALL.iter().all(|dialect| !written.contains(&row.key(*dialect))));
            }
        }
    }

    #[test]
    fn words_differ_only_where_the_keys_do_and_are_read_back() {
        for row in VALUES {
            assert!(fields::values_of(row.of.key()).contains(&row.pinned), "{}", row.pinned);
            // Else two states that share a key would disagree about its value.
            let [newest, middle, oldest] =
                Dialect::ALL.map(|dialect| find(row.of.key()).map_or(row.of.key(), |renamed| renamed.key(dialect)));
            assert!(row.pinned == row.v1_41 || newest != middle, "{}", row.pinned);
            assert!(row.v1_41 == row.v1_36 || middle != oldest, "{}", row.pinned);
            assert_eq!(providers::well_known(row.v1_36), Some(row.pinned));
        }
    }
}
