//! What the built-in redactors look for: one row for each thing.

use self::Hint::*;
use super::Class::{self, *};
use super::place::Check::{self, *};
use super::{addresses, cards, credentials, emails, phones, shell, tokens};

#[derive(Debug)]
pub(super) struct Row {
    /// What a finding is replaced by: `[redacted:{name}]`.
    pub(super) name: &'static str,
    pub(super) class: Class,
    /// What it finds, for readers.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the printed page"))]
    pub(super) finds: &'static str,
    /// What shows where it may stand.
    pub(super) hint: Hint,
    /// A regular expression, ASCII only; without look-around, so that searching is linear.
    pub(super) pattern: &'static str,
    /// What of a match is replaced, if anything.
    pub(super) check: Check,
    pub(super) left: Left,
}

/// What is looked for first: fast, and seldom there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hint {
    /// One of these words, three bytes or longer. Letters in this case only.
    Words(&'static [&'static str]),
    /// An `@` between two words.
    At,
    /// Many digits, dots or colons close together.
    Digits,
    /// A name and `=`.
    Equals,
}

/// What may stand before a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// No letter, digit or `_`, unless it ends an escape of JSON or of a URL.
    Word,
    /// Anything: the pattern says it.
    Any,
}

macro_rules! token {
    ($name:expr, $finds:expr, $words:expr, $pattern:expr, $check:expr $(,)?) => {
        Row {
            name: $name,
            class: Secrets,
            finds: $finds,
            hint: Words($words),
            pattern: $pattern,
            check: $check,
            left: Left::Word,
        }
    };
}

macro_rules! row {
    ($class:expr, $name:expr, $finds:expr, $hint:expr, $pattern:expr, $check:expr $(,)?) => {
        Row {
            name: $name,
            class: $class,
            finds: $finds,
            hint: $hint,
            pattern: $pattern,
            check: $check,
            left: Left::Any,
        }
    };
}

