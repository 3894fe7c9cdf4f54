//! A walk through JSON: values by their keys, texts by what is in them, keys too.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::engine::{self, Redacted};
use super::keys::{Strength, is_environment, strength};
use super::place::{is_placeholder, is_reference, part};
use super::{Class, Pass};

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    /// The nearest key above it.
    key: Option<&'a str>,
    environment: Environment,
}

/// Whether a value stands below `env`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Environment {
    Outside,
    /// In the object.
    Member,
    /// In a list: `["FOO=bar"]`, `[{"name": "FOO", "value": "bar"}]`.
    List,
}

/// `text`, which stands under `key`, without what `pass` finds in it.
pub(super) fn redact_under<'a>(pass: &Pass<'_>, key: Option<&str>, text: &'a str) -> Redacted<'a> {
    let environment = if key.is_some_and(is_environment) { Environment::Member } else { Environment::Outside };
    leaf(pass, Place { key, environment }, text)
}

fn leaf<'a>(pass: &Pass<'_>, place: Place<'_>, text: &'a str) -> Redacted<'a> {
    let unchanged = Redacted { text: Cow::Borrowed(text), count: 0 };
    if text.is_empty() || engine::is_marker(text) {
        return unchanged;
    }
    if pass.classes.has(Class::ShellEnvironment)
        && let Some(kept) = kept_of_variable(place, text)
    {
        // Also a name may be a secret.
        let name = engine::redact(pass, part(text, 0..kept));
        let redacted = format!("{}{}", name.text, engine::marker("env_member"));
        return Redacted { text: Cow::Owned(redacted), count: name.count + 1 };
    }
    if pass.classes.has(Class::Secrets) && place.key.is_some_and(|key| is_secret(key, text)) {
        return Redacted::whole(engine::marker("credential"));
    }
    engine::redact(pass, text)
}

/// How much of a variable's text stays: its name, where that is part of it. `None`: it is none.
fn kept_of_variable(place: Place<'_>, text: &str) -> Option<usize> {
    if place.environment == Environment::Outside {
        return None;
    }
    let name = text.find('=').filter(|at| {
        let name = part(text, 0..*at);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    });
    let names = matches!(place.key, Some("name" | "key" | "Name"));
    let in_list = place.environment == Environment::List;
    let in_entry = in_list && place.key.is_some_and(|key| !is_environment(key));
    let kept = match name {
        Some(name) if in_list && !in_entry => name + 1,
        None if in_list && (!in_entry || names) => return None,
        _ if in_list && names => return None,
        _ if place.key.is_some_and(is_environment) => name? + 1,
        _ => 0,
    };
    let value = part(text, kept..text.len());
    (!value.is_empty() && !is_reference(value) && !engine::is_marker(value)).then_some(kept)
}

fn is_secret(key: &str, text: &str) -> bool {
    let told = !is_placeholder(text);
    match strength(key) {
        Some(Strength::Strong) => told,
        Some(Strength::Weak) => {
            let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
            // A text that was redacted is judged no more: it may look like a token now.
            told && !text.contains("[redacted")
                && text.len() >= 8
                && has(u8::is_ascii_digit)
                && has(u8::is_ascii_alphabetic)
                && !text.contains(' ')
        }
        None => false,
    }
}

