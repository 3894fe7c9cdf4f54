//! The resource: who sends the spans.

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{ResourceDetector, TelemetryResourceDetector};

use super::env::Env;
use super::error::{InitError, Origin};
use super::headers::decode;

const SERVICE_NAME: &str = "service.name";

/// The resource of `env`, overlaid by `set` (settings made in code): `telemetry.sdk.*`, then `OTEL_RESOURCE_ATTRIBUTES`,
/// then `OTEL_SERVICE_NAME`, then `set`; the service name falls back to `unknown_service:<executable>`.
///
/// Nothing else is detected: host, process and user stay unknown unless the user names them.
pub(crate) fn resource(env: &Env, set: Vec<KeyValue>) -> Result<Resource, InitError> {
    const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let mut attributes = Vec::new();
    if let Some(list) = env.get(VARIABLE)? {
        attributes = parse(Origin::Variable(VARIABLE), &list)?;
    }
    if let Some(name) = env.get("OTEL_SERVICE_NAME")? {
        attributes.push(KeyValue::new(SERVICE_NAME, name));
    }
    attributes.extend(set);
    let base = TelemetryResourceDetector.detect();
    let base = base.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new(SERVICE_NAME, default_service_name()))
        .with_attributes(base)
        .with_attributes(attributes);
    Ok(resource.build())
}

/// Reads `key=value,key=value`, keys and values percent-encoded. A later key replaces an earlier one.
fn parse(origin: Origin, list: &str) -> Result<Vec<KeyValue>, InitError> {
    let members = list.split(',').map(str::trim).enumerate().filter(|(_, member)| !member.is_empty());
    members.map(|(place, member)| attribute(member).map_err(|fault| fault.of(origin, place + 1))).collect()
}

/// What is wrong with a member, and the mend. Not the member: part of it is a value.
struct Fault(&'static str, &'static str);

impl Fault {
    fn of(self, origin: Origin, place: usize) -> InitError {
        let Self(fault, mend) = self;
        origin.refuse_unseen(&format!("member {place} {fault}"), mend)
    }
}

fn attribute(member: &str) -> Result<KeyValue, Fault> {
    let Some((key, value)) = member.split_once('=') else {
        return Err(Fault("has no equals sign", "write key=value,key=value; write a comma inside a value as %2C"));
    };
    let (Some(key), Some(value)) = (decode(key.trim()), decode(value.trim())) else {
        return Err(Fault("is badly encoded", "percent-encode it as UTF-8; write a percent sign as %25"));
    };
    if key.is_empty() {
        return Err(Fault("has no key", "write a key before the equals sign"));
    }
    Ok(KeyValue::new(Key::from(key), Value::from(value)))
}

/// `unknown_service:` and the file name of the executable (resource semantic conventions, `service.name`).
fn default_service_name() -> String {
    let executable = std::env::current_exe().ok();
    let name = executable.as_deref().and_then(|path| path.file_name());
    match name {
        Some(name) => format!("unknown_service:{}", name.to_string_lossy()),
        None => "unknown_service".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGIN: Origin = Origin::Variable("OTEL_RESOURCE_ATTRIBUTES");

    fn get(resource: &Resource, key: &'static str) -> Option<String> {
        resource.get(&Key::from(key)).map(|value| value.to_string())
    }

    #[test]
    fn code_beats_service_name_beats_attribute_list() {
        let list = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=list,team=a%20b,team=c%2Cd");
        let name = ("OTEL_SERVICE_NAME", "variable");
        let built = resource(&Env::from_iter([list]), vec![]).unwrap();
        assert_eq!(get(&built, "service.name").unwrap(), "list");
        assert_eq!(get(&built, "team").unwrap(), "c,d");
        let built = resource(&Env::from_iter([list, name]), vec![]).unwrap();
        assert_eq!(get(&built, "service.name").unwrap(), "variable");
        let set = vec![KeyValue::new("service.name", "code")];
        let built = resource(&Env::from_iter([list, name]), set).unwrap();
        assert_eq!(get(&built, "service.name").unwrap(), "code");
    }

    #[test]
    fn without_settings_it_is_the_sdk_and_the_executable() {
        let built = resource(&Env::empty(), vec![]).unwrap();
        assert!(get(&built, "service.name").unwrap().starts_with("unknown_service:"));
        assert_eq!(get(&built, "telemetry.sdk.language").unwrap(), "rust");
        assert_eq!(built.len(), 4);
    }

    #[test]
    fn refusals_show_which_member_and_no_value() {
        let cases = [
            ("a=1,s3cret", "member 2 has no equals sign in OTEL_RESOURCE_ATTRIBUTES: "),
            ("a=s3cret%zz", "member 1 is badly encoded in OTEL_RESOURCE_ATTRIBUTES: "),
            ("=s3cret", "member 1 has no key in OTEL_RESOURCE_ATTRIBUTES: "),
        ];
        for (list, wanted) in cases {
            let error = parse(ORIGIN, list).unwrap_err().to_string();
            assert!(error.starts_with(wanted) && !error.contains("s3cret"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn encoded_pairs_come_back(pairs in proptest::collection::vec((".{1,8}", ".{0,12}"), 0..5)) {
            let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let list: Vec<_> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
            let read = parse(ORIGIN, &list.join(",")).unwrap();
            let read: Vec<_> = read.iter().map(|kv| (kv.key.to_string(), kv.value.to_string())).collect();
            prop_assert_eq!(read, pairs);
        }

        #[test]
        fn any_text_is_read_or_refused(list in ".{0,80}") {
            let _ = parse(ORIGIN, &list);
        }
    }
}
