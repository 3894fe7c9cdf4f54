//! Pieces that differ from each other in their texts only.

use memchr::memchr2;
use memchr::memmem::find_iter;

/// Longest piece that is learnt, and texts of it that may differ.
const MAX_BYTES: usize = 4096;
const MAX_TEXTS: usize = 4;

/// A piece without its texts: most pieces of a stream are equal to the one before but for a word or two. To compare
/// them is several times cheaper than to search them.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// What stands between the texts; quotes belong to it.
    segments: Vec<Box<[u8]>>,
}

impl Template {
    /// Whether `data` is the piece that was learnt, with other texts.
    pub(crate) fn fits(&self, data: &[u8]) -> bool {
        let Some((first, others)) = self.segments.split_first() else { return false };
        let rest = data.strip_prefix(&**first);
        let rest = others.iter().try_fold(rest, |rest, segment| Some(text_end(rest?)?.1.strip_prefix(&**segment)));
        rest.flatten().is_some_and(<[u8]>::is_empty)
    }

    /// Learns `data`, JSON in which the texts in fields of `names` may be others.
    pub(crate) fn learn(&mut self, data: &[u8], names: &[&str]) {
        self.segments.clear();
        if data.len() > MAX_BYTES {
            return;
        }
        let mut starts: Vec<usize> = names.iter().flat_map(|name| texts(data, name)).collect();
        starts.sort_unstable();
        let mut from = 0;
        for start in starts.into_iter().take(MAX_TEXTS) {
            let Some(before) = data.get(from..start) else { continue };
            let Some((text, _)) = data.get(start..).and_then(text_end) else { continue };
            self.segments.push(before.into());
            from = start + text.len();
        }
        self.segments.push(data.get(from..).unwrap_or_default().into());
    }
}

/// Where the texts begin that stand in fields called `name`.
fn texts<'a>(data: &'a [u8], name: &str) -> impl Iterator<Item = usize> + use<'a> {
    let name = format!("\"{name}\"").into_bytes();
    let found: Vec<usize> = find_iter(data, &name).collect();
    found.into_iter().filter_map(move |at| {
        let rest = data.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b":")?;
        let text = rest.trim_ascii_start().strip_prefix(b"\"")?;
        Some(data.len() - text.len())
    })
}

/// The text that `data` begins with, and what follows: its closing quote first.
fn text_end(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\\', data.get(from..)?)?;
        if data.get(at) == Some(&b'"') {
            return data.split_at_checked(at);
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_of_the_fields_may_differ() {
        let mut template = Template::default();
        assert!(!template.fits(b"") && !template.fits(b"{}"));
        template.learn(br#"{"id":"a","delta":{"content": "x"},"pad":"y","usage":null}"#, &["content", "pad"]);
        #[rustfmt::skip]
        let cases: &[(&[u8], bool)] = &[
            (br#"{"id":"a","delta":{"content": "x"},"pad":"y","usage":null}"#,                     true),
            (br#"{"id":"a","delta":{"content": ""},"pad":"\\","usage":null}"#,                     true),
            (br#"{"id":"a","delta":{"content": "\",\"usage\":1"},"pad":"y","usage":null}"#,        true),
            (br#"{"id":"b","delta":{"content": "x"},"pad":"y","usage":null}"#,                     false),
            (br#"{"id":"a","delta":{"content": "x","role":"y"},"pad":"y","usage":null}"#,          false),
            (br#"{"id":"a","delta":{"content": "x"},"pad":"y","usage":{}}"#,                       false),
            (br#"{"id":"a","delta":{"content": "x"},"pad":"y","usage":null} "#,                    false),
            (br#"{"id":"a","delta":{"content": null},"pad":"y","usage":null}"#,                    false),
            (br#"{"id":"a","delta":{"content": "x\"#,                                              false),
        ];
        for (data, wanted) in cases {
            assert_eq!(template.fits(data), *wanted, "{}", String::from_utf8_lossy(data));
        }
        template.learn(&[b' '; MAX_BYTES + 1], &["content"]);
        assert!(!template.fits(&[b' '; MAX_BYTES + 1]));
    }
}
