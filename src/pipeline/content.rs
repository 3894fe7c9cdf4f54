//! What code and environment together say about content.

use crate::content::{Content, Mode};

use super::env::Env;
use super::error::InitError;

const CAPTURE_MESSAGE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// The content setting of a pipeline: the code's, else the environment's; the environment can always switch it off.
///
/// Content attributes are cut to `value_length` inside of their structure, so that nobody cuts through it later. The
/// limit counts characters, which are never more than bytes.
pub(crate) fn setting(env: &Env, code: Option<Content>, value_length: Option<usize>) -> Result<Content, InitError> {
    let mode = Mode::read(env.get(CAPTURE_MESSAGE_CONTENT)?.as_deref());
    mode.warn();
    let content = match code {
        Some(code) => mode.limit(code),
        None => mode.content(),
    };
    Ok(match value_length {
        Some(limit) if limit < content.attribute_budget() => content.with_attribute_budget(limit),
        _ => content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting_for(value: &str, code: Option<Content>) -> Content {
        setting(&Env::from_iter([(CAPTURE_MESSAGE_CONTENT, value)]), code, None).unwrap()
    }

    #[test]
    fn code_beats_the_environment_but_for_off() {
        assert!(setting_for("", None).is_off());
        assert!(!setting_for("SPAN_ONLY", None).is_off());
        assert!(setting_for("SPAN_ONLY", Some(Content::off())).is_off());
        assert!(!setting_for("", Some(Content::all())).is_off());
        assert!(setting_for("no_content", Some(Content::all())).is_off());
        assert!(setting_for("nocontent", Some(Content::all())).is_off());
    }

    #[test]
    fn the_limit_on_values_is_a_budget() {
        let limited = setting(&Env::empty(), Some(Content::all()), Some(100)).unwrap();
        assert_eq!(limited.attribute_budget(), 100);
        let small = Content::all().with_attribute_budget(50);
        assert_eq!(setting(&Env::empty(), Some(small), Some(100)).unwrap().attribute_budget(), 50);
    }
}
