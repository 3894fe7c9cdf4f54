//! The variables of the OTLP exporter: for each setting the signal's own, then the one for all signals.

use super::signal::Signal;

/// A setting's variables, in the order they are asked.
pub(crate) type Names = [&'static str; 2];

/// The variables of one signal.
pub(crate) struct SignalNames {
    /// `OTEL_{SIGNAL}_EXPORTER`, which has none for all signals.
    pub(crate) exporter: &'static str,
    pub(crate) endpoint: Names,
    pub(crate) protocol: Names,
    pub(crate) insecure: Names,
    pub(crate) headers: Names,
    pub(crate) timeout: Names,
    pub(crate) compression: Names,
    pub(crate) certificate: Names,
    pub(crate) client_key: Names,
    pub(crate) client_certificate: Names,
}

pub(crate) fn of(signal: Signal) -> &'static SignalNames {
    match signal {
        Signal::Traces => &TRACES,
        Signal::Metrics => &METRICS,
        Signal::Logs => &LOGS,
    }
}

#[rustfmt::skip]
const TRACES: SignalNames = SignalNames {
    exporter:           "OTEL_TRACES_EXPORTER",
    endpoint:           ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",           "OTEL_EXPORTER_OTLP_ENDPOINT"],
    protocol:           ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",           "OTEL_EXPORTER_OTLP_PROTOCOL"],
    insecure:           ["OTEL_EXPORTER_OTLP_TRACES_INSECURE",           "OTEL_EXPORTER_OTLP_INSECURE"],
    headers:            ["OTEL_EXPORTER_OTLP_TRACES_HEADERS",            "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout:            ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",            "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression:        ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",        "OTEL_EXPORTER_OTLP_COMPRESSION"],
    certificate:        ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",        "OTEL_EXPORTER_OTLP_CERTIFICATE"],
    client_key:         ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",         "OTEL_EXPORTER_OTLP_CLIENT_KEY"],
    client_certificate: ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"],
};

#[rustfmt::skip]
const METRICS: SignalNames = SignalNames {
    exporter:           "OTEL_METRICS_EXPORTER",
    endpoint:           ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",           "OTEL_EXPORTER_OTLP_ENDPOINT"],
    protocol:           ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",           "OTEL_EXPORTER_OTLP_PROTOCOL"],
    insecure:           ["OTEL_EXPORTER_OTLP_METRICS_INSECURE",           "OTEL_EXPORTER_OTLP_INSECURE"],
    headers:            ["OTEL_EXPORTER_OTLP_METRICS_HEADERS",            "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout:            ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",            "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression:        ["OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",        "OTEL_EXPORTER_OTLP_COMPRESSION"],
    certificate:        ["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",        "OTEL_EXPORTER_OTLP_CERTIFICATE"],
    client_key:         ["OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",         "OTEL_EXPORTER_OTLP_CLIENT_KEY"],
    client_certificate: ["OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"],
};

#[rustfmt::skip]
const LOGS: SignalNames = SignalNames {
    exporter:           "OTEL_LOGS_EXPORTER",
    endpoint:           ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",           "OTEL_EXPORTER_OTLP_ENDPOINT"],
    protocol:           ["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",           "OTEL_EXPORTER_OTLP_PROTOCOL"],
    insecure:           ["OTEL_EXPORTER_OTLP_LOGS_INSECURE",           "OTEL_EXPORTER_OTLP_INSECURE"],
    headers:            ["OTEL_EXPORTER_OTLP_LOGS_HEADERS",            "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout:            ["OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",            "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression:        ["OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",        "OTEL_EXPORTER_OTLP_COMPRESSION"],
    certificate:        ["OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",        "OTEL_EXPORTER_OTLP_CERTIFICATE"],
    client_key:         ["OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",         "OTEL_EXPORTER_OTLP_CLIENT_KEY"],
    client_certificate: ["OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_names_its_own() {
        for signal in Signal::ALL {
            let names = of(signal);
            let part = format!("_{}_", signal.as_str().to_uppercase());
            let all = [
                names.endpoint,
                names.protocol,
                names.insecure,
                names.headers,
                names.timeout,
                names.compression,
                names.certificate,
                names.client_key,
                names.client_certificate,
            ];
            assert!(names.exporter.contains(&part));
            for [own, general] in all {
                assert_eq!(own.replacen(&part, "_", 1), general);
            }
        }
    }
}
