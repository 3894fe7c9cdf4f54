//! Secrets that are known by what stands before them.

use std::ops::Range;

use super::keys::{Strength, strength};
use super::place::{byte, byte_before, floor, is_placeholder, part, quoted, until};
use super::tokens::looks_random;

/// A name and `=` or `:`, behind quotes of any level of JSON.
pub(super) const ASSIGNMENT: &str = concat!(
    r"(?i-u:pass(?:word|wd|phrase)|pwd|secret|api[_. -]?key|(?:access|account|encryption|private|secret|signing)[_-]?key",
    r"|auth(?:orization)?|token|credentials?|cookie|connection[_-]?string|jwt)",
    r"(?i-u:[_-]?(?:key[_-]?base|base|key|value|prod|dev|test|staging|live|\d{1,3}))?",
    r#"(?:\\*["'`])?\]?[ \t]{0,4}(?:=>|:=|[:=>])[ \t]{0,4}"#,
);
/// Parts of the names, as they are written.
pub(super) const WORDS: &[&str] = &[
    "ssw",
    "SSW",
    "ssW",
    "ssphr",
    "ssPhr",
    "SSPHR",
    "sscod",
    "pwd",
    "Pwd",
    "PWD",
    "ecret",
    "ECRET",
    "oken",
    "OKEN",
    "pi_key",
    "pi-key",
    "pi key",
    "pi.key",
    "piKey",
    "PIKey",
    "pikey",
    "pi-Key",
    "pi_Key",
    "PI_KEY",
    "PI-KEY",
    "PI-Key",
    "PI key",
    "PIKEY",
    "s_key",
    "sKey",
    "S_KEY",
    "s-key",
    "t_key",
    "tKey",
    "T_KEY",
    "t-key",
    "n_key",
    "n-key",
    "nKey",
    "N_KEY",
    "e_key",
    "e-key",
    "eKey",
    "E_KEY",
    "g_key",
    "g-key",
    "gKey",
    "G_KEY",
    "uthorization",
    "UTHORIZATION",
    "auth",
    "Auth",
    "AUTH",
    "redential",
    "REDENTIAL",
    "ookie",
    "OOKIE",
    "nection_string",
    "nection-string",
    "nectionString",
    "NECTION_STRING",
    "nectionstring",
    "jwt",
    "JWT",
    "PIN ",
    "pin ",
];
pub(super) const FLAG: &str = concat!(
    r"--?(?i-u:[a-z-]{0,24}(?:password|passwd|passphrase|api-?key|secret|secret-key|access-key|token))[ ]{1,4}",
    r#"\\*["']?[^\s"'\\-]"#,
);
pub(super) const SENTENCE: &str = r#"(?i-u:\b(?:password|passwort|passphrase|passcode|api key|secret key|access token|pin)\b)(?i-u: (?:is|was|are|lautet|ist))(?:[: ]{1,3})\\*["'`]?[^\s"'`\\]{4}"#;
pub(super) const LOGIN: &str = r#"(?-u:(?:^|[\s"'])(?:-u|--user|--proxy-user)[ =]\\{0,3}["']?[A-Za-z0-9_.@-]{1,64}:)"#;
pub(super) const URL: &str = concat!(
    r#"(?:(?i-u:[a-z][a-z0-9+.-]{1,20}):(?:\\?/){2}[^\s:@/?\#"'<>`\\]{0,128}:[^\s"'<>`\\]{1,256}@"#,
    r#"|(?-u:\b)[A-Za-z0-9_.-]{1,64}:[^\s:@"'<>`\\]{1,128}@(?:tcp|unix)\()"#,
);

/// A value longer than this is one, whatever it looks like; so much of it is looked at.
const LOOKED_AT: usize = 512;

/// How the value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Quoted,
    /// Directly behind the `=`, as in shells, URLs and connection strings.
    Joined,
    /// Behind a space, as in YAML, programs and prose.
    Spaced,
}

pub(super) fn assigned(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let head = part(text, matched.clone());
    let separator = head.find([':', '=', '>', '"', '\'', '`', '\\', ']']).unwrap_or(head.len());
    let key = name_around(text, matched.start, matched.start + separator);
    let strength = strength(key)?;
    if let Some(quoted) = quoted(text, matched.end) {
        let value = part(text, quoted.inside.clone());
        return tells(value, strength, Form::Quoted).then_some(quoted.inside);
    }
    let tag = head.ends_with('>') && !head.ends_with("=>");
    if tag && !part(text, 0..matched.start).ends_with(['<', ':', '_', '-']) {
        return None;
    }
    let form = if head.ends_with([' ', '\t']) { Form::Spaced } else { Form::Joined };
    let form = if byte_before(text, matched.end) == b':' { Form::Spaced } else { form };
    let scheme = scheme(part(text, matched.end..floor(text, matched.end + 16)));
    let start = matched.end + scheme;
    let end = until(text, start, b" \t\r\n\"'`,;&<>()[]{}|\\");
    let called = matches!(byte(text, end), b'(' | b'[' | b'{');
    let looked_at = (start..=(start + LOOKED_AT).min(end)).rev().find(|at| text.is_char_boundary(*at))?;
    let value = part(text, start..looked_at);
    let own = is_working_directory(key, value) || (called && scheme == 0);
    let told = scheme > 0 && value.len() >= 4 && !is_placeholder(value) || tells(value, strength, form);
    (!own && told && !value.is_empty()).then_some(start..end)
}

/// The whole name that the match is a part of.
fn name_around(text: &str, start: usize, end: usize) -> &str {
    let before = part(text, 0..start);
    let from = before.bytes().rev().take(40).take_while(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b)).count();
    part(text, start - from..end)
}

