//! Patterns of hosts and paths, matched without allocating.

/// What a path says about the call, as it stands there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Captured<'a> {
    /// Percent-encoded.
    pub(crate) model: Option<&'a str>,
}

const MODEL: &str = "{model}";

/// A host: `api.openai.com`, `*.openai.azure.com`, `bedrock-runtime.*.amazonaws.com`; with a port, `*:11434`, only that
/// port. Taken apart beforehand: every request asks for every row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Host<'a> {
    start: &'a str,
    /// What follows the `*`, if there is one.
    end: Option<&'a str>,
    port: Option<u16>,
}

impl<'a> Host<'a> {
    pub(crate) const fn new(pattern: &'a str) -> Self {
        let (name, port) = split_port(pattern);
        let Some(at) = find(name, b'*') else { return Self { start: name, end: None, port } };
        let (start, rest) = name.split_at(at);
        Self { start, end: Some(rest.split_at(1).1), port }
    }

    pub(crate) fn is(&self, host: &str, port: Option<u16>) -> bool {
        if self.port.is_some() && self.port != port {
            return false;
        }
        let Some(end) = self.end else { return self.start.eq_ignore_ascii_case(host) };
        let (start, end, host) = (self.start.as_bytes(), end.as_bytes(), host.as_bytes());
        host.len() >= start.len() + end.len()
            && host.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            && host.get(host.len() - end.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    }
}

/// Where `byte`, an ASCII character, stands first.
const fn find(text: &str, byte: u8) -> Option<usize> {
    let (mut rest, mut at) = (text.as_bytes(), 0);
    while let [first, tail @ ..] = rest {
        if *first == byte {
            return Some(at);
        }
        (rest, at) = (tail, at + 1);
    }
    None
}

/// Splits off the port. An address of IPv6 in brackets has colons, too, but does not end in a number.
const fn split_port(pattern: &str) -> (&str, Option<u16>) {
    let (mut rest, mut port, mut unit) = (pattern.as_bytes(), 0_u32, 1_u32);
    while let [head @ .., last] = rest {
        match *last {
            digit @ b'0'..=b'9' if unit <= 10_000 => {
                port += (digit - b'0') as u32 * unit;
                unit *= 10;
            }
            b':' if unit > 1 && port <= u16::MAX as u32 => return (pattern.split_at(head.len()).0, Some(port as u16)),
            _ => break,
        }
        rest = head;
    }
    (pattern, None)
}

/// What `path` says, if it is what `pattern` says. A segment is a text, `*`, `v1*`, `{model}` or `{model}:verb`; `**` at
/// the beginning is any beginning. A slash at the end of the path changes nothing.
pub(crate) fn path<'a>(pattern: &str, path: &'a str) -> Option<Captured<'a>> {
    let mut captured = Captured::default();
    // From the end: that is where paths differ.
    let mut segments = path.strip_suffix('/').unwrap_or(path).rsplit('/');
    for wanted in pattern.rsplit('/') {
        if wanted == "**" {
            return Some(captured);
        }
        let segment = segments.next()?;
        if let Some(verb) = wanted.strip_prefix(MODEL) {
            captured.model = Some(segment.strip_suffix(verb).filter(|model| !model.is_empty())?);
        } else if !is_segment(wanted, segment) {
            return None;
        }
    }
    segments.next().is_none().then_some(captured)
}

fn is_segment(wanted: &str, segment: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => segment.starts_with(start) && !segment.is_empty(),
        None => wanted == segment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        #[rustfmt::skip]
        let cases = [
            ("api.openai.com",                  "API.OpenAI.com",                       443,   true),
            ("api.openai.com",                  "api.openai.com.evil.example",          443,   false),
            ("*.openai.azure.com",              "a.openai.azure.com",                   443,   true),
            ("*.openai.azure.com",              "openai.azure.com",                     443,   false),
            ("bedrock-runtime.*.amazonaws.com", "bedrock-runtime.eu-west-1.amazonaws.com", 443, true),
            ("bedrock-runtime.*.amazonaws.com", "bedrock-runtime.amazonaws.com",        443,   false),
            ("*:11434",                         "localhost",                            11434, true),
            ("*:11434",                         "localhost",                            80,    false),
            ("[::1]:8080",                      "[::1]",                                8080,  true),
            ("[::1]",                           "[::1]",                                8080,  true),
            ("llm:99999",                       "llm",                                  443,   false),
            ("llm:",                            "llm",                                  443,   false),
        ];
        for (pattern, name, port, matches) in cases {
            assert_eq!(Host::new(pattern).is(name, Some(port)), matches, "{pattern} {name} {port}");
        }
    }

    #[test]
    fn paths() {
        let model = |model| Some(Captured { model });
        #[rustfmt::skip]
        let cases = [
            ("/v1/chat/completions",              "/v1/chat/completions",                    model(None)),
            ("/v1/chat/completions",              "/v1/chat/completions/",                   model(None)),
            ("/v1/chat/completions",              "/x/v1/chat/completions",                  None),
            ("**/v1/chat/completions",            "/x/v1/chat/completions",                  model(None)),
            ("**/v1/chat/completions",            "/v1/chat/completions",                    model(None)),
            ("/v1/messages",                      "/v1/messages/count_tokens",               None),
            ("/v1*/models/{model}:generateContent", "/v1beta/models/gemini-2.5-flash:generateContent", model(Some("gemini-2.5-flash"))),
            ("/v1*/models/{model}:generateContent", "/v1beta/models/gemini:countTokens",     None),
            ("/v1*/models/{model}:generateContent", "/v1beta/models/:generateContent",       None),
            ("/model/{model}/converse",           "/model/us.anthropic.claude%3A0/converse", model(Some("us.anthropic.claude%3A0"))),
            ("/model/{model}/converse",           "/model//converse",                        None),
            ("/a/*/b",                            "/a/x/b",                                  model(None)),
            ("/a/*/b",                            "/a/x/y/b",                                None),
            ("/v1/chat",                          "",                                        None),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(path(pattern, text), expected, "{pattern} {text}");
        }
    }
}