/// Where two rows find the same, the one with the longer match counts, then the upper one.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    //    name                  what it finds                              pattern                                                     what of it
    token!("age_key",             "age: secret keys",                                        &["AGE-SECRET-KEY-"],                            r"AGE-SECRET-KEY-1[A-Z0-9]{50,60}", Whole),
    token!("anthropic_key",       "Anthropic",                                               &["sk-"],                                        r"sk-ant-[A-Za-z0-9_-]{20,}", Whole),
    token!("atlassian_token",     "Atlassian",                                               &["ATATT3"],                                     r"ATATT3[A-Za-z0-9_=-]{60,}", Whole),
    token!("aws_access_key",      "AWS: access key ids, with the secret key behind them",    &["AKIA", "ASIA", "ABIA", "ACCA"],               r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?:[\s,:;/|\\nrt]{1,20}[A-Za-z0-9/+]{40})?", Value(tokens::aws)),
    token!("azure_signature",     "Azure, AWS, Google: signatures of signed URLs",           &["sig=", "Signature=", "Security-Token="],      r"(?:sig|X-(?:Amz|Goog)-Signature|X-Amz-Security-Token)=[A-Za-z0-9%+/=_-]{30,}", Value(tokens::after_equals)),
    token!("basic_auth",          "Basic authentication",                                    &["asic ", "ASIC "],                             r"(?i:basic)[ \t]+[A-Za-z0-9+/]{8,}={0,2}", Value(tokens::basic)),
    token!("bearer_token",        "Bearer tokens",                                           &["earer", "EARER"],                             r"(?i:bearer)(?:[ \t]+|%20)[A-Za-z0-9._~+/=-]{12,}", Value(tokens::bearer)),
    token!("crates_token",        "crates.io",                                               &["cio"],                                        r"cio[A-Za-z0-9]{32}", Value(tokens::random)),
    token!("databricks_token",    "Databricks",                                              &["dapi"],                                       r"dapi[a-f0-9]{32}(?:-\d)?", Whole),
    token!("digitalocean_token",  "DigitalOcean",                                            &["dop_v1_", "doo_v1_", "dor_v1_"],              r"do[opr]_v1_[a-f0-9]{64}", Whole),
    token!("docker_token",        "Docker Hub",                                              &["dckr_pat_"],                                  r"dckr_pat_[A-Za-z0-9_-]{20,}", Whole),
    token!("doppler_token",       "Doppler",                                                 &["dp.pt.", "dp.st.", "dp.sa.", "dp.ct."],       r"dp\.(?:pt|st|sa|ct)\.[A-Za-z0-9._-]{40,}", Whole),
    token!("fireworks_key",       "Fireworks",                                               &["fw_"],                                        r"fw_[A-Za-z0-9]{20,}", Value(tokens::random)),
    token!("github_token",        "GitHub",                                                  &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"], r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})", Whole),
    token!("gitlab_token",        "GitLab",                                                  &["glagent-", "glcbt-", "gldt-", "glffct-", "glft-", "glimt-", "gloas-", "glpat-", "glptt-", "glrt-", "glsoat-"], r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat)-[A-Za-z0-9_.=-]{20,}", Whole),
    token!("google_key",          "Google: API keys, OAuth secrets and tokens",              &["AIza", "GOCSPX-", "ya29."],                   r"(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})", Whole),
    token!("grafana_token",       "Grafana",                                                 &["glsa_", "glc_"],                              r"(?:glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/=]{32,})", Whole),
    token!("groq_key",            "Groq",                                                    &["gsk_"],                                       r"gsk_[A-Za-z0-9]{30,}", Whole),
    token!("huggingface_token",   "Hugging Face",                                            &["hf_", "api_org_"],                            r"(?:hf_|api_org_)[A-Za-z0-9]{30,}", Value(tokens::random)),
    token!("jwt",                 "JSON Web Tokens",                                         &["eyJ"],                                        r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}", Whole),
    token!("langfuse_key",        "Langfuse: secret keys",                                   &["sk-"],                                        r"sk-lf-[0-9a-f]{8}-[0-9a-f-]{20,}", Whole),
    token!("langsmith_key",       "LangSmith",                                               &["lsv2_"],                                      r"lsv2_(?:pt|sk)_[a-f0-9]{32}(?:_[a-f0-9]{10})?", Whole),
    token!("linear_key",          "Linear",                                                  &["lin_api_", "lin_oauth_"],                     r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}", Whole),
    token!("mailgun_key",         "Mailgun",                                                 &["key-"],                                       r"key-[0-9a-f]{32}", Whole),
    token!("newrelic_key",        "New Relic",                                               &["NRAK-"],                                      r"NRAK-[A-Z0-9]{27}", Whole),
    token!("notion_token",        "Notion",                                                  &["secret_", "ntn_"],                            r"(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,})", Value(tokens::random)),
    token!("npm_token",           "npm",                                                     &["npm_"],                                       r"npm_[A-Za-z0-9]{36}", Value(tokens::random)),
    token!("nvidia_key",          "NVIDIA",                                                  &["nvapi-"],                                     r"nvapi-[A-Za-z0-9_-]{40,}", Whole),
    token!("openai_key",          "OpenAI, DeepSeek, OpenRouter and others: `sk-…`",         &["sk-"],                                        r"sk-[A-Za-z0-9_-]{20,}", Value(tokens::random)),
    token!("perplexity_key",      "Perplexity",                                              &["pplx-"],                                      r"pplx-[A-Za-z0-9]{40,}", Whole),
    token!("private_key",         "private keys in PEM, also of Google's service accounts",  &["-----BEGIN "],                                r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", Value(tokens::pem)),
    token!("pypi_token",          "PyPI",                                                    &["pypi-"],                                      r"pypi-[A-Za-z0-9_-]{50,}", Whole),
    token!("replicate_token",     "Replicate",                                               &["r8_"],                                        r"r8_[A-Za-z0-9]{30,}", Value(tokens::random)),
    token!("rubygems_key",        "RubyGems",                                                &["rubygems_"],                                  r"rubygems_[a-f0-9]{48}", Whole),
    token!("sendgrid_key",        "SendGrid",                                                &["SG."],                                        r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", Whole),
    token!("sentry_token",        "Sentry",                                                  &["sntrys_", "sntryu_"],                         r"sntry[su]_[A-Za-z0-9+/=_-]{40,}", Whole),
    token!("shopify_token",       "Shopify",                                                 &["shpat_", "shpca_", "shppa_", "shpss_"],       r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", Whole),
    token!("slack_token",         "Slack: tokens and web hooks",                             &["xox", "xapp-", "hooks.slack.com"],            r"(?:xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{20,}|hooks\.slack\.com\\?/(?:services|workflows|triggers)[A-Za-z0-9/\\_-]{20,})", Whole),
    token!("stripe_key",          "Stripe: secret and restricted keys, web hooks",           &["k_live_", "k_test_", "whsec_"],               r"(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})", Whole),
    token!("supabase_token",      "Supabase",                                                &["sbp_"],                                       r"sbp_[a-f0-9]{40}", Whole),
    token!("tavily_key",          "Tavily",                                                  &["tvly-"],                                      r"tvly-[A-Za-z0-9-]{20,}", Value(tokens::random)),
    token!("telegram_token",      "Telegram bots",                                           &[":AA"],                                        r"\d{8,10}:AA[A-Za-z0-9_-]{32,}", Whole),
    token!("vault_token",         "HashiCorp Vault",                                         &["hvb.", "hvs.", "hvr."],                       r"hv[bsr]\.[A-Za-z0-9_-]{24,}", Whole),
    token!("xai_key",             "xAI",                                                     &["xai-"],                                       r"xai-[A-Za-z0-9]{40,}", Whole),

    //  class            name                  what it finds                                         pattern                                                      what of it
    row!(Secrets,           "credential",        "`password=…`, `\"api_key\": \"…\"`, `Authorization: …`, and values of such keys",               Words(credentials::WORDS),               credentials::ASSIGNMENT, Value(credentials::assigned)),
    row!(Secrets,           "credential_flag",   "`--password …`, `--api-key …`",                                                                 Words(credentials::WORDS),               credentials::FLAG,       Value(credentials::after_flag)),
    row!(Secrets,           "credential_named",  "`the password is …`",                                                                           Words(credentials::WORDS),               credentials::SENTENCE,   Value(credentials::said)),
    row!(Secrets,           "login",             "`curl -u user:…`",                                                                              Words(&["-u ", "-u=", "-user "]),        credentials::LOGIN,      Value(credentials::login)),
    row!(Secrets,           "url_password",      "passwords in URLs and connection strings",                                                      At,                                      credentials::URL,        Value(credentials::in_url)),
    row!(Emails,            "email",             "e-mail addresses",                                                                              At,                                      emails::PATTERN,         Value(emails::address)),
    row!(Phones,            "phone",             "telephone numbers with a country code, in groups, or behind a word for it",                     Digits,                                  phones::PATTERN,         Number(phones::number)),
    row!(Cards,             "card",              "payment cards: 13 to 19 digits, a known prefix, a right check digit",                           Digits,                                  cards::PATTERN,          Number(cards::number)),
    row!(IpAddresses,       "ip_v4",             "IPv4 addresses, but for loopback and 0.0.0.0",                                                  Digits,                                  addresses::V4,           Number(addresses::v4)),
    row!(IpAddresses,       "ip_v6",             "IPv6 addresses, but for `::1` and `::`",                                                        Digits,                                  addresses::V6,           Number(addresses::v6)),
    row!(ShellEnvironment,  "env",               "`FOO=… cmd`, `export FOO=…`, `env FOO=…`, `-e FOO=…`, lines of `.env`",                         Equals,                                  shell::ASSIGNMENT,       Value(shell::assigned)),
    row!(ShellEnvironment,  "env_member",        "members of objects under `env` and `environment`",                                              Words(shell::OBJECT_WORDS),              shell::OBJECT,           Members(shell::members)),
    row!(ShellEnvironment,  "env_statement",     "`setenv FOO …`, `set -x FOO …`, `$env:FOO = …`, `ENV FOO …`",                                   Words(&["setenv ", "set -", "ENV ", "env:", "ENV:", "Env:"]), shell::STATEMENT,        Value(shell::assigned)),
];
