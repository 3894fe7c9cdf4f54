//! What code and environment together say about content.

use crate::content::{Content, Destination, Mode, References};
use crate::object_store;

use super::env::Env;
use super::error::{InitError, InitErrorKind};

const CAPTURE_MESSAGE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// Those that [`References`] reads.
const UPLOAD: [&str; 3] = [
    "OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH",
    "OTEL_INSTRUMENTATION_GENAI_UPLOAD_FORMAT",
    "OTEL_INSTRUMENTATION_GENAI_UPLOAD_MAX_QUEUE_SIZE",
];

/// What the environment says, in one word.
pub(crate) fn mode(env: &Env) -> Result<Mode, InitError> {
    let mode = Mode::read(env.get(CAPTURE_MESSAGE_CONTENT)?.as_deref());
    mode.warn();
    Ok(mode)
}

/// The content setting of a pipeline: the code's, else the environment's; the environment can always switch it off.
///
/// Content attributes are cut to `value_length` inside of their structure, so that nobody cuts through it later. The
/// limit counts characters, which are never more than bytes.
///
/// # Errors
/// A variable of the store means nothing, or the store cannot be set up.
pub(crate) fn setting(
    env: &Env,
    mode: Mode,
    code: Option<Content>,
    value_length: Option<usize>,
) -> Result<Content, InitError> {
    // A place to store content is a wish to have it stored.
    let wants_store = code.is_none() && mode == Mode::Unset;
    let mut content = match code {
        Some(code) => mode.limit(code),
        None => mode.content(),
    };
    if (wants_store || !content.is_off()) && content.references().is_none() {
        content = match references(env)? {
            Some(references) if wants_store => {
                Content::all().with_destination(Destination::Reference).with_references(references)
            }
            Some(references) => content.with_references(references),
            None => content,
        };
    }
    Ok(match value_length {
        Some(limit) if limit < content.attribute_budget() => content.with_attribute_budget(limit),
        _ => content,
    })
}

fn references(env: &Env) -> Result<Option<References>, InitError> {
    let mut given = Vec::new();
    for name in UPLOAD {
        given.extend(env.get(name)?.map(|value| (name, value)));
    }
    let variable = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    References::from_env(variable, object_store::open)
        .map_err(|error| InitError::new(InitErrorKind::Variable, error.to_string()).with_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(env: Env, code: Option<Content>, value_length: Option<usize>) -> Result<Content, InitError> {
        setting(&env, mode(&env)?, code, value_length)
    }

    fn setting_for(value: &str, code: Option<Content>) -> Content {
        of(Env::from_iter([(CAPTURE_MESSAGE_CONTENT, value)]), code, None).unwrap()
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
        let limited = of(Env::empty(), Some(Content::all()), Some(100)).unwrap();
        assert_eq!(limited.attribute_budget(), 100);
        let small = Content::all().with_attribute_budget(50);
        assert_eq!(of(Env::empty(), Some(small), Some(100)).unwrap().attribute_budget(), 50);
    }
    #[test]
    fn a_place_to_store_content_is_enough() {
        let dir = std::env::current_dir().unwrap().join(format!("target/tmp/content-{}", std::process::id()));
        let path = dir.to_str().unwrap();
        let base = "OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH";
        let stored = of(Env::from_iter([(base, path)]), None, None).unwrap();
        assert!(!stored.is_off() && stored.references().is_some());
        for off in [(CAPTURE_MESSAGE_CONTENT, "NO_CONTENT"), (CAPTURE_MESSAGE_CONTENT, "oops")] {
            assert!(of(Env::from_iter([(base, path), off]), None, None).unwrap().is_off());
        }
        assert!(of(Env::from_iter([(base, path)]), Some(Content::off()), None).unwrap().is_off());
        let both = of(Env::from_iter([(base, path), (CAPTURE_MESSAGE_CONTENT, "SPAN_ONLY")]), None, None).unwrap();
        assert!(both.references().is_some());
        std::fs::remove_dir_all(dir).unwrap();
        let error = of(Env::from_iter([(base, "/tmp")]), None, None).unwrap_err().to_string();
        assert!(error.contains(base) && error.contains("/tmp"), "{error}");
    }
}
