//! Names whose values are secret.

/// How much a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The value is a secret if it looks like one: `token`.
    Weak,
    /// The value is a secret, whatever it looks like: `password`.
    Strong,
}

#[rustfmt::skip]
const NAMES: &[(&str, Strength)] = {
    use Strength::{Strong, Weak};
    &[
        // the end of a name, in small letters, without separators
        ("accesskey",        Strong),
        ("accesstoken",      Strong),
        ("accountkey",       Strong),
        ("apikey",           Strong),
        ("apisecret",        Strong),
        ("apitoken",         Strong),
        ("auth",             Weak),
        ("authorization",    Strong),
        ("authtoken",        Strong),
        ("bearertoken",      Strong),
        ("connectionstring", Weak),
        ("cookie",           Weak),
        ("credential",       Weak),
        ("credentials",      Weak),
        ("encryptionkey",    Strong),
        ("idtoken",          Strong),
        ("jwt",              Strong),
        ("passphrase",       Strong),
        ("passwd",           Strong),
        ("password",         Strong),
        ("privatekey",       Strong),
        ("pwd",              Strong),
        ("refreshtoken",     Strong),
        ("secret",           Strong),
        ("secretkey",        Strong),
        ("secretkeybase",    Strong),
        ("sessiontoken",     Strong),
        ("signingkey",       Strong),
        ("token",            Weak),
    ]
};

/// Ends of names that say where a list goes on, or that are no secrets.
const HARMLESS: &[&str] = &[
    "cancellationtoken",
    "canceltoken",
    "continuationtoken",
    "cursortoken",
    "eostoken",
    "bostoken",
    "nextpagetoken",
    "nexttoken",
    "padtoken",
    "pagetoken",
    "pagingtoken",
    "stoptoken",
    "synctoken",
    "tokentype",
    "oldpwd",
];

/// What `key` says about its value; `None`: nothing.
pub(super) fn strength(key: &str) -> Option<Strength> {
    let mut name: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    name.truncate(name.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    for ending in ["prod", "dev", "test", "staging", "live", "value"] {
        name.truncate(name.strip_suffix(ending).map_or(name.len(), str::len));
    }
    if HARMLESS.iter().any(|harmless| name.ends_with(harmless)) {
        return None;
    }
    let plural = |end: &str| name.strip_suffix('s').is_some_and(|one| one.ends_with(end));
    let is =
        |(end, strength): &&(&str, Strength)| name.ends_with(end) || (*strength == Strength::Strong && plural(end));
    NAMES.iter().filter(is).map(|(_, strength)| *strength).max()
}

/// Whether the members of an object under `key` are variables of an environment.
pub(super) fn is_environment(key: &str) -> bool {
    let name: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    matches!(
        name.as_str(),
        "env" | "environ" | "environment" | "envs" | "envvars" | "environmentvariables" | "extraenv"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_name_is_found_in_text_too() {
        let pattern = regex::Regex::new(crate::content::redact::credentials::ASSIGNMENT).expect("compiles");
        for (name, _) in NAMES {
            assert!(pattern.is_match(&format!("{name}=")), "{name}");
        }
    }

    #[test]
    fn a_name_may_be_written_in_any_way() {
        use Strength::{Strong, Weak};
        for (key, expected) in [
            ("password", Some(Strong)),
            ("dbPassword", Some(Strong)),
            ("X-API-Key", Some(Strong)),
            ("AWS_SECRET_ACCESS_KEY", Some(Strong)),
            ("api_key_2", Some(Strong)),
            ("STRIPE_SECRET_LIVE", Some(Strong)),
            ("token", Some(Weak)),
            ("next_page_token", None),
            ("max_tokens", None),
            ("keyboard", None),
            ("secretary", None),
        ] {
            assert_eq!(strength(key), expected, "{key}");
        }
    }
}
