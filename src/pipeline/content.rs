//! What code and environment together say about content.

use crate::content::{Content, Destination, Mode, References};
use crate::object_store;

use super::config::RouteConfig;
use super::env::Env;
use super::error::{InitError, InitErrorKind};

const CAPTURE_MESSAGE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// Those that [`References`] reads.
const UPLOAD: [&str; 3] = [
    "OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH",
    "OTEL_INSTRUMENTATION_GENAI_UPLOAD_FORMAT",
    "OTEL_INSTRUMENTATION_GENAI_UPLOAD_MAX_QUEUE_SIZE",
];

/// What the environment says about every setting of content.
pub(crate) struct Given<'a> {
    env: &'a Env,
    /// In one word.
    pub(crate) mode: Mode,
    /// The limit on texts of spans.
    value_length: Option<usize>,
    /// Set up once it is needed; all settings share it.
    store: Option<References>,
}

impl<'a> Given<'a> {
    pub(crate) fn read(env: &'a Env, value_length: Option<usize>) -> Result<Self, InitError> {
        let mode = Mode::read(env.get(CAPTURE_MESSAGE_CONTENT)?.as_deref());
        mode.warn();
        Ok(Self { env, mode, value_length, store: None })
    }

    /// The content setting of a pipeline: the code's, else the environment's; the environment can always switch it off.
    ///
    /// # Errors
    /// A variable of the store means nothing, or the store cannot be set up.
    pub(crate) fn setting(&mut self, code: Option<Content>) -> Result<Content, InitError> {
        // A place to store content is a wish to have it stored.
        let wants_store = code.is_none() && self.mode == Mode::Unset;
        match code {
            Some(code) => self.completed(code),
            None if wants_store => match self.store()? {
                Some(store) => {
                    let content = Content::all().with_destination(Destination::Reference).with_references(store);
                    Ok(self.within_length(content))
                }
                None => self.completed(self.mode.content()),
            },
            None => self.completed(self.mode.content()),
        }
    }

    /// A setting as the environment leaves it: off if that says so, with its store if it has none of its own, and its
    /// attributes no longer than texts may be.
    fn completed(&mut self, content: Content) -> Result<Content, InitError> {
        let mut content = self.mode.limit(content);
        if !content.is_off()
            && content.references().is_none()
            && let Some(store) = self.store()?
        {
            content = content.with_references(store);
        }
        Ok(self.within_length(content))
    }

    /// Content attributes are cut inside of their structure, so that nobody cuts through it later. The limit counts
    /// characters, which are never more than bytes.
    fn within_length(&self, content: Content) -> Content {
        match self.value_length {
            Some(limit) if limit < content.attribute_budget() => content.with_attribute_budget(limit),
            _ => content,
        }
    }

    fn store(&mut self) -> Result<Option<References>, InitError> {
        if self.store.is_none() {
            self.store = references(self.env)?;
        }
        Ok(self.store.clone())
    }
}

/// What a tracer lets out, and the stores that routes bring content to by themselves.
pub(crate) struct Shared {
    pub(crate) content: Content,
    pub(crate) references: Vec<References>,
}

impl Given<'_> {
    /// What the tracer has to let out so that each route gets what is meant for it: `own`, the pipeline's setting, or, if a
    /// backend has one of its own, all that any of them may want. Each route then chooses for itself on its export thread;
    /// one without a setting of its own gets what `own` lets out.
    ///
    /// # Errors
    /// As of [`setting`](Self::setting).
    pub(crate) fn shared(&mut self, own: Content, routes: &mut [RouteConfig]) -> Result<Shared, InitError> {
        if routes.iter().all(|route| route.adapter.content.is_none()) {
            return Ok(Shared { content: own, references: Vec::new() });
        }
        let mut references: Vec<References> = own.references().cloned().into_iter().collect();
        let mut all = Content::off();
        for route in routes {
            let content = match route.adapter.content.take() {
                Some(content) => self.completed(content)?,
                None => own.clone(),
            };
            // Clones share a store: its counts are told once.
            let store = content.references().filter(|store| !references.iter().any(|known| known.is_same(store)));
            references.extend(store.cloned());
            if !content.is_off() {
                all = wider(&all, &content);
            }
            route.adapter.content = Some(content);
        }
        Ok(Shared { content: all, references })
    }
}