/// Redacts every text in `value`. Returns how much was replaced. With a list of its own instead of the stack, so that no
/// depth is too much.
pub(super) fn redact_json(pass: &Pass<'_>, value: &mut Value) -> usize {
    let mut count = 0;
    let mut open = vec![(Place { key: None, environment: Environment::Outside }, value)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::String(text) => {
                let redacted = leaf(pass, place, text);
                count += redacted.count;
                if let Cow::Owned(redacted) = redacted.text {
                    *text = redacted;
                }
            }
            Value::Number(number) => {
                if let Some(marker) = number_leaf(pass, place, &number.to_string()) {
                    count += 1;
                    *value = Value::String(marker);
                }
            }
            Value::Array(items) => {
                let listed = place.key.is_some_and(is_environment);
                let environment = if listed { Environment::List } else { place.environment };
                open.extend(items.iter_mut().map(|item| (Place { environment, ..place }, item)));
            }
            Value::Object(members) => {
                count += redact_keys(pass, members);
                let environment = environment_of(place, members);
                open.extend(members.iter_mut().map(|(key, item)| (Place { key: Some(key), environment }, item)));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    count
}

/// A number that is no number: a password, a variable's value, a card, what the application has a pattern for.
fn number_leaf(pass: &Pass<'_>, place: Place<'_>, digits: &str) -> Option<String> {
    if pass.classes.has(Class::ShellEnvironment) && place.environment != Environment::Outside {
        return Some(engine::marker("env_member"));
    }
    let secret = place.key.and_then(strength) == Some(Strength::Strong);
    if pass.classes.has(Class::Secrets) && secret {
        return Some(engine::marker("credential"));
    }
    // The smallest number of a card has 13 digits.
    let cards = pass.classes.has(Class::Cards) && digits.len() >= 13;
    if !cards && pass.custom.is_empty() {
        return None;
    }
    let mut wanted = if cards { Pass::of(Class::Cards) } else { Pass::default() };
    wanted.custom.clone_from(&pass.custom);
    let redacted = engine::redact(&wanted, digits);
    (redacted.count > 0).then(|| redacted.text.into_owned())
}

/// What the members of an object stand in. The schema of a tool may have a parameter `env`, which is none.
fn environment_of(place: Place<'_>, members: &Map<String, Value>) -> Environment {
    let is_schema = ["properties", "additionalProperties", "description", "items", "patternProperties"]
        .iter()
        .any(|key| members.contains_key(*key))
        && members.contains_key("type");
    match place.environment {
        _ if is_schema => Environment::Outside,
        Environment::Outside if place.key.is_some_and(is_environment) => Environment::Member,
        inherited => inherited,
    }
}

/// Keys stay, but for those that are found themselves. Returns how many were replaced.
fn redact_keys(pass: &Pass<'_>, members: &mut Map<String, Value>) -> usize {
    let changed = |key: &str| may_hold_something(pass, key) && engine::redact(pass, key).count > 0;
    if !members.keys().any(|key| changed(key)) {
        return 0;
    }
    let mut count = 0;
    // Counting from 1 for each key would be quadratic.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for (key, value) in std::mem::take(members) {
        let redacted = engine::redact(pass, &key);
        count += redacted.count;
        let mut name = redacted.text.into_owned();
        while members.contains_key(&name) {
            let stem = redacted_stem(&name);
            let number = numbers.entry(stem.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{stem}#{number}");
        }
        members.insert(name, value);
    }
    count
}

fn redacted_stem(name: &str) -> &str {
    name.rsplit_once("]#").map_or(name, |(stem, _)| part(name, 0..stem.len() + 1))
}

/// Most keys are plain words, in which nothing built in can be found.
fn may_hold_something(pass: &Pass<'_>, key: &str) -> bool {
    let word = key.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
    !pass.custom.is_empty() || !word || key.len() >= 24
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Redactor, redact_json};
    use super::*;

    #[test]
    fn many_keys_with_one_marker_are_numbered_in_one_go() {
        const KEYS: usize = 20_000;
        let members = (0..KEYS).map(|number| (format!("user{number}@example.org"), Value::from(number))).collect();
        let mut value = Value::Object(members);
        assert_eq!(redact_json(&[Redactor::emails()], &mut value), KEYS);
        let members = value.as_object().expect("an object");
        assert_eq!(members.len(), KEYS);
        let numbered = |number: usize| members.contains_key(&format!("[redacted:email]#{number}"));
        assert!(members.contains_key("[redacted:email]") && (2..=KEYS).all(numbered));
    }

    #[test]
    fn patterns_of_the_application_see_the_digits_of_numbers() {
        let accounts = [Redactor::pattern("account", r"\b7\d{7}\b").expect("a pattern")];
        let mut value = json!({"account": 71_234_567, "of": [71_234_567.5, 12, -1.5]});
        assert_eq!(redact_json(&accounts, &mut value), 2);
        assert_eq!(value, json!({"account": "[redacted:account]", "of": ["[redacted:account].5", 12, -1.5]}));
    }

    #[test]
    fn numbers_of_a_listed_environment_are_values() {
        let mut value = json!({"env": [{"name": "PIN", "value": 1234}], "list": [{"name": "PIN", "value": 1234}]});
        assert_eq!(redact_json(&Redactor::all(), &mut value), 1);
        assert_eq!(value["env"], json!([{"name": "PIN", "value": "[redacted:env_member]"}]));
        assert_eq!(value["list"], json!([{"name": "PIN", "value": 1234}]));
    }
}