/// How long `Bearer ` and its like are at the start.
fn scheme(value: &str) -> usize {
    let schemes = ["bearer ", "basic ", "token ", "digest ", "apikey ", "negotiate ", "key "];
    let is = |scheme: &&&str| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    schemes.iter().find(is).map_or(0, |scheme| scheme.len())
}

/// `PWD=/home/me` of shells.
fn is_working_directory(key: &str, value: &str) -> bool {
    key.eq_ignore_ascii_case("pwd") && (value.starts_with(['/', '~', '.', '$']) || value.get(1..3) == Some(":\\"))
}

/// Whether `value` is told, and not named, typed, or computed.
fn tells(value: &str, strength: Strength, form: Form) -> bool {
    if is_placeholder(value) || value.len() < 3 {
        return false;
    }
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let sign = value.bytes().any(|byte| b"!@#$%^*+=?~".contains(&byte));
    let spaced = value.contains(' ');
    match (strength, form) {
        (Strength::Strong, Form::Quoted) => !is_path_of_names(value) || !spaced,
        (Strength::Strong, Form::Joined) => !is_expression(value),
        (Strength::Strong, Form::Spaced) => !is_expression(value) && (sign || digit) && value.len() >= 4,
        (Strength::Weak, Form::Quoted) => !spaced && value.len() >= 8 && letter && digit,
        (Strength::Weak, _) => !is_expression(value) && value.len() >= 12 && looks_random(value),
    }
}

/// Help for a person, and no secret: words and spaces only, in a long line.
fn is_path_of_names(value: &str) -> bool {
    value.split(' ').count() > 5 && value.bytes().all(|byte| byte.is_ascii_alphabetic() || b" ,.'-".contains(&byte))
}

/// `settings.api_key`, `password`, `os.environ`: says where the value is.
fn is_expression(value: &str) -> bool {
    let names = value.trim_start_matches(['&', '*', '@']).split(['.', ':', '/']);
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '?' || c == '!');
    let lower = value.to_ascii_lowercase();
    let says = ["password", "passwd", "secret", "token", "apikey", "api_key", "_key", "pwd", "credential", "auth"];
    let begins = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '&' || c == '*');
    let dotted = value.contains(['.', ':']) && value.split(['.', ':']).all(is_name) && !has_digits(value, 3);
    begins && (dotted || (names.clone().all(is_name) && says.iter().any(|word| lower.ends_with(word))))
}

fn has_digits(value: &str, least: usize) -> bool {
    value.bytes().filter(u8::is_ascii_digit).count() >= least
}

/// The word behind a flag.
pub(super) fn after_flag(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let space = part(text, matched.clone()).find(' ')?;
    let flag = part(text, matched.start..matched.start + space);
    let first = (matched.start + space..matched.end).find(|at| byte(text, *at) != b' ')?;
    let before = byte_before(text, matched.start);
    let value = match quoted(text, first) {
        Some(quoted) => quoted.inside,
        None => first..until(text, first, b" \t\r\n\"'`;|&<>()\\"),
    };
    let found = part(text, value.clone());
    let mixed = found.bytes().any(|byte| !byte.is_ascii_lowercase());
    let long = flag.starts_with("--");
    (long && !before.is_ascii_alphanumeric() && found.len() >= 4 && mixed && !is_placeholder(found) && found != "-")
        .then_some(value)
}

/// The word behind `the password is`.
pub(super) fn said(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let head = part(text, matched.clone());
    let last_word = head.rfind([' ', ':'])? + matched.start + 1;
    if let Some(quoted) = quoted(text, last_word) {
        return (!is_placeholder(part(text, quoted.inside.clone()))).then_some(quoted.inside);
    }
    let end = until(text, last_word, b" \t\r\n\"'`,;()\\");
    let value = part(text, last_word..end).trim_end_matches(['.', '!', '?', ':']);
    let letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let other = value.bytes().any(|byte| byte.is_ascii_digit() || b"!@#$%^&*_+=".contains(&byte));
    (letter && other && value.len() >= 4 && !is_placeholder(value)).then(|| last_word..last_word + value.len())
}

/// The password of `-u user:password`.
pub(super) fn login(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let end = until(text, matched.end, b" \t\r\n\"'`\\");
    let value = part(text, matched.end..end);
    // `sort -u`, `docker run -u`, `id -u`
    let from = (matched.start.saturating_sub(160)..matched.start).find(|at| text.is_char_boundary(*at))?;
    let command = part(text, from..matched.start).rsplit(['\n', ';', '|']).next().unwrap_or("");
    let near: Vec<&str> = command.split_whitespace().rev().take(12).collect();
    if !near.iter().any(|word| ["curl", "http", "wget"].iter().any(|known| word.contains(known))) {
        return None;
    }
    let ids = value.chars().all(|c| c.is_ascii_digit()) && value.len() < 6;
    (!value.is_empty() && !ids && !is_placeholder(value)).then_some(matched.end..end)
}

/// Only the password of a URL.
pub(super) fn in_url(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let found = part(text, matched.clone());
    let authority = found.find("//").or_else(|| found.find("/\\/")).map_or(0, |at| at + 2);
    let authority = authority + usize::from(byte(found, authority) == b'/');
    let colon = authority + found.get(authority..)?.find(':')? + 1;
    let password = password_of(found.get(colon..)?)?;
    let port = password.split(['/', '?', '#']).next().unwrap_or("");
    let is_port = port.len() < password.len() && port.bytes().all(|byte| byte.is_ascii_digit());
    let value = matched.start + colon..matched.start + colon + password.len();
    (!is_port && !is_placeholder(password)).then_some(value)
}

/// Up to the last `@` before the host: what is behind the first `/` belongs to the path, if there is an `@` before it.
fn password_of(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let end = authority.rfind('@').or_else(|| rest.find('@'))?;
    rest.get(..end)
}
