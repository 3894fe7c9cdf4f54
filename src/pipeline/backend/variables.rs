//! The variables of backends, as rows of `docs/environment.md`. They are what the backends' own tools read.

use super::super::env::{Variable, row};

#[rustfmt::skip]
pub(crate) const VARIABLES: &[Variable] = &[
    // name                            meaning                                                                        default                            used by
    row("DD_API_KEY",                  "key of Datadog, sent as `dd-api-key`; never shown",                           "needed",                          "`Backend::Datadog`"),
    row("DD_SITE",                     "site of Datadog, without `https://`",                                         "`datadoghq.com`",                 "`Backend::Datadog`"),
    row("HONEYCOMB_API_ENDPOINT",      "address of Honeycomb",                                                        "`https://api.honeycomb.io`",      "`Backend::Honeycomb`"),
    row("HONEYCOMB_API_KEY",           "key of Honeycomb, sent as `x-honeycomb-team`; never shown",                   "needed",                          "`Backend::Honeycomb`"),
    row("HONEYCOMB_DATASET",           "dataset of metrics, sent as `x-honeycomb-dataset`",                           "none",                            "`Backend::Honeycomb`"),
    row("LANGFUSE_BASE_URL",           "address of Langfuse",                                                         "`https://cloud.langfuse.com`",    "`Backend::Langfuse`"),
    row("LANGFUSE_HOST",               "as `LANGFUSE_BASE_URL`, which beats it",                                      "unset",                           "`Backend::Langfuse`"),
    row("LANGFUSE_PUBLIC_KEY",         "public key of a project; with the secret one sent as `authorization`",        "needed",                          "`Backend::Langfuse`"),
    row("LANGFUSE_SECRET_KEY",         "secret key of that project; never shown",                                     "needed",                          "`Backend::Langfuse`"),
    row("LANGSMITH_API_KEY",           "key of LangSmith, sent as `x-api-key`; never shown",                          "needed",                          "`Backend::LangSmith`"),
    row("LANGSMITH_ENDPOINT",          "address of LangSmith",                                                        "`https://api.smith.langchain.com`", "`Backend::LangSmith`"),
    row("LANGSMITH_PROJECT",           "project, sent as `langsmith-project`",                                        "LangSmith's own default",         "`Backend::LangSmith`"),
    row("LOGFIRE_BASE_URL",            "address of Logfire",                                                          "the region of the token",         "`Backend::Logfire`"),
    row("LOGFIRE_TOKEN",               "write token of Logfire, sent as `authorization`; never shown",                "needed",                          "`Backend::Logfire`"),
    row("MLFLOW_EXPERIMENT_ID",        "experiment, sent as `x-mlflow-experiment-id`",                                "needed",                          "`Backend::MLflow`"),
    row("MLFLOW_TRACKING_PASSWORD",    "password to that user; never shown",                                          "none",                            "`Backend::MLflow`"),
    row("MLFLOW_TRACKING_TOKEN",       "token, sent as `authorization` if there is no user; never shown",             "none",                            "`Backend::MLflow`"),
    row("MLFLOW_TRACKING_URI",         "address of the MLflow server, `http://` or `https://`",                       "`http://localhost:5000`",         "`Backend::MLflow`"),
    row("MLFLOW_TRACKING_USERNAME",    "user; with the password sent as `authorization`",                             "none",                            "`Backend::MLflow`"),
    row("PHOENIX_API_KEY",             "key of Phoenix, sent as `authorization`; never shown",                        "none",                            "`Backend::Phoenix`"),
    row("PHOENIX_COLLECTOR_ENDPOINT",  "address of Phoenix",                                                          "`http://localhost:6006`",         "`Backend::Phoenix`"),
    row("PHOENIX_PROJECT_NAME",        "project, the resource's `openinference.project.name`",                        "Phoenix's own default",           "`Backend::Phoenix`"),
    row("POSTHOG_API_KEY",             "token of a project of PostHog, sent as `authorization`; never shown",         "needed",                          "`Backend::PostHog`"),
    row("POSTHOG_HOST",                "address of PostHog",                                                          "`https://us.i.posthog.com`",      "`Backend::PostHog`"),
    row("POSTHOG_PROJECT_API_KEY",     "as `POSTHOG_API_KEY`, which beats it",                                        "unset",                           "`Backend::PostHog`"),
    row("SENTRY_DSN",                  "DSN of a project: address and key, which is sent as `x-sentry-auth`; never shown", "needed",                     "`Backend::Sentry`"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What stands in the rows of backends in quotes and looks like a variable.
    fn read() -> BTreeSet<&'static str> {
        let is_name =
            |word: &&str| word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let rows = include_str!("rows.rs");
        let rows = rows.split("#[cfg(test)]").next().unwrap();
        rows.split('"').filter(is_name).collect()
    }

    #[test]
    fn variables_are_sorted_and_each_is_read() {
        assert!(VARIABLES.is_sorted_by(|a, b| a.name < b.name));
        let listed: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
        assert_eq!(read(), listed);
    }
}
