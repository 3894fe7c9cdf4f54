//! Patterns of hosts and paths, matched without allocating.

/// What a path says about the call, as it stands there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Captured<'a> {
    /// Percent-encoded.
    pub(crate) model: Option<&'a str>,
}

const MODEL: &str = "{model}";

/// Whether `host` is what `pattern` says: `api.openai.com`, `*.openai.azure.com`, `bedrock-runtime.*.amazonaws.com`;
/// with a port, `*:11434`, only that port.
pub(crate) fn host(pattern: &str, host: &str, port: Option<u16>) -> bool {
    let (pattern, wanted) = match pattern.rsplit_once(':').map(|(name, port)| (name, port.parse::<u16>())) {
        Some((name, Ok(port))) => (name, Some(port)),
        _ => (pattern, None),
    };
    if wanted.is_some() && wanted != port {
        return false;
    }
    match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(host),
        Some((start, end)) => {
            let (start, end, host) = (start.as_bytes(), end.as_bytes(), host.as_bytes());
            host.len() >= start.len() + end.len()
                && host.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
                && host.get(host.len() - end.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        }
    }
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
        ];
        for (pattern, name, port, matches) in cases {
            assert_eq!(host(pattern, name, Some(port)), matches, "{pattern} {name} {port}");
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