/// Everything, within the larger budgets of both.
fn wider(one: &Content, other: &Content) -> Content {
    let (a, b) = match one.is_off() {
        true => (other.budget(), other.budget()),
        false => (one.budget(), other.budget()),
    };
    Content::all()
        .with_destination(Destination::SpanAndEvent)
        .with_attribute_budget(a.attribute.max(b.attribute))
        .with_span_budget(a.span.max(b.span))
        .with_output_reserve(a.output_reserve.max(b.output_reserve))
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
    use opentelemetry_sdk::Resource;

    use super::super::adapter::Adapter;
    use super::*;
    use crate::content::Kind;

    fn of(env: Env, code: Option<Content>, value_length: Option<usize>) -> Result<Content, InitError> {
        Given::read(&env, value_length)?.setting(code)
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

    fn routes(contents: impl IntoIterator<Item = Option<Content>>) -> Vec<RouteConfig> {
        let route = |content| RouteConfig {
            name: "",
            resource: Resource::builder_empty().build(),
            adapter: Adapter { content, ..Adapter::default() },
            traces: Vec::new(),
            metrics: Vec::new(),
            logs: Vec::new(),
        };
        contents.into_iter().map(route).collect()
    }

    fn shared(own: Content, env: &Env, routes: &mut [RouteConfig]) -> Shared {
        Given::read(env, Some(100)).unwrap().shared(own, routes).unwrap()
    }

    #[test]
    fn content_of_a_backend_is_cut_to_the_limit_on_values_too() {
        let mut routes = routes([Some(Content::all()), None]);
        let shared = shared(Content::off(), &Env::empty(), &mut routes);
        assert_eq!(routes[0].adapter.content.as_ref().unwrap().attribute_budget(), 100);
        assert_eq!(shared.content.attribute_budget(), 100);
    }

    #[test]
    fn content_of_a_backend_goes_to_the_store_of_the_environment_and_is_counted_once() {
        let dir = std::env::current_dir().unwrap().join(format!("target/tmp/shared-{}", std::process::id()));
        let env = Env::from_iter([("OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH", dir.to_str().unwrap())]);
        let mut routes = routes([Some(Content::all()), Some(Content::all()), None]);
        let shared = shared(Content::all(), &env, &mut routes);
        assert!(routes[..2].iter().all(|route| route.adapter.content.as_ref().unwrap().references().is_some()));
        assert_eq!(shared.references.len(), 1);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_store_that_backends_share_is_counted_once() {
        struct Nowhere;
        impl crate::content::Store for Nowhere {
            fn put(&self, _: &str, _: &[u8]) -> Result<(), crate::content::StoreError> {
                Ok(())
            }
            fn uri(&self, name: &str) -> String {
                name.to_owned()
            }
        }
        let content = Content::all().with_references(References::to(Nowhere));
        let other = Content::all().with_references(References::to(Nowhere));
        let mut routes = routes([Some(content.clone()), Some(content.clone()), Some(other)]);
        assert_eq!(shared(content, &Env::empty(), &mut routes).references.len(), 2);
    }

    #[test]
    fn without_a_setting_for_one_backend_the_pipelines_own_decides() {
        let mut routes = routes([None, None]);
        let own = Content::only([Kind::ToolResult]);
        let shared = shared(own, &Env::empty(), &mut routes);
        assert!(shared.content.chooses(Kind::ToolResult) && !shared.content.chooses(Kind::InputMessages));
        assert!(routes.iter().all(|route| route.adapter.content.is_none()));
    }

    #[test]
    fn the_tracer_lets_out_what_any_backend_may_want() {
        let one = Content::only([Kind::InputMessages]).with_span_budget(1_000_000);
        let mut routes = routes([None, Some(one)]);
        let shared = shared(Content::off(), &Env::empty(), &mut routes);
        assert!(Kind::all().all(|kind| shared.content.chooses(kind)));
        assert_eq!(shared.content.budget().span, 1_000_000);
        let of = |place: usize| routes[place].adapter.content.as_ref().unwrap();
        assert!(of(0).is_off());
        assert!(of(1).chooses(Kind::InputMessages) && !of(1).chooses(Kind::ToolResult));
    }

    #[test]
    fn no_content_in_the_environment_beats_every_backend() {
        let mut routes = routes([Some(Content::all()), None]);
        let off = Env::from_iter([(CAPTURE_MESSAGE_CONTENT, "NO_CONTENT")]);
        let shared = shared(Content::off(), &off, &mut routes);
        assert!(shared.content.is_off());
        assert!(routes.iter().all(|route| route.adapter.content.as_ref().unwrap().is_off()));
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
