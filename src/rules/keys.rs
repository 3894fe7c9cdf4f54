//! Key → what it means: one table over all keys, filled by the compiler.
//!
//! Open addressing: a look-up is one multiplication and, nearly always, one comparison. A `match` over the same keys
//! compares one after the other; a crate for perfect hashing would be a dependency for forty lines.

use crate::rules::fields::{ALIASES, FieldId, LEFT_AS_THEY_ARE, NOISE, ROWS};
use crate::semconv::ATTRIBUTES;

/// What a key means on a GenAI span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lookup {
    /// A registry attribute by its own key.
    Attribute(FieldId),
    /// A registry attribute by another key.
    Alias(FieldId),
    /// Known, and carries nothing a GenAI span should show.
    Noise,
    /// Another product's metadata: passes as it is.
    LeftAsItIs,
    /// In no table: stays out unless the application allows it.
    Unknown,
}

/// What `key` means on a GenAI span.
#[inline]
pub(crate) fn find(key: &str) -> Lookup {
    let mut slot = hash(key.as_bytes());
    loop {
        // A free slot leads out of `ENTRIES`: the key is in no table.
        let Some(entry) = TABLE.get(slot & MASK).and_then(|row| ENTRIES.get(*row as usize)) else {
            return Lookup::Unknown;
        };
        if entry.key == key {
            return entry.means;
        }
        slot += 1;
    }
}

#[derive(Clone, Copy)]
struct Entry {
    key: &'static str,
    means: Lookup,
}

const SLOTS: usize = 2048;
const MASK: usize = SLOTS - 1;
const FREE: u16 = u16::MAX;
const KEYS: usize = ATTRIBUTES.len() + ALIASES.len() + NOISE.len() + LEFT_AS_THEY_ARE.len();
static ENTRIES: [Entry; KEYS] = entries();
static TABLE: [u16; SLOTS] = table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn entries() -> [Entry; KEYS] {
    let mut entries = [Entry { key: "", means: Lookup::Noise }; KEYS];
    let mut at = 0;
    while at < KEYS {
        let key = key_at(at);
        let means = if at < ATTRIBUTES.len() {
            Lookup::Attribute(FieldId(&ROWS[at]))
        } else if at < ATTRIBUTES.len() + ALIASES.len() {
            Lookup::Alias(FieldId::of(ALIASES[at - ATTRIBUTES.len()].to))
        } else if at < ATTRIBUTES.len() + ALIASES.len() + NOISE.len() {
            Lookup::Noise
        } else {
            Lookup::LeftAsItIs
        };
        entries[at] = Entry { key, means };
        at += 1;
    }
    entries
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn key_at(at: usize) -> &'static str {
    if at < ATTRIBUTES.len() {
        ATTRIBUTES[at].key
    } else if at < ATTRIBUTES.len() + ALIASES.len() {
        ALIASES[at - ATTRIBUTES.len()].key
    } else if at < ATTRIBUTES.len() + ALIASES.len() + NOISE.len() {
        NOISE[at - ATTRIBUTES.len() - ALIASES.len()]
    } else {
        LEFT_AS_THEY_ARE[at - ATTRIBUTES.len() - ALIASES.len() - NOISE.len()]
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn table() -> [u16; SLOTS] {
    const { assert!(KEYS * 4 < SLOTS, "the key table is too full: double SLOTS") };
    let mut table = [FREE; SLOTS];
    let mut row = 0;
    while row < KEYS {
        let mut slot = hash(key_at(row).as_bytes());
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
    let Some((rest, last)) = key.split_last_chunk::<8>() else { return short(key) };
    // The eight bytes before, or the first ones of a key that has fewer.
    let before = match rest.last_chunk::<8>() {
        Some(before) => before,
        None => match key.first_chunk::<8>() {
            Some(first) => first,
            None => last,
        },
    };
    let mixed = u64::from_le_bytes(*last) ^ u64::from_le_bytes(*before).rotate_left(21) ^ ((key.len() as u64) << 56);
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
}

const fn short(mut key: &[u8]) -> usize {
    let mut number = key.len();
    while let Some((first, rest)) = key.split_first() {
        number = number.wrapping_mul(31) ^ *first as usize;
        key = rest;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_as_itself() {
        for (row, attribute) in ROWS.iter().zip(ATTRIBUTES) {
            assert_eq!(find(attribute.key), Lookup::Attribute(FieldId(row)), "{}", attribute.key);
            assert_eq!(
                (row.key, row.value_type, row.content),
                (attribute.key, attribute.value_type, attribute.content)
            );
        }
        for alias in ALIASES {
            assert_eq!(find(alias.key), Lookup::Alias(FieldId::of(alias.to)), "{}", alias.key);
        }
        for key in NOISE {
            assert_eq!(find(key), Lookup::Noise, "{key}");
        }
        for key in LEFT_AS_THEY_ARE {
            assert_eq!(find(key), Lookup::LeftAsItIs, "{key}");
        }
    }

    #[test]
    fn other_keys_are_unknown() {
        for key in ["", "g", "gen_ai.", "gen_ai.request.modem", "prompt", "é", "a.key.longer.than.sixteen.bytes"] {
            assert_eq!(find(key), Lookup::Unknown, "{key}");
        }
    }
}
